#include "net/linger.h"

#include <sys/socket.h>

namespace hy::net {
namespace {

/// Owned by the job of its own timer: it ends with the deadline, or earlier by cancelling it.
class Lingering final : public Watcher {
 public:
  Lingering(EpollLoop& loop, Socket socket, Output output, Peers peers)
      : loop_(loop),
        socket_(std::move(socket)),
        output_(std::move(output)),
        peers_(peers),
        watch_(loop, socket_.get(), *this) {}
  ~Lingering() override { watch_.stop(); }

  static void begin(std::unique_ptr<Lingering> self) {
    Lingering& here = *self;
    if (!here.watch_.active()) return;
    here.deadline_ = here.loop_.after(5s, [owned = std::move(self)]() mutable { owned = nullptr; });
    if (!here.output_.empty()) here.watch_.wait_writable();
    if (here.peers_ == Peers::open) here.watch_.wait_readable();
  }

  void writable() override {
    switch (output_.send(socket_.get())) {
      case Output::Sent::some:
        watch_.wait_writable();
        break;
      case Output::Sent::all:
        shutdown(socket_.get(), SHUT_WR);
        if (peers_ == Peers::finished) end();
        break;
      case Output::Sent::broken:
        end();
        break;
    }
  }

  void readable() override {
    // A peer that sends for ever is cut off by the deadline: one bufferful a turn, nothing kept.
    const ssize_t got = recv(socket_.get(), loop_.scratch().data(), EpollLoop::scratch_size, 0);
    const bool more = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
    if (more) return watch_.wait_readable();
    if (got == 0 && !output_.empty()) {
      peers_ = Peers::finished;
      return;
    }
    end();
  }

 private:
  void end() {
    Timer deadline = std::move(deadline_);  // destroys this, with its job
  }

  EpollLoop& loop_;
  Socket socket_;
  Output output_;
  Peers peers_;
  Watch watch_;
  Timer deadline_;
};

}  // namespace

void linger(EpollLoop& loop, Socket socket, Output output, Peers peers) {
  if (output.send(socket.get()) == Output::Sent::broken) return;
  if (output.empty()) {
    shutdown(socket.get(), SHUT_WR);
    if (peers == Peers::finished) return;
  }
  Lingering::begin(std::make_unique<Lingering>(loop, std::move(socket), std::move(output), peers));
}

}  // namespace hy::net
