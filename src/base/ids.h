// Small distinct number types, so that a shard is never mistaken for a position.
#pragma once

#include <compare>
#include <cstdint>

namespace hy {

/// Which loop of this process, from 0.
enum class ShardId : std::uint16_t {};

/// How far a shard's writes have come: its n-th batch, from 1. 0 is before any. Compare within one shard
/// only.
struct Position {
  std::uint64_t batch = 0;
  friend auto operator<=>(Position, Position) = default;
};

}  // namespace hy
