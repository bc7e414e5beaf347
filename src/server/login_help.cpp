#include "server/login_help.h"

namespace hy::server {
namespace {

std::uint16_t port_of(std::span<const Listening> listening, Service service) {
  const auto found = std::ranges::find(listening, service, &Listening::service);
  return found == listening.end() ? 0 : found->at.port;
}

}  // namespace

std::string_view name(Service service) {
  return service == Service::c2s ? "c2s" : "c2s_tls";
}

std::string login_help(std::span<const FirstLogin> logins, std::span<const Listening> listening,
                       const std::string& data_dir) {
  const std::uint16_t starttls = port_of(listening, Service::c2s);
  const std::uint16_t direct = port_of(listening, Service::c2s_tls);
  std::string text = "\nHongyan serves localhost, for programs on this machine only.\n\n";
  if (starttls != 0) text += fmt::format("  server 127.0.0.1, port {} (STARTTLS)\n", starttls);
  if (direct != 0) text += fmt::format("  server 127.0.0.1, port {} (direct TLS)\n", direct);
  text += fmt::format(
      "  certificate {}/tls/localhost.crt, made by this server: clients ask once whether to trust it\n",
      data_dir);
  if (logins.empty()) {
    text +=
        fmt::format("\nAdd an account: hongyan user add juliet@localhost --random --data {}\n\n", data_dir);
    return text;
  }
  text += "\n";
  for (const FirstLogin& login : logins) {
    text += fmt::format("  {:<18} {}{}\n", login.jid.str(), login.password,
                        login.role == Role::admin ? "   (administrator)" : "");
  }
  text += fmt::format("  (as in {}/first-login.txt; delete it when you know them)\n\n", data_dir);

  // Two programs at hand on Debian: one to read with, one that sends a line and ends.
  const FirstLogin& reader = logins[0];
  text += fmt::format(
      "Log in with any XMPP client (Gajim, Dino, Conversations, Psi …), or in two terminals:\n\n"
      "  apt install profanity go-sendxmpp\n\n"
      "  profanity                     then: /connect {} server 127.0.0.1 port {} tls trust\n",
      reader.jid.str(), starttls);
  if (logins.size() > 1) {
    const FirstLogin& writer = logins[1];
    text += fmt::format("  echo hello | go-sendxmpp -n -u {} -p {} -j 127.0.0.1:{} {}\n", writer.jid.str(),
                        writer.password, starttls, reader.jid.str());
  }
  text += "\nControl-C stops the server.\n\n";
  return text;
}

}  // namespace hy::server
