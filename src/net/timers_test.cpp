#include "net/timers.h"

#include <gtest/gtest.h>

#include <random>

namespace hy::net {
namespace {

Instant at(int us) {
  return Instant(Duration(us));
}

TEST(Timers, run_by_deadline_and_not_before) {
  Timers timers;
  std::string seen;
  Timer c = timers.add(at(30), [&] { seen += "c"; });
  Timer a = timers.add(at(10), [&] { seen += "a"; });
  Timer b = timers.add(at(20), [&] { seen += "b"; });
  EXPECT_EQ(timers.next(), at(10));
  timers.run_due(at(9));
  EXPECT_EQ(seen, "");
  timers.run_due(at(20));
  EXPECT_EQ(seen, "ab");
  timers.run_due(at(100));
  EXPECT_EQ(seen, "abc");
  EXPECT_EQ(timers.next(), std::nullopt);
  EXPECT_TRUE(a) << "says so also after it ran";
}

TEST(Timers, a_job_may_destroy_its_own_timer_and_others) {
  Timers timers;
  int ran = 0;
  Timer own;
  Timer other = timers.add(at(2), [&] { ran += 100; });
  own = timers.add(at(1), [&] {
    ++ran;
    own.cancel();
    other.cancel();
  });
  timers.run_due(at(5));
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(timers.size(), 0U);
}

TEST(Timers, one_added_by_a_job_and_already_due_waits_for_the_next_turn) {
  Timers timers;
  int ran = 0;
  Timer timer;
  std::function<void()> again = [&] {
    ++ran;
    timer = timers.add(at(0), again);
  };
  timer = timers.add(at(0), again);
  timers.run_due(at(1));
  EXPECT_EQ(ran, 1);
  timers.run_due(at(1));
  EXPECT_EQ(ran, 2);
}

TEST(Timers, what_is_dropped_may_own_timers) {
  struct Owner {
    Timer timer;
  };
  Timer left;
  {
    Timers timers;
    auto owner = std::make_shared<Owner>();
    owner->timer = timers.add(at(1), [owner] {});
    left = timers.add(at(2), [] {});
  }
  left.cancel();
}

TEST(Timers, thousands_set_and_cancelled_at_random_run_in_order) {
  std::mt19937 random(7);
  Timers timers;
  std::vector<Timer> held(5000);
  std::vector<int> deadline(held.size());
  std::vector<int> ran;
  for (int round = 0; round < 20000; ++round) {
    const std::size_t i = random() % held.size();
    if (random() % 3 == 0) {
      held[i].cancel();
      deadline[i] = -1;
    } else {
      const int us = static_cast<int>(random() % 100000);
      deadline[i] = us;
      held[i] = timers.add(at(us), [&ran, us] { ran.push_back(us); });
    }
  }
  const auto expected =
      std::ranges::count_if(held, [](const Timer& timer) { return static_cast<bool>(timer); });
  EXPECT_EQ(timers.size(), static_cast<std::size_t>(expected));
  for (int us = 0; us < 100000; us += 1000) {
    timers.run_due(at(us));
    EXPECT_TRUE(ran.empty() || ran.back() <= us);
  }
  timers.run_due(at(100000));
  EXPECT_EQ(ran.size(), static_cast<std::size_t>(expected));
  EXPECT_TRUE(std::ranges::is_sorted(ran));
}

}  // namespace
}  // namespace hy::net
