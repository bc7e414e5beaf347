// The table of all configuration keys: the one place that knows their names, ranges and explanations.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/config.h"

namespace hy::server {

/// A value of the file, as far as we use TOML.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// What a key takes. `set` returns what is wrong with a value, in words, or nothing.
struct Key {
  std::string_view table;  // "" for the top, "limits" for [limits], "domain" for [[domain]]
  std::string_view name;
  std::string_view type;     // in words: "integer", "list of addresses"
  std::string range;         // in words, may be empty
  std::string default_text;  // as it would be written; empty: none
  std::string_view text;     // what it means, for the reference page
  std::function<std::optional<std::string>(Config&, const Value&)> set;

  /// "limits.stanza_bytes"
  std::string path() const;
};

std::vector<Key> config_keys();

/// The reference page, docs/configuration.md.
std::string config_reference();

}  // namespace hy::server
