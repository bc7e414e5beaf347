// What an install function of a feature may use. Objects of a feature get only the references they need.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/random.h"
#include "base/scope.h"
#include "base/worker.h"
#include "store/desk.h"
#include "store/document_writer.h"
#include "store/stores.h"
#include "xmpp/stanza.h"

namespace hy::route {

class Directory;
class Users;

/// Sends what a feature makes: each stanza starts a trip of its own, after the current one, in the order
/// emitted.
class Emitter {
 public:
  virtual ~Emitter() = default;
  /// `stanza.to` decides where it goes; `from` must be set (or empty: from the recipient's own account).
  virtual void emit(xmpp::Stanza stanza) = 0;
  /// The same message or presence to many: it crosses to each shard once. `stanza->to` does not matter.
  /// `cause`, if given, is charged for it until all have answered.
  virtual void fan_out(xmpp::StanzaPtr stanza, std::vector<xmpp::Jid> to,
                       const std::shared_ptr<class Session>& cause) = 0;
  /// To one session of this shard, through its egress hooks, whatever `to` says.
  virtual void emit(const std::shared_ptr<class Session>& session, xmpp::StanzaPtr stanza) = 0;
};

/// What the administrator settled. Domains are prepared names.
struct Settings {
  std::vector<std::string> domains;
  std::vector<xmpp::Jid> admins;
  std::string version;  // of the program
  std::uint32_t max_sessions_per_account = 100;
};

/// Everything here lives on, or is bound to, the shard of the hub that is being filled.
struct Services {
  Loop& loop;
  const Clock& clock;
  Random& random;
  Worker& hashing;
  store::Desk& desk;
  store::Accounts& accounts;
  store::Documents& documents;
  store::DocumentWriter& writer;  // all changes of documents
  Emitter& emitter;
  Users& users;
  Directory& directory;
  Scope& scope;
  const Settings& settings;
};

}  // namespace hy::route
