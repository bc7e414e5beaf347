#include "sim/pipe.h"

#include "sim/world.h"

namespace hy::sim {
namespace {

/// What a reader outside of TLS sees of a record.
constexpr std::string_view record_head("\x16\x03\x01", 3);

}  // namespace

Pipe::Pipe(World& world, Loop& loop, std::shared_ptr<Link> link, net::Address peer)
    : world_(world), loop_(&loop), link_(std::move(link)), peer_(std::move(peer)) {
  watch();
}

Pipe::~Pipe() {
  forget();
  link_->unwatch(Side::server);
  if (life_ != Life::closed) link_->reset(Side::server);
}

void Pipe::watch() {
  token_ = std::make_shared<Token>(Token{this});
  link_->watch(
      Side::server, [this] { tell_soon(); },
      [this] {
        if (queued() == 0) tell_drained();
      });
}

void Pipe::forget() {
  if (token_) token_->pipe = nullptr;
  token_ = nullptr;
  readable_ = nullptr;
  drained_ = nullptr;
  telling_ = flushing_ = draining_ = false;
}

void Pipe::on_readable(Job job) {
  loop_->check_thread();
  readable_ = std::move(job);
  replaced_ = true;
  tell_soon();
}

bool Pipe::something_to_say() const {
  if (life_ == Life::failed || life_ == Life::closed) return false;
  const Segment* front = link_->front(Side::server);
  if (front == nullptr) return link_->dead(Side::server);
  return life_ == Life::open || front->kind == Segment::reset;
}

void Pipe::tell_soon() {
  if (loop_ == nullptr || !readable_ || paused_ || telling_ || !something_to_say()) return;
  telling_ = true;
  loop_->post([token = token_] {
    if (token->pipe != nullptr) token->pipe->tell();
  });
}

void Pipe::tell() {
  telling_ = false;
  if (!readable_ || paused_ || !something_to_say()) return;
  Job job = std::move(readable_);
  replaced_ = false;
  const std::shared_ptr<Token> token = token_;
  job();
  if (token->pipe == nullptr) return;  // destroyed or moved by its job
  if (!replaced_) readable_ = std::move(job);
  tell_soon();
}

net::Read Pipe::fail() {
  life_ = Life::failed;
  return {net::Read::failed, 0};
}

net::Read Pipe::read(std::span<char> into) {
  HY_CHECK(loop_ != nullptr);
  loop_->check_thread();
  if (life_ == Life::failed || life_ == Life::closed) return {net::Read::failed, 0};
  if (!something_to_say() || into.empty()) {
    return {life_ == Life::ended ? net::Read::ended : net::Read::would_block, 0};
  }
  if (world_.fails("read")) {
    link_->reset(Side::server);
    return fail();
  }
  while (const Segment* front = link_->front(Side::server)) {
    if (front->kind == Segment::reset) return fail();
    if (front->kind == Segment::fin) {
      life_ = Life::ended;
      link_->consume(Side::server);
      if (tls_ == Tls::handshaking) return fail();
      return {net::Read::ended, 0};
    }
    if (tls_ == Tls::handshaking && front->kind == Segment::hello) {
      const std::string& fields = front->bytes;
      const std::size_t first = fields.find('\n');
      const std::size_t second = fields.find('\n', first + 1);
      link_->hello = {fields.substr(0, first), fields.substr(first + 1, second - first - 1),
                      fields.substr(second + 1)};
      link_->consume(Side::server);
      tls_ = Tls::active;
      link_->put(Side::server, {Segment::hello, {}});
      if (!held_.empty()) link_->put(Side::server, {Segment::secret, std::exchange(held_, {})});
      ask_flush();
      continue;
    }
    const bool fits = tls_ == Tls::active ? front->kind == Segment::secret
                                          : tls_ == Tls::none && front->kind == Segment::clear;
    if (!fits && tls_ != Tls::none) {  // not a record: an alert, and the end
      link_->reset(Side::server);
      return fail();
    }
    const std::string_view bytes = fits ? std::string_view(front->bytes) : record_head;
    std::size_t size = std::min(into.size(), bytes.size());
    if (link_->options().split_reads) size = 1 + world_.draw(size);
    std::memcpy(into.data(), bytes.data(), size);
    link_->consume(Side::server, fits ? size : front->bytes.size());
    return {net::Read::data, size};
  }
  return link_->dead(Side::server) ? fail() : net::Read{net::Read::would_block, 0};
}

void Pipe::pause() {
  paused_ = true;
}

void Pipe::resume() {
  paused_ = false;
  tell_soon();
}

void Pipe::write(std::string_view bytes) {
  HY_CHECK(loop_ != nullptr);
  loop_->check_thread();
  if (bytes.empty() || life_ == Life::failed || life_ == Life::closed) return;
  if (tls_ == Tls::handshaking) {
    held_ += bytes;
    return;
  }
  link_->put(Side::server, {tls_ == Tls::active ? Segment::secret : Segment::clear, std::string(bytes)});
  ask_flush();
}

void Pipe::ask_flush() {
  if (flushing_) return;
  flushing_ = true;
  loop_->at_turn_end([token = token_] {
    if (token->pipe != nullptr) token->pipe->flush();
  });
}

void Pipe::flush() {
  flushing_ = false;
  if (life_ == Life::failed || life_ == Life::closed) return;
  if (world_.fails("write")) {
    link_->reset(Side::server);
    return tell_soon();
  }
  link_->flush(Side::server);
  if (queued() == 0) tell_drained();
}

void Pipe::tell_drained() {
  if (loop_ == nullptr || !drained_ || draining_) return;
  draining_ = true;
  loop_->post([token = token_] {
    Pipe* pipe = token->pipe;
    if (pipe == nullptr || !std::exchange(pipe->draining_, false)) return;
    if (!pipe->drained_ || pipe->queued() > 0) return;
    Job job = std::move(pipe->drained_);
    job();
    if (token->pipe != nullptr && !token->pipe->drained_) token->pipe->drained_ = std::move(job);
  });
}

std::size_t Pipe::queued() const {
  return link_->unsent(Side::server) + held_.size();
}

std::size_t Pipe::unacknowledged() const {
  return queued() + link_->flying(Side::server);
}

void Pipe::on_drained(Job job) {
  loop_->check_thread();
  drained_ = std::move(job);
}

Result<void> Pipe::start_tls() {
  loop_->check_thread();
  HY_CHECK(tls_ == Tls::none);
  if (!link_->options().certificates) return hy::fail(Error::unavailable, "no certificate");
  if (world_.fails("start_tls")) return hy::fail(Error::unavailable, "no certificate (simulated fault)");
  tls_ = Tls::handshaking;
  tell_soon();
  return {};
}

std::string Pipe::binding(net::Binding kind) const {
  return secure() ? link_->binding(kind) : std::string();
}

void Pipe::close() {
  loop_->check_thread();
  if (life_ == Life::closed) return;
  forget();
  link_->unwatch(Side::server);
  if (life_ == Life::failed || world_.fails("write")) {
    link_->reset(Side::server);
  } else {
    link_->close(Side::server);
  }
  life_ = Life::closed;
}

void Pipe::detach() {
  HY_CHECK(loop_ != nullptr);
  loop_->check_thread();
  if (flushing_) flush();
  forget();
  link_->unwatch(Side::server);
  loop_ = nullptr;
}

void Pipe::attach(hy::Loop& loop) {
  HY_CHECK(loop_ == nullptr);
  loop_ = dynamic_cast<Loop*>(&loop);
  HY_CHECK(loop_ != nullptr);
  loop_->check_thread();
  watch();
  if (link_->unsent(Side::server) > 0) ask_flush();
}

}  // namespace hy::sim
