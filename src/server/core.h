// The server without its threads: shards, committer and what they share, made from a configuration and from
// ports. The program gives it real loops, sockets and a disk; scenarios and simulations give it their twins.
#pragma once

#include <memory>
#include <vector>

#include "route/shard.h"
#include "server/config.h"

namespace hy::server {

struct CorePorts {
  struct ForShard {
    Loop* loop;
    Random* random;
    Worker* hashing;
    Worker* reading;
  };
  std::vector<ForShard> shards;  // one or more
  store::Engine& engine;
  /// The stores of one shard.
  std::function<route::Stores(store::Desk&, const ForShard&)> open_stores;
  /// A write or sync failed: in production it ends the process.
  std::move_only_function<void(const Error&)> disk_failed;
  sasl::FalseSalt false_salt;
  route::Trace* trace = nullptr;
  /// Features beyond those of the server, for tests of the stages; their hooks come first. May
  /// be empty.
  std::function<void(route::Hub&, const route::Services&)> also_install;
};

class Core {
 public:
  /// Error::io or corrupt when the store cannot be read.
  static Result<std::unique_ptr<Core>> make(const Config& config, const Clock& clock, CorePorts ports);
  ~Core();

  std::size_t size() const { return shards_.size(); }
  route::Shard& shard(std::size_t index) { return *shards_[index]; }
  route::Shard& home(const xmpp::Jid& account);
  store::Committer& committer() { return committer_; }
  const route::Settings& settings() const { return settings_; }

 private:
  Core(const Config& config, const Clock& clock, CorePorts& ports);

  route::Settings settings_;
  stream::C2sConfig c2s_;
  sasl::FalseSalt false_salt_;
  stream::Throttle throttle_;
  stream::ConnectionCounts strangers_;
  store::Committer committer_;
  std::unique_ptr<route::Common> common_;
  std::vector<std::unique_ptr<route::Shard>> shards_;
};

}  // namespace hy::server
