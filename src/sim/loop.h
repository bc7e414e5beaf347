// The twin of a shard's event loop: its turns are steps of the world.
#pragma once

#include <deque>
#include <map>

#include "base/loop.h"
#include "sim/actor.h"

namespace hy::sim {

class World;

/// A turn takes a random number of what is ready, at least one, in order: timers by deadline, jobs and events
/// as they came, the two interleaved by the seed. Calls that belong to the loop's own thread are checked:
/// during a step of another actor they end the process.
class Loop final : public hy::Loop, public Actor {
 public:
  Loop(World& world, std::string name);
  ~Loop() override;

  void post(Job job) override;
  [[nodiscard]] Timer after(Duration delay, Job job) override;
  void at_turn_end(Job job) override;
  const Clock& clock() const override;

  bool ready() const override;
  void step() override;
  std::optional<Instant> next() const override;

  /// Nothing runs before `until`.
  void stall(Instant until) { stalled_until_ = until; }
  /// Ends the process when an actor other than this loop is at its step.
  void check_thread() const;
  /// Drops all jobs and timers, also those that dropping brings.
  void clear();
  std::size_t timers() const { return timers_.size(); }

 private:
  class Pending;
  using Key = std::pair<Instant, std::uint64_t>;
  std::size_t due() const;

  World& world_;
  std::uint64_t timer_count_ = 0;
  std::map<Key, Pending*> timers_;
  std::deque<Job> jobs_;
  std::deque<Job> turn_end_;
  Instant stalled_until_{};
};

}  // namespace hy::sim
