// The virtual clock: it stands still until the world moves it.
#pragma once

#include "base/time.h"

namespace hy::sim {

/// Starts one hour after the steady clock's zero, on 2026-01-01T00:00:00Z.
class VirtualClock final : public Clock {
 public:
  Instant now() const override { return Instant(1h) + passed_; }
  WallTime wall() const override { return WallTime(1767225600s) + passed_; }
  void move_to(Instant at) { passed_ = at - Instant(1h); }

 private:
  Duration passed_{};
};

}  // namespace hy::sim
