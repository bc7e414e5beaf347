#include "net/timers.h"

namespace hy::net {
namespace {

constexpr std::size_t arity = 4;
constexpr std::uint32_t nowhere = UINT32_MAX;

}  // namespace

class Timers::Pending final : public Timer::State {
 public:
  Pending(Timers& timers, Job job) : timers_(&timers), round_(timers.round_), job_(std::move(job)) {}
  ~Pending() override {
    if (index_ != nowhere) timers_->remove(index_);
  }

 private:
  friend class Timers;
  Timers* timers_;
  std::uint32_t index_ = nowhere;
  std::uint32_t round_;  // in which it was added
  Job job_;
};

Timer Timers::add(Instant at, Job job) {
  auto pending = std::make_unique<Pending>(*this, std::move(job));
  heap_.push_back({});
  rise(heap_.size() - 1, {at, pending.get()});
  return Timer(std::move(pending));
}

std::optional<Instant> Timers::next() const {
  return heap_.empty() ? std::nullopt : std::optional(heap_.front().at);
}

void Timers::run_due(Instant now) {
  ++round_;
  while (!heap_.empty() && heap_.front().at <= now) {
    Pending* timer = heap_.front().timer;
    if (timer->round_ == round_) return;  // added by one that ran just now, and already due
    remove(0);
    Job job = std::move(timer->job_);  // it may destroy its own timer
    job();
  }
}

void Timers::clear() {
  while (!heap_.empty()) {
    Pending* timer = heap_.back().timer;
    remove(heap_.size() - 1);
    Job dropped = std::move(timer->job_);
  }
}

void Timers::place(std::size_t index, Entry entry) {
  heap_[index] = entry;
  entry.timer->index_ = static_cast<std::uint32_t>(index);
}

void Timers::rise(std::size_t index, Entry entry) {
  while (index > 0) {
    const std::size_t parent = (index - 1) / arity;
    if (heap_[parent].at <= entry.at) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void Timers::sink(std::size_t index, Entry entry) {
  for (;;) {
    const std::size_t first = index * arity + 1;
    if (first >= heap_.size()) break;
    std::size_t least = first;
    for (std::size_t child = first + 1; child < std::min(first + arity, heap_.size()); ++child) {
      if (heap_[child].at < heap_[least].at) least = child;
    }
    if (entry.at <= heap_[least].at) break;
    place(index, heap_[least]);
    index = least;
  }
  place(index, entry);
}

void Timers::remove(std::size_t index) {
  heap_[index].timer->index_ = nowhere;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index < heap_.size()) {
    if (index > 0 && last.at < heap_[(index - 1) / arity].at) {
      rise(index, last);
    } else {
      sink(index, last);
    }
  }
  if (heap_.empty() && heap_.capacity() > 1024) heap_.shrink_to_fit();
}

}  // namespace hy::net
