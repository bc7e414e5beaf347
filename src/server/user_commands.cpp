// hongyan user …: on the running server by its control socket, else on the store itself.
#include <cstdio>
#include <fstream>
#include <iostream>

#include "server/commands.h"
#include "server/control_socket.h"
#include "server/nearest.h"
#include "server/password.h"
#include "xmpp/datetime.h"

namespace hy::server {
namespace {

/// The users, wherever they are, with what must outlive them.
class Session {
 public:
  static Result<Session> open(const Wiring& wiring, const Place& place) {
    Session session;
    HY_TRY(config, load(place));
    session.config_ = std::make_unique<Config>(std::move(config));
    auto running = connect_control(session.config_->data_dir);
    if (running) {
      session.users_ = std::move(*running);
      return session;
    }
    if (running.error().code != Error::unavailable) return std::unexpected(running.error());
    HY_TRY(data, DataDir::open(session.config_->data_dir));
    session.data_ = std::make_unique<DataDir>(std::move(data));
    HY_TRY(store, wiring.open_store(*session.config_, *session.data_));
    session.users_ = std::move(store);
    return session;
  }

  Users& operator*() const { return *users_; }
  Users* operator->() const { return users_.get(); }

 private:
  std::unique_ptr<Config> config_;
  std::unique_ptr<DataDir> data_;  // destroyed after the store that lies in it
  std::unique_ptr<Users> users_;
};

Result<xmpp::Jid> parse_account(const std::string& text) {
  auto jid = xmpp::Jid::parse(text);
  if (jid && jid->is_bare() && !jid->is_domain()) return jid;
  return fail(Error::invalid, fmt::format("\"{}\" is not an address like juliet@example.com", text));
}

Result<void> check_served(Users& users, const xmpp::Jid& jid) {
  HY_TRY(domains, users.domains());
  if (std::ranges::find(domains, jid.domain()) != domains.end()) return {};
  const std::vector<std::string_view> names(domains.begin(), domains.end());
  const std::string_view meant = nearest(jid.domain(), names);
  return fail(Error::invalid, fmt::format("{} is not served here{}", jid.domain(),
                                          meant.empty() ? "" : fmt::format(": did you mean {}?", meant)));
}

Result<std::string> choose(Secret secret, const std::string& whose) {
  if (secret == Secret::asked) return ask_password(whose);
  if (secret == Secret::piped) return read_password();
  SystemRandom random;
  return random_password(random);
}

void tell(Secret secret, const std::string& password) {
  if (secret == Secret::random) std::printf("%s\n", password.c_str());
}

std::string_view state(const User& user) {
  if (user.disabled) return "disabled";
  return user.role == Role::admin ? "admin" : "user";
}

Result<void> import_line(Users& users, const std::string& line) {
  const std::size_t space = line.find_first_of(" \t");
  if (space == std::string::npos) return fail(Error::invalid, "expects an address, a space and a password");
  HY_TRY(jid, parse_account(line.substr(0, space)));
  HY_TRY_VOID(check_served(users, jid));
  auto password = xmpp::prepare_password(line.substr(space + 1));
  if (!password || password->empty())
    return fail(Error::invalid, "the password is empty or has forbidden characters");
  return users.add({.jid = jid, .password = *password, .role = Role::user});
}

}  // namespace

Result<void> add_user(const Wiring& wiring, const Place& place, const std::string& text, Secret secret,
                      Role role) {
  HY_TRY(jid, parse_account(text));
  HY_TRY(users, Session::open(wiring, place));
  HY_TRY_VOID(check_served(*users, jid));
  HY_TRY(password, choose(secret, jid.str()));
  HY_TRY_VOID(users->add({.jid = jid, .password = password, .role = role}));
  tell(secret, password);
  return {};
}

Result<void> remove_user(const Wiring& wiring, const Place& place, const std::string& text) {
  HY_TRY(jid, parse_account(text));
  HY_TRY(users, Session::open(wiring, place));
  return users->remove(jid);
}

Result<void> change_password(const Wiring& wiring, const Place& place, const std::string& text,
                             Secret secret) {
  HY_TRY(jid, parse_account(text));
  HY_TRY(users, Session::open(wiring, place));
  HY_TRY(user, users->show(jid));
  HY_TRY(password, choose(secret, user.jid.str()));
  HY_TRY_VOID(users->set_password(jid, password));
  tell(secret, password);
  return {};
}

Result<void> list_users(const Wiring& wiring, const Place& place, const std::string& domain) {
  HY_TRY(users, Session::open(wiring, place));
  HY_TRY(domains, users->domains());
  if (!domain.empty()) domains = {domain};
  constexpr std::size_t page = 500;
  for (const std::string& name : domains) {
    xmpp::Jid after;
    while (true) {
      HY_TRY(found, users->list(name, after, page));
      for (const User& user : found)
        std::printf("%s\t%s\n", user.jid.str().c_str(), std::string(state(user)).c_str());
      if (found.size() < page) break;
      after = found.back().jid;
    }
  }
  return {};
}

Result<void> show_user(const Wiring& wiring, const Place& place, const std::string& text) {
  HY_TRY(jid, parse_account(text));
  HY_TRY(users, Session::open(wiring, place));
  HY_TRY(user, users->show(jid));
  std::printf("address  %s\nrole     %s\ncreated  %s\n", user.jid.str().c_str(),
              std::string(state(user)).c_str(), xmpp::utc(user.created).c_str());
  return {};
}

Result<void> import_users(const Wiring& wiring, const Place& place, const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file);
    if (!opened) return fail(Error::io, fmt::format("cannot read {}: {}", file, std::strerror(errno)));
  }
  std::istream& in = file == "-" ? std::cin : opened;
  HY_TRY(users, Session::open(wiring, place));
  std::size_t number = 0;
  std::size_t added = 0;
  std::size_t refused = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || line.starts_with('#')) continue;
    if (auto done = import_line(*users, line)) {
      ++added;
    } else {
      ++refused;
      std::fprintf(stderr, "hongyan: %s:%zu: %s\n", file.c_str(), number, done.error().context.c_str());
    }
  }
  std::printf("%zu added, %zu refused\n", added, refused);
  if (refused != 0) return fail(Error::invalid, fmt::format("{} lines of {} were refused", refused, file));
  return {};
}

}  // namespace hy::server
