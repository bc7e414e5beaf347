// The committer: takes the batches of all shards in the order they were handed over, writes what has
// gathered, syncs once, publishes how far each shard has come. No timer: the sync itself is the rhythm.
#pragma once

#include <functional>
#include <memory>

#include "base/loop.h"
#include "store/batch.h"

namespace hy::store {

class Committer {
 public:
  /// `failed` is called (once, on the committer's thread) when a write or sync fails; in production it does
  /// not return: the process ends with its reason. If it returns, nothing is written or published any more.
  Committer(Engine& engine, std::move_only_function<void(const Error&)> failed);
  /// As stop().
  ~Committer();

  /// Where the durable position of a shard is published: `durable` runs on that shard's loop, positions
  /// ascending, several batches at a time told once. Once a shard, before its first batch.
  void add_shard(ShardId shard, Loop& loop, std::move_only_function<void(Position)> durable);

  /// From any thread. Batches of one shard come in ascending position. What comes after stop() is dropped: it
  /// never becomes durable.
  void hand_over(Batch batch);
  /// Bytes handed over and not durable yet; beyond the bound, streams that write are not read. From any
  /// thread.
  std::size_t backlog() const;

  /// Runs the thread. In simulation step() is called instead.
  void start();
  /// Writes what is queued, publishes it, then ends the thread. Idempotent.
  void stop();
  /// One gather, write, sync, publish. False when nothing was queued. Not beside a running thread.
  bool step();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hy::store
