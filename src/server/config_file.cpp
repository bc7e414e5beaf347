// Reading hongyan.toml. The only file that sees toml++.
//
// All problems are collected and the first by position is told: an operator reads from the top, and what
// follows is often its consequence.
#include <toml++/toml.h>

#include <filesystem>

#include "server/config.h"
#include "server/config_keys.h"
#include "server/data_dir.h"
#include "server/nearest.h"

namespace hy::server {
namespace {

constexpr std::size_t max_file_bytes = std::size_t{1024} * 1024;
constexpr std::size_t max_domains = 10'000;

struct Problem {
  toml::source_position at;
  std::string text;
};

std::optional<Value> to_value(const toml::node& node) {
  if (const auto* value = node.as_boolean()) return Value(value->get());
  if (const auto* value = node.as_integer()) return Value(value->get());
  if (const auto* value = node.as_floating_point()) return Value(value->get());
  if (const auto* value = node.as_string()) return Value(value->get());
  const toml::array* array = node.as_array();
  if (!array) return std::nullopt;
  std::vector<std::string> entries;
  for (const toml::node& entry : *array) {
    const auto* text = entry.as_string();
    if (!text) return std::nullopt;
    entries.push_back(text->get());
  }
  return Value(std::move(entries));
}

class Reader {
 public:
  Reader(std::string_view name, const toml::table& root) : name_(name), root_(root), keys_(config_keys()) {}

  Result<Config> read() {
    read_table("", root_, {});
    if (config_.domains.empty()) config_.domains = Config::defaults().domains;
    check_listen("c2s", config_.listen.c2s);
    check_listen("c2s_tls", config_.listen.c2s_tls);
    check_order("stanza_bytes", config_.limits.stanza_bytes, "queue_bytes", config_.limits.queue_bytes);
    check_order("unwritten_bytes", config_.limits.unwritten_bytes, "queue_bytes", config_.limits.queue_bytes);
    check_order("login_bytes", config_.limits.login_bytes, "login_total_bytes",
                config_.limits.login_total_bytes);
    if (problems_.empty()) return std::move(config_);
    const Problem& first = *std::ranges::min_element(problems_, [](const Problem& a, const Problem& b) {
      return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
    });
    return fail(Error::invalid,
                fmt::format("{}:{}:{}: {}", name_, first.at.line, first.at.column, first.text));
  }

 private:
  void problem(toml::source_position at, std::string text) { problems_.push_back({at, std::move(text)}); }

  bool is_table(std::string_view name) const {
    return std::ranges::any_of(keys_, [name](const Key& key) { return key.table == name && !name.empty(); });
  }

  void read_table(std::string_view table, const toml::table& node, std::string_view shown) {
    for (auto&& [name, value] : node) {
      if (table.empty() && is_table(name.str())) {
        read_section(name, value);
        continue;
      }
      const auto key = std::ranges::find_if(keys_, [&, text = name.str()](const Key& known) {
        return known.table == table && known.name == text;
      });
      if (key == keys_.end()) {
        problem(name.source().begin, unknown(table, shown, name.str()));
        continue;
      }
      const std::optional<Value> converted = to_value(value);
      if (!converted) {
        problem(value.source().begin, fmt::format("{} takes {}", key->path(), takes(*key)));
      } else if (auto wrong = key->set(config_, *converted)) {
        problem(value.source().begin, fmt::format("{} {}", key->path(), *wrong));
      }
    }
  }

  void read_section(const toml::key& name, const toml::node& value) {
    if (name.str() == "domain") return read_domains(value);
    const toml::table* table = value.as_table();
    if (!table)
      return problem(name.source().begin,
                     fmt::format("{0} is a table: write [{0}] above its keys", name.str()));
    read_table(name.str(), *table, name.str());
  }

