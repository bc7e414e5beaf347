#include "server/config_keys.h"

namespace hy::server {
namespace {

struct Chapter {
  std::string_view table;
  std::string_view title;
};

constexpr std::array<Chapter, 7> chapters = {{{"", "At the top"},
                                              {"log", "[log]"},
                                              {"domain", "[[domain]], once per domain"},
                                              {"listen", "[listen]"},
                                              {"tls", "[tls]"},
                                              {"limits", "[limits]"},
                                              {"admin", "[admin]"}}};

}  // namespace

std::string config_reference() {
  std::string page =
      "# Configuration\n\n"
      "One TOML file, `hongyan serve --config FILE`. Every key is optional and so is the file. A key that is "
      "not listed "
      "here, a wrong type or a value out of range stops the start with one message; `hongyan check` tells "
      "the same "
      "without starting. A relative path is relative to the file's folder.\n\n"
      "This page is made from the server's own table of keys by `make docs`.\n";
  for (const Chapter& chapter : chapters) {
    page += fmt::format("\n## {}\n\n| key | takes | default | |\n|---|---|---|---|\n", chapter.title);
    for (const Key& key : config_keys()) {
      if (key.table != chapter.table) continue;
      const std::string takes =
          key.range.empty() ? std::string(key.type) : fmt::format("{}, {}", key.type, key.range);
      const std::string standard = key.default_text.empty() ? "" : fmt::format("`{}`", key.default_text);
      page += fmt::format("| `{}` | {} | {} | {} |\n", key.name, takes, standard, key.text);
    }
  }
  return page;
}

}  // namespace hy::server
