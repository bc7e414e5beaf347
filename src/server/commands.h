// What the binary does, one function a command. An error is the one message that the user gets.
#pragma once

#include <string>
#include <string_view>

#include "server/running.h"

namespace hy::server {

std::string_view version();

/// Which server is meant. Empty: hongyan.toml of the current folder if there is one, else defaults; the data
/// directory of that configuration.
struct Place {
  std::string config;
  std::string data;
};
Result<Config> load(const Place& place);

/// In the foreground, until SIGTERM or SIGINT.
Result<void> serve(const Wiring& wiring, const Place& place);
/// The same on free ports with data that is deleted at the end.
Result<void> demo(const Wiring& wiring);

/// Everything that would stop a start, all of it, on standard output. False when something would.
Result<bool> check(const Wiring& wiring, const Place& place);

/// Where a new password comes from.
enum class Secret {
  asked,   // the terminal, twice; standard input when that is none
  piped,   // standard input, whatever it is
  random,  // made, and printed
};

Result<void> add_user(const Wiring& wiring, const Place& place, const std::string& jid, Secret secret,
                      Role role);
Result<void> remove_user(const Wiring& wiring, const Place& place, const std::string& jid);
Result<void> change_password(const Wiring& wiring, const Place& place, const std::string& jid, Secret secret);
/// Of one domain, or of all when it is empty.
Result<void> list_users(const Wiring& wiring, const Place& place, const std::string& domain);
Result<void> show_user(const Wiring& wiring, const Place& place, const std::string& jid);
/// Lines "JID PASSWORD"; "-" is standard input. Goes on after a line that is refused.
Result<void> import_users(const Wiring& wiring, const Place& place, const std::string& file);

}  // namespace hy::server
