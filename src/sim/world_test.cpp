#include "sim/world.h"

#include <gtest/gtest.h>

namespace hy::sim {
namespace {

TEST(World, jobs_of_one_loop_keep_their_order) {
  World world(1);
  Loop& loop = world.add_loop("a");
  std::string seen;
  for (char letter = 'a'; letter <= 'z'; ++letter) loop.post([&seen, letter] { seen += letter; });
  world.run_until_idle();
  EXPECT_EQ(seen, "abcdefghijklmnopqrstuvwxyz");
}

TEST(World, the_order_between_loops_depends_on_the_seed) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    World world(seed);
    std::string seen;
    for (const char* name : {"a", "b", "c"}) {
      Loop& loop = world.add_loop(name);
      loop.post([&seen, name] { seen += name; });
    }
    world.run_until_idle();
    orders.insert(seen);
  }
  EXPECT_GE(orders.size(), 4U);
}

TEST(World, turn_end_jobs_run_in_order_after_the_turn_and_may_ask_for_more) {
  World world(1);
  Loop& loop = world.add_loop("a");
  std::string seen;
  loop.post([&] {
    loop.at_turn_end([&] {
      seen += "1";
      loop.at_turn_end([&] { seen += "3"; });
    });
    loop.at_turn_end([&] { seen += "2"; });
    seen += "0";
  });
  EXPECT_TRUE(world.step());
  EXPECT_EQ(seen, "0123");
  EXPECT_FALSE(world.step());
}

TEST(World, timers_run_in_order_of_their_time_and_not_before) {
  World world(1);
  Loop& loop = world.add_loop("a");
  std::string seen;
  Timer late = loop.after(2s, [&] { seen += "late "; });
  Timer soon = loop.after(1s, [&] { seen += "soon "; });
  Timer also = loop.after(1s, [&] { seen += "also "; });
  Timer never = loop.after(1500ms, [&] { seen += "never "; });
  never.cancel();
  world.advance(999999us);
  EXPECT_EQ(seen, "");
  world.advance(1us);
  EXPECT_EQ(seen, "soon also ");
  world.advance(1h);
  EXPECT_EQ(seen, "soon also late ");
  EXPECT_EQ(loop.timers(), 0U);
}

TEST(World, a_timer_may_destroy_itself_and_cancel_one_that_is_due) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    World world(seed);
    Loop& loop = world.add_loop("a");
    int ran = 0;
    Timer one;
    Timer two;
    one = loop.after(1s, [&] {
      ++ran;
      one.cancel();
      two.cancel();
    });
    two = loop.after(1s, [&] {
      ++ran;
      one.cancel();
      two.cancel();
    });
    world.advance(5s);
    EXPECT_EQ(ran, 1);
  }
}

TEST(World, time_passes_from_one_deadline_to_the_next) {
  World world(1);
  Loop& loop = world.add_loop("a");
  const Instant start = world.now();
  std::vector<Duration> at;
  std::function<void()> again;
  Timer timer;
  again = [&] {
    at.push_back(world.now() - start);
    if (at.size() < 3) timer = loop.after(10ms, again);
  };
  timer = loop.after(10ms, again);
  world.advance(100ms);
  EXPECT_EQ(at, (std::vector<Duration>{10ms, 20ms, 30ms}));
  EXPECT_EQ(world.now() - start, Duration(100ms));
}

TEST(World, run_until_stops_at_its_condition_or_its_bound) {
  World world(1);
  Loop& loop = world.add_loop("a");
  bool rung = false;
  Timer timer = loop.after(5s, [&] { rung = true; });
  const Instant start = world.now();
  EXPECT_FALSE(world.run_until([&] { return rung; }, 4s));
  EXPECT_EQ(world.now() - start, Duration(4s));
  EXPECT_TRUE(world.run_until([&] { return rung; }, 4s));
  EXPECT_EQ(world.now() - start, Duration(5s));
}

