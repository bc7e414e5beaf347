#include "store_rocksdb/accounts.h"

#include "store_rocksdb/keys.h"
#include "store_rocksdb/rows.h"

namespace hy::store_rocksdb {

using store::Account;
using store::Owner;

Result<std::optional<Account>> find_account(const Database& database, const Owner& owner) {
  HY_TRY(row, database.get(keys::account(owner)));
  if (!row) return std::nullopt;
  HY_TRY(account, unpack_account(owner, *row));
  return account;
}

Result<std::vector<Account>> list_accounts(const Database& database, std::string_view domain,
                                           const Owner& after, std::size_t limit) {
  std::string whole = keys::by_domain(domain, {});
  std::string first = keys::by_domain(domain, after.str());
  std::string last = keys::by_domain_end(domain);
  std::vector<Account> accounts;
  if (limit == 0) return accounts;
  HY_TRY_VOID(database.scan(first, last, [&](std::string_view key, std::string_view) -> Result<bool> {
    std::string_view jid = key.substr(whole.size());
    if (jid == after.str()) return true;
    Result<Owner> owner = Owner::parse(jid);
    if (!owner) return fail(Error::corrupt, fmt::format("the list of accounts of {} is damaged", domain));
    HY_TRY(account, find_account(database, *owner));
    if (account) accounts.push_back(std::move(*account));  // else erased since the scan began
    return accounts.size() < limit;
  }));
  return accounts;
}

Accounts::Accounts(std::shared_ptr<const Database> database, store::Desk& desk, Worker& worker)
    : database_(std::move(database)), desk_(desk), worker_(worker) {}

Task<Result<std::optional<Account>>> Accounts::find(Owner owner) {
  HY_CO_TRY_VOID(co_await desk_.settled(owner));
  auto read = [database = database_, owner] { return find_account(*database, owner); };
  HY_CO_TRY(found, co_await worker_.run(std::move(read)));
  co_return std::move(found);
}

Task<Result<std::vector<Account>>> Accounts::list(std::string domain, Owner after, std::size_t limit) {
  HY_CO_TRY_VOID(co_await desk_.settled());
  auto read = [database = database_, domain, after, limit] {
    return list_accounts(*database, domain, after, limit);
  };
  HY_CO_TRY(found, co_await worker_.run(std::move(read)));
  co_return std::move(found);
}

}  // namespace hy::store_rocksdb
