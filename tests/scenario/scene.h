// The whole server in one thread: shards, committer and pools on virtual time, a store and a network in
// memory, and clients that speak XML by hand.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/core.h"
#include "sim/memory_store.h"
#include "sim/world.h"
#include "xml/scanner.h"

namespace hy::scenario {

struct SceneOptions {
  std::uint64_t seed = 1;
  std::size_t shards = 3;
  server::Config config = server::Config::defaults();
  /// Drawn anew for each read of the store; empty: reads do not wait.
  sim::ReadDelay read_delay;
  std::function<void(route::Hub&, const route::Services&)> also_install;
  route::Trace* trace = nullptr;
};

/// A client's end: sends text, parses what comes.
class Client {
 public:
  Client(sim::World& world, std::string address = "192.0.2.1", std::uint16_t port = 5222);

  void send(std::string_view text) { peer_->send(text); }
  /// First-level elements that have come and were not taken yet, oldest first.
  std::vector<xml::Element>& inbox();
  /// The header, once it has come.
  const xml::Element& header() const { return header_; }
  /// `</stream:stream>` has come.
  bool closed() const { return closed_; }
  /// The connection is over, in order or not.
  bool over() { return peer_->ended() || peer_->broken(); }
  sim::Peer& peer() { return *peer_; }
  /// A new stream on the same connection.
  void restart();

 private:
  std::unique_ptr<sim::Peer> peer_;
  xml::Scanner scanner_;
  xml::Element header_;
  std::vector<xml::Element> inbox_;
  bool closed_ = false;
};

class Scene {
 public:
  explicit Scene(SceneOptions options = {});
  ~Scene();

  /// An account whose password is "secret", straight into the store.
  void add_account(const xmpp::Jid& jid);
  std::unique_ptr<Client> connect();
  /// STARTTLS, SASL PLAIN and bind; the full JID. Ends the test when it fails.
  xmpp::Jid log_in(Client& client, const xmpp::Jid& account, std::string_view resource);

  /// Until nothing is left to do at this point of time.
  void settle() { world_.run_until_idle(); }
  void advance(Duration by) { world_.advance(by); }
  /// The polite stop; afterwards start() makes a new server on the same store.
  void stop();
  void start();

  /// While held, nothing becomes durable.
  void hold_committer(bool held) { committer_held_ = held; }
  sim::Loop& loop(std::size_t shard) { return *loops_[shard]; }

  sim::World& world() { return world_; }
  server::Core& core() { return *core_; }
  sim::MemoryEngine& engine() { return engine_; }

 private:
  struct Machine;  // loops and pools of one run of the server
  SceneOptions options_;
  sim::World world_;
  sim::MemoryEngine engine_;
  std::vector<sim::Loop*> loops_;
  sim::Pool* hashing_ = nullptr;
  sim::Pool* reading_ = nullptr;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<sim::SeededRandom>> randoms_;
  std::vector<std::unique_ptr<net::Network>> networks_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::unique_ptr<server::Core> core_;
  bool committer_held_ = false;
};

}  // namespace hy::scenario
