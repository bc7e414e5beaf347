// Every scenario, on one shard and on three, with whole and with split reads; the coverage list; and the
// sweep of faults.
#include "scenario/script.h"

#include <gtest/gtest.h>
#include <unistd.h>

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
  for (std::uint64_t k = 1; k <= operations; ++k) {
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
    ASSERT_EQ(std::ranges::count(line, '\t'), 2) << line;
    const std::string script = line.substr(tab + 1);
    EXPECT_TRUE(fs::is_regular_file(path(script))) << line;
    named.insert(script);
  }
  for (const std::string& script : scripts())
    EXPECT_TRUE(named.contains(script)) << script << " is in no line";
  EXPECT_GT(named.size(), 20u);
}

class Runner : public testing::Test {
 protected:
  // What a script says that does not go as written.
  std::string run(const std::string& script) {
    const std::string file = testing::TempDir() + "/" +
                             testing::UnitTest::GetInstance()->current_test_info()->name() +
                             std::to_string(getpid()) + ".txt";
    std::ofstream(file) << "accounts romeo juliet\nromeo/a is on line\njuliet/b is on line\n" << script;
    const std::string said = run_script(file, {});
    fs::remove(file);
    return said;
  }
};

TEST_F(Runner, notices_what_should_not_have_come) {
  const std::string said = run("romeo/a sends\n  <message to='juliet@localhost'/>\n");
  EXPECT_NE(said.find(".txt:4: romeo/a sends"), std::string::npos) << said;
  EXPECT_NE(said.find("juliet/b received what it should not: <message"), std::string::npos) << said;
}

TEST_F(Runner, notices_it_before_the_next_step) {
  EXPECT_NE(run("romeo/a sends\n  <message to='juliet@localhost'/>\njuliet/b is on line\n"), "");
}

TEST_F(Runner, notices_what_did_not_come) {
  const std::string said = run("romeo/a receives\n  <message/>\n");
  EXPECT_NE(said.find("nothing came\n  expected <message/>"), std::string::npos) << said;
}

TEST_F(Runner, notices_what_came_otherwise) {
  const std::string said =
      run("romeo/a sends\n  <message to='juliet@localhost'/>\njuliet/b receives\n  <message from='*'/>\n");
  EXPECT_NE(said.find("unexpected attribute to='juliet@localhost'"), std::string::npos) << said;
}

TEST_F(Runner, notices_a_connection_that_is_over) {
  EXPECT_NE(run("romeo/a sends\n  </stream:stream>\n"), "");
  EXPECT_EQ(run("romeo/a closes\nromeo/a is closed\n"), "");
}

TEST_F(Runner, notices_a_connection_that_is_not_over) {
  EXPECT_NE(run("romeo/a is closed\n"), "");
  EXPECT_NE(run("romeo/a is cut\n"), "");
  EXPECT_NE(run("romeo/a ends with conflict\n"), "");
}

TEST_F(Runner, refuses_what_is_no_step) {
  EXPECT_NE(run("romeo/a sings\n"), "");
  EXPECT_NE(run("nobody/x sends\n  <presence/>\n"), "");
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
