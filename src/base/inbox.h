// The one place where threads meet: a locked vector of jobs that its owner swaps out whole.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace hy {

using Job = std::move_only_function<void()>;

/// Any thread puts jobs in; the owner takes them all at once, in the order they came. Unbounded: whoever puts
/// in more than a fixed amount per event needs credit (route/post.h) or a queue with a bound in front of it.
class Inbox {
 public:
  /// True when the inbox was empty: the caller then wakes its owner, once a batch.
  bool put(Job job) {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    return jobs_.size() == 1;
  }

  /// Swaps what has gathered into `out`, which must be empty and lends its capacity.
  void take(std::vector<Job>& out) {
    std::lock_guard lock(mutex_);
    std::swap(jobs_, out);
  }

  bool empty() const {
    std::lock_guard lock(mutex_);
    return jobs_.empty();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Job> jobs_;
};

}  // namespace hy
