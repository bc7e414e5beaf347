// What a shard has decided to write during one turn of its loop.
#pragma once

#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/rows.h"

namespace hy::store {

struct Batch {
  ShardId shard{};
  Position position;
  std::vector<Write> writes;
  std::size_t bytes = 0;  // sum of bytes_of: for the bound on what is handed over and not durable
};

/// Roughly what a write takes in memory and in the log of the engine. Never 0.
std::size_t bytes_of(const Write& write);

/// Port: a storage engine's way to write.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Writes all batches in order, atomically as a prefix (after a crash: the first n of them, whole), and
  /// syncs once. When it fails the process must end: nothing is known about what is on disk. Called by one
  /// thread at a time: the committer's, or the program's before it has started one.
  virtual Result<void> write(std::span<const Batch> batches) = 0;
  /// The highest floor that any shard has written (PutFloor), 0 when there is none. Read at start: see
  /// store/ids.h.
  virtual Result<std::uint64_t> floor() const = 0;
};

}  // namespace hy::store
