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
  std::size_t bytes = 0;  // roughly, for the bound on what is handed over and not durable
};

/// Port: a storage engine's way to write. Called by the committer's thread only.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Writes all batches in order, atomically as a prefix (after a crash: the first n of them, whole), and syncs once.
  /// When it fails the process must end: nothing is known about what is on disk.
  virtual Result<void> write(std::span<const Batch> batches) = 0;
};

}  // namespace hy::store
