// Load for any XMPP server, or, for comparison, a bare relay; see modes.h for the figures.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <fstream>
#include <map>

#include "modes.h"

namespace {

std::vector<load::Account> read_accounts(const std::string& file) {
  std::vector<load::Account> accounts;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const auto tab = line.find('\t');
    if (tab == std::string::npos) continue;
    accounts.push_back({line.substr(0, line.find('@')), line.substr(tab + 1)});
  }
  return accounts;
}

void allow_many_files() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Load for any XMPP server, over addresses of this machine.");
  std::string mode;
  std::string host = "127.0.0.1";
  std::string accounts_file;
  int port = 5222;
  load::Target target{.domain = "localhost"};
  load::Plan plan;
  bool relay = false;
  const std::map<std::string, load::Tls> tls_names = {
      {"none", load::Tls::none}, {"starttls", load::Tls::starttls}, {"direct", load::Tls::direct}};
  app.add_option("mode", mode, "what to do")
      ->required()
      ->check(CLI::IsMember({"pairs", "burst", "idle", "login", "presence"}));
  app.add_option("--host", host, "IPv4 address");
  app.add_option("--port", port);
  app.add_option("--domain", target.domain);
  app.add_option("--tls", target.tls)->transform(CLI::CheckedTransformer(tls_names));
  app.add_option("--accounts", accounts_file, "lines JID<TAB>password");
  app.add_flag("--relay", relay, "the peer is the relay: no log-in");
  app.add_option("--pid", plan.pid, "of the server, to measure it");
  app.add_option("--seconds", plan.seconds);
  app.add_option("--warm-up", plan.warm_up, "seconds");
  app.add_option("--pairs", plan.pairs);
  app.add_option("--window", plan.window, "messages in a burst");
  app.add_option("--size", plan.size, "bytes of a message");
  app.add_option("--sessions", plan.sessions, "idle, or of one account for presence");
  CLI11_PARSE(app, argc, argv);

  std::signal(SIGPIPE, SIG_IGN);
  allow_many_files();
  target.kind = relay ? load::Kind::relay : load::Kind::server;
  target.address.sin_family = AF_INET;
  target.address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &target.address.sin_addr) != 1) {
    fmt::print(stderr, "load: not an IPv4 address: {}\n", host);
    return 2;
  }
  try {
    load::Fleet fleet(target, read_accounts(accounts_file));
    if (mode == "pairs") load::pairs(fleet, plan, 1);
    if (mode == "burst") load::pairs(fleet, plan, plan.window);
    if (mode == "idle") load::idle(fleet, plan);
    if (mode == "login") load::login(fleet, plan);
    if (mode == "presence") load::presence(fleet, plan);
  } catch (const std::exception& e) {
    fmt::print(stderr, "load: {} tls={}: {}\n", mode, host, e.what());
    return 1;
  }
  return 0;
}
