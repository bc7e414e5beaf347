// The accounts of the running server: each call goes to the account's home shard and waits for the disk.
#pragma once

#include "server/core.h"
#include "server/users.h"

namespace hy::server {

/// Called by a thread that is no shard's.
class LiveUsers final : public Users {
 public:
  explicit LiveUsers(Core& core) : core_(core) {}

  Result<void> add(NewUser user) override;
  Result<void> remove(xmpp::Jid jid) override;
  Result<void> set_password(xmpp::Jid jid, std::string password) override;
  Result<std::vector<User>> list(std::string domain, xmpp::Jid after, std::size_t limit) override;
  Result<User> show(xmpp::Jid jid) override;
  Result<std::vector<std::string>> domains() override { return core_.settings().domains; }

 private:
  Core& core_;
};

User user_of(const store::Account& account);

}  // namespace hy::server
