// Timers of one loop: a heap of deadlines, each timer knowing its place in it, so that cancelling is cheap.
#pragma once

#include <optional>
#include <vector>

#include "base/loop.h"

namespace hy::net {

/// One thread. A pending timer costs 96 bytes. Timers may outlive this: they are then only dropped.
class Timers {
 public:
  Timers() = default;
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;
  ~Timers() { clear(); }

  [[nodiscard]] Timer add(Instant at, Job job);
  std::optional<Instant> next() const;
  /// Runs those due at `now`, by deadline; those added meanwhile wait for the next call.
  void run_due(Instant now);
  std::size_t size() const { return heap_.size(); }
  /// Drops all jobs, also those that dropping brings.
  void clear();

 private:
  class Pending;
  struct Entry {
    Instant at;
    Pending* timer;
  };
  void place(std::size_t index, Entry entry);
  void rise(std::size_t index, Entry entry);
  void sink(std::size_t index, Entry entry);
  void remove(std::size_t index);

  std::vector<Entry> heap_;
  std::uint32_t round_ = 0;  // of run_due()
};

}  // namespace hy::net
