#include "net/tcp_pipe.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "net/linger.h"

namespace hy::net {

TcpPipe::TcpPipe(EpollLoop& loop, Socket socket, Address peer, std::shared_ptr<const TlsOptions> tls)
    : loop_(&loop),
      socket_(std::move(socket)),
      watch_(loop, socket_.get(), *this),
      peer_(std::move(peer)),
      tls_options_(std::move(tls)),
      broken_(!watch_.active()) {}

TcpPipe::~TcpPipe() {
  if (loop_ != nullptr) leave_loop();
}

void TcpPipe::leave_loop() {
  watch_.stop();
  loop_->forget(*this);
  loop_ = nullptr;
  readable_ = nullptr;
  drained_ = nullptr;
  drain_due_ = false;
  if (gone_ != nullptr) *std::exchange(gone_, nullptr) = true;
}

void TcpPipe::on_readable(Job job) {
  readable_ = std::move(job);
  readable_replaced_ = true;
  expect_input();
}

void TcpPipe::resume() {
  paused_ = false;
  expect_input();
}

bool TcpPipe::something_inside() const {
  if (input_ == Input::failed) return false;
  return broken_ || (tls_ && input_ == Input::open && tls_->has_input());
}

void TcpPipe::expect_input() {
  if (loop_ == nullptr || paused_ || !readable_ || input_ == Input::failed) return;
  if (something_inside()) {
    loop_->poke(*this);
  } else if (input_ == Input::open) {
    watch_.wait_readable();
  }
}

void TcpPipe::on_drained(Job job) {
  drained_ = std::move(job);
  drained_replaced_ = true;
}

bool TcpPipe::run(Job& job, bool& replaced) {
  replaced = false;
  Job running = std::move(job);
  bool gone = false;
  gone_ = &gone;
  running();
  if (gone) return false;
  gone_ = nullptr;
  if (!replaced) job = std::move(running);
  return true;
}

void TcpPipe::readable() {
  if (paused_ || !readable_) return;
  if (run(readable_, readable_replaced_)) expect_input();
}

void TcpPipe::poked() {
  if (std::exchange(drain_due_, false) && drained_ && queued() == 0) {
    if (!run(drained_, drained_replaced_)) return;
  }
  if (something_inside()) readable();
}

Read TcpPipe::read(std::span<char> into) {
  if (input_ == Input::failed) return {Read::failed, 0};
  HY_CHECK(loop_ != nullptr);
  Read got;
  if (input_ == Input::ended) {
    got.state = Read::ended;
  } else if (!into.empty()) {
    got = tls_ ? read_tls(into) : read_plain(into);
  }
  // What came before the connection broke is still given out.
  if (broken_ && got.state != Read::data) got.state = Read::failed;
  if (got.state == Read::ended) input_ = Input::ended;
  if (got.state == Read::failed) input_ = Input::failed;
  return got;
}

Read TcpPipe::read_plain(std::span<char> into) {
  for (;;) {
    const ssize_t got = recv(socket_.get(), into.data(), into.size(), 0);
    if (got > 0) return {Read::data, static_cast<std::size_t>(got)};
    if (got == 0) return {Read::ended, 0};
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {};
    return {Read::failed, 0};
  }
}

Read TcpPipe::read_tls(std::span<char> into) {
  // Plain bytes are fewer than their records: all that is received fits, but for what stood inside before.
  const std::span<char> scratch = loop_->scratch().first(std::min(into.size(), EpollLoop::scratch_size));
  const bool was_secure = secure();
  Read got;
  if (tls_->has_input()) got = tls_->read({}, into, output_.bytes());
  // A peer may send records without data for ever: the rest is for another turn.
  for (int reads = 0; got.state == Read::would_block && reads < 4; ++reads) {
    const ssize_t size = recv(socket_.get(), scratch.data(), scratch.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (size < 0) {
      got.state = Read::failed;
    } else if (size == 0) {
      got.state = tls_->established() ? Read::ended : Read::failed;
    } else {
      got = tls_->read({scratch.data(), static_cast<std::size_t>(size)}, into, output_.bytes());
    }
  }
  if (!was_secure && secure()) tls_->flush_held(output_.bytes());
  if (got.state == Read::failed) {
    output_.send(socket_.get());  // the alert
  } else if (!output_.empty() && !blocked_) {
    loop_->call_at_turn_end(*this);
  }
  return got;
}

void TcpPipe::write(std::string_view bytes) {
  if (broken_ || input_ == Input::failed || bytes.empty()) return;
  HY_CHECK(loop_ != nullptr);
  if (tls_) {
    tls_->hold(bytes);
  } else {
    output_.bytes() += bytes;
  }
  if (!blocked_) loop_->call_at_turn_end(*this);
}

void TcpPipe::turn_ended() {
  if (!blocked_) send();
}

void TcpPipe::writable() {
  blocked_ = false;
  send();
}

void TcpPipe::send() {
  if (tls_ && tls_->established()) tls_->flush_held(output_.bytes());
  if (output_.empty() || broken_) return;
  switch (output_.send(socket_.get())) {
    case Output::Sent::all:
      if (drained_ && queued() == 0) {
        drain_due_ = true;
        loop_->poke(*this);
      }
      break;
    case Output::Sent::some:
      blocked_ = true;
      watch_.wait_writable();
      break;
    case Output::Sent::broken:
      broke();
      break;
  }
}

void TcpPipe::broke() {
  broken_ = true;
  output_.clear();
  expect_input();
}

std::size_t TcpPipe::queued() const {
  return output_.size() + (tls_ ? tls_->held() : 0);
}

std::size_t TcpPipe::unacknowledged() const {
  int kernel = 0;
  if (ioctl(socket_.get(), SIOCOUTQ, &kernel) != 0) kernel = 0;
  return queued() + static_cast<std::size_t>(kernel);
}

Result<void> TcpPipe::start_tls() {
  HY_CHECK(loop_ != nullptr && !tls_);
  if (!tls_options_ || !tls_options_->certificates) return fail(Error::unavailable, "no certificate");
  HY_TRY(session, TlsSession::accept(*tls_options_));
  tls_ = std::move(session);
  tls_->attach(*loop_);
  return {};
}

void TcpPipe::close() {
  if (loop_ == nullptr) return;
  EpollLoop& loop = *loop_;
  const bool lost = broken_ || input_ == Input::failed;
  const bool peer_finished = input_ == Input::ended;
  if (!lost && tls_) tls_->finish(output_.bytes());
  leave_loop();
  if (!lost)
    linger(loop, std::move(socket_), std::move(output_), peer_finished ? Peers::finished : Peers::open);
  socket_ = {};
  output_.clear();
  tls_ = nullptr;
  input_ = Input::failed;
}

void TcpPipe::detach() {
  HY_CHECK(loop_ != nullptr);
  if (!blocked_) send();
  if (tls_) tls_->detach();
  leave_loop();
}

void TcpPipe::attach(Loop& loop) {
  HY_CHECK(loop_ == nullptr && socket_);
  loop_ = dynamic_cast<EpollLoop*>(&loop);
  HY_CHECK(loop_ != nullptr);
  watch_ = Watch(*loop_, socket_.get(), *this);
  if (!watch_.active()) broken_ = true;
  if (tls_) tls_->attach(*loop_);
  blocked_ = false;
  if (queued() > 0) loop_->call_at_turn_end(*this);
}

}  // namespace hy::net
