// The accounts on disk, while no server runs.
#include "base/random.h"
#include "sasl/exchange.h"
#include "server/live.h"
#include "server/live_users.h"
#include "store_rocksdb/offline.h"

namespace hy::server {
namespace {

class StoredUsers final : public Users {
 public:
  StoredUsers(store_rocksdb::Offline store, std::vector<std::string> domains)
      : store_(std::move(store)), domains_(std::move(domains)) {}

  Result<void> add(NewUser user) override {
    HY_TRY(found, store_.find(user.jid));
    if (found) return fail(Error::conflict, fmt::format("account {} exists", user.jid.str()));
    store::Account account;
    account.owner = user.jid;
    account.admin = user.role == Role::admin;
    account.created = SystemClock().wall();
    account.verifiers = verifiers(user.password);
    return store_.apply({store::PutAccount{std::move(account)}});
  }

  Result<void> remove(xmpp::Jid jid) override {
    HY_TRY(account, existing(jid));
    return store_.apply(store::erase_owner(account.owner));
  }

  Result<void> set_password(xmpp::Jid jid, std::string password) override {
    HY_TRY(account, existing(jid));
    account.verifiers = verifiers(password);
    return store_.apply({store::PutAccount{std::move(account)}});
  }

  Result<std::vector<User>> list(std::string domain, xmpp::Jid after, std::size_t limit) override {
    HY_TRY(accounts, store_.list(domain, after, limit));
    std::vector<User> users;
    for (const store::Account& account : accounts) users.push_back(user_of(account));
    return users;
  }

  Result<User> show(xmpp::Jid jid) override {
    HY_TRY(account, existing(jid));
    return user_of(account);
  }

  Result<std::vector<std::string>> domains() override { return domains_; }

 private:
  Result<store::Account> existing(const xmpp::Jid& jid) {
    HY_TRY(found, store_.find(jid));
    if (!found) return fail(Error::not_found, fmt::format("there is no account {}", jid.str()));
    return std::move(*found);
  }

  xmpp::Verifiers verifiers(std::string_view password) {
    std::string salt(16, '\0');
    random_.fill({reinterpret_cast<unsigned char*>(salt.data()), salt.size()});
    return sasl::make_verifiers(password, salt, sasl::default_iterations);
  }

  store_rocksdb::Offline store_;
  std::vector<std::string> domains_;
  SystemRandom random_;
};

}  // namespace

Result<std::unique_ptr<Users>> open_stored_users(const Config& config, const DataDir& data) {
  HY_TRY(store, store_rocksdb::Offline::open({.path = data.file("store")}));
  std::vector<std::string> domains;
  for (const Domain& domain : config.domains) domains.push_back(domain.name);
  return std::make_unique<StoredUsers>(std::move(store), std::move(domains));
}

}  // namespace hy::server
