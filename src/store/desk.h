// A shard's desk: the open batch, what is on its way to the disk, and who waits for it.
//
// Ids and positions come from here too. A read of an owner's data waits until the owner's last write, the
// open batch included, is applied (DESIGN: read barrier), so a get sees the set before it and nobody has to
// remember to wait.
#pragma once

#include <functional>
#include <memory>

#include "base/ids.h"
#include "base/loop.h"
#include "base/scope.h"
#include "store/committer.h"
#include "store/ids.h"

namespace hy::store {

/// Made on any thread before the shard's loop runs, used on that loop only, destroyed after the loop has
/// ended or on it. Jobs and waits of a destroyed desk are dropped: close their scopes first.
class Desk {
 public:
  Desk(ShardId shard, Loop& loop, Committer& committer, IdRange ids);
  ~Desk();

  /// Adds to the open batch and marks `owner`, a bare JID or a domain, dirty until that batch is applied.
  /// Returns the batch's position, for whoever must know when it is durable. Does not wait.
  Position put(const Owner& owner, Write write);
  /// The position of the open batch, if it is not empty, else of the last one handed over.
  Position latest() const;
  Position durable_position() const;

  /// Ends when `position` is durable; at once if it is. Error::cancelled when the scope closes. Not for a
  /// position beyond latest().
  Task<Result<void>> durable(Position position);
  /// The same as a callback, for code that is not a coroutine. Jobs run in the order of their positions,
  /// those of one position in the order they came.
  void when_durable(Position position, Job job);
  /// Ends when all that was put for `owner` so far is applied and may be read from the engine.
  Task<Result<void>> settled(Owner owner);
  /// The same for all owners of this shard.
  Task<Result<void>> settled();

  /// Hands the open batch to the committer. The shard calls it at the end of a turn, before its mail goes
  /// out.
  void hand_over();
  /// `job` is called each time the first write enters an empty batch: the shard then asks for the end of the
  /// turn.
  void on_first_write(Job job);

  /// Microseconds since 1970 or later, each greater than the one before, also over a crash: the floor on disk
  /// is raised ahead of what is given out (store/ids.h). Two shards may give the same id, an owner never sees
  /// two alike.
  std::uint64_t next_id();

  /// Owners with writes that are not applied yet.
  std::size_t dirty_owners() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hy::store
