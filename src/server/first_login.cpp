#include "server/first_login.h"

#include <unistd.h>

#include <cerrno>

#include "server/data_dir.h"
#include "server/password.h"

namespace hy::server {
namespace {

constexpr std::string_view header =
    "# Accounts made at the first start, with the passwords they had then. Delete this file when you know "
    "them.\n";
constexpr std::size_t max_bytes = 16'384;

std::string write(const std::vector<FirstLogin>& logins) {
  std::string text(header);
  for (const FirstLogin& login : logins) {
    text += fmt::format("{} {} {}\n", login.jid.str(), login.password,
                        login.role == Role::admin ? "admin" : "user");
  }
  return text;
}

// Lines that do not fit are passed over: the file is for people, and they may have edited it.
std::vector<FirstLogin> parse(std::string_view text) {
  std::vector<FirstLogin> logins;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    if (line.starts_with('#') || first == line.npos || second == line.npos) continue;
    auto jid = xmpp::Jid::parse(line.substr(0, first));
    if (!jid) continue;
    logins.push_back({.jid = *jid,
                      .password = std::string(line.substr(first + 1, second - first - 1)),
                      .role = line.substr(second + 1) == "admin" ? Role::admin : Role::user});
  }
  return logins;
}

// The draft is on disk before the first account is, the final name after the last: whatever a crash leaves,
// the next start finishes with the same passwords.
Result<std::vector<FirstLogin>> make(const std::string& path, std::vector<FirstLogin> logins, Users& users) {
  HY_TRY_VOID(write_private(path + ".draft", write(logins)));
  for (const FirstLogin& login : logins) {
    auto added = users.add({.jid = login.jid, .password = login.password, .role = login.role});
    if (!added && added.error().code == Error::conflict)
      added = users.set_password(login.jid, login.password);
    HY_TRY_VOID(added);
  }
  if (::rename((path + ".draft").c_str(), path.c_str()) != 0) {
    return fail(Error::io, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  }
  return logins;
}

}  // namespace

Result<std::vector<FirstLogin>> first_logins(const std::string& data_dir, const std::string& domain,
                                             Users& users, Random& random) {
  const std::string path = data_dir + "/first-login.txt";
  if (auto draft = read_small(path + ".draft", max_bytes)) return make(path, parse(*draft), users);

  auto kept = read_small(path, max_bytes);
  if (kept) {
    std::vector<FirstLogin> logins = parse(*kept);
    std::erase_if(logins, [&users](const FirstLogin& login) { return !users.show(login.jid); });
    return logins;
  }
  if (kept.error().code != Error::not_found) return std::unexpected(kept.error());

  HY_TRY(anyone, users.list(domain, {}, 1));
  std::vector<FirstLogin> logins;
  if (!anyone.empty()) return logins;
  for (const char* local : {"alice", "bob", "admin"}) {
    HY_TRY(jid, xmpp::Jid::make(local, domain));
    const Role role = std::string_view(local) == "admin" ? Role::admin : Role::user;
    logins.push_back({.jid = jid, .password = random_password(random), .role = role});
  }
  return make(path, std::move(logins), users);
}

}  // namespace hy::server
