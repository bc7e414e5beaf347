// What one server is told from outside: the values of its configuration file, each with its default.
//
// The file is TOML, every key is optional, and so is the file. Names, ranges and explanations of the keys
// stand in config_keys.cpp, once: reading, `hongyan check` and docs/configuration.md come from that table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "net/pipe.h"

namespace hy::server {

struct Domain {
  std::string name;         // prepared
  std::string certificate;  // path of a PEM chain; empty: DATA/tls/NAME.crt, made when missing
  std::string key;          // path of its PEM key; empty exactly when `certificate` is
};

/// An address to listen on.
struct Endpoint {
  enum class Need {
    must,         // that it cannot be bound stops the start
    if_possible,  // the IPv6 half of "all addresses": a machine may have no IPv6
  };
  net::Address at;
  Need need = Need::must;
  friend bool operator==(const Endpoint& a, const Endpoint& b) {
    return a.at.ip == b.at.ip && a.at.port == b.at.port && a.need == b.need;
  }
};

struct Listen {
  std::vector<std::string> c2s = {"5222"};      // STARTTLS
  std::vector<std::string> c2s_tls = {"5223"};  // TLS from the first byte
};

struct Tls {
  bool required = true;
};

/// DESIGN §7. Sizes in bytes, times in seconds; ranges in config_keys.cpp.
struct Limits {
  std::uint64_t connections_per_address = 100;
  // before login
  std::uint64_t login_s = 30;
  std::uint64_t login_bytes = 8'192;
  std::uint64_t login_total_bytes = 65'536;
  std::uint64_t login_depth = 8;
  std::uint64_t login_attempts = 5;
  // a stanza
  std::uint64_t stanza_bytes = 262'144;
  std::uint64_t stanza_depth = 64;
  std::uint64_t stanza_attributes = 64;
  std::uint64_t stanza_elements = 2000;
  // a session
  std::uint64_t rate_bytes_per_s = 1'048'576;
  std::uint64_t rate_burst_bytes = 4'194'304;
  std::uint64_t stanzas_per_turn = 32;
  std::uint64_t unwritten_bytes = 65'536;
  std::uint64_t queue_bytes = 1'048'576;
  std::uint64_t silence_s = 300;
  std::uint64_t ping_s = 30;
  std::uint64_t sessions_per_account = 50;
};

struct Config {
  std::string file;  // where it was read from; empty: defaults only
  std::string data_dir = "data";
  std::uint64_t shards = 0;  // 0: one per core
  log::Level log_level = log::Level::info;
  std::vector<Domain> domains;  // never empty once read: without any, localhost
  Listen listen;
  Tls tls;
  Limits limits;
  std::vector<std::string> admins;  // bare JIDs, prepared

  /// The default configuration, as `read_config` gives it for an empty file.
  static Config defaults();
  /// Only the domain localhost is served: nothing beyond this machine can reach it, whatever [listen] says.
  bool loopback_only() const;
  unsigned shard_count() const;
};

/// Reads and checks a file. Error::invalid says, in one message, file, line, column, what is wrong and what
/// was perhaps meant; only the first problem is told. Relative paths become relative to the file's folder.
Result<Config> read_config(const std::string& path);
/// The same for text in memory, with `name` in messages.
Result<Config> parse_config(std::string_view text, const std::string& name);

/// "5222", "192.0.2.1:5222", "[2001:db8::1]:5222", ":0" is not one. A port alone is every address of the
/// machine, on IPv4 and, where there is one, IPv6; with `loopback_only` the loopback ones, and another
/// address is refused.
Result<std::vector<Endpoint>> endpoints(std::string_view text, bool loopback_only);

}  // namespace hy::server
