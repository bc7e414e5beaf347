#include "store_rocksdb/offline.h"

#include "store_rocksdb/accounts.h"

namespace hy::store_rocksdb {
namespace {

constexpr std::size_t page = 1000;  // accounts erased by one write

}  // namespace

Result<Offline> Offline::open(Settings settings) {
  HY_TRY(database, Database::open(std::move(settings)));
  return Offline(std::move(database));
}

Result<std::optional<store::Account>> Offline::find(const store::Owner& owner) const {
  return find_account(*database_, owner);
}

Result<std::vector<store::Account>> Offline::list(const std::string& domain, const store::Owner& after,
                                                  std::size_t limit) const {
  return list_accounts(*database_, domain, after, limit);
}

Result<void> Offline::apply(std::vector<store::Write> writes) {
  store::Batch batch;
  batch.writes = std::move(writes);
  for (const store::Write& write : batch.writes) batch.bytes += store::bytes_of(write);
  return database_->write(std::span(&batch, 1));
}

Result<std::size_t> Offline::erase_domain(const store::Owner& domain) {
  std::size_t erased = 0;
  for (;;) {
    HY_TRY(accounts, list(domain.str(), {}, page));
    std::vector<store::Write> writes;
    for (const store::Account& account : accounts) {
      for (store::Write& write : store::erase_owner(account.owner)) writes.push_back(std::move(write));
    }
    if (accounts.empty()) writes = store::erase_owner(domain);
    HY_TRY_VOID(apply(std::move(writes)));
    if (accounts.empty()) return erased;
    erased += accounts.size();
  }
}

}  // namespace hy::store_rocksdb
