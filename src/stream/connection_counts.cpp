#include "stream/connection_counts.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/result.h"
#include "stream/address_block.h"

namespace hy::stream {
namespace {

constexpr auto relaxed =
    std::memory_order_relaxed;  // a count stands for itself: nothing else is published by it

}  // namespace

ConnectionCounts::Hold::Hold(Hold&& other) noexcept : cells_(std::exchange(other.cells_, Cells())) {}

ConnectionCounts::Hold& ConnectionCounts::Hold::operator=(Hold&& other) noexcept {
  std::swap(cells_, other.cells_);
  return *this;
}

ConnectionCounts::Hold::~Hold() {
  for (std::atomic<std::uint32_t>* cell : cells_) {
    if (cell != nullptr) cell->fetch_sub(1, relaxed);
  }
}

ConnectionCounts::ConnectionCounts(Random& random, ConnectionLimits limits)
    : hash_(random),
      limits_(limits),
      cells_(std::make_unique<std::atomic<std::uint32_t>[]>(2 * limits.cells)) {
  HY_CHECK(std::has_single_bit(limits.cells) && limits.cells <= std::size_t(1) << 32);
}

std::optional<ConnectionCounts::Hold> ConnectionCounts::acquire(const net::Address& peer) {
  const AddressBlock block = address_block(peer.ip);
  const std::uint64_t key = hash_(block.machine);
  Hold hold(
      {&cells_[(key & 0xFFFFFFFF) % limits_.cells], &cells_[limits_.cells + (key >> 32) % limits_.cells]});
  const std::uint32_t before =
      std::min(hold.cells_[0]->fetch_add(1, relaxed), hold.cells_[1]->fetch_add(1, relaxed));
  if (before >= (block.loopback ? limits_.loopback : limits_.per_machine)) return std::nullopt;
  return hold;
}

}  // namespace hy::stream
