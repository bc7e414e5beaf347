// The two clocks: one that only runs forward, for deadlines, and the calendar's, for what people read.
#pragma once

#include <chrono>

namespace hy {

using namespace std::chrono_literals;

using Duration = std::chrono::microseconds;
/// A point on the steady clock. Never stored, never sent.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;
/// A point on the calendar, UTC.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

/// Port. Safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual WallTime wall() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  Instant now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
  }
  WallTime wall() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
};

}  // namespace hy
