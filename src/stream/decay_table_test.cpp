#include "stream/decay_table.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace hy::stream {
namespace {

constexpr Instant start{1000s};

void add(DecayTable& table, std::uint64_t key, int times, Instant now) {
  for (int i = 0; i < times; ++i) table.add(key, now);
}

/// A key of the `bucket`th of the table's buckets.
std::uint64_t key_in(std::uint64_t bucket, std::uint64_t tag) {
  return bucket << 32 | tag;
}

TEST(DecayTable, is_full_at_the_limit_and_not_one_before) {
  DecayTable table(64, {5, 10s}, start);
  add(table, 7, 4, start);
  EXPECT_FALSE(table.full(7, start));
  table.add(7, start);
  EXPECT_TRUE(table.full(7, start));
  EXPECT_FALSE(table.full(8, start));
}

TEST(DecayTable, one_count_is_forgiven_after_each_step) {
  DecayTable table(64, {5, 10s}, start);
  add(table, 7, 5, start);
  EXPECT_TRUE(table.full(7, start + 9900ms));
  EXPECT_FALSE(table.full(7, start + 10s));
  table.add(7, start + 10s);
  EXPECT_TRUE(table.full(7, start + 10s));
  EXPECT_FALSE(table.full(7, start + 20s));
}

TEST(DecayTable, all_is_forgiven_in_the_end) {
  DecayTable table(64, {5, 10s}, start);
  add(table, 7, 5, start);
  add(table, 7, 4, start + 50s);
  EXPECT_FALSE(table.full(7, start + 50s));
  table.add(7, start + 50s);
  EXPECT_TRUE(table.full(7, start + 50s));
}

TEST(DecayTable, more_than_the_limit_is_no_more_debt) {
  DecayTable table(64, {5, 10s}, start);
  add(table, 7, 500, start);
  EXPECT_TRUE(table.full(7, start + 9900ms));
  EXPECT_FALSE(table.full(7, start + 10s));
}

TEST(DecayTable, a_limit_of_one_is_full_for_one_step) {
  DecayTable table(8, {1, 30 * 24h}, start);
  table.add(7, start);
  EXPECT_TRUE(table.full(7, start + 30 * 24h - 100ms));
  EXPECT_FALSE(table.full(7, start + 30 * 24h));
  table.add(7, start);
  table.add(7, start + 24h);
  EXPECT_TRUE(table.full(7, start + 31 * 24h - 100ms));
}

TEST(DecayTable, clear_forgives_one_key_only) {
  DecayTable table(8, {2, 10s}, start);
  add(table, 7, 2, start);
  add(table, 8, 2, start);
  table.clear(7);
  EXPECT_FALSE(table.full(7, start));
  EXPECT_TRUE(table.full(8, start));
  table.add(7, start);
  EXPECT_FALSE(table.full(7, start));
  table.clear(9);
}

TEST(DecayTable, a_key_of_zero_is_a_key) {
  DecayTable table(8, {1, 10s}, start);
  EXPECT_FALSE(table.full(0, start));
  table.add(0, start);
  EXPECT_TRUE(table.full(0, start));
}

TEST(DecayTable, a_full_bucket_lets_go_of_the_one_forgiven_first) {
  DecayTable table(64, {5, 10s}, start);
  for (std::uint64_t tag = 1; tag <= 8; ++tag) add(table, key_in(3, tag), tag == 4 ? 2 : 5, start);
  for (std::uint64_t tag = 1; tag <= 8; ++tag) EXPECT_EQ(table.full(key_in(3, tag), start), tag != 4) << tag;
  add(table, key_in(3, 9), 5, start);
  EXPECT_TRUE(table.full(key_in(3, 9), start));
  for (std::uint64_t tag = 1; tag <= 8; ++tag) EXPECT_EQ(table.full(key_in(3, tag), start), tag != 4) << tag;
  add(table, key_in(3, 4), 3, start);
  EXPECT_FALSE(table.full(key_in(3, 4), start));  // its first two are forgotten
}

TEST(DecayTable, a_flood_of_new_keys_pushes_out_itself) {
  DecayTable table(64, {5, 10s}, start);
  add(table, key_in(3, 1), 5, start);
  for (std::uint64_t tag = 2; tag < 100000; ++tag) table.add(key_in(3, tag), start);
  EXPECT_TRUE(table.full(key_in(3, 1), start));
}

TEST(DecayTable, entries_of_the_past_are_taken_over) {
  DecayTable table(8, {1, 10s}, start);
  for (std::uint64_t tag = 1; tag <= 8; ++tag) table.add(tag, start);
  for (std::uint64_t tag = 11; tag <= 18; ++tag) table.add(tag, start + 10s);
  for (std::uint64_t tag = 11; tag <= 18; ++tag) EXPECT_TRUE(table.full(tag, start + 10s)) << tag;
}

TEST(DecayTable, after_thirteen_years_it_still_refuses) {
  DecayTable table(8, {2, 10s}, start);
  const Instant late = start + 24h * 365 * 20;
  table.add(7, late);
  EXPECT_FALSE(table.full(7, late));
  table.add(7, late);
  EXPECT_TRUE(table.full(7, late));
}

TEST(DecayTable, no_count_of_a_key_is_lost_between_threads) {
  constexpr int threads = 4;
  constexpr int times = 5000;
  DecayTable table(8, {threads * times, 100ms}, start);
  {
    std::vector<std::jthread> pool;
    for (int i = 0; i < threads; ++i) {
      pool.emplace_back([&table, i] {
        for (int j = 0; j < times - (i == 0 ? 1 : 0); ++j) {
          table.add(42, start);
          (void)table.full(42, start);
        }
      });
    }
  }
  EXPECT_FALSE(table.full(42, start));
  table.add(42, start);
  EXPECT_TRUE(table.full(42, start));
}

TEST(DecayTable, threads_with_many_keys_and_clears_do_no_harm) {
  DecayTable table(16, {3, 100ms}, start);
  {
    std::vector<std::jthread> pool;
    for (std::uint64_t i = 0; i < 4; ++i) {
      pool.emplace_back([&table, i] {
        for (std::uint64_t j = 0; j < 20000; ++j) {
          const std::uint64_t key = key_in(j % 3, (j * 7 + i) % 29);
          if (j % 5 == 0) table.clear(key);
          table.add(key, start + 1ms * j);
        }
      });
    }
  }
  add(table, key_in(1, 77), 3, start + 1h);
  EXPECT_TRUE(table.full(key_in(1, 77), start + 1h));
}

}  // namespace
}  // namespace hy::stream
