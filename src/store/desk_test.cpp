#include "store/desk.h"

#include <gtest/gtest.h>

#include "store/testing/manual_loop.h"
#include "store/testing/recorder.h"

namespace hy::store {
namespace {

using namespace std::chrono_literals;
using testing::ManualClock;
using testing::ManualLoop;
using testing::Recorder;

Owner jid(std::string_view text) {
  return *Owner::parse(text);
}

struct DeskTest : ::testing::Test {
  ManualClock clock;
  ManualLoop loop{clock};
  Recorder engine;
  Committer committer{engine, [](const Error&) { FAIL(); }};
  std::unique_ptr<Desk> desk = std::make_unique<Desk>(ShardId{3}, loop, committer, *open_ids(engine, clock));
  Scope scope;

  DeskTest() { turn(); }
  ~DeskTest() override { scope.close(); }

  void turn() {
    while (loop.turn()) {
    }
  }
  Position put(std::string_view owner) { return desk->put(jid(owner), EraseAccount{jid(owner)}); }
  /// One round of the committer.
  void settle() {
    desk->hand_over();
    committer.step();
    turn();
  }
  bool waits(Task<Result<void>> task) {
    auto done = std::make_shared<std::vector<Result<void>>>();
    scope.spawn(keep(std::move(task), done));
    last = done;
    return done->empty();
  }
  static Task<void> keep(Task<Result<void>> task, std::shared_ptr<std::vector<Result<void>>> out) {
    Result<void> result = co_await std::move(task);
    out->push_back(std::move(result));
  }

