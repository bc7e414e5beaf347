// One shard: everything that lives on one loop, wired. The server makes one per core and connects them.
#pragma once

#include "route/gate.h"
#include "route/hub.h"
#include "route/pipeline.h"
#include "route/post.h"
#include "route/services.h"
#include "route/users.h"
#include "stream/connection_counts.h"
#include "stream/streams.h"

namespace hy::route {

/// What a storage engine gives to each shard.
struct Stores {
  std::unique_ptr<store::Accounts> accounts;
  std::unique_ptr<store::Documents> documents;
};

/// What the process shares between its shards; immutable, or made for many threads.
struct Common {
  const Settings& settings;
  const stream::C2sConfig& c2s;
  store::Committer& committer;
  stream::Throttle& throttle;
  stream::ConnectionCounts& strangers;  // connections that have not logged in
  const sasl::FalseSalt& false_salt;
  Trace* trace = nullptr;
};

/// Made on any thread before its loop runs; used on its loop; destroyed after close() was done or the loop
/// has ended.
class Shard {
 public:
  struct Ports {
    ShardId here;
    std::size_t shards;
    Loop& loop;
    Random& random;
    Worker& hashing;
    store::IdRange ids;
    std::function<Stores(store::Desk&)> open_stores;
    std::function<void(Hub&, const Services&)> install;
  };
  Shard(const Common& common, Ports ports);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// All shards of the process, in order; before any loop runs.
  void connect(const std::vector<Shard*>& all);

  /// A new connection of this shard's listeners; `direct_tls`: the handshake comes first.
  void accept(std::unique_ptr<net::Pipe> pipe, bool direct_tls);
  stream::Streams& streams() { return streams_; }
  Directory& directory() { return directory_; }
  Users& users() { return users_; }
  Scope& scope() { return scope_; }
  store::Accounts& accounts() { return *stores_.accounts; }
  store::Desk& desk() { return desk_; }
  Loop& loop() { return loop_; }
  const Hub& hub() const { return hub_; }
  const Pipeline& pipeline() const { return pipeline_; }
  const Post& post() const { return post_; }

  /// First all streams end with this error, then what still runs; `done` runs when all is quiet and handed
  /// over.
  void close(xmpp::StreamError reason, Job done);

 private:
  void turn_has_work();
  void end_of_turn();

  Loop& loop_;
  std::vector<Shard*> all_;
  bool end_asked_ = false;
  Scope scope_;
  Hub hub_;
  store::Desk desk_;
  Stores stores_;
  store::DocumentWriter writer_;
  Post post_;
  Directory directory_;
  Pipeline pipeline_;
  Users users_;
  Services services_;
  Gate gate_;
  stream::Streams streams_;
};

}  // namespace hy::route
