#include "store/committer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "store/testing/manual_loop.h"
#include "store/testing/recorder.h"

namespace hy::store {
namespace {

using testing::ManualClock;
using testing::ManualLoop;
using testing::Recorder;
using Round = Recorder::Round;

constexpr ShardId a{0}, b{1};

Batch batch(ShardId shard, std::uint64_t position, std::size_t bytes = 100) {
  Batch made;
  made.shard = shard;
  made.position = {position};
  made.writes.emplace_back(PutFloor{});
  made.bytes = bytes;
  return made;
}

struct CommitterTest : ::testing::Test {
  ManualClock clock;
  ManualLoop loop_a{clock}, loop_b{clock};
  Recorder engine;
  std::vector<std::string> failures;
  Committer committer{engine, [this](const Error& error) { failures.push_back(error.context); }};
  std::vector<std::uint64_t> durable_a, durable_b;

  CommitterTest() {
    committer.add_shard(a, loop_a, [this](Position p) { durable_a.push_back(p.batch); });
    committer.add_shard(b, loop_b, [this](Position p) { durable_b.push_back(p.batch); });
  }
  void turn() {
    loop_a.turn();
    loop_b.turn();
  }
};

using Positions = std::vector<std::uint64_t>;

TEST_F(CommitterTest, one_round_takes_all_in_order_and_tells_each_shard_once) {
  committer.hand_over(batch(a, 1));
  committer.hand_over(batch(b, 1));
  committer.hand_over(batch(a, 2));
  EXPECT_TRUE(committer.step());
  EXPECT_FALSE(committer.step());
  EXPECT_EQ(engine.rounds(), (std::vector<Round>{{{a, {1}}, {b, {1}}, {a, {2}}}}));
  EXPECT_EQ(durable_a, Positions{});  // told by the loop only
  turn();
  EXPECT_EQ(durable_a, Positions{2});
  EXPECT_EQ(durable_b, Positions{1});
}

TEST_F(CommitterTest, a_shard_without_batches_is_told_nothing) {
  committer.hand_over(batch(a, 1));
  committer.step();
  committer.hand_over(batch(a, 2));
  committer.step();
  EXPECT_FALSE(loop_b.turn());
  turn();
  EXPECT_EQ(durable_a, (Positions{1, 2}));
}

TEST_F(CommitterTest, backlog_is_what_is_not_durable) {
  committer.hand_over(batch(a, 1, 1000));
  committer.hand_over(batch(b, 1, 10));
  EXPECT_EQ(committer.backlog(), 1010u);
  committer.step();
  EXPECT_EQ(committer.backlog(), 0u);
}

TEST_F(CommitterTest, a_round_ends_with_the_batch_that_reaches_its_bound) {
  std::size_t mib = 1 << 20;
  for (std::uint64_t i = 1; i <= 4; ++i) committer.hand_over(batch(a, i, i == 3 ? 2 * mib : mib));
  EXPECT_TRUE(committer.step());
  EXPECT_EQ(engine.rounds()[0].size(), 3u);
  EXPECT_EQ(committer.backlog(), mib);
  EXPECT_TRUE(committer.step());
  EXPECT_EQ(engine.rounds()[1].size(), 1u);
}

TEST_F(CommitterTest, a_failed_round_is_told_once_and_nothing_follows) {
  engine.fail_round(2);
  committer.hand_over(batch(a, 1));
  EXPECT_TRUE(committer.step());
  committer.hand_over(batch(a, 2));
  committer.hand_over(batch(b, 1));
  EXPECT_FALSE(committer.step());
  engine.fail_round(100);  // the disk is well again: too late
  committer.hand_over(batch(a, 3));
  EXPECT_FALSE(committer.step());
  committer.stop();
  turn();
  EXPECT_EQ(failures, std::vector<std::string>{"no space left on device"});
  EXPECT_EQ(engine.rounds().size(), 1u);
  EXPECT_EQ(durable_a, Positions{1});
  EXPECT_EQ(durable_b, Positions{});
}

TEST_F(CommitterTest, stop_writes_what_is_queued_and_drops_what_comes_later) {
  committer.hand_over(batch(a, 1));
  committer.stop();
  committer.hand_over(batch(a, 2));
  committer.stop();
  turn();
  EXPECT_EQ(durable_a, Positions{1});
  EXPECT_EQ(engine.rounds().size(), 1u);
  EXPECT_EQ(committer.backlog(), 0u);
}

TEST_F(CommitterTest, a_shard_is_told_also_after_the_committer_is_gone) {
  std::vector<std::uint64_t> told;
  {
    Committer other(engine, [](const Error&) {});
    other.add_shard(a, loop_a, [&told](Position p) { told.push_back(p.batch); });
    other.hand_over(batch(a, 1));
  }
  turn();
  EXPECT_EQ(told, Positions{1});
}

// Three threads hand over as fast as they can, each with its own loop; run under the thread sanitizer.
TEST(CommitterThread, every_batch_of_every_shard_becomes_durable_in_order) {
  constexpr std::uint64_t batches = 3000;
  ManualClock clock;
  Recorder engine;
  std::array<ManualLoop, 3> loops{ManualLoop(clock), ManualLoop(clock), ManualLoop(clock)};
  std::array<std::vector<std::uint64_t>, 3> durable;
  Committer committer(engine, [](const Error&) { FAIL(); });
  for (std::uint16_t s = 0; s < 3; ++s) {
    committer.add_shard(ShardId{s}, loops[s], [&durable, s](Position p) { durable[s].push_back(p.batch); });
  }
  committer.start();
  std::vector<std::thread> shards;
  shards.reserve(3);
  for (std::uint16_t s = 0; s < 3; ++s) {
    shards.emplace_back([&, s] {
      for (std::uint64_t i = 1; i <= batches; ++i) {
        committer.hand_over(batch(ShardId{s}, i));
        loops[s].turn();
      }
      while (durable[s].empty() || durable[s].back() < batches) {
        loops[s].turn();
        std::this_thread::yield();
      }
    });
  }
  for (std::thread& shard : shards) shard.join();
  committer.stop();
  EXPECT_EQ(committer.backlog(), 0u);
  std::array<std::uint64_t, 3> next{1, 1, 1};
  for (const Round& round : engine.rounds()) {
    for (auto [shard, position] : round) EXPECT_EQ(position.batch, next[static_cast<std::size_t>(shard)]++);
  }
  for (std::size_t s = 0; s < 3; ++s) {
    EXPECT_EQ(next[s], batches + 1);
    EXPECT_TRUE(std::ranges::is_sorted(durable[s], std::less_equal<>()));
  }
}

TEST(CommitterThread, a_failure_ends_the_thread_and_says_so_on_it) {
  ManualClock clock;
  ManualLoop loop(clock);
  Recorder engine;
  engine.fail_round(1);
  std::atomic<bool> failed = false;
  Committer committer(engine, [&](const Error&) { failed = true; });
  committer.add_shard(a, loop, [](Position) { FAIL(); });
  committer.start();
  committer.hand_over(batch(a, 1));
  while (!failed) std::this_thread::yield();
  committer.hand_over(batch(a, 2));
  committer.stop();
  loop.turn();
  EXPECT_TRUE(engine.rounds().empty());
}

TEST(CommitterThread, stop_drains) {
  ManualClock clock;
  ManualLoop loop(clock);
  Recorder engine;
  std::uint64_t last = 0;
  Committer committer(engine, [](const Error&) { FAIL(); });
  committer.add_shard(a, loop, [&](Position p) { last = p.batch; });
  committer.start();
  for (std::uint64_t i = 1; i <= 1000; ++i) committer.hand_over(batch(a, i, 1 << 20));
  committer.stop();
  loop.turn();
  EXPECT_EQ(last, 1000u);
  EXPECT_EQ(committer.backlog(), 0u);
}

}  // namespace
}  // namespace hy::store
