// Documents in RocksDB.
#pragma once

#include <memory>

#include "base/worker.h"
#include "store/desk.h"
#include "store/stores.h"
#include "store_rocksdb/database.h"

namespace hy::store_rocksdb {

/// At once, on the calling thread: for the pool and for a program without shards.
Result<std::optional<store::Document>> find_document(const Database& database, const store::Owner& owner,
                                                     std::string_view name);
Result<std::vector<store::Document>> list_documents(const Database& database, const store::Owner& owner,
                                                    std::string_view prefix, std::size_t limit);

class Documents final : public store::Documents {
 public:
  Documents(std::shared_ptr<const Database> database, store::Desk& desk, Worker& worker);
  Task<Result<std::optional<store::Document>>> find(store::Owner owner, std::string name) override;
  Task<Result<std::vector<store::Document>>> list(store::Owner owner, std::string prefix,
                                                  std::size_t limit) override;

 private:
  std::shared_ptr<const Database> database_;
  store::Desk& desk_;
  Worker& worker_;
};

}  // namespace hy::store_rocksdb
