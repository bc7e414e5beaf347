// For tests of stores: a loop, its clock and a worker that move only when told to. post() may come from any
// thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "base/loop.h"
#include "base/worker.h"

namespace hy::store::testing {

class ManualClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  WallTime wall() const override { return wall_; }
  void advance(Duration by) {
    now_ += by;
    wall_ += by;
  }
  /// As when somebody sets the machine's clock.
  void set_wall(WallTime wall) { wall_ = wall; }

 private:
  Instant now_{std::chrono::hours(1)};
  WallTime wall_{std::chrono::seconds(1'700'000'000)};
};

class ManualLoop final : public Loop {
 public:
  explicit ManualLoop(ManualClock& clock) : clock_(clock) {}

  void post(Job job) override { inbox_.put(std::move(job)); }
  Timer after(Duration delay, Job job) override {
    auto token = std::make_shared<bool>(true);
    timers_.emplace(clock_.now() + delay, Due{token, std::move(job)});
    return Timer(std::make_unique<Cancel>(token));
  }
  void at_turn_end(Job job) override { at_end_.push_back(std::move(job)); }
  const Clock& clock() const override { return clock_; }

  /// Runs what is ready. False when nothing was.
  bool turn() {
    std::vector<Job> jobs;
    inbox_.take(jobs);
    while (!timers_.empty() && timers_.begin()->first <= clock_.now()) {
      Due due = std::move(timers_.extract(timers_.begin()).mapped());
      if (*due.armed) jobs.push_back(std::move(due.job));
    }
    bool any = !jobs.empty() || !at_end_.empty();
    for (Job& job : jobs) job();
    for (std::size_t i = 0; i < at_end_.size(); ++i) std::exchange(at_end_[i], {})();
    at_end_.clear();
    return any;
  }

 private:
  struct Due {
    std::shared_ptr<bool> armed;
    Job job;
  };
  struct Cancel final : Timer::State {
    explicit Cancel(std::shared_ptr<bool> t) : token(std::move(t)) {}
    ~Cancel() override { *token = false; }
    std::shared_ptr<bool> token;
  };

  ManualClock& clock_;
  Inbox inbox_;
  std::multimap<Instant, Due> timers_;
  std::vector<Job> at_end_;
};

/// Does its work when step() is called, and says so by the loop.
class ManualWorker final : public Worker {
 public:
  explicit ManualWorker(Loop& loop, std::size_t bound = 1024) : loop_(loop), bound_(bound) {}

  bool submit(Job work, Job done) override {
    if (queue_.size() >= bound_) return false;
    queue_.emplace_back(std::move(work), std::move(done));
    return true;
  }
  bool step() {
    if (queue_.empty()) return false;
    auto [work, done] = std::move(queue_.front());
    queue_.pop_front();
    work();
    loop_.post(std::move(done));
    return true;
  }

 private:
  Loop& loop_;
  std::size_t bound_;
  std::deque<std::pair<Job, Job>> queue_;
};

}  // namespace hy::store::testing
