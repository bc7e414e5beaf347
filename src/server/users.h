// The accounts, as commands see them: by the running server, by its control socket, or on the store itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "xmpp/jid.h"

namespace hy::server {

enum class Role { user, admin };

struct User {
  xmpp::Jid jid;  // bare
  Role role = Role::user;
  bool disabled = false;
  WallTime created;
};

struct NewUser {
  xmpp::Jid jid;         // bare, of a domain that is served
  std::string password;  // prepared (OpaqueString), not empty
  Role role = Role::user;
};

/// Port. Every call may wait for the disk (a change is durable when it returns) and is made from one thread.
class Users {
 public:
  virtual ~Users() = default;
  /// Error::conflict when the account exists.
  virtual Result<void> add(NewUser user) = 0;
  /// With all that is stored for it; its sessions end. Error::not_found.
  virtual Result<void> remove(xmpp::Jid jid) = 0;
  /// Error::not_found.
  virtual Result<void> set_password(xmpp::Jid jid, std::string password) = 0;
  /// In order of their JIDs, from the first after `after` (none: from the start).
  virtual Result<std::vector<User>> list(std::string domain, xmpp::Jid after, std::size_t limit) = 0;
  /// Error::not_found.
  virtual Result<User> show(xmpp::Jid jid) = 0;
  /// The domains that are served.
  virtual Result<std::vector<std::string>> domains() = 0;
};

}  // namespace hy::server
