// The client's end of a simulated connection, in the hands of a test. Belongs to no loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sim/link.h"

namespace hy::sim {

/// Destroying it resets the connection.
class Peer {
 public:
  /// Without a link: the connection was refused.
  explicit Peer(std::shared_ptr<Link> link);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  /// On its way at once, as far as the server's window allows; the rest follows.
  void send(std::string_view bytes);
  /// All that has arrived and was not taken yet. What is not taken fills the server's window.
  std::string take();
  /// FIN: nothing more will be sent.
  void finish();
  /// RST: both directions are over at once.
  void reset();

  /// Begins the client's handshake; what is sent from now on is held until the server has answered.
  void start_tls(Hello hello = {});
  bool secure() const { return tls_ == Tls::active; }
  std::string binding(net::Binding kind) const { return link_->binding(kind); }

  /// The server has finished, and all that it sent was taken.
  bool ended();
  /// Refused, reset by the server, or the handshake failed.
  bool broken();
  /// Sent and not yet arrived, or waiting for the window.
  std::size_t unsent() const { return link_ ? link_->unsent(Side::client) + link_->flying(Side::client) : 0; }

 private:
  enum class Tls { none, handshaking, active };
  void pump();

  std::shared_ptr<Link> link_;
  Tls tls_ = Tls::none;
  bool broken_ = false;
  bool ended_ = false;
  bool finish_ = false;
  std::string held_;
};

}  // namespace hy::sim
