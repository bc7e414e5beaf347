// Ids that only grow, also over a crash and also when the clock goes back.
//
// An id is the time in microseconds, or one more than the id before. Clients see an id before it is on disk,
// so what is on disk cannot tell after a crash which were given out. A floor on disk can: it is kept ahead of
// all ids, and at start ids begin at the floor. To never wait for it, it is raised 10 s ahead when less than
// 5 s are left, with a batch that leaves anyway or, on a shard with nothing to do, by a timer (Desk): one
// small row in 5 s, so that the first id after a quiet night is not held back to yesterday's floor.
//
// When the disk stalls, ids stop following the clock 2 s below the durable floor and count on by one from
// there: they stay right, only their time lags until the disk is back. That leaves 2,000,000 ids a shard,
// more than the bound on what may be handed over and not durable (64 MiB, at least 64 bytes a row) lets
// anybody use.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "store/batch.h"

namespace hy::store {

/// What may be given out: [first, limit). `limit` is a floor that is on disk.
struct IdRange {
  std::uint64_t first = 0;
  std::uint64_t limit = 0;
};

/// At start, before the committer runs: begins at the floor of all earlier runs, of whatever number of
/// shards, or at the time if that is later, and writes the floor above. One range serves all shards.
Result<IdRange> open_ids(Engine& engine, const Clock& clock);

/// The ids of one shard.
class IdSource {
 public:
  static constexpr std::uint64_t ahead_us = 10'000'000;
  static constexpr std::uint64_t low_us = 5'000'000;      // raise when less is left
  static constexpr std::uint64_t reserve_us = 2'000'000;  // not reached by following the clock

  IdSource(const Clock& clock, IdRange range);

  std::uint64_t next();
  /// The floor to put into a batch now, if it is time; nothing while an earlier one is on its way.
  std::optional<std::uint64_t> raise();
  /// What raise() gave is on disk.
  void raised();
  std::uint64_t limit() const { return limit_; }

 private:
  std::uint64_t now() const;

  const Clock& clock_;
  std::uint64_t next_;
  std::uint64_t limit_;
  std::optional<std::uint64_t> raising_;
};

}  // namespace hy::store
