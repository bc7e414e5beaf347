#include <arpa/inet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>

#include "server/commands.h"
#include "server/control_socket.h"

namespace hy::server {
namespace {

Result<void> try_port(const Endpoint& endpoint, std::string_view key) {
  const bool v6 = endpoint.at.ip.contains(':');
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (v6) {
    auto& address = reinterpret_cast<sockaddr_in6&>(storage);
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(endpoint.at.port);
    ::inet_pton(AF_INET6, endpoint.at.ip.c_str(), &address.sin6_addr);
    size = sizeof(address);
  } else {
    auto& address = reinterpret_cast<sockaddr_in&>(storage);
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.at.port);
    ::inet_pton(AF_INET, endpoint.at.ip.c_str(), &address.sin_addr);
    size = sizeof(address);
  }
  const Descriptor socket(::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (socket) {
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (v6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&storage), size) == 0 &&
        ::listen(socket.get(), 1) == 0) {
      return {};
    }
  }
  const int error = errno;
  if (endpoint.need == Endpoint::Need::if_possible && error != EADDRINUSE) return {};
  return fail(Error::io, fmt::format("{}: cannot listen on port {} of {}: {}", key, endpoint.at.port,
                                     endpoint.at.ip, std::strerror(error)));
}

class Report {
 public:
  void line(std::string_view subject, const Result<void>& result) {
    good_ = good_ && result.has_value();
    std::printf("%-14s%s\n", std::string(subject).c_str(), result ? "ok" : result.error().context.c_str());
  }
  bool good() const { return good_; }

 private:
  bool good_ = true;
};

Result<void> try_ports(const Config& config, std::span<const std::string> entries, std::string_view key) {
  for (const std::string& entry : entries) {
    HY_TRY(all, endpoints(entry, config.loopback_only()));
    for (const Endpoint& endpoint : all) HY_TRY_VOID(try_port(endpoint, key));
  }
  return {};
}

}  // namespace

Result<bool> check(const Wiring& wiring, const Place& place) {
  HY_TRY(config, load(place));
  Report report;
  std::printf("%-14s%s\n", "configuration", config.file.empty() ? "defaults, no file" : config.file.c_str());
  for (const Domain& domain : config.domains) std::printf("%-14s%s\n", "domain", domain.name.c_str());
  report.line("data", DataDir::check(config.data_dir));
  report.line("certificates", wiring.check_certificates(config));
  if (connect_control(config.data_dir)) {
    std::printf("%-14s%s\n", "ports", "not tried: a server runs on this data directory");
  } else {
    report.line("port c2s", try_ports(config, config.listen.c2s, "listen.c2s"));
    report.line("port c2s_tls", try_ports(config, config.listen.c2s_tls, "listen.c2s_tls"));
  }
  return report.good();
}

}  // namespace hy::server
