#include "stream/throttle.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "stream/address_block.h"

namespace hy::stream {
namespace {

class HandClock final : public Clock {
 public:
  Instant now() const override { return now_.load(); }
  WallTime wall() const override { return WallTime(now_.load().time_since_epoch()); }
  void advance(Duration by) { now_ = now_.load() + by; }

 private:
  std::atomic<Instant> now_ = Instant(1000s);
};

class FixedRandom final : public Random {
 public:
  void fill(std::span<unsigned char> out) override { std::ranges::fill(out, 0x5A); }
};

xmpp::Jid jid(std::string_view local) {
  return xmpp::Jid::make(local, "example.org").value();
}
net::Address at(std::string ip) {
  return {std::move(ip), 40000};
}

struct Fixture {
  HandClock clock;
  FixedRandom random;
  Throttle throttle;

  explicit Fixture(ThrottleConfig config = {}) : throttle(clock, random, config) {}
  bool admits(const std::string& ip, std::string_view local) const {
    return throttle.admit(at(ip), jid(local)) == Admission::allowed;
  }
  void fail(const std::string& ip, std::string_view local, int times = 1) {
    for (int i = 0; i < times; ++i) throttle.failed(at(ip), jid(local));
  }
  void succeed(const std::string& ip, std::string_view local) { throttle.succeeded(at(ip), jid(local)); }
};

/// A different machine, and a different network, for each number.
std::string far(int number) {
  return "10." + std::to_string(number / 200) + "." + std::to_string(number % 200) + ".1";
}

TEST(AddressBlock, ipv4_counts_by_32_and_24_bits) {
  EXPECT_EQ(address_block("192.0.2.1").machine, address_block("192.0.2.1").machine);
  EXPECT_NE(address_block("192.0.2.1").machine, address_block("192.0.2.2").machine);
  EXPECT_EQ(address_block("192.0.2.1").network, address_block("192.0.2.255").network);
  EXPECT_NE(address_block("192.0.2.1").network, address_block("192.0.3.1").network);
  EXPECT_EQ(address_block("::ffff:192.0.2.1").machine, address_block("192.0.2.1").machine);
}

TEST(AddressBlock, ipv6_counts_by_64_and_48_bits) {
  EXPECT_EQ(address_block("2001:db8:1:2::1").machine,
            address_block("2001:db8:1:2:ffff:ffff:ffff:ffff").machine);
  EXPECT_NE(address_block("2001:db8:1:2::1").machine, address_block("2001:db8:1:3::1").machine);
  EXPECT_EQ(address_block("2001:db8:1:2::1").network, address_block("2001:db8:1:ffff::1").network);
  EXPECT_NE(address_block("2001:db8:1:2::1").network, address_block("2001:db8:2:2::1").network);
  EXPECT_EQ(address_block("fe80::1%eth0").machine, address_block("fe80::2").machine);
}

TEST(AddressBlock, loopback_is_known) {
  EXPECT_TRUE(address_block("127.0.0.1").loopback);
  EXPECT_TRUE(address_block("127.255.0.9").loopback);
  EXPECT_TRUE(address_block("::1").loopback);
  EXPECT_TRUE(address_block("::ffff:127.0.0.1").loopback);
  EXPECT_FALSE(address_block("128.0.0.1").loopback);
  EXPECT_FALSE(address_block("::2").loopback);
  EXPECT_FALSE(address_block("1::1").loopback);
}

TEST(AddressBlock, what_is_no_address_is_a_block_of_its_own) {
  EXPECT_NE(address_block("peer 1").machine, address_block("peer 2").machine);
  EXPECT_NE(address_block("").machine, address_block("peer 2").machine);
  EXPECT_FALSE(address_block("localhost").loopback);
}

TEST(Throttle, an_account_is_refused_at_its_limit_from_wherever) {
  Fixture f;
  for (int i = 0; i < 19; ++i) f.fail(far(i), "alice");
  EXPECT_TRUE(f.admits(far(500), "alice"));
  f.fail(far(19), "alice");
  EXPECT_FALSE(f.admits(far(500), "alice"));
  EXPECT_TRUE(f.admits(far(0), "bob"));
}

TEST(Throttle, a_machine_is_refused_at_its_limit_whatever_the_account) {
  Fixture f;
  for (int i = 0; i < 29; ++i) f.fail("192.0.2.1", "user" + std::to_string(i));
  EXPECT_TRUE(f.admits("192.0.2.1", "alice"));
  f.fail("192.0.2.1", "user29");
  EXPECT_FALSE(f.admits("192.0.2.1", "alice"));
  EXPECT_TRUE(f.admits("192.0.2.2", "alice"));
}

TEST(Throttle, an_ipv6_customer_is_one_machine) {
  Fixture f;
  for (int i = 0; i < 30; ++i) f.fail("2001:db8:1:2::" + std::to_string(i), "user" + std::to_string(i));
  EXPECT_FALSE(f.admits("2001:db8:1:2:a:b:c:d", "alice"));
  EXPECT_TRUE(f.admits("2001:db8:1:3::1", "alice"));
}

TEST(Throttle, a_network_is_refused_at_its_limit) {
  Fixture f;
  for (int i = 0; i < 299; ++i) f.fail("192.0.2." + std::to_string(i % 200), "user" + std::to_string(i));
  EXPECT_TRUE(f.admits("192.0.2.250", "alice"));
  f.fail("192.0.2.7", "user299");
  EXPECT_FALSE(f.admits("192.0.2.250", "alice"));
  EXPECT_TRUE(f.admits("192.0.3.1", "alice"));
}

TEST(Throttle, loopback_has_limits_of_its_own) {
  Fixture f;
  for (int i = 0; i < 2999; ++i) f.fail("127.0.0.1", "user" + std::to_string(i));
  EXPECT_TRUE(f.admits("127.0.0.1", "alice"));
  f.fail("127.0.0.1", "user2999");
  EXPECT_FALSE(f.admits("127.0.0.1", "alice"));
  EXPECT_TRUE(f.admits("::1", "alice"));
  f.fail("::1", "bob", 20);
  EXPECT_FALSE(f.admits("::1", "bob"));  // the account's own limit holds there too
}

TEST(Throttle, failures_fade) {
  Fixture f;
  f.fail("192.0.2.1", "alice", 20);
  f.clock.advance(59900ms);
  EXPECT_FALSE(f.admits("192.0.2.1", "alice"));
  f.clock.advance(100ms);
  EXPECT_TRUE(f.admits("192.0.2.1", "alice"));
  f.fail("192.0.2.1", "alice");
  EXPECT_FALSE(f.admits("192.0.2.1", "alice"));
  f.clock.advance(20min);
  f.fail("192.0.2.1", "alice", 19);
  EXPECT_TRUE(f.admits("192.0.2.1", "alice"));
}

TEST(Throttle, a_success_forgives_the_account) {
  Fixture f;
  for (int i = 0; i < 19; ++i) f.fail(far(i), "alice");
  f.succeed("192.0.2.1", "alice");
  for (int i = 0; i < 19; ++i) f.fail(far(i), "alice");
  EXPECT_TRUE(f.admits(far(500), "alice"));
}

TEST(Throttle, a_success_does_not_forgive_the_machine) {
  Fixture f;
  for (int i = 0; i < 29; ++i) f.fail("192.0.2.1", "user" + std::to_string(i));
  f.succeed("192.0.2.1", "mallory");
  f.fail("192.0.2.1", "user29");
  EXPECT_FALSE(f.admits("192.0.2.1", "alice"));
}

TEST(Throttle, a_stranger_does_not_lock_the_owner_out) {
  Fixture f;
  f.succeed("192.0.2.1", "alice");
  for (int i = 0; i < 100; ++i) f.fail(far(i), "alice");
  EXPECT_FALSE(f.admits(far(500), "alice"));
  EXPECT_TRUE(f.admits("192.0.2.1", "alice"));
  for (int i = 0; i < 100; ++i) f.fail("192.0.2.1", "user" + std::to_string(i));
  EXPECT_TRUE(f.admits("192.0.2.1", "alice"));
  EXPECT_FALSE(f.admits("192.0.2.1", "bob"));
}

TEST(Throttle, a_familiar_pair_has_its_own_limit_and_counts_nowhere_else) {
  Fixture f;
  f.succeed("192.0.2.1", "alice");
  f.fail("192.0.2.1", "alice", 9);
  EXPECT_TRUE(f.admits("192.0.2.1", "alice"));
  f.fail("192.0.2.1", "alice", 100);
  EXPECT_FALSE(f.admits("192.0.2.1", "alice"));
  EXPECT_TRUE(f.admits("192.0.2.1", "bob"));
  EXPECT_TRUE(f.admits(far(1), "alice"));
  f.clock.advance(60s);
  EXPECT_TRUE(f.admits("192.0.2.1", "alice"));
  f.succeed("192.0.2.1", "alice");
  f.fail("192.0.2.1", "alice", 9);
  EXPECT_TRUE(f.admits("192.0.2.1", "alice"));
}

TEST(Throttle, a_pair_is_familiar_for_thirty_days) {
  Fixture f;
  f.succeed("192.0.2.1", "alice");
  f.clock.advance(30 * 24h - 100ms);
  for (int i = 0; i < 20; ++i) f.fail(far(i), "alice");
  EXPECT_TRUE(f.admits("192.0.2.1", "alice"));
  f.clock.advance(100ms);
  EXPECT_FALSE(f.admits("192.0.2.1", "alice"));
}

TEST(Throttle, counts_by_bare_jid_and_domain) {
  Fixture f;
  f.fail("192.0.2.1", "alice", 20);
  EXPECT_EQ(f.throttle.admit(at(far(1)), jid("alice").with_resource("phone").value()), Admission::too_many);
  EXPECT_EQ(f.throttle.admit(at(far(1)), xmpp::Jid::make("alice", "example.com").value()),
            Admission::allowed);
}

TEST(Throttle, limits_are_settings) {
  ThrottleConfig config;
  config.account = {2, 1s};
  config.slots = 8;
  Fixture f(config);
  f.fail("192.0.2.1", "alice", 2);
  EXPECT_FALSE(f.admits("192.0.2.1", "alice"));
  f.clock.advance(1s);
  EXPECT_TRUE(f.admits("192.0.2.1", "alice"));
}

TEST(Throttle, every_thread_may_use_it) {
  Fixture f;
  {
    std::vector<std::jthread> shards;
    for (int i = 0; i < 4; ++i) {
      shards.emplace_back([&f, i] {
        for (int j = 0; j < 500; ++j) {
          const std::string local = "user" + std::to_string((i + j) % 7);
          (void)f.admits(far(j), local);
          f.fail(far(j), local);
          if (j % 50 == 0) f.succeed(far(j), local);
        }
        f.fail(far(1000 + i), "alice", 5);
        if (i == 0) f.clock.advance(1ms);
      });
    }
  }
  EXPECT_FALSE(f.admits(far(2000), "alice"));  // four threads, five failures each
}

}  // namespace
}  // namespace hy::stream
