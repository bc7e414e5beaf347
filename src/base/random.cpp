#include "base/random.h"

#include <sys/random.h>

#include <cstring>

#include "base/result.h"

namespace hy {
namespace {

void from_kernel(unsigned char* out, std::size_t size) {
  while (size > 0) {
    ssize_t got = getrandom(out, size, 0);
    if (got < 0) {
      HY_CHECK(errno == EINTR);
      continue;
    }
    out += got;
    size -= static_cast<std::size_t>(got);
  }
}

}  // namespace

std::uint64_t Random::number() {
  std::uint64_t value = 0;
  fill({reinterpret_cast<unsigned char*>(&value), sizeof value});
  return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
  HY_CHECK(bound > 0);
  // Values above the last whole multiple of `bound` would favour small results.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  for (;;) {
    std::uint64_t value = number();
    if (value < limit) return value % bound;
  }
}

std::string Random::hex(int bits) {
  static constexpr char digits[] = "0123456789abcdef";
  unsigned char bytes[64];
  const std::size_t size = static_cast<std::size_t>(bits) / 8;
  HY_CHECK(size > 0 && size <= sizeof bytes);
  fill({bytes, size});
  std::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

void SystemRandom::fill(std::span<unsigned char> out) {
  if (out.size() > sizeof block_) return from_kernel(out.data(), out.size());
  if (left_ < out.size()) {
    from_kernel(block_, sizeof block_);
    left_ = sizeof block_;
  }
  unsigned char* taken = block_ + (sizeof block_ - left_);
  std::memcpy(out.data(), taken, out.size());
  explicit_bzero(taken, out.size());  // what was given out is not kept
  left_ -= out.size();
}

}  // namespace hy
