#include "route/users.h"

#include "base/log.h"
#include "sasl/exchange.h"

namespace hy::route {

Users::Users(Directory& directory, store::Desk& desk, store::DocumentWriter& writer, Worker& hashing,
             Random& random, const Clock& clock)
    : directory_(directory),
      desk_(desk),
      writer_(writer),
      hashing_(hashing),
      random_(random),
      clock_(clock) {}

Task<Result<xmpp::Verifiers>> Users::verifiers(std::string password) {
  HY_CO_TRY(prepared, xmpp::prepare_password(password));
  std::string salt(16, '\0');
  random_.fill({reinterpret_cast<unsigned char*>(salt.data()), salt.size()});
  auto work = [prepared = std::move(prepared), salt = std::move(salt)] {
    return sasl::make_verifiers(prepared, salt, sasl::default_iterations);
  };
  Result<xmpp::Verifiers> made = co_await hashing_.run(std::move(work));
  co_return made;
}

Task<Result<AccountPtr>> Users::existing(xmpp::Jid account) {
  HY_CO_TRY(loaded, co_await directory_.open(account.bare()));
  if (!loaded->exists()) co_return fail(Error::not_found, fmt::format("no account {}", account.bare_str()));
  co_return loaded;
}

// What is in memory changes at once, so that the next stanza on this shard sees it; the caller waits for the
// disk.
Task<Result<void>> Users::put(AccountPtr account) {
  const Position position = desk_.put(account->jid, store::PutAccount{*account->record});
  Result<void> done = co_await desk_.durable(position);
  co_return done;
}

Task<Result<void>> Users::create(xmpp::Jid account, std::string password, bool admin) {
  if (account.local().empty() || account.is_full()) {
    co_return fail(Error::invalid, fmt::format("{} is not the bare JID of an account", account.str()));
  }
  HY_CO_TRY(loaded, co_await directory_.open(account));
  if (loaded->exists()) co_return fail(Error::conflict, fmt::format("account {} exists", account.str()));
  HY_CO_TRY(made, co_await verifiers(std::move(password)));
  if (loaded->exists()) co_return fail(Error::conflict, fmt::format("account {} exists", account.str()));
  store::Account record;
  record.owner = account;
  record.verifiers = std::move(made);
  record.admin = admin;
  record.created = clock_.wall();
  loaded->record = std::move(record);
  log::info("account created", "jid={}", log::value(account.str()));
  Result<void> done = co_await put(loaded);
  co_return done;
}

Task<Result<void>> Users::set_password(xmpp::Jid account, std::string password) {
  HY_CO_TRY(made, co_await verifiers(std::move(password)));
  HY_CO_TRY(loaded, co_await existing(std::move(account)));
  loaded->record->verifiers = std::move(made);
  log::info("password changed", "jid={}", log::value(loaded->jid.str()));
  Result<void> done = co_await put(loaded);
  co_return done;
}

Task<Result<void>> Users::set_status(xmpp::Jid account, store::Account::Status status) {
  HY_CO_TRY(loaded, co_await existing(std::move(account)));
  loaded->record->status = status;
  if (status == store::Account::Status::disabled) {
    for (const SessionPtr& session : std::vector(loaded->sessions)) {
      session->end({xmpp::StreamCondition::not_authorized, "this account was disabled"});
    }
  }
  Result<void> done = co_await put(loaded);
  co_return done;
}

Task<Result<void>> Users::set_admin(xmpp::Jid account, bool admin) {
  HY_CO_TRY(loaded, co_await existing(std::move(account)));
  loaded->record->admin = admin;
  Result<void> done = co_await put(loaded);
  co_return done;
}

Task<Result<void>> Users::remove(xmpp::Jid account, SessionRef spare) {
  HY_CO_TRY(loaded, co_await existing(std::move(account)));
  loaded->record.reset();
  loaded->slots = {};  // whoever gets the address next has nothing of this account
  const SessionPtr spared = spare.lock();
  for (const SessionPtr& session : std::vector(loaded->sessions)) {
    if (session != spared) session->end({xmpp::StreamCondition::not_authorized, "this account was removed"});
  }
  writer_.erase_all(loaded->jid);
  Position position;
  for (store::Write& write : store::erase_owner(loaded->jid))
    position = desk_.put(loaded->jid, std::move(write));
  log::info("account removed", "jid={}", log::value(loaded->jid.str()));
  Result<void> done = co_await desk_.durable(position);
  co_return done;
}

}  // namespace hy::route
