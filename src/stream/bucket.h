// A token bucket: it fills at a steady rate, and what is spent may put it into debt.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace hy::stream {

class Bucket {
 public:
  /// Begins full. A rate of 0 never runs dry.
  Bucket(std::uint32_t per_second, std::uint32_t burst, Instant now)
      : per_second_(per_second), burst_(burst), tokens_(burst), filled_(now) {}

  void spend(std::uint32_t amount, Instant now) {
    if (per_second_ == 0) return;
    fill(now);
    tokens_ -= amount;
  }
  bool dry() const { return tokens_ < 0; }
  /// How long until it is out of debt.
  Duration wait() const {
    return dry() ? Duration((-tokens_ * 1'000'000 + per_second_ - 1) / per_second_) : Duration(0);
  }
  void fill(Instant now) {
    if (per_second_ == 0) return;
    const std::int64_t gain = (now - filled_).count() * per_second_ / 1'000'000;
    if (gain <= 0) return;  // the fraction of a token since `filled_` is kept for the next time
    filled_ = now;
    tokens_ = std::min<std::int64_t>(tokens_ + gain, burst_);
  }

 private:
  std::uint32_t per_second_;
  std::uint32_t burst_;
  std::int64_t tokens_;
  Instant filled_;
};

}  // namespace hy::stream
