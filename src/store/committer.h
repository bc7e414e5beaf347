// The committer: takes the batches of all shards in the order they were handed over, writes what has gathered, syncs
// once, publishes how far each shard has come. No timer: the sync itself is the rhythm.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "base/loop.h"
#include "store/batch.h"

namespace hy::store {

class Committer {
 public:
  /// `failed` is called (once, on the committer's thread) when a write or sync fails; it does not return in production:
  /// the process ends with its reason.
  Committer(Engine& engine, std::move_only_function<void(const Error&)> failed);
  ~Committer();

  /// Where the durable position of a shard is published: `durable` runs on that shard's loop, positions ascending,
  /// several batches at a time told once.
  void add_shard(ShardId shard, Loop& loop, std::move_only_function<void(Position)> durable);

  /// From any thread. Batches of one shard come in ascending position.
  void hand_over(Batch batch);
  /// Bytes handed over and not durable yet; beyond the bound, streams that write are not read.
  std::size_t backlog() const;

  /// Runs the thread. In simulation step() is called instead.
  void start();
  /// Writes what is queued, then ends the thread. Idempotent.
  void stop();
  /// One gather, write, sync, publish. False when nothing was queued.
  bool step();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hy::store
