// The narrow interfaces to what is stored. Reads are tasks and see the owner's earlier writes; writes go to the desk.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "store/rows.h"

namespace hy::store {

/// Port, one per shard: reads run on the shard's read pool behind the desk's barrier.
class Accounts {
 public:
  virtual ~Accounts() = default;
  virtual Task<Result<std::optional<Account>>> find(Owner owner) = 0;
  /// Accounts of a domain in order of their JIDs, from the first after `after` (none: from the start).
  virtual Task<Result<std::vector<Account>>> list(std::string domain, Owner after, std::size_t limit) = 0;
};

/// Port, one per shard.
class Documents {
 public:
  virtual ~Documents() = default;
  virtual Task<Result<std::optional<Document>>> find(Owner owner, std::string name) = 0;
  /// Documents of an owner whose names begin with `prefix`, in order of names.
  virtual Task<Result<std::vector<Document>>> list(Owner owner, std::string prefix, std::size_t limit) = 0;
};

}  // namespace hy::store
