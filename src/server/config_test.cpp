#include "server/config.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "server/config_keys.h"
#include "server/nearest.h"

namespace hy::server {
namespace {

Config good(std::string_view text) {
  auto config = parse_config(text, "hongyan.toml");
  EXPECT_TRUE(config) << config.error().context;
  return config ? *config : Config();
}

std::string problem(std::string_view text) {
  auto config = parse_config(text, "hongyan.toml");
  EXPECT_FALSE(config) << "was accepted: " << text;
  return config ? "" : config.error().context;
}

TEST(Config, an_empty_file_is_the_defaults) {
  const Config config = good("");
  ASSERT_EQ(config.domains.size(), 1U);
  EXPECT_EQ(config.domains[0].name, "localhost");
  EXPECT_TRUE(config.loopback_only());
  EXPECT_TRUE(config.tls.required);
  EXPECT_EQ(config.limits.stanza_bytes, 262'144U);
  EXPECT_GE(config.shard_count(), 1U);
}

TEST(Config, every_key_takes_what_the_reference_calls_its_default) {
  for (const Key& key : config_keys()) {
    if (key.default_text.empty()) continue;
    const std::string header = key.table.empty() ? "" : fmt::format("[{}]\n", key.table);
    auto config = parse_config(fmt::format("{}{} = {}\n", header, key.name, key.default_text), "x");
    EXPECT_TRUE(config) << key.path() << ": " << config.error().context;
  }
}

TEST(Config, reads_all_tables) {
  const Config config = good(R"(
data_dir = "/var/lib/hongyan"
shards = 3
[log]
level = "debug"
[[domain]]
name = "EXAMPLE.com"
certificate = "/etc/a.crt"
key = "/etc/a.key"
[[domain]]
name = "example.org"
[listen]
c2s = ["192.0.2.1:5222", "[2001:db8::1]:5222"]
c2s_tls = []
[tls]
required = false
[limits]
stanza_bytes = 10000
[admin]
jids = ["Admin@example.com"]
)");
  EXPECT_EQ(config.data_dir, "/var/lib/hongyan");
  EXPECT_EQ(config.shard_count(), 3U);
  EXPECT_EQ(config.log_level, log::Level::debug);
  ASSERT_EQ(config.domains.size(), 2U);
  EXPECT_EQ(config.domains[0].name, "example.com");
  EXPECT_EQ(config.domains[0].key, "/etc/a.key");
  EXPECT_FALSE(config.loopback_only());
  EXPECT_EQ(config.listen.c2s.size(), 2U);
  EXPECT_TRUE(config.listen.c2s_tls.empty());
  EXPECT_FALSE(config.tls.required);
  EXPECT_EQ(config.limits.stanza_bytes, 10'000U);
  EXPECT_EQ(config.admins, std::vector<std::string>{"admin@example.com"});
}

TEST(Config, an_unknown_key_is_told_with_its_place_and_the_word_that_was_meant) {
  EXPECT_EQ(problem("[limits]\n  stanza_byte = 1\n"),
            "hongyan.toml:2:3: unknown key \"stanza_byte\" in [limits]: did you mean \"stanza_bytes\"?");
  EXPECT_EQ(problem("[limit]\nstanza_bytes = 1\n"),
            "hongyan.toml:1:2: unknown key \"limit\" at the top: did you mean \"limits\"?");
  EXPECT_EQ(problem("stanza_bytes = 20000\n"),
            "hongyan.toml:1:1: unknown key \"stanza_bytes\" at the top: it belongs to [limits]");
  EXPECT_EQ(problem("[limits]\nshards = 1\n"),
            "hongyan.toml:2:1: unknown key \"shards\" in [limits]: it belongs to the top of the file");
  EXPECT_EQ(problem("[tls]\nxyzzy = 1\n"),
            "hongyan.toml:2:1: unknown key \"xyzzy\" in [tls]; docs/configuration.md lists all keys");
}

TEST(Config, a_wrong_type_is_told_with_its_place) {
  EXPECT_EQ(problem("shards = \"two\"\n"), "hongyan.toml:1:10: shards expects an integer, not a string");
  EXPECT_EQ(problem("[tls]\nrequired = 1\n"),
            "hongyan.toml:2:12: tls.required expects true or false, not an integer");
  EXPECT_EQ(problem("shards = 1979-05-27\n"), "hongyan.toml:1:10: shards takes integer (0 to 256)");
  EXPECT_EQ(problem("limits = 3\n"), "hongyan.toml:1:1: limits is a table: write [limits] above its keys");
  EXPECT_NE(problem("[domain]\nname = \"a.example\"\n").find("[[domain]]"), std::string::npos);
  EXPECT_NE(problem("[listen]\nc2s = [5222]\n").find("listen.c2s takes list of addresses"),
            std::string::npos);
}

TEST(Config, every_number_has_bounds_that_hold) {
  for (const Key& key : config_keys()) {
    if (key.type != "integer") continue;
    unsigned long long from = 0;
    unsigned long long to = 0;
    ASSERT_EQ(std::sscanf(key.range.c_str(), "%llu to %llu", &from, &to), 2) << key.range;
    Config config;
    EXPECT_FALSE(key.set(config, Value(static_cast<std::int64_t>(from)))) << key.path();
    EXPECT_FALSE(key.set(config, Value(static_cast<std::int64_t>(to)))) << key.path();
    EXPECT_TRUE(key.set(config, Value(static_cast<std::int64_t>(from) - 1))) << key.path();
    EXPECT_TRUE(key.set(config, Value(static_cast<std::int64_t>(to) + 1))) << key.path();
  }
  EXPECT_EQ(problem("[limits]\nlogin_attempts = 6\n"),
            "hongyan.toml:2:18: limits.login_attempts is 6, but must be from 2 to 5");
}

TEST(Config, numbers_land_in_fields_of_their_own) {
  // Two keys bound to one field would both pass the test of bounds.
  std::vector<Config> changed;
  for (const Key& key : config_keys()) {
    if (key.type != "integer") continue;
    unsigned long long from = 0;
    std::sscanf(key.range.c_str(), "%llu", &from);
    if (fmt::format("{}", from) == key.default_text) ++from;
    Config config;
    ASSERT_FALSE(key.set(config, Value(static_cast<std::int64_t>(from))));
    const auto same = [&config](const Config& other) {
      return other.shards == config.shards && std::memcmp(&other.limits, &config.limits, sizeof(Limits)) == 0;
    };
    EXPECT_EQ(std::ranges::count_if(changed, same), 0) << key.path();
    EXPECT_FALSE(same(Config())) << key.path();
    changed.push_back(config);
  }
}

TEST(Config, limits_that_depend_on_each_other_are_compared) {
  EXPECT_EQ(
      problem("[limits]\nstanza_bytes = 2000000\n"),
      "hongyan.toml:2:16: limits.stanza_bytes (2000000) must not be above limits.queue_bytes (1048576)");
  EXPECT_EQ(problem("[limits]\nqueue_bytes = 65536\n"),
            "hongyan.toml:2:15: limits.stanza_bytes (262144) must not be above limits.queue_bytes (65536)");
  EXPECT_FALSE(problem("[limits]\nunwritten_bytes = 1048577\n").empty());
  EXPECT_FALSE(problem("[limits]\nlogin_bytes = 65537\n").empty());
  good("[limits]\nstanza_bytes = 1048576\nunwritten_bytes = 1048576\nlogin_bytes = 65536\n");
}

TEST(Config, the_first_problem_in_the_file_is_the_one_told) {
  EXPECT_TRUE(problem("shards = 1000\n[zzz]\n[limits]\nlogin_s = 0\n").starts_with("hongyan.toml:1:10:"));
  EXPECT_TRUE(problem("[zzz]\n[limits]\nlogin_s = 0\n").starts_with("hongyan.toml:1:2:"));
}

TEST(Config, broken_toml_is_told_with_its_place) {
  EXPECT_TRUE(problem("shards = \n").starts_with("hongyan.toml:1:"));
  EXPECT_TRUE(problem("shards = 1\nshards = 2\n").starts_with("hongyan.toml:2:"));
}

TEST(Config, domains_are_whole_and_once) {
  EXPECT_NE(problem("[[domain]]\ncertificate = \"a\"\nkey = \"b\"\n").find("no name"), std::string::npos);
  EXPECT_NE(problem("[[domain]]\nname = \"a.example\"\nkey = \"b\"\n").find("only one of"),
            std::string::npos);
  EXPECT_NE(problem("[[domain]]\nname = \"a.example\"\n[[domain]]\nname = \"A.example\"\n").find("twice"),
            std::string::npos);
  EXPECT_NE(problem("[[domain]]\nname = \"a..example\"\n").find("not a domain name"), std::string::npos);
}

TEST(Config, administrators_are_bare_addresses) {
  EXPECT_NE(problem("[admin]\njids = [\"example.com\"]\n").find("not an address"), std::string::npos);
  EXPECT_NE(problem("[admin]\njids = [\"a@example.com/x\"]\n").find("not an address"), std::string::npos);
}

TEST(Config, a_file_that_cannot_be_read_is_named) {
  auto config = read_config("/nonexistent/hongyan.toml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().context, "cannot read /nonexistent/hongyan.toml: No such file or directory");
  EXPECT_FALSE(read_config("/"));
}

TEST(Config, paths_are_relative_to_the_file) {
  const std::string folder = std::filesystem::path(testing::TempDir()).parent_path();
  const std::string path = folder + "/relative.toml";
  std::ofstream(path)
      << "data_dir = \"d\"\n[[domain]]\nname = \"a.example\"\ncertificate = \"c\"\nkey = \"/k\"\n";
  auto config = read_config(path);
  ASSERT_TRUE(config) << config.error().context;
  EXPECT_EQ(config->data_dir, folder + "/d");
  EXPECT_EQ(config->domains[0].certificate, folder + "/c");
  EXPECT_EQ(config->domains[0].key, "/k");
}

TEST(Config, a_file_of_the_largest_size_is_read_and_a_larger_one_refused) {
  const std::string path = testing::TempDir() + "/large.toml";
  std::string text = "shards = 2\n#";
  text.resize(1'048'576, 'x');
  std::ofstream(path) << text;
  EXPECT_TRUE(read_config(path));
  std::ofstream(path, std::ios::app) << "x";
  EXPECT_FALSE(read_config(path));
}

TEST(Endpoints, a_port_alone_is_every_address) {
  auto all = endpoints("5222", false);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0], (Endpoint{{"0.0.0.0", 5222}, Endpoint::Need::must}));
  EXPECT_EQ((*all)[1], (Endpoint{{"::", 5222}, Endpoint::Need::if_possible}));
}

TEST(Endpoints, localhost_stays_on_loopback_whatever_is_written) {
  auto all = endpoints("5222", true);
  ASSERT_TRUE(all);
  EXPECT_EQ((*all)[0].at.ip, "127.0.0.1");
  EXPECT_EQ((*all)[1].at.ip, "::1");
  EXPECT_EQ((*endpoints("0.0.0.0:1", true))[0].at.ip, "127.0.0.1");
  EXPECT_EQ((*endpoints("[::]:1", true))[0].at.ip, "::1");
  EXPECT_TRUE(endpoints("127.0.0.53:1", true));
  EXPECT_FALSE(endpoints("192.0.2.1:5222", true));
  EXPECT_TRUE(problem("[listen]\nc2s = [\"192.0.2.1:5222\"]\n").starts_with("hongyan.toml:2:7: listen.c2s:"));
}

TEST(Endpoints, ports_end_at_65535) {
  EXPECT_TRUE(endpoints("65535", false));
  EXPECT_TRUE(endpoints("0", false));
  EXPECT_FALSE(endpoints("65536", false));
  for (const char* wrong :
       {"", "x", "-1", "1x", "127.0.0.1:", ":5222", "[::1]", "::1:5222", "[127.0.0.1]:1", "host:1"}) {
    EXPECT_FALSE(endpoints(wrong, false)) << wrong;
  }
}

TEST(Nearest, counts_slips) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("stanza", "stanza"), 0U);
  EXPECT_EQ(edit_distance("shrads", "shards"), 1U);
  EXPECT_EQ(edit_distance("c2s_tsl", "c2s_tls"), 1U);
  const std::vector<std::string_view> words = {"shards", "data_dir"};
  EXPECT_EQ(nearest("shard", words), "shards");
  EXPECT_EQ(nearest("datadir", words), "data_dir");
  EXPECT_EQ(nearest("xyzzy", words), "");
}

TEST(Reference, the_page_in_docs_is_the_one_that_the_table_makes) {
  std::ifstream file(HY_SOURCE_DIR "/docs/configuration.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(page, config_reference()) << "run `make docs`";
}

}  // namespace
}  // namespace hy::server
