#include "stream/connection_counts.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace hy::stream {
namespace {

class FixedRandom final : public Random {
 public:
  void fill(std::span<unsigned char> out) override { std::ranges::fill(out, 0x5A); }
};

using Hold = ConnectionCounts::Hold;

net::Address at(std::string ip) {
  return {std::move(ip), 40000};
}

/// As many as are given, at most `wanted`.
std::vector<Hold> take(ConnectionCounts& counts, const std::string& ip, std::size_t wanted) {
  std::vector<Hold> holds;
  while (holds.size() < wanted) {
    std::optional<Hold> hold = counts.acquire(at(ip));
    if (!hold) break;
    holds.push_back(std::move(*hold));
  }
  return holds;
}

TEST(ConnectionCounts, a_machine_has_a_hundred_and_no_more) {
  FixedRandom random;
  ConnectionCounts counts(random);
  std::vector<Hold> holds = take(counts, "192.0.2.1", 1000);
  EXPECT_EQ(holds.size(), 100U);
  EXPECT_FALSE(counts.acquire(at("192.0.2.1")));
  EXPECT_TRUE(counts.acquire(at("192.0.2.2")));
}

TEST(ConnectionCounts, one_that_ends_makes_room_for_one) {
  FixedRandom random;
  ConnectionCounts counts(random);
  std::vector<Hold> holds = take(counts, "192.0.2.1", 100);
  holds.pop_back();
  std::vector<Hold> more = take(counts, "192.0.2.1", 1000);
  EXPECT_EQ(more.size(), 1U);
  holds.clear();
  more.clear();
  EXPECT_EQ(take(counts, "192.0.2.1", 1000).size(), 100U);
}

TEST(ConnectionCounts, a_refusal_leaves_no_trace) {
  FixedRandom random;
  ConnectionCounts counts(random);
  std::vector<Hold> holds = take(counts, "192.0.2.1", 100);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(counts.acquire(at("192.0.2.1")));
  holds.pop_back();
  EXPECT_TRUE(counts.acquire(at("192.0.2.1")));
}

TEST(ConnectionCounts, a_hold_moves_and_is_given_back_once) {
  FixedRandom random;
  ConnectionCounts counts(random, {.per_machine = 1});
  std::optional<Hold> first = counts.acquire(at("192.0.2.1"));
  {
    Hold second = std::move(*first);
    first.reset();
    EXPECT_FALSE(counts.acquire(at("192.0.2.1")));
    std::optional<Hold> other = counts.acquire(at("192.0.2.2"));
    second = std::move(*other);
    other.reset();
    EXPECT_TRUE(counts.acquire(at("192.0.2.1")));
    EXPECT_FALSE(counts.acquire(at("192.0.2.2")));
  }
  EXPECT_TRUE(counts.acquire(at("192.0.2.2")));
}

TEST(ConnectionCounts, an_ipv6_customer_is_one_machine) {
  FixedRandom random;
  ConnectionCounts counts(random, {.per_machine = 2});
  auto a = counts.acquire(at("2001:db8::1"));
  auto b = counts.acquire(at("2001:db8::2"));
  EXPECT_TRUE(a && b);
  EXPECT_FALSE(counts.acquire(at("2001:db8::3")));
  EXPECT_TRUE(counts.acquire(at("2001:db8:0:1::3")));
}

TEST(ConnectionCounts, loopback_has_ten_thousand) {
  FixedRandom random;
  ConnectionCounts counts(random);
  EXPECT_EQ(take(counts, "127.0.0.1", 20000).size(), 10000U);
  EXPECT_EQ(take(counts, "::1", 20000).size(), 10000U);
}

TEST(ConnectionCounts, one_shared_cell_does_not_refuse_a_stranger) {
  FixedRandom random;
  ConnectionCounts counts(random, {.per_machine = 1, .cells = 64});
  std::vector<Hold> holds;
  // A quarter of the cells are taken: a lone row would refuse about that share of newcomers, two a sixteenth.
  for (int i = 0; i < 16; ++i) {
    if (auto hold = counts.acquire(at("10.0.0." + std::to_string(i)))) holds.push_back(std::move(*hold));
  }
  int refused = 0;
  for (int i = 0; i < 200; ++i) refused += counts.acquire(at("10.0.1." + std::to_string(i))) ? 0 : 1;
  EXPECT_LT(refused, 25);
}

TEST(ConnectionCounts, threads_stay_near_the_limit_and_leave_nothing_behind) {
  constexpr int threads = 4;
  FixedRandom random;
  ConnectionCounts counts(random);
  std::atomic<int> held = 0;
  std::atomic<int> highest = 0;
  {
    std::vector<std::jthread> shards;
    for (int i = 0; i < threads; ++i) {
      shards.emplace_back([&] {
        std::vector<Hold> holds;
        for (int j = 0; j < 20000; ++j) {
          if (std::optional<Hold> hold = counts.acquire(at("192.0.2.1"))) {
            const int now = ++held;
            int seen = highest.load();
            while (seen < now && !highest.compare_exchange_weak(seen, now)) {
            }
            holds.push_back(std::move(*hold));
          }
          if (j % 3 == 0 && !holds.empty()) {
            --held;
            holds.pop_back();
          }
        }
        held -= static_cast<int>(holds.size());
      });
    }
  }
  EXPECT_LE(highest.load(), 100 + threads - 1);
  EXPECT_GE(highest.load(), 100 - threads);
  EXPECT_EQ(take(counts, "192.0.2.1", 1000).size(), 100U);
}

}  // namespace
}  // namespace hy::stream
