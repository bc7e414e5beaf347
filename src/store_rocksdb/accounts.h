// Accounts in RocksDB.
#pragma once

#include <memory>

#include "base/worker.h"
#include "store/desk.h"
#include "store/stores.h"
#include "store_rocksdb/database.h"

namespace hy::store_rocksdb {

/// At once, on the calling thread: for the pool and for a program without shards.
Result<std::optional<store::Account>> find_account(const Database& database, const store::Owner& owner);
Result<std::vector<store::Account>> list_accounts(const Database& database, std::string_view domain,
                                                  const store::Owner& after, std::size_t limit);

class Accounts final : public store::Accounts {
 public:
  Accounts(std::shared_ptr<const Database> database, store::Desk& desk, Worker& worker);
  Task<Result<std::optional<store::Account>>> find(store::Owner owner) override;
  Task<Result<std::vector<store::Account>>> list(std::string domain, store::Owner after,
                                                 std::size_t limit) override;

 private:
  std::shared_ptr<const Database> database_;
  store::Desk& desk_;
  Worker& worker_;
};

}  // namespace hy::store_rocksdb