  void read_domains(const toml::node& value) {
    const toml::array* array = value.as_array();
    if (!array || !array->is_array_of_tables()) {
      return problem(value.source().begin,
                     "domains are written as [[domain]], in double brackets, once for each");
    }
    if (array->size() > max_domains) {
      return problem(value.source().begin, fmt::format("there are more than {} domains", max_domains));
    }
    for (const toml::node& entry : *array) {
      config_.domains.emplace_back();
      read_table("domain", *entry.as_table(), "[domain]");
      const Domain& domain = config_.domains.back();
      const auto at = entry.source().begin;
      if (domain.name.empty() && !entry.as_table()->contains("name"))
        problem(at, "this [[domain]] has no name");
      if (domain.certificate.empty() != domain.key.empty()) {
        problem(at,
                fmt::format(
                    "domain {} has only one of certificate and key: give both, or neither for a certificate "
                    "of the server's own making",
                    domain.name));
      }
      const auto twin = std::ranges::count(config_.domains, domain.name, &Domain::name);
      if (!domain.name.empty() && twin > 1)
        problem(at, fmt::format("domain {} stands here twice", domain.name));
    }
  }

  // What is written for all addresses is narrowed when only localhost is served; a named one must be
  // loopback.
  void check_listen(std::string_view name, const std::vector<std::string>& entries) {
    const toml::node* node = root_["listen"][name].node();
    if (!node || !config_.loopback_only()) return;
    for (const std::string& entry : entries) {
      if (auto checked = endpoints(entry, true); !checked) {
        problem(node->source().begin, fmt::format("listen.{}: {}", name, checked.error().context));
      }
    }
  }

  // Two limits of which the first makes no sense above the second. Told at whichever the file has.
  void check_order(std::string_view small, std::uint64_t less, std::string_view large, std::uint64_t more) {
    if (less <= more) return;
    const toml::node* node = root_["limits"][small].node();
    if (!node) node = root_["limits"][large].node();
    if (!node) return;
    problem(node->source().begin,
            fmt::format("limits.{} ({}) must not be above limits.{} ({})", small, less, large, more));
  }

  static std::string takes(const Key& key) {
    if (key.range.empty()) return std::string(key.type);
    return fmt::format("{} ({})", key.type, key.range);
  }

  std::string unknown(std::string_view table, std::string_view shown, std::string_view name) const {
    const std::string where = table.empty() ? std::string("at the top") : fmt::format("in [{}]", shown);
    const std::string begin = fmt::format("unknown key \"{}\" {}", name, where);
    std::vector<std::string_view> here;
    for (const Key& key : keys_) {
      if (key.name == name) {
        return key.table.empty() ? fmt::format("{}: it belongs to the top of the file", begin)
                                 : fmt::format("{}: it belongs to [{}]", begin, key.table);
      }
      here.push_back(key.table == table ? key.name : table.empty() ? key.table : std::string_view());
    }
    const std::string_view meant = nearest(name, here);
    if (!meant.empty()) return fmt::format("{}: did you mean \"{}\"?", begin, meant);
    return fmt::format("{}; docs/configuration.md lists all keys", begin);
  }

  std::string_view name_;
  const toml::table& root_;
  std::vector<Key> keys_;
  Config config_;
  std::vector<Problem> problems_;
};

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& name) {
  try {
    const toml::table root = toml::parse(text, name);
    return Reader(name, root).read();
  } catch (const toml::parse_error& error) {
    const toml::source_position at = error.source().begin;
    return fail(Error::invalid, fmt::format("{}:{}:{}: {}", name, at.line, at.column, error.description()));
  }
}

Result<Config> read_config(const std::string& path) {
  HY_TRY(text, read_small(path, max_file_bytes));
  HY_TRY(config, parse_config(text, path));
  config.file = path;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const auto resolve = [&folder](std::string& value) {
    if (!value.empty() && std::filesystem::path(value).is_relative()) value = (folder / value).string();
  };
  resolve(config.data_dir);
  for (Domain& domain : config.domains) {
    resolve(domain.certificate);
    resolve(domain.key);
  }
  return config;
}

}  // namespace hy::server