  std::shared_ptr<std::vector<Result<void>>> last;
};

TEST_F(DeskTest, positions_count_batches_from_1) {
  EXPECT_EQ(desk->latest(), Position{0});
  EXPECT_EQ(put("a@x").batch, 1u);
  EXPECT_EQ(put("b@x").batch, 1u);
  EXPECT_EQ(desk->latest(), Position{1});
  desk->hand_over();
  EXPECT_EQ(desk->latest(), Position{1});
  desk->hand_over();  // nothing is open: no batch
  EXPECT_EQ(put("a@x").batch, 2u);
  EXPECT_EQ(desk->latest(), Position{2});
  settle();
  EXPECT_EQ(desk->durable_position(), Position{2});
  EXPECT_EQ(engine.rounds().back(), (Recorder::Round{{ShardId{3}, {1}}, {ShardId{3}, {2}}}));
}

TEST_F(DeskTest, the_first_write_of_each_batch_is_told) {
  int first = 0;
  desk->on_first_write([&] { ++first; });
  put("a@x");
  put("b@x");
  EXPECT_EQ(first, 1);
  desk->hand_over();
  EXPECT_EQ(first, 1);
  put("a@x");
  EXPECT_EQ(first, 2);
}

TEST_F(DeskTest, bytes_count_in_the_backlog) {
  put("a@x");
  EXPECT_EQ(committer.backlog(), 0u);
  desk->hand_over();
  EXPECT_EQ(committer.backlog(), bytes_of(EraseAccount{jid("a@x")}));
}

TEST_F(DeskTest, jobs_run_in_the_order_of_positions) {
  std::string order;
  Position one = put("a@x");
  desk->when_durable(one, [&] { order += "1"; });
  desk->hand_over();
  Position two = put("a@x");
  desk->when_durable(two, [&] { order += "2"; });
  desk->when_durable(one, [&] {
    order += "a";
    desk->when_durable(two, [&] { order += "b"; });  // two is durable too, but its turn has not come
    desk->when_durable(one, [&] { order += "!"; });
  });
  desk->hand_over();
  EXPECT_EQ(order, "");
  committer.step();
  turn();
  EXPECT_EQ(order, "1a!2b");
  desk->when_durable(one, [&] { order += "."; });
  desk->when_durable({}, [&] { order += "0"; });
  EXPECT_EQ(order, "1a!2b.0");
}

TEST_F(DeskTest, a_job_may_put_and_destroy_the_desk) {
  Position one = put("a@x");
  desk->when_durable(one, [&] {
    EXPECT_EQ(put("a@x").batch, 2u);
    desk.reset();
  });
  desk->when_durable(one, [&] { EXPECT_FALSE(desk); });
  settle();
  EXPECT_FALSE(desk);
}

TEST_F(DeskTest, durable_waits_for_the_open_batch_and_ends_with_the_scope) {
  Position one = put("a@x");
  EXPECT_TRUE(waits(desk->durable(one)));
  auto kept = last;
  EXPECT_FALSE(waits(desk->durable({0})));
  settle();
  ASSERT_FALSE(kept->empty());
  EXPECT_TRUE(kept->front());
  EXPECT_FALSE(waits(desk->durable(one)));

  EXPECT_TRUE(waits(desk->durable(put("a@x"))));
  scope.close();
  ASSERT_FALSE(last->empty());
  EXPECT_EQ(last->front().error().code, Error::cancelled);
  settle();  // what waited is gone, its job is harmless
}

TEST_F(DeskTest, a_position_that_nobody_gave_is_a_bug) {
  EXPECT_DEATH(desk->when_durable({1}, [] {}), "position <= latest");
}

TEST_F(DeskTest, an_owner_with_a_resource_is_a_bug) {
  EXPECT_DEATH(desk->put(jid("a@x/r"), PutFloor{}), "is_bare");
  EXPECT_DEATH(desk->put(Owner(), PutFloor{}), "owner");
}

TEST_F(DeskTest, settled_waits_for_the_owners_last_batch_only) {
  EXPECT_FALSE(waits(desk->settled(jid("a@x"))));
  put("a@x");
  EXPECT_TRUE(waits(desk->settled(jid("a@x"))));
  auto first = last;
  EXPECT_FALSE(waits(desk->settled(jid("b@x"))));
  EXPECT_TRUE(waits(desk->settled()));
  desk->hand_over();
  put("a@x");
  put("b@x");
  EXPECT_TRUE(waits(desk->settled(jid("a@x"))));
  auto second = last;
  committer.step();
  turn();
  EXPECT_FALSE(first->empty());
  EXPECT_TRUE(second->empty());
  settle();
  EXPECT_FALSE(second->empty());
  EXPECT_FALSE(waits(desk->settled(jid("a@x"))));
}

TEST_F(DeskTest, owners_are_clean_again_when_their_last_batch_is_durable) {
  for (int i = 0; i < 100; ++i) {
    put("a@x");
    put("a@x");
    put(fmt::format("{}@x", i));
    desk->hand_over();
    if (i % 3 == 0) committer.step();
    if (i % 5 == 0) turn();
  }
  EXPECT_GT(desk->dirty_owners(), 1u);
  settle();
  EXPECT_EQ(desk->dirty_owners(), 0u);
}

TEST_F(DeskTest, a_job_finds_the_owners_of_its_round_clean) {
  Position one = put("a@x");
  desk->hand_over();
  put("a@x");
  desk->hand_over();
  bool waited = true;
  desk->when_durable(one, [&] { waited = waits(desk->settled(jid("a@x"))); });
  settle();
  EXPECT_FALSE(waited);
}

TEST_F(DeskTest, the_floor_goes_with_a_batch_that_leaves_anyway) {
  std::uint64_t floor = *engine.floor();
  put("a@x");
  settle();
  EXPECT_EQ(*engine.floor(), floor);
  clock.advance(5s);
  put("a@x");
  desk->hand_over();
  committer.step();
  EXPECT_EQ(*engine.floor(), floor + 5'000'000);
}

TEST_F(DeskTest, a_shard_with_nothing_to_do_raises_the_floor_too) {
  int first = 0;
  desk->on_first_write([&] { ++first; });
  for (int i = 0; i < 40; ++i) {  // 100 s
    clock.advance(2500ms);
    turn();
    settle();
  }
  EXPECT_EQ(first, 20);
  EXPECT_EQ(engine.rounds().size(), 21u);  // with the one of open_ids
  EXPECT_EQ(desk->next_id(), static_cast<std::uint64_t>(clock.wall().time_since_epoch().count()));
}

TEST_F(DeskTest, ids_stop_following_the_clock_while_the_floor_is_not_durable) {
  std::uint64_t floor = *engine.floor();
  clock.advance(60s);
  turn();
  desk->hand_over();
  EXPECT_LT(desk->next_id(), floor);
  committer.step();
  EXPECT_LT(desk->next_id(), floor);  // durable, but not published yet
  turn();
  EXPECT_EQ(desk->next_id(), static_cast<std::uint64_t>(clock.wall().time_since_epoch().count()));
}

TEST_F(DeskTest, the_timer_ends_with_the_desk) {
  desk.reset();
  clock.advance(60s);
  EXPECT_FALSE(loop.turn());
}

}  // namespace
}  // namespace hy::store
