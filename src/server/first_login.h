// The ready accounts of a server that only this machine can reach: made at its first start, with random
// passwords.
//
// The store keeps verifiers, never passwords, so what a newcomer is to read at the second start as well
// stands in DATA/first-login.txt, mode 0600 in a folder of mode 0700. Whoever does not want that deletes the
// file: it is never made again while there are accounts. A password changed later is not in it.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "server/users.h"

namespace hy::server {

struct FirstLogin {
  xmpp::Jid jid;
  std::string password;
  Role role = Role::user;
};

/// Makes alice, bob and admin of `domain` if it has no accounts; then, and later, returns what the file says.
/// A crash in between is made up for at the next start.
Result<std::vector<FirstLogin>> first_logins(const std::string& data_dir, const std::string& domain,
                                             Users& users, Random& random);

}  // namespace hy::server
