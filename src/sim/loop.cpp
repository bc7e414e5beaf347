#include "sim/loop.h"

#include "sim/world.h"

namespace hy::sim {

class Loop::Pending final : public Timer::State {
 public:
  Pending(Loop& loop, Key key, Job job) : loop_(loop), key_(key), job_(std::move(job)) {
    loop_.timers_.emplace(key_, this);
  }
  ~Pending() override { loop_.timers_.erase(key_); }
  /// The job may destroy this timer: it is taken out first.
  Job take() {
    loop_.timers_.erase(key_);
    return std::move(job_);
  }
  void drop() { job_ = nullptr; }

 private:
  Loop& loop_;
  Key key_;
  Job job_;
};

Loop::Loop(World& world, std::string name) : Actor(std::move(name)), world_(world) {}

Loop::~Loop() {
  clear();
}

void Loop::clear() {
  while (!jobs_.empty() || !turn_end_.empty() || !timers_.empty()) {
    std::exchange(jobs_, {});
    std::exchange(turn_end_, {});
    if (!timers_.empty()) {
      Job dropped = timers_.begin()->second->take();
    }
  }
}

void Loop::check_thread() const {
  HY_CHECK(world_.at_step() == nullptr || world_.at_step() == this);
}

void Loop::post(Job job) {
  jobs_.push_back(std::move(job));
}

Timer Loop::after(Duration delay, Job job) {
  check_thread();
  const Key key{now() + std::max(delay, Duration::zero()), timer_count_++};
  return Timer(std::make_unique<Pending>(*this, key, std::move(job)));
}

void Loop::at_turn_end(Job job) {
  check_thread();
  turn_end_.push_back(std::move(job));
}

const Clock& Loop::clock() const {
  return world_.clock();
}

std::size_t Loop::due() const {
  std::size_t count = 0;
  for (auto at = timers_.begin(); at != timers_.end() && at->first.first <= now(); ++at) ++count;
  return count;
}

bool Loop::ready() const {
  if (now() < stalled_until_) return false;
  return !jobs_.empty() || !turn_end_.empty() || (!timers_.empty() && timers_.begin()->first.first <= now());
}

void Loop::step() {
  const std::size_t waiting = jobs_.size() + due();
  std::size_t left = waiting == 0 ? 0 : 1 + world_.draw(waiting);
  for (; left > 0; --left) {
    const bool timer = !timers_.empty() && timers_.begin()->first.first <= now();
    if (!timer && jobs_.empty()) break;  // a timer counted above was cancelled meanwhile
    if (timer && (jobs_.empty() || world_.draw(2) == 0)) {
      Job job = timers_.begin()->second->take();
      job();
    } else {
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      job();
    }
  }
  while (!turn_end_.empty()) {
    Job job = std::move(turn_end_.front());
    turn_end_.pop_front();
    job();
  }
}

std::optional<Instant> Loop::next() const {
  std::optional<Instant> at;
  if (!jobs_.empty() || !turn_end_.empty()) {
    at = now();
  } else if (!timers_.empty()) {
    at = timers_.begin()->first.first;
  }
  return at ? std::optional(std::max(*at, stalled_until_)) : std::nullopt;
}

}  // namespace hy::sim