TEST(World, a_stalled_loop_keeps_what_comes_and_the_others_go_on) {
  World world(1);
  Loop& stalled = world.add_loop("stalled");
  Loop& other = world.add_loop("other");
  int ran = 0;
  int others = 0;
  world.stall(stalled, 3s);
  Timer timer = stalled.after(1s, [&] { ++ran; });
  stalled.post([&] { ++ran; });
  other.post([&] { ++others; });
  world.advance(2999ms);
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(others, 1);
  world.advance(1ms);
  EXPECT_EQ(ran, 2);
}

TEST(World, actors_of_others_run_while_they_are_ready) {
  World world(3);
  int left = 5;
  world.add_actor("committer", [&] { return left > 0; }, [&] { --left; });
  world.run_until_idle();
  EXPECT_EQ(left, 0);
}

TEST(World, a_pool_runs_work_and_tells_its_shard) {
  World world(1);
  Loop& loop = world.add_loop("a");
  Pool& pool = world.add_pool("pool", {.threads = 2, .queue = 1});
  auto worker = pool.worker(loop);
  std::string seen;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(worker->submit([&] { seen += "w"; }, [&] { seen += "d"; }));
  EXPECT_FALSE(worker->submit([&] { seen += "X"; }, [&] { seen += "X"; }));  // two run, one waits
  world.run_until_idle();
  EXPECT_EQ(std::ranges::count(seen, 'w'), 3);
  EXPECT_EQ(std::ranges::count(seen, 'd'), 3);
  EXPECT_EQ(seen.size(), 6U);
  EXPECT_TRUE(worker->submit([] {}, [] {}));
}

TEST(World, a_pool_of_one_thread_keeps_the_order_and_of_two_does_not) {
  const auto order = [](std::uint64_t seed, std::size_t threads) {
    World world(seed);
    Loop& loop = world.add_loop("a");
    auto worker = world.add_pool("pool", {.threads = threads, .queue = 8}).worker(loop);
    std::string seen;
    for (char letter : {'a', 'b', 'c', 'd'}) {
      EXPECT_TRUE(worker->submit([&seen, letter] { seen += letter; }, [] {}));
    }
    world.run_until_idle();
    return seen;
  };
  std::set<std::string> one;
  std::set<std::string> two;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    one.insert(order(seed, 1));
    two.insert(order(seed, 2));
  }
  EXPECT_EQ(one, std::set<std::string>{"abcd"});
  EXPECT_GT(two.size(), 3U);
}

TEST(World, the_kth_operation_fails_and_only_it) {
  World world(1);
  world.fail_at(3);
  std::string failed;
  for (int i = 1; i <= 5; ++i) failed += world.fails("disk") ? 'x' : '.';
  EXPECT_EQ(failed, "..x..");
  EXPECT_EQ(world.operations(), 5U);
}

TEST(World, a_full_pool_can_be_a_fault) {
  World world(1);
  Loop& loop = world.add_loop("a");
  auto worker = world.add_pool("pool").worker(loop);
  world.fail_at(2);
  EXPECT_TRUE(worker->submit([] {}, [] {}));
  EXPECT_FALSE(worker->submit([] {}, [] {}));
  EXPECT_TRUE(worker->submit([] {}, [] {}));
}

TEST(WorldDeathTest, another_shards_loop_is_not_touched) {
  World world(1);
  Loop& one = world.add_loop("one");
  Loop& two = world.add_loop("two");
  one.post([&] { two.at_turn_end([] {}); });
  EXPECT_DEATH(world.run_until_idle(), "broken invariant");
}

TEST(World, random_bytes_repeat_with_the_seed) {
  World one(7);
  World same(7);
  World other(8);
  const std::string a = one.random().hex(256);
  EXPECT_EQ(a, same.random().hex(256));
  EXPECT_NE(a, other.random().hex(256));
  EXPECT_NE(a, one.random().hex(256));
}

}  // namespace
}  // namespace hy::sim
