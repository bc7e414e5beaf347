// A source of random bytes that gives the same bytes for the same seed.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace hy::sim {

/// xoshiro256**, started by splitmix64. Nothing secret comes from here.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  void fill(std::span<unsigned char> out) override;

 private:
  std::uint64_t next();
  std::uint64_t state_[4];
};

}  // namespace hy::sim
