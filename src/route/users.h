// Accounts are made, changed and removed here: by features, by the control socket, by the command line.
#pragma once

#include "base/random.h"
#include "base/worker.h"
#include "route/directory.h"
#include "store/desk.h"
#include "store/document_writer.h"

namespace hy::route {

/// Each call is made on the account's home shard, and is durable when its task ends without an error.
class Users {
 public:
  Users(Directory& directory, store::Desk& desk, store::DocumentWriter& writer, Worker& hashing,
        Random& random, const Clock& clock);

  /// Error::conflict when it exists, invalid when the password cannot be prepared, exhausted when the pool is
  /// full.
  Task<Result<void>> create(xmpp::Jid account, std::string password, bool admin = false);
  /// Error::not_found when there is no such account.
  Task<Result<void>> set_password(xmpp::Jid account, std::string password);
  /// Ends its sessions and erases all that is stored for it. Error::not_found when there is no such account.
  /// `spare`: one session that gets its answer first and is ended by the caller.
  Task<Result<void>> remove(xmpp::Jid account, SessionRef spare = {});
  /// Disabling ends the sessions; the data stays.
  Task<Result<void>> set_status(xmpp::Jid account, store::Account::Status status);
  Task<Result<void>> set_admin(xmpp::Jid account, bool admin);

 private:
  Task<Result<xmpp::Verifiers>> verifiers(std::string password);
  Task<Result<AccountPtr>> existing(xmpp::Jid account);
  Task<Result<void>> put(AccountPtr account);

  Directory& directory_;
  store::Desk& desk_;
  store::DocumentWriter& writer_;
  Worker& hashing_;
  Random& random_;
  const Clock& clock_;
};

}  // namespace hy::route
