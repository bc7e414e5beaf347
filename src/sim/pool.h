// The twin of a thread pool: its jobs are steps of the world and end in any order.
#pragma once

#include <deque>
#include <memory>

#include "base/loop.h"
#include "base/worker.h"
#include "sim/actor.h"

namespace hy::sim {

class World;

struct PoolSize {
  std::size_t threads = 2;
  std::size_t queue = 64;  // jobs that wait for a thread; beyond it submit() refuses
};

class Pool final : public Actor {
 public:
  Pool(World& world, std::string name, PoolSize size);

  /// A shard's view of the pool. The pool and the loop must outlive it.
  std::unique_ptr<Worker> worker(hy::Loop& loop);

  bool ready() const override { return !jobs_.empty(); }
  /// One of the jobs that have a thread, drawn, runs to its end.
  void step() override;
  std::optional<Instant> next() const override { return std::nullopt; }
  std::size_t waiting() const { return jobs_.size(); }

 private:
  class Shard;
  struct Work {
    Job work;
    Job done;
    hy::Loop* loop;
  };

  World& world_;
  PoolSize size_;
  std::deque<Work> jobs_;
};

}  // namespace hy::sim
