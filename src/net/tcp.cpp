#include "net/tcp.h"

#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "net/socket.h"
#include "net/tcp_pipe.h"

namespace hy::net {
namespace {

constexpr int accepts_a_turn = 64;
constexpr Duration out_of_descriptors = 100ms;

class TcpListener final : public Listener, private Watcher {
 public:
  TcpListener(EpollLoop& loop, Socket socket, Accept accept, std::shared_ptr<const TlsOptions> tls)
      : loop_(loop),
        socket_(std::move(socket)),
        watch_(loop, socket_.get(), *this),
        accept_(std::move(accept)),
        tls_(std::move(tls)) {
    if (watch_.active()) watch_.wait_readable();
  }
  ~TcpListener() override {
    watch_.stop();
    if (gone_ != nullptr) *gone_ = true;
  }
  bool active() const { return watch_.active(); }
  std::uint16_t port() const override { return bound_port(socket_.get()); }

 private:
  void readable() override {
    bool gone = false;
    gone_ = &gone;
    for (int i = 0; i < accepts_a_turn; ++i) {
      Address peer;
      Socket accepted = accept_from(socket_.get(), peer);
      if (!accepted) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        if (!passes(errno)) {
          gone_ = nullptr;
          return back_off(errno);
        }
        continue;  // that connection is gone already
      }
      set_stream_options(accepted.get());
      accept_(std::make_unique<TcpPipe>(loop_, std::move(accepted), std::move(peer), tls_));
      if (gone) return;  // it stopped listening
    }
    gone_ = nullptr;
    watch_.wait_readable();
  }

  // accept(2): errors of the connection that was waiting are told here, and are not ours.
  static bool passes(int error) {
    return error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM && error != EBADF &&
           error != EINVAL;
  }

  // Connections wait in the kernel's queue till a descriptor is free.
  void back_off(int error) {
    if (!warned_) {
      log::error("cannot accept connections", "reason={} hint={}", log::value(std::strerror(error)),
                 log::value("raise the limit of open files"));
    }
    warned_ = true;
    retry_ = loop_.after(out_of_descriptors, [this] { watch_.wait_readable(); });
    if (!forget_warning_)
      forget_warning_ = loop_.after(60s, [this] { warned_ = false, forget_warning_.cancel(); });
  }

  EpollLoop& loop_;
  Socket socket_;
  Watch watch_;
  Accept accept_;
  std::shared_ptr<const TlsOptions> tls_;
  bool* gone_ = nullptr;
  bool warned_ = false;
  Timer retry_;
  Timer forget_warning_;
};

}  // namespace

bool Ports::claim(const Address& at) {
  std::lock_guard lock(mutex_);
  return claimed_.emplace(at.ip, at.port).second;
}

Result<std::unique_ptr<Listener>> TcpNetwork::listen(const Address& at, Accept accept) {
  if (at.port != 0 && ports_->claim(at)) {
    // Sharing a port would also succeed beside another program that shares it: half of the clients would
    // reach that.
    HY_TRY_VOID(listen_on(at, Sharing::exclusive));
  }
  HY_TRY(socket, listen_on(at, Sharing::shared));
  if (at.port == 0) ports_->claim({at.ip, bound_port(socket.get())});
  auto listener = std::make_unique<TcpListener>(loop_, std::move(socket), std::move(accept), tls_);
  if (!listener->active())
    return fail(Error::io, fmt::format("port {} on {} cannot be watched", at.port, at.ip));
  return listener;
}

}  // namespace hy::net
