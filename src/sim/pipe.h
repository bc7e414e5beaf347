// The server's end of a simulated connection: the twin of a TCP pipe, TLS included.
#pragma once

#include <memory>

#include "net/pipe.h"
#include "sim/link.h"

namespace hy::sim {

class Loop;
class World;

class Pipe final : public net::Pipe {
 public:
  Pipe(World& world, Loop& loop, std::shared_ptr<Link> link, net::Address peer);
  ~Pipe() override;

  void on_readable(Job job) override;
  net::Read read(std::span<char> into) override;
  void pause() override;
  void resume() override;
  void write(std::string_view bytes) override;
  std::size_t queued() const override;
  std::size_t unacknowledged() const override;
  void on_drained(Job job) override;
  Result<void> start_tls() override;
  bool secure() const override { return tls_ == Tls::active; }
  std::string server_name() const override { return secure() ? link_->hello.server_name : ""; }
  std::string alpn() const override { return secure() ? link_->hello.alpn : ""; }
  std::string tls_version() const override { return secure() ? link_->hello.version : ""; }
  std::string binding(net::Binding kind) const override;
  const net::Address& peer() const override { return peer_; }
  void close() override;
  void detach() override;
  void attach(hy::Loop& loop) override;

 private:
  enum class Tls { none, handshaking, active };
  enum class Life { open, ended, failed, closed };
  struct Token {
    Pipe* pipe;
  };
  void watch();
  void forget();
  bool something_to_say() const;
  void tell_soon();
  void tell();
  void ask_flush();
  void flush();
  void tell_drained();
  net::Read fail();

  World& world_;
  Loop* loop_;
  std::shared_ptr<Link> link_;
  net::Address peer_;
  std::shared_ptr<Token> token_;  // of this attachment; what waits in the loop holds it
  Job readable_;
  Job drained_;
  bool replaced_ = false;
  bool telling_ = false;
  bool flushing_ = false;
  bool draining_ = false;
  bool paused_ = false;
  Tls tls_ = Tls::none;
  Life life_ = Life::open;
  std::string held_;  // written while the handshake runs
};

}  // namespace hy::sim
