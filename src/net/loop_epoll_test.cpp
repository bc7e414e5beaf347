#include "net/loop_epoll.h"

#include <gtest/gtest.h>

#include <latch>

#include "net/loopback_test.h"
#include "net/pool.h"

namespace hy::net {
namespace {

TEST(EpollLoop, jobs_of_each_thread_keep_their_order) {
  LoopThread shard;
  constexpr int threads = 4;
  constexpr int jobs = 20000;
  std::vector<std::vector<int>> seen(threads);
  std::vector<std::jthread> posters;
  for (int t = 0; t < threads; ++t) {
    posters.emplace_back([&, t] {
      for (int i = 0; i < jobs; ++i)
        shard.loop.post([&seen, t, i] { seen[static_cast<std::size_t>(t)].push_back(i); });
    });
  }
  posters.clear();
  shard.call([] {});
  for (const auto& of_one : seen) {
    EXPECT_EQ(of_one.size(), static_cast<std::size_t>(jobs));
    EXPECT_TRUE(std::ranges::is_sorted(of_one));
  }
}

TEST(EpollLoop, a_job_posted_on_the_loop_runs_in_a_later_turn) {
  EpollLoop loop;
  std::string seen;
  loop.post([&] {
    loop.post([&] {
      seen += "later ";
      loop.stop();
    });
    loop.at_turn_end([&] {
      seen += "end ";
      loop.at_turn_end([&] { seen += "more "; });
    });
    loop.at_turn_end([&] { seen += "second "; });
    seen += "now ";
  });
  loop.run();
  EXPECT_EQ(seen, "now end second more later ");
}

TEST(EpollLoop, timers_wake_an_idle_loop_in_order) {
  EpollLoop loop;
  std::string seen;
  const Instant start = loop.now();
  Timer b = loop.after(20ms, [&] {
    seen += "b";
    loop.stop();
  });
  Timer a = loop.after(10ms, [&] { seen += "a"; });
  Timer none = loop.after(5ms, [&] { seen += "x"; });
  none.cancel();
  loop.run();
  EXPECT_EQ(seen, "ab");
  EXPECT_GE(loop.now() - start, Duration(20ms));
}

TEST(EpollLoop, jobs_posted_before_stop_run_and_those_after_are_dropped) {
  auto token = std::make_shared<int>();
  int ran = 0;
  {
    EpollLoop loop;
    loop.post([&] { ++ran; });
    loop.stop();
    loop.run();
    loop.post([token, &ran] { ++ran; });
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(token.use_count(), 1);
}

TEST(EpollLoop, two_loops_play_ping_pong) {
  LoopThread one;
  LoopThread two;
  std::promise<int> done;
  int hits = 0;
  std::function<void()> ping;
  std::function<void()> pong = [&] { one.loop.post(ping); };
  ping = [&] {
    if (++hits == 20000) return done.set_value(hits);
    two.loop.post(pong);
  };
  one.loop.post(ping);
  auto result = done.get_future();
  ASSERT_EQ(result.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(result.get(), 20000);
}

TEST(Pool, work_runs_elsewhere_and_done_at_home) {
  LoopThread shard;
  Pool pool("test", 2, 100);
  const std::thread::id home = shard.call([] { return std::this_thread::get_id(); });
  std::promise<bool> done;
  std::thread::id worked;
  shard.call([&] {
    auto worker = pool.worker(shard.loop);
    EXPECT_TRUE(worker->submit([&] { worked = std::this_thread::get_id(); },
                               [&] { done.set_value(std::this_thread::get_id() == home); }));
  });
  EXPECT_TRUE(done.get_future().get());
  EXPECT_NE(worked, home);
  pool.stop();
}

TEST(Pool, a_full_queue_refuses_and_stop_runs_what_waits) {
  LoopThread shard;
  Pool pool("test", 1, 3);
  auto worker = pool.worker(shard.loop);
  std::latch begun(1);
  std::latch go_on(1);
  std::atomic<int> worked = 0;
  std::atomic<int> told = 0;
  EXPECT_TRUE(worker->submit([&] { begun.count_down(), go_on.wait(), ++worked; }, [&] { ++told; }));
  begun.wait();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(worker->submit([&] { ++worked; }, [&] { ++told; }));
  EXPECT_FALSE(worker->submit([&] { ++worked; }, [&] { ++told; }));
  go_on.count_down();
  pool.stop();
  EXPECT_EQ(worked, 4);
  shard.call([] {});
  EXPECT_EQ(told, 4);
  EXPECT_FALSE(worker->submit([] {}, [] {}));
}

Task<void> hash(Worker* worker, std::promise<int>* out) {
  Result<int> got = co_await worker->run([] { return 6 * 7; });
  out->set_value(got ? *got : -1);
}

TEST(Pool, a_task_waits_for_it) {
  LoopThread shard;
  Pool pool("test", 1, 1);
  std::promise<int> out;
  auto worker = pool.worker(shard.loop);
  Scope scope;
  shard.call([&] { scope.spawn(hash(worker.get(), &out)); });
  EXPECT_EQ(out.get_future().get(), 42);
  shard.call([&] { scope.close(); });
  pool.stop();
}

}  // namespace
}  // namespace hy::net
