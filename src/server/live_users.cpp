#include "server/live_users.h"

#include <future>

namespace hy::server {
namespace {

template <class T>
using Promise = std::shared_ptr<std::promise<Result<T>>>;

template <class T>
Task<void> fulfil(Task<Result<T>> task, Promise<T> promise) {
  Result<T> result = co_await std::move(task);
  promise->set_value(std::move(result));
}

/// Runs a task on a shard and waits for it. `make` is called on that shard.
template <class T>
Result<T> on_shard(route::Shard& shard, std::function<Task<Result<T>>()> make) {
  auto promise = std::make_shared<std::promise<Result<T>>>();
  std::future<Result<T>> result = promise->get_future();
  shard.loop().post([&shard, make = std::move(make), promise] {
    shard.scope().spawn(fulfil<T>(make(), promise), [promise](std::exception_ptr) {
      promise->set_value(fail(Error::internal, "the server failed at it; see its log"));
    });
  });
  return result.get();
}

}  // namespace

User user_of(const store::Account& account) {
  return {account.owner, account.admin ? Role::admin : Role::user,
          account.status == store::Account::Status::disabled, account.created};
}

Result<void> LiveUsers::add(NewUser user) {
  route::Shard& shard = core_.home(user.jid);
  return on_shard<void>(shard, [&] {
    return shard.users().create(user.jid, std::move(user.password), user.role == Role::admin);
  });
}

Result<void> LiveUsers::remove(xmpp::Jid jid) {
  route::Shard& shard = core_.home(jid);
  return on_shard<void>(shard, [&] { return shard.users().remove(jid); });
}

Result<void> LiveUsers::set_password(xmpp::Jid jid, std::string password) {
  route::Shard& shard = core_.home(jid);
  return on_shard<void>(shard, [&] { return shard.users().set_password(jid, std::move(password)); });
}

Result<std::vector<User>> LiveUsers::list(std::string domain, xmpp::Jid after, std::size_t limit) {
  route::Shard& shard = core_.shard(0);
  HY_TRY(accounts, on_shard<std::vector<store::Account>>(shard, [&] {
           return shard.accounts().list(std::move(domain), std::move(after), limit);
         }));
  std::vector<User> users;
  for (const store::Account& account : accounts) users.push_back(user_of(account));
  return users;
}

Result<User> LiveUsers::show(xmpp::Jid jid) {
  route::Shard& shard = core_.home(jid);
  HY_TRY(found, on_shard<std::optional<store::Account>>(shard, [&] { return shard.accounts().find(jid); }));
  if (!found) return fail(Error::not_found, fmt::format("there is no account {}", jid.str()));
  return user_of(*found);
}

}  // namespace hy::server
