#include "sim/peer.h"

namespace hy::sim {

Peer::Peer(std::shared_ptr<Link> link) : link_(std::move(link)), broken_(link_ == nullptr) {
  if (link_) link_->watch(Side::client, [this] { pump(); }, {});
}

Peer::~Peer() {
  if (!link_) return;
  link_->unwatch(Side::client);
  link_->reset(Side::client);
}

void Peer::send(std::string_view bytes) {
  if (broken_ || bytes.empty()) return;
  if (tls_ == Tls::handshaking) {
    held_ += bytes;
    return;
  }
  link_->put(Side::client, {tls_ == Tls::active ? Segment::secret : Segment::clear, std::string(bytes)});
  link_->flush(Side::client);
}

// Handles what is not for the test: the server's hello, FIN, RST.
void Peer::pump() {
  while (!broken_) {
    const Segment* front = link_->front(Side::client);
    if (front == nullptr) return;
    switch (front->kind) {
      case Segment::hello:
        link_->consume(Side::client);
        if (tls_ != Tls::handshaking) return reset();
        tls_ = Tls::active;
        if (!held_.empty()) send(std::exchange(held_, {}));
        if (finish_) finish();
        break;
      case Segment::fin:
        link_->consume(Side::client);
        ended_ = true;
        break;
      case Segment::reset:
        link_->consume(Side::client);
        broken_ = true;
        break;
      case Segment::clear:
        if (tls_ == Tls::active) return reset();
        return;
      case Segment::secret:
        if (tls_ != Tls::active) return reset();
        return;
    }
  }
}

std::string Peer::take() {
  std::string taken;
  if (!link_) return taken;
  pump();
  for (;;) {
    const Segment* front = link_->front(Side::client);
    if (front == nullptr || front->kind > Segment::secret || broken_) return taken;
    taken += front->bytes;
    link_->consume(Side::client, front->bytes.size());
    pump();
  }
}

void Peer::finish() {
  if (broken_) return;
  if (tls_ == Tls::handshaking) {
    finish_ = true;
    return;
  }
  link_->put(Side::client, {Segment::fin, {}});
  link_->flush(Side::client);
}

void Peer::reset() {
  if (!broken_) link_->reset(Side::client);
  broken_ = true;
}

void Peer::start_tls(Hello hello) {
  if (broken_) return;
  tls_ = Tls::handshaking;
  link_->put(Side::client, {Segment::hello, hello.server_name + "\n" + hello.alpn + "\n" + hello.version});
  link_->flush(Side::client);
}

bool Peer::ended() {
  if (link_) pump();
  return ended_;
}

bool Peer::broken() {
  if (link_) pump();
  return broken_ || link_->dead(Side::client);
}

}  // namespace hy::sim
