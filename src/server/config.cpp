#include "server/config.h"

#include <arpa/inet.h>

#include <charconv>
#include <thread>

namespace hy::server {
namespace {

enum class Family : std::uint8_t { v4, v6 };

std::optional<Family> family(const std::string& ip) {
  in6_addr address;
  if (inet_pton(AF_INET, ip.c_str(), &address) == 1) return Family::v4;
  if (inet_pton(AF_INET6, ip.c_str(), &address) == 1) return Family::v6;
  return std::nullopt;
}

bool is_loopback(const std::string& ip) {
  return ip.starts_with("127.") || ip == "::1";
}
bool is_any(const std::string& ip) {
  return ip == "0.0.0.0" || ip == "::";
}

Result<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port > 65535) {
    return fail(Error::invalid, fmt::format("\"{}\" is not a port from 0 to 65535", text));
  }
  return static_cast<std::uint16_t>(port);
}

std::vector<Endpoint> pair(std::string v4, std::string v6, std::uint16_t port) {
  return {{{std::move(v4), port}, Endpoint::Need::must},
          {{std::move(v6), port}, Endpoint::Need::if_possible}};
}

}  // namespace

Result<std::vector<Endpoint>> endpoints(std::string_view text, bool loopback_only) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    HY_TRY(port, parse_port(text));
    return loopback_only ? pair("127.0.0.1", "::1", port) : pair("0.0.0.0", "::", port);
  }
  std::string ip(text.substr(0, colon));
  const bool bracketed = ip.size() > 2 && ip.front() == '[' && ip.back() == ']';
  if (bracketed) ip = ip.substr(1, ip.size() - 2);
  const std::optional<Family> kind = family(ip);
  if (!kind || bracketed != (kind == Family::v6)) {
    return fail(Error::invalid, fmt::format("\"{}\" is not an address: write \"5222\", \"192.0.2.1:5222\" or "
                                            "\"[2001:db8::1]:5222\"",
                                            text));
  }
  HY_TRY(port, parse_port(text.substr(colon + 1)));
  if (loopback_only && is_any(ip)) ip = *kind == Family::v4 ? "127.0.0.1" : "::1";
  if (loopback_only && !is_loopback(ip)) {
    return fail(Error::invalid,
                fmt::format("\"{}\" is beyond this machine, but the only domain is localhost, which "
                            "listens on loopback only: serve a domain of yours, or use 127.0.0.1",
                            text));
  }
  return std::vector<Endpoint>{{{std::move(ip), port}, Endpoint::Need::must}};
}

Config Config::defaults() {
  Config config;
  config.domains.push_back({.name = "localhost", .certificate = "", .key = ""});
  return config;
}

bool Config::loopback_only() const {
  return std::ranges::all_of(domains, [](const Domain& domain) { return domain.name == "localhost"; });
}

unsigned Config::shard_count() const {
  if (shards != 0) return static_cast<unsigned>(shards);
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace hy::server
