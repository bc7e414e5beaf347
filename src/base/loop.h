// The event loop of one shard, as everything above the network sees it.
#pragma once

#include <memory>

#include "base/inbox.h"
#include "base/time.h"

namespace hy {

/// A timer that runs its job once unless it is destroyed, reset or moved from first.
class Timer {
 public:
  /// Held by the loop's implementation; cancels in its destructor.
  class State {
   public:
    virtual ~State() = default;
  };

  Timer() = default;
  explicit Timer(std::unique_ptr<State> state) : state_(std::move(state)) {}
  void cancel() { state_.reset(); }
  /// Also true after it ran, until it is reset.
  explicit operator bool() const { return state_ != nullptr; }

 private:
  std::unique_ptr<State> state_;
};

/// Port. A turn is one pass of the loop: the jobs and events that were ready, then what was asked for its
/// end.
class Loop {
 public:
  virtual ~Loop() = default;

  /// Runs `job` in a later turn. From any thread; jobs of one thread keep their order.
  virtual void post(Job job) = 0;

  // The rest from the loop's own thread only.

  /// Runs `job` once, not before `delay` has passed. The job may destroy its own timer.
  [[nodiscard]] virtual Timer after(Duration delay, Job job) = 0;
  /// Runs `job` at the end of this turn, behind those asked for earlier; jobs asked for meanwhile run too.
  virtual void at_turn_end(Job job) = 0;
  virtual const Clock& clock() const = 0;
  Instant now() const { return clock().now(); }
};

}  // namespace hy
