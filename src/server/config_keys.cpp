#include "server/config_keys.h"

#include "xmpp/jid.h"

namespace hy::server {
namespace {

using Problem = std::optional<std::string>;

/// How a value looks in a message.
std::string_view type_of(const Value& value) {
  constexpr std::array<std::string_view, 5> names = {"a boolean", "an integer", "a fraction", "a string",
                                                     "a list"};
  return names[value.index()];
}

Problem expects(std::string_view what, const Value& got) {
  return fmt::format("expects {}, not {}", what, type_of(got));
}

struct Range {
  std::uint64_t from;
  std::uint64_t to;
};

using Number = std::uint64_t& (*)(Config&);
using Text = std::string& (*)(Config&);

Key number(std::string_view table, std::string_view name, Range range, Number at, std::string_view text) {
  Config defaults;
  return {.table = table,
          .name = name,
          .type = "integer",
          .range = fmt::format("{} to {}", range.from, range.to),
          .default_text = fmt::format("{}", at(defaults)),
          .text = text,
          .set = [range, at](Config& config, const Value& value) -> Problem {
            const auto* got = std::get_if<std::int64_t>(&value);
            if (!got) return expects("an integer", value);
            if (*got < 0 || static_cast<std::uint64_t>(*got) < range.from ||
                static_cast<std::uint64_t>(*got) > range.to) {
              return fmt::format("is {}, but must be from {} to {}", *got, range.from, range.to);
            }
            at(config) = static_cast<std::uint64_t>(*got);
            return std::nullopt;
          }};
}

Key flag(std::string_view table, std::string_view name, bool& (*at)(Config&), std::string_view text) {
  Config defaults;
  return {.table = table,
          .name = name,
          .type = "boolean",
          .range = "",
          .default_text = at(defaults) ? "true" : "false",
          .text = text,
          .set = [at](Config& config, const Value& value) -> Problem {
            const bool* got = std::get_if<bool>(&value);
            if (!got) return expects("true or false", value);
            at(config) = *got;
            return std::nullopt;
          }};
}

Key path(std::string_view table, std::string_view name, std::string default_text, Text at,
         std::string_view text) {
  return {.table = table,
          .name = name,
          .type = "path",
          .range = "",
          .default_text = std::move(default_text),
          .text = text,
          .set = [at](Config& config, const Value& value) -> Problem {
            const std::string* got = std::get_if<std::string>(&value);
            if (!got) return expects("a path in quotes", value);
            if (got->empty() || got->contains('\0')) return "must not be empty";
            at(config) = *got;
            return std::nullopt;
          }};
}

/// `each` checks one entry and may rewrite it.
Key list(std::string_view table, std::string_view name, std::string_view type, std::string default_text,
         std::vector<std::string>& (*at)(Config&), Result<void> (*each)(std::string&),
         std::string_view text) {
  return {.table = table,
          .name = name,
          .type = type,
          .range = "at most 64 entries",
          .default_text = std::move(default_text),
          .text = text,
          .set = [at, each](Config& config, const Value& value) -> Problem {
            const auto* got = std::get_if<std::vector<std::string>>(&value);
            if (!got) return expects("a list of strings, like [\"…\", \"…\"]", value);
            if (got->size() > 64) return "has more than 64 entries";
            std::vector<std::string> entries = *got;
            for (std::string& entry : entries) {
              if (auto checked = each(entry); !checked)
                return fmt::format("is wrong: {}", checked.error().context);
            }
            at(config) = std::move(entries);
            return std::nullopt;
          }};
}

Result<void> check_endpoint(std::string& entry) {
  HY_TRY(parsed, endpoints(entry, false));
  return {};
}

Result<void> check_bare_jid(std::string& entry) {
  auto jid = xmpp::Jid::parse(entry);
  if (!jid || !jid->is_bare() || jid->is_domain()) {
    return fail(Error::invalid, fmt::format("\"{}\" is not an address like juliet@example.com", entry));
  }
  entry = jid->str();
  return {};
}

Problem set_domain_name(Config& config, const Value& value) {
  const std::string* got = std::get_if<std::string>(&value);
  if (!got) return expects("a name in quotes", value);
  auto prepared = xmpp::prepare_domain(*got);
  if (!prepared) return fmt::format("is \"{}\", which is not a domain name", *got);
  config.domains.back().name = std::move(*prepared);
  return std::nullopt;
}

Problem set_log_level(Config& config, const Value& value) {
  const std::string* got = std::get_if<std::string>(&value);
  if (!got) return expects("a level in quotes", value);
  auto level = log::parse_level(*got);
  if (!level) return fmt::format("is \"{}\", but must be debug, info, warn, error or off", *got);
  config.log_level = *level;
  return std::nullopt;
}

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;

}  // namespace

std::vector<Key> config_keys() {
  std::vector<Key> keys;
  keys.push_back(path(
      "", "data_dir", "\"data\"", [](Config& c) -> std::string& { return c.data_dir; },
      "Where everything is stored. Made when missing, with mode 0700; one server at a time."));
  keys.push_back(number(
      "", "shards", {0, 256}, [](Config& c) -> std::uint64_t& { return c.shards; },
      "Threads that serve connections; 0 is one per core."));
  keys.push_back({.table = "log",
                  .name = "level",
                  .type = "string",
                  .range = "debug, info, warn, error, off",
                  .default_text = "\"info\"",
                  .text = "Lines below this level are not written. SIGHUP reads it again.",
                  .set = set_log_level});

  keys.push_back(
      {.table = "domain",
       .name = "name",
       .type = "string",
       .range = "",
       .default_text = "",
       .text = "The domain, as in juliet@NAME. Without any [[domain]] the server serves `localhost`, on "
               "loopback addresses only.",
       .set = set_domain_name});
  keys.push_back(path(
      "domain", "certificate", "", [](Config& c) -> std::string& { return c.domains.back().certificate; },
      "PEM file: the certificate and its chain. Without it the server makes its own, "
      "DATA/tls/NAME.crt. SIGHUP reads it again."));
  keys.push_back(path(
      "domain", "key", "", [](Config& c) -> std::string& { return c.domains.back().key; },
      "PEM file: the certificate's private key. Given together with `certificate`, or neither."));

  constexpr std::string_view addresses = "list of addresses";
  keys.push_back(list(
      "listen", "c2s", addresses, "[\"5222\"]",
      [](Config& c) -> std::vector<std::string>& { return c.listen.c2s; }, check_endpoint,
      "Where clients connect in the clear and then start TLS (STARTTLS). `\"5222\"` is that port on all "
      "addresses, `\"192.0.2.1:5222\"` and `\"[2001:db8::1]:5222\"` on one. `[]` turns it off."));
  keys.push_back(list(
      "listen", "c2s_tls", addresses, "[\"5223\"]",
      [](Config& c) -> std::vector<std::string>& { return c.listen.c2s_tls; }, check_endpoint,
      "Where clients connect with TLS from the first byte (direct TLS)."));
  keys.push_back(flag(
      "tls", "required", [](Config& c) -> bool& { return c.tls.required; },
      "Clients must use TLS before they log in. Turn it off only where the network is a cable of yours."));

  const auto limit = [&keys](std::string_view name, Range range, Number at, std::string_view text) {
    keys.push_back(number("limits", name, range, at, text));
  };
  limit(
      "connections_per_address", {1, 1'000'000},
      [](Config& c) -> std::uint64_t& { return c.limits.connections_per_address; },
      "Connections of one IP address (IPv6: one /64) that have not logged in yet. Loopback addresses may "
      "have 10,000.");
  limit(
      "login_s", {1, 600}, [](Config& c) -> std::uint64_t& { return c.limits.login_s; },
      "Seconds from the connection to the end of the login.");
  limit(
      "login_bytes", {1 * kib, 256 * kib}, [](Config& c) -> std::uint64_t& { return c.limits.login_bytes; },
      "Size of an element before login.");
  limit(
      "login_total_bytes", {8 * kib, 16 * mib},
      [](Config& c) -> std::uint64_t& { return c.limits.login_total_bytes; },
      "All that a client may send before it has logged in.");
  limit(
      "login_depth", {4, 64}, [](Config& c) -> std::uint64_t& { return c.limits.login_depth; },
      "Nesting of elements before login, the stream itself being 1.");
  limit(
      "login_attempts", {2, 5}, [](Config& c) -> std::uint64_t& { return c.limits.login_attempts; },
      "Failed logins after which the connection is closed.");
  limit(
      "stanza_bytes", {10'000, 16 * mib}, [](Config& c) -> std::uint64_t& { return c.limits.stanza_bytes; },
      "Size of a stanza. RFC 6120 asks for 10,000 at least.");
  limit(
      "stanza_depth", {8, 256}, [](Config& c) -> std::uint64_t& { return c.limits.stanza_depth; },
      "Nesting of elements in a stanza.");
  limit(
      "stanza_attributes", {8, 256}, [](Config& c) -> std::uint64_t& { return c.limits.stanza_attributes; },
      "Attributes of one element.");
  limit(
      "stanza_elements", {50, 100'000}, [](Config& c) -> std::uint64_t& { return c.limits.stanza_elements; },
      "Elements of a stanza.");
  limit(
      "rate_bytes_per_s", {0, 1024 * mib},
      [](Config& c) -> std::uint64_t& { return c.limits.rate_bytes_per_s; },
      "Bytes a second that a session may send in the long run; beyond that it is read more slowly. A stanza "
      "counts 128 bytes more than it has. 0: no limit.");
  limit(
      "rate_burst_bytes", {16 * kib, 1024 * mib},
      [](Config& c) -> std::uint64_t& { return c.limits.rate_burst_bytes; },
      "Bytes that a session may send at once before the rate counts.");
  limit(
      "stanzas_per_turn", {1, 1000}, [](Config& c) -> std::uint64_t& { return c.limits.stanzas_per_turn; },
      "Stanzas taken from one session before the others of its thread have their turn.");
  limit(
      "unwritten_bytes", {4 * kib, 64 * mib},
      [](Config& c) -> std::uint64_t& { return c.limits.unwritten_bytes; },
      "Answers waiting for a client that does not take them; with more, it is not read.");
  limit(
      "queue_bytes", {64 * kib, 256 * mib}, [](Config& c) -> std::uint64_t& { return c.limits.queue_bytes; },
      "All that waits for a client that does not take it; with more, its session is ended.");
  limit(
      "silence_s", {10, 86'400}, [](Config& c) -> std::uint64_t& { return c.limits.silence_s; },
      "Seconds of silence after which a session is pinged.");
  limit(
      "ping_s", {1, 600}, [](Config& c) -> std::uint64_t& { return c.limits.ping_s; },
      "Seconds that the answer to such a ping may take before the session counts as lost.");
  limit(
      "sessions_per_account", {1, 10'000},
      [](Config& c) -> std::uint64_t& { return c.limits.sessions_per_account; },
      "Devices of one account that may be online at a time.");

  keys.push_back(list(
      "admin", "jids", "list of addresses of users", "[]",
      [](Config& c) -> std::vector<std::string>& { return c.admins; }, check_bare_jid,
      "Accounts with the rights of an administrator, besides those to which "
      "`hongyan user add --admin` gave them."));
  return keys;
}

std::string Key::path() const {
  return table.empty() ? std::string(name) : fmt::format("{}.{}", table, name);
}

}  // namespace hy::server
