// An account while it is in memory: on its home shard, while it has sessions or work, and a while longer.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "route/slot.h"
#include "store/rows.h"
#include "xmpp/jid.h"

namespace hy::route {

class Session;

class Account {
 public:
  explicit Account(xmpp::Jid bare) : jid(std::move(bare)) {}

  const xmpp::Jid jid;  // bare
  /// What the store knows; empty when there is no such account. Of a disabled one nothing is delivered
  /// either.
  std::optional<store::Account> record;
  bool exists() const { return record.has_value(); }
  bool may_log_in() const { return record && record->status == store::Account::Status::active; }

  /// Bound sessions in the order of binding.
  std::vector<std::shared_ptr<Session>> sessions;
  /// nullptr when no session has this resource.
  Session* session(std::string_view resource) const;

  /// The account is loaded before its first stanza; until then what comes waits here, in order.
  enum class Door { shut, loading, open };
  Door door = Door::shut;
  /// Runs with the account when it is loaded, or with why it could not be.
  using Knock = std::move_only_function<void(Result<std::shared_ptr<Account>>)>;
  std::deque<Knock> waiting;

  Slots slots;
};

using AccountPtr = std::shared_ptr<Account>;

}  // namespace hy::route
