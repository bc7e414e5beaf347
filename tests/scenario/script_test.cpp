// Every scenario, on one shard and on three, with whole and with split reads; the coverage list; and the
// sweep of faults.
#include "scenario/script.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace hy::scenario {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> scripts() {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(HY_SCENARIOS)) {
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") {
      all.push_back(fs::relative(entry.path(), HY_SCENARIOS).string());
    }
  }
  std::ranges::sort(all);
  return all;
}

std::string path(const std::string& script) {
  return std::string(HY_SCENARIOS) + "/" + script;
}

std::string test_name(const testing::TestParamInfo<std::string>& script) {
  std::string name = script.param.substr(0, script.param.size() - 4);
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, goes_as_written) {
  for (const Variant& variant :
       {Variant{1, 1, false, 0}, Variant{3, 2, false, 0}, Variant{3, 3, true, 0}, Variant{5, 4, true, 0}}) {
    EXPECT_EQ(run_script(path(GetParam()), variant), "")
        << variant.shards << " shards, seed " << variant.seed << (variant.split_reads ? ", split reads" : "");
  }
}

// The k-th operation fails, whatever it is: an answer or a closed stream, nothing left behind, no hang.
TEST_P(Scenario, ends_well_whatever_operation_fails) {
  std::uint64_t operations = 0;
  ASSERT_EQ(run_script(path(GetParam()), {3, 2, false, 0}, &operations), "");
  const std::uint64_t stride = 1 + operations / 60;
  for (std::uint64_t k = 1; k <= operations; k += stride) {
    EXPECT_EQ(run_script(path(GetParam()), {3, 2, false, k}), "")
        << "operation " << k << " of " << operations;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Scenario, testing::ValuesIn(scripts()), test_name);

// Lines of COVERAGE: section, what it says, the scenario that shows it.
TEST(Coverage, every_line_has_its_scenario_and_every_scenario_its_line) {
  std::ifstream file(path("COVERAGE"));
  ASSERT_TRUE(file);
  std::set<std::string> named;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t tab = line.rfind('\t');
    ASSERT_NE(tab, std::string::npos) << line;
    const std::string script = line.substr(tab + 1);
    EXPECT_TRUE(fs::exists(path(script))) << line;
    named.insert(script);
  }
  for (const std::string& script : scripts())
    EXPECT_TRUE(named.contains(script)) << script << " is in no line";
  EXPECT_GT(named.size(), 20u);
}

TEST(Match, tells_what_differs) {
  const auto differs = [](std::string_view expected, std::string_view actual) {
    return difference(xml::parse(expected), xml::parse(actual));
  };
  EXPECT_EQ(differs("<a x='1'><b/></a>", "<a x='1'><b/></a>"), "");
  EXPECT_EQ(differs("<a x='*'><any/></a>", "<a x='7'><c/></a>"), "");
  EXPECT_NE(differs("<a/>", "<a x='1'/>"), "");
  EXPECT_NE(differs("<a x='1'/>", "<a/>"), "");
  EXPECT_NE(differs("<a/>", "<a><b/></a>"), "");
  EXPECT_NE(differs("<a><b/></a>", "<a/>"), "");
  EXPECT_NE(differs("<a>x</a>", "<a>y</a>"), "");
  EXPECT_NE(differs("<a/>", "<a xmlns='u'/>"), "");
}

}  // namespace
}  // namespace hy::scenario
