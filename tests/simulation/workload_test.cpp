#include "simulation/workload.h"

#include <gtest/gtest.h>

namespace hy::simulation {
namespace {

class Seeds : public testing::TestWithParam<int> {};

// Ten seeds a test, so that the runner can spread them.
TEST_P(Seeds, hold_the_promise_of_the_way_back) {
  std::size_t delivered = 0;
  std::size_t refused = 0;
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<std::uint64_t>(GetParam() * 10 + i + 1);
    const Outcome outcome = run_workload(seed);
    for (const std::string& broken : outcome.broken) ADD_FAILURE() << "seed " << seed << ": " << broken;
    delivered += outcome.delivered;
    refused += outcome.refused;
  }
  // That it was not an empty world.
  EXPECT_GT(delivered, 200u);
  EXPECT_GT(refused, 20u);
}
INSTANTIATE_TEST_SUITE_P(Simulation, Seeds, testing::Range(0, 5));

TEST(Simulation, replays_byte_for_byte) {
  for (std::uint64_t seed : {3, 17, 99}) {
    const Outcome first = run_workload(seed);
    const Outcome second = run_workload(seed);
    EXPECT_EQ(first.transcript, second.transcript);
    EXPECT_GT(first.transcript.size(), 10'000u);
  }
  EXPECT_NE(run_workload(1).transcript, run_workload(2).transcript);
}

}  // namespace
}  // namespace hy::simulation
