// The event loop of a shard: one thread, one epoll set.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "base/inbox.h"
#include "base/loop.h"
#include "net/timers.h"
#include "net/watch.h"
#include "net/watcher_list.h"

namespace hy::net {

/// A turn: wait, then at most `turn_events` ready descriptors, all posted jobs, the timers that are due; then
/// the jobs for its end in order; then the output that pipes have gathered.
///
/// Must outlive what refers to it, pipes and timers included. Jobs left when it is destroyed are dropped, not
/// run.
class EpollLoop final : public Loop {
 public:
  static constexpr std::size_t turn_events = 256;
  static constexpr std::size_t scratch_size = 64 * 1024;

  EpollLoop();
  ~EpollLoop() override;

  /// Turns, on the calling thread, until stop().
  void run();
  /// From any thread: run() returns after the turn that comes to it. Jobs posted by the same thread before do
  /// run.
  void stop();

  void post(Job job) override;
  [[nodiscard]] Timer after(Duration delay, Job job) override;
  void at_turn_end(Job job) override;
  const Clock& clock() const override { return clock_; }

  // For pipes and listeners.

  /// turn_ended() is called once, behind the jobs of at_turn_end().
  void call_at_turn_end(Watcher& watcher) { gathered_.add(watcher); }
  /// poked() is called once, in a later turn that does not wait.
  void poke(Watcher& watcher) { pokes_.add(watcher); }
  void forget(Watcher& watcher) {
    gathered_.remove(watcher);
    pokes_.remove(watcher);
  }
  /// One for all pipes of the loop; what is in it does not outlive the call that filled it.
  std::span<char> scratch() { return {scratch_.get(), scratch_size}; }
  /// What net/tls.cpp shares between the connections of a loop.
  std::shared_ptr<void>& tls_state() { return tls_state_; }

 private:
  friend class Watch;
  class WakeUp;
  struct Context;
  bool own_thread() const { return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }
  void turn();
  void run_events(int wait_ms);
  void unwatch(Watch::State& state);
  void run_posted();
  void run_turn_end();
  void drop_all();

  SystemClock clock_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<WakeUp> wake_up_;
  std::atomic<std::thread::id> thread_;
  std::atomic<bool> stopped_ = false;
  Inbox inbox_;
  bool mail_ = false;         // the inbox has something
  std::vector<Job> own_;      // posted on the loop's own thread
  std::vector<Job> running_;  // lent to run_posted()
  std::vector<Job> turn_end_;
  WatcherList gathered_{WatcherList::turn_end};
  WatcherList pokes_{WatcherList::poke};
  Timers timers_;
  std::unique_ptr<char[]> scratch_;
  std::shared_ptr<void> tls_state_;
};

}  // namespace hy::net
