// Accounts in memory: the twin of the store in tests of commands.
#pragma once

#include <fmt/format.h>

#include <map>

#include "server/users.h"

namespace hy::server::testing {

class MemoryUsers : public Users {
 public:
  struct Kept {
    User user;
    std::string password;
  };
  std::map<std::string, Kept> all;
  std::vector<std::string> served = {"localhost"};
  /// The call with this number, counted from 1, fails with Error::io.
  int failing = 0;
  int calls = 0;

  Result<void> add(NewUser user) override {
    HY_TRY_VOID(count());
    if (all.contains(user.jid.str())) return fail(Error::conflict, "exists");
    all[user.jid.str()] = {
        {.jid = user.jid, .role = user.role, .disabled = false, .created = WallTime(1706702400s)},
        user.password};
    return {};
  }
  Result<void> remove(xmpp::Jid jid) override {
    HY_TRY_VOID(count());
    if (all.erase(jid.str()) == 0) return absent(jid);
    return {};
  }
  Result<void> set_password(xmpp::Jid jid, std::string password) override {
    HY_TRY_VOID(count());
    const auto found = all.find(jid.str());
    if (found == all.end()) return absent(jid);
    found->second.password = std::move(password);
    return {};
  }
  Result<std::vector<User>> list(std::string domain, xmpp::Jid after, std::size_t limit) override {
    HY_TRY_VOID(count());
    std::vector<User> found;
    for (auto next = all.upper_bound(after.str()); next != all.end() && found.size() < limit; ++next) {
      if (next->second.user.jid.domain() == domain) found.push_back(next->second.user);
    }
    return found;
  }
  Result<User> show(xmpp::Jid jid) override {
    HY_TRY_VOID(count());
    const auto found = all.find(jid.str());
    if (found == all.end()) return absent(jid);
    return found->second.user;
  }
  Result<std::vector<std::string>> domains() override {
    HY_TRY_VOID(count());
    return served;
  }

 private:
  Result<void> count() {
    if (++calls == failing) return fail(Error::io, "the disk is gone");
    return {};
  }
  static std::unexpected<Error> absent(const xmpp::Jid& jid) {
    return fail(Error::not_found, fmt::format("there is no account {}", jid.str()));
  }
};

}  // namespace hy::server::testing
