#include "route/directory.h"

#include "base/log.h"

namespace hy::route {

Session* Account::session(std::string_view resource) const {
  for (const SessionPtr& session : sessions) {
    if (session->jid.resource() == resource) return session.get();
  }
  return nullptr;
}

Directory::Directory(const Hub& hub, store::Accounts& accounts, Scope& scope, std::size_t max_idle)
    : hub_(hub), accounts_(accounts), scope_(scope), max_idle_(max_idle) {}

Directory::~Directory() = default;

Directory::Entry& Directory::entry(const xmpp::Jid& bare) {
  auto found = entries_.find(bare.bare_str());
  if (found != entries_.end()) return found->second;
  Entry fresh{std::make_shared<Account>(bare.bare()), idle_.end()};
  return entries_.emplace(std::string(bare.bare_str()), std::move(fresh)).first->second;
}

AccountPtr Directory::find(const xmpp::Jid& bare) const {
  auto found = entries_.find(bare.bare_str());
  if (found == entries_.end() || found->second.account->door != Account::Door::open) return nullptr;
  return found->second.account;
}

void Directory::knock(const xmpp::Jid& bare, Account::Knock knock) {
  Entry& at = entry(bare);
  const AccountPtr account = at.account;
  if (account->door == Account::Door::open && account->waiting.empty()) {
    if (at.idle != idle_.end()) idle_.splice(idle_.begin(), idle_, at.idle);
    return knock(account);
  }
  account->waiting.push_back(std::move(knock));
  if (account->door != Account::Door::shut) return;
  account->door = Account::Door::loading;
  scope_.spawn(load(account), [account](std::exception_ptr) {
    log::error("account not loaded", "jid={} reason=exception", log::value(account->jid.str()));
  });
}

Task<Result<AccountPtr>> Directory::open(xmpp::Jid bare) {
  Completion<AccountPtr> completion;
  knock(bare, [completion](Result<AccountPtr> account) mutable { completion.set(std::move(account)); });
  Result<AccountPtr> account = co_await completion.wait();
  co_return account;
}

Task<void> Directory::load(AccountPtr account) {
  Result<void> loaded;
  try {
    loaded = co_await fetch(account);
  } catch (const std::exception& thrown) {
    loaded = fail(Error::internal, thrown.what());
  }
  let_in(account, loaded);
}

Task<Result<void>> Directory::fetch(AccountPtr account) {
  HY_CO_TRY(record, co_await accounts_.find(account->jid));
  account->record = std::move(record);
  if (!account->exists()) co_return Result<void>();
  for (const AccountLoader& loader : hub_.loaders_) {
    Result<void> done = co_await loader(account);
    if (!done) co_return done;
  }
  co_return Result<void>();
}

// Those who waited go in, in order. While they do the door counts as open but `waiting` is not empty, so that
// who comes now queues behind them.
void Directory::let_in(const AccountPtr& account, const Result<void>& loaded) {
  if (!loaded) {
    log::error("account not loaded", "jid={} reason={} detail={}", log::value(account->jid.str()),
               name(loaded.error().code), log::value(loaded.error().context));
  }
  account->door = Account::Door::open;
  while (!account->waiting.empty()) {
    // The front stays in the queue while it runs: knock() then queues behind it.
    Account::Knock knock = std::move(account->waiting.front());
    if (loaded) {
      knock(account);
    } else {
      knock(std::unexpected(loaded.error()));
    }
    account->waiting.pop_front();
  }
  auto found = entries_.find(account->jid.str());
  if (found == entries_.end() || found->second.account != account) return;
  if (!loaded) {
    entries_.erase(found);  // the next stanza tries again
    return;
  }
  if (account->sessions.empty()) idle(found->second);
}

void Directory::enter(const SessionPtr& session) {
  Entry& at = entry(session->jid);
  HY_CHECK(at.account == session->account);
  busy(at);
  at.account->sessions.push_back(session);
  ++sessions_;
}

bool Directory::leave(const SessionPtr& session) {
  std::vector<SessionPtr>& sessions = session->account->sessions;
  auto place = std::ranges::find(sessions, session);
  if (place == sessions.end()) return false;
  sessions.erase(place);
  --sessions_;
  auto found = entries_.find(session->jid.bare_str());
  if (sessions.empty() && found != entries_.end()) idle(found->second);
  return true;
}

void Directory::idle(Entry& at) {
  if (at.idle != idle_.end()) return;
  idle_.push_front(at.account);
  at.idle = idle_.begin();
  evict();
}

void Directory::busy(Entry& at) {
  if (at.idle == idle_.end()) return;
  idle_.erase(at.idle);
  at.idle = idle_.end();
}

// An account that a task still holds is in two places besides the task; it stays, and the next one goes.
void Directory::evict() {
  if (idle_.size() <= max_idle_) return;
  auto last = std::prev(idle_.end());
  for (int tries = 0; tries < 16 && idle_.size() > max_idle_; ++tries) {
    auto candidate = last;
    const bool first = candidate == idle_.begin();
    if (!first) --last;
    if (candidate->use_count() == 2) {
      entries_.erase((*candidate)->jid.str());
      idle_.erase(candidate);
    }
    if (first) return;
  }
}

void Directory::each(const std::function<void(const AccountPtr&)>& f) const {
  std::vector<AccountPtr> all;
  all.reserve(entries_.size());
  for (const auto& [jid, entry] : entries_) all.push_back(entry.account);
  for (const AccountPtr& account : all) f(account);
}

}  // namespace hy::route
