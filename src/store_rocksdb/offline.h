// The store without a server: what `hongyan user …` uses when none is running. Everything is done when it
// returns.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/rows.h"
#include "store_rocksdb/database.h"

namespace hy::store_rocksdb {

class Offline {
 public:
  /// Errors as Database::open; Error::unavailable when a server has it open.
  static Result<Offline> open(Settings settings);

  Result<std::optional<store::Account>> find(const store::Owner& owner) const;
  Result<std::vector<store::Account>> list(const std::string& domain, const store::Owner& after,
                                           std::size_t limit) const;
  /// One batch, durable when this returns.
  Result<void> apply(std::vector<store::Write> writes);
  /// All accounts of a domain, what is theirs, and the domain's own documents. Returns how many accounts
  /// there were. Stopped half way it has erased some: run it again.
  Result<std::size_t> erase_domain(const store::Owner& domain);

 private:
  explicit Offline(std::shared_ptr<Database> database) : database_(std::move(database)) {}
  std::shared_ptr<Database> database_;
};

}  // namespace hy::store_rocksdb
