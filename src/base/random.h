// Where random bytes come from: the kernel in production, a seed in simulation.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace hy {

/// Port. Cryptographically strong in production. One per shard; not shared between threads.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> out) = 0;

  std::uint64_t number();
  /// Uniform in [0, bound), bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// `bits` random bits, a multiple of 8, as lower-case hexadecimal. 128 or more for whatever grants
  /// anything.
  std::string hex(int bits = 128);
};

/// The kernel's generator, read in blocks of 256 bytes.
class SystemRandom final : public Random {
 public:
  void fill(std::span<unsigned char> out) override;

 private:
  unsigned char block_[256];
  std::size_t left_ = 0;
};

}  // namespace hy
