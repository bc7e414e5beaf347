// The twin of the machine's TCP: listeners of all shards, and the bytes between them and simulated clients.
#pragma once

#include <list>
#include <memory>
#include <set>

#include "net/pipe.h"
#include "sim/actor.h"
#include "sim/peer.h"

namespace hy::sim {

class Loop;
class World;

class Network final : public Actor {
 public:
  explicit Network(World& world);
  ~Network() override;

  /// For connections made from now on.
  NetworkOptions options;

  /// What a shard listens with. Several shards may listen on one address; a connection goes to one of them,
  /// drawn.
  std::unique_ptr<net::Network> on(Loop& loop);
  /// A client connects. Never nullptr: a refused one is `broken()`.
  std::unique_ptr<Peer> connect(const net::Address& to, net::Address from = {"192.0.2.1", 0});
  /// Another program takes this port: listen() fails.
  void occupy(std::uint16_t port) { occupied_.insert(port); }

  /// When the next bytes that are on their way arrive.
  std::optional<Instant> next_arrival() const;
  /// Connections that are not over.
  std::size_t open() const;

  bool ready() const override;
  /// One segment arrives, on a lane drawn among those that are due.
  void step() override;
  std::optional<Instant> next() const override;

 private:
  class Listener;
  class Shard;

  World& world_;
  std::vector<Listener*> listeners_;
  std::set<std::uint16_t> occupied_;
  std::list<std::shared_ptr<Link>> links_;
  std::uint64_t link_count_ = 0;
  std::uint16_t next_port_ = 49152;
};

}  // namespace hy::sim
