// The accounts of this shard that are in memory, and the door in front of each.
#pragma once

#include <list>
#include <string>
#include <unordered_map>

#include "base/scope.h"
#include "route/account.h"
#include "route/hub.h"
#include "store/stores.h"

namespace hy::route {

class Directory {
 public:
  /// Accounts without sessions stay in memory until there are more than `max_idle` of them; the one unused
  /// longest goes first. Also remembers that an account does not exist.
  Directory(const Hub& hub, store::Accounts& accounts, Scope& scope, std::size_t max_idle = 10000);
  ~Directory();

  /// Runs `knock` with the account when it is loaded: at once if it is, else behind all who came before.
  /// An account that does not exist is loaded too, with exists() false.
  void knock(const xmpp::Jid& bare, Account::Knock knock);
  /// The same as a task.
  Task<Result<AccountPtr>> open(xmpp::Jid bare);
  /// The account if it is loaded now; nullptr else. Does not load.
  AccountPtr find(const xmpp::Jid& bare) const;

  void enter(const SessionPtr& session);
  /// False when it had left before.
  bool leave(const SessionPtr& session);

  std::size_t size() const { return entries_.size(); }
  std::size_t sessions() const { return sessions_; }
  /// Every account in memory, in no order. `f` may end sessions, but not load accounts.
  void each(const std::function<void(const AccountPtr&)>& f) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Entry {
    AccountPtr account;
    std::list<AccountPtr>::iterator idle;  // end(): it has sessions or is being loaded
  };
  Entry& entry(const xmpp::Jid& bare);
  Task<void> load(AccountPtr account);
  Task<Result<void>> fetch(AccountPtr account);
  void let_in(const AccountPtr& account, const Result<void>& loaded);
  void idle(Entry& entry);
  void busy(Entry& entry);
  void evict();

  const Hub& hub_;
  store::Accounts& accounts_;
  Scope& scope_;
  const std::size_t max_idle_;
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
  std::list<AccountPtr> idle_;  // most recently used first
  std::size_t sessions_ = 0;
};

}  // namespace hy::route
