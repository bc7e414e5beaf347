// The narrow interfaces to what is stored. Reads are tasks and see the owner's earlier writes; writes go to
// the desk.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "store/rows.h"

namespace hy::store {

/// Port, one per shard: reads run on the shard's read pool behind the desk's barrier. Damage on disk is
/// Error::corrupt, a full pool Error::exhausted, a closed scope Error::cancelled. The store outlives its
/// reads.
class Accounts {
 public:
  virtual ~Accounts() = default;
  virtual Task<Result<std::optional<Account>>> find(Owner owner) = 0;
  /// Accounts of a domain in order of their JIDs, from the first after `after` (none: from the start), at
  /// most `limit`. Sees what this shard has written; of other shards' writes, what was durable when it read.
  virtual Task<Result<std::vector<Account>>> list(std::string domain, Owner after, std::size_t limit) = 0;
};

/// Port, one per shard. Errors as above. To change a document: store/document_writer.h.
class Documents {
 public:
  virtual ~Documents() = default;
  virtual Task<Result<std::optional<Document>>> find(Owner owner, std::string name) = 0;
  /// Documents of an owner whose names begin with `prefix`, in order of names, at most `limit`.
  virtual Task<Result<std::vector<Document>>> list(Owner owner, std::string prefix, std::size_t limit) = 0;
};

}  // namespace hy::store
