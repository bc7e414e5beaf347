#include "store/ids.h"

#include <gtest/gtest.h>

#include "store/testing/manual_loop.h"

namespace hy::store {
namespace {

using testing::ManualClock;
using namespace std::chrono_literals;

std::uint64_t us(const ManualClock& clock) {
  return static_cast<std::uint64_t>(clock.wall().time_since_epoch().count());
}

struct Floors final : Engine {
  std::uint64_t on_disk = 0;
  bool fails = false;
  Result<void> write(std::span<const Batch> batches) override {
    if (fails) return fail(Error::io, "broken");
    on_disk = std::get<PutFloor>(batches[0].writes[0]).floor;
    return {};
  }
  Result<std::uint64_t> floor() const override { return on_disk; }
};

TEST(Ids, begin_at_the_time_in_an_empty_store_and_write_the_floor_first) {
  ManualClock clock;
  Floors engine;
  IdRange range = *open_ids(engine, clock);
  EXPECT_EQ(range.first, us(clock));
  EXPECT_EQ(range.limit, us(clock) + IdSource::ahead_us);
  EXPECT_EQ(engine.on_disk, range.limit);
}

TEST(Ids, begin_at_the_floor_when_the_clock_is_behind_it) {
  ManualClock clock;
  Floors engine;
  engine.on_disk = us(clock) + 3'600'000'000;
  IdRange range = *open_ids(engine, clock);
  EXPECT_EQ(range.first, us(clock) + 3'600'000'000);
  EXPECT_EQ(engine.on_disk, range.first + IdSource::ahead_us);
}

TEST(Ids, a_clock_before_1970_is_no_time) {
  ManualClock clock;
  clock.set_wall(WallTime(-5s));
  Floors engine;
  EXPECT_EQ(open_ids(engine, clock)->first, 0u);
}

TEST(Ids, a_floor_that_cannot_be_written_is_no_start) {
  ManualClock clock;
  Floors engine;
  engine.fails = true;
  EXPECT_FALSE(open_ids(engine, clock));
}

struct Source : ::testing::Test {
  ManualClock clock;
  IdRange range{us(clock), us(clock) + IdSource::ahead_us};
  IdSource ids{clock, range};
};

TEST_F(Source, follows_the_clock_and_counts_within_a_microsecond) {
  EXPECT_EQ(ids.next(), us(clock));
  EXPECT_EQ(ids.next(), us(clock) + 1);
  clock.advance(1s);
  EXPECT_EQ(ids.next(), us(clock));
}

TEST_F(Source, counts_on_when_the_clock_goes_back) {
  clock.advance(1s);
  std::uint64_t last = ids.next();
  clock.set_wall(clock.wall() - 1h);
  EXPECT_EQ(ids.next(), last + 1);
}

TEST_F(Source, raises_when_half_is_left_and_once_at_a_time) {
  clock.advance(5s - 1us);
  EXPECT_EQ(ids.raise(), std::nullopt);
  clock.advance(1us);
  EXPECT_EQ(ids.raise(), us(clock) + IdSource::ahead_us);
  EXPECT_EQ(ids.raise(), std::nullopt);
  EXPECT_EQ(ids.limit(), range.limit);
  ids.raised();
  EXPECT_EQ(ids.limit(), us(clock) + IdSource::ahead_us);
}

TEST_F(Source, stays_below_the_durable_floor_while_the_disk_stalls) {
  clock.advance(8s - 1us);
  EXPECT_EQ(ids.next(), us(clock));
  ids.raise();
  clock.advance(1h);
  EXPECT_EQ(ids.next(), range.limit - IdSource::reserve_us);
  EXPECT_EQ(ids.next(), range.limit - IdSource::reserve_us + 1);
  ids.raised();
  ids.raise();
  ids.raised();
  EXPECT_EQ(ids.next(), us(clock));
}

TEST_F(Source, gives_every_id_below_the_floor_and_none_at_it) {
  clock.advance(1h);
  std::uint64_t id = 0;
  for (std::uint64_t i = 0; i < IdSource::reserve_us; ++i) id = ids.next();
  EXPECT_EQ(id, range.limit - 1);
  EXPECT_DEATH(ids.next(), "id < limit_");
}

TEST_F(Source, a_clock_set_far_ahead_raises_above_it) {
  clock.set_wall(clock.wall() + 24h * 365);
  EXPECT_EQ(ids.raise(), us(clock) + IdSource::ahead_us);
  EXPECT_LT(ids.next(), range.limit);
  ids.raised();
  EXPECT_EQ(ids.next(), us(clock));
}

}  // namespace
}  // namespace hy::store
