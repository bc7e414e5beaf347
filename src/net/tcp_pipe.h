// A connection over TCP, with TLS when asked for.
#pragma once

#include <memory>

#include "net/loop_epoll.h"
#include "net/output.h"
#include "net/pipe.h"
#include "net/socket.h"
#include "net/tls.h"

namespace hy::net {

class TcpPipe final : public Pipe, private Watcher {
 public:
  /// `tls` may be nullptr: start_tls() is then unavailable.
  TcpPipe(EpollLoop& loop, Socket socket, Address peer, std::shared_ptr<const TlsOptions> tls);
  ~TcpPipe() override;

  void on_readable(Job job) override;
  Read read(std::span<char> into) override;
  void pause() override { paused_ = true; }
  void resume() override;
  void write(std::string_view bytes) override;
  std::size_t queued() const override;
  std::size_t unacknowledged() const override;
  void on_drained(Job job) override;
  Result<void> start_tls() override;
  bool secure() const override { return tls_ && tls_->established(); }
  std::string server_name() const override { return tls_ ? tls_->server_name() : ""; }
  std::string alpn() const override { return tls_ ? tls_->alpn() : ""; }
  std::string tls_version() const override { return tls_ ? tls_->version() : ""; }
  std::string binding(Binding kind) const override { return tls_ ? tls_->binding(kind) : ""; }
  const Address& peer() const override { return peer_; }
  void close() override;
  void detach() override;
  void attach(Loop& loop) override;

 private:
  void readable() override;
  void writable() override;
  void turn_ended() override;
  void poked() override;

  Read read_plain(std::span<char> into);
  Read read_tls(std::span<char> into);
  /// Whether read() has something to say that no event of the socket will announce.
  bool something_inside() const;
  void expect_input();
  /// False when its job destroyed, closed or detached this.
  bool run(Job& job, bool& replaced);
  void send();
  void broke();
  void leave_loop();

  EpollLoop* loop_;  // nullptr: detached or closed
  Socket socket_;
  Watch watch_;
  Address peer_;
  std::shared_ptr<const TlsOptions> tls_options_;
  std::unique_ptr<TlsSession> tls_;
  Output output_;
  Job readable_;
  Job drained_;
  bool* gone_ = nullptr;  // set to true when this leaves the loop inside a job of its own
  bool readable_replaced_ = false;
  bool drained_replaced_ = false;
  bool paused_ = false;
  bool blocked_ = false;    // the kernel's buffer is full: output waits for writable()
  bool drain_due_ = false;  // queued() fell to zero, drained_ is to be told
  bool broken_ = false;     // a write failed, or the system would not watch
  enum class Input { open, ended, failed } input_ = Input::open;  // what read() has told
};

}  // namespace hy::net
