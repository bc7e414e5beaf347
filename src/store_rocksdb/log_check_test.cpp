#include "store_rocksdb/log_check.h"

#include <gtest/gtest.h>

#include "store_rocksdb/testing/disk_env.h"

namespace hy::store_rocksdb {
namespace {

constexpr std::size_t block = std::size_t{32} << 10;

/// A log as RocksDB writes it.
struct Log {
  std::string bytes;

  Log& fragment(int type, std::string_view payload) {
    std::string summed = std::string(1, static_cast<char>(type)) + std::string(payload);
    std::uint32_t sum = crc32c(summed);
    sum = (sum >> 15 | sum << 17) + 0xa282ead8;
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(sum >> 8 * i);
    bytes += static_cast<char>(payload.size());
    bytes += static_cast<char>(payload.size() >> 8);
    bytes += summed;
    return *this;
  }
  Log& record(std::string_view payload) {
    for (bool first = true;; first = false) {
      std::size_t room = block - bytes.size() % block;
      if (room < 7) bytes.append(room, '\0');
      room = block - bytes.size() % block - 7;
      std::string_view part = payload.substr(0, room);
      payload.remove_prefix(part.size());
      fragment(payload.empty() ? (first ? 1 : 4) : (first ? 2 : 3), part);
      if (payload.empty()) return *this;
    }
  }
};

TEST(LogCheck, knows_the_sum_of_the_standard) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(LogCheck, a_log_that_ends_with_a_record_is_whole) {
  for (std::size_t size :
       {std::size_t{0}, std::size_t{1}, block - 14, block - 13, block - 8, block - 7, block, 5 * block}) {
    Log log;
    log.record(std::string(size, 'a')).record("b");
    LogCheck found = check_log(log.bytes);
    EXPECT_EQ(found.whole, log.bytes.size()) << size;
    EXPECT_FALSE(found.torn || found.followed);
  }
  EXPECT_FALSE(check_log("").torn);
}

TEST(LogCheck, zeros_at_the_end_are_no_tear) {
  Log log;
  log.record("a");
  LogCheck found = check_log(log.bytes + std::string(100'000, '\0'));
  EXPECT_EQ(found.whole, log.bytes.size());
  EXPECT_FALSE(found.torn || found.followed);
}

TEST(LogCheck, every_cut_of_the_last_record_is_a_tear) {
  Log log;
  log.record("first");
  std::size_t kept = log.bytes.size();
  log.record(std::string(2 * block, 'b'));
  for (std::size_t size = kept + 1; size < log.bytes.size(); size += size < kept + 50 ? 1 : 997) {
    LogCheck found = check_log(std::string_view(log.bytes).substr(0, size));
    EXPECT_EQ(found.whole, kept) << size;
    EXPECT_TRUE(found.torn) << size;
    EXPECT_FALSE(found.followed) << size;
  }
}

TEST(LogCheck, a_hole_in_the_last_record_is_a_tear_and_in_one_before_it_damage) {
  Log log;
  log.record("first");
  std::size_t kept = log.bytes.size();
  log.record(std::string(3 * block, 'b'));
  Log longer = log;
  longer.record("last");
  for (std::size_t from = kept; from + 512 < log.bytes.size(); from += 512) {
    std::string torn = log.bytes, damaged = longer.bytes;
    std::fill_n(torn.begin() + static_cast<std::ptrdiff_t>(from), 512, '\0');
    std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(from), 512, '\0');
    LogCheck found = check_log(torn);
    EXPECT_EQ(found.whole, kept) << from;
    EXPECT_TRUE(found.torn && !found.followed) << from;
    found = check_log(damaged);
    EXPECT_EQ(found.whole, kept) << from;
    EXPECT_TRUE(found.followed) << from;
  }
}

TEST(LogCheck, zeros_where_a_record_began_are_damage_when_another_follows) {
  Log log;
  log.record("first");
  std::size_t kept = log.bytes.size();
  log.record(std::string(100, 'b'));
  std::size_t next = log.bytes.size();
  log.record("last");
  std::fill(log.bytes.begin() + static_cast<std::ptrdiff_t>(kept),
            log.bytes.begin() + static_cast<std::ptrdiff_t>(next), '\0');
  LogCheck found = check_log(log.bytes);
  EXPECT_EQ(found.whole, kept);
  EXPECT_TRUE(found.followed);
}

TEST(LogCheck, fragments_out_of_place_are_no_records) {
  for (int type : {3, 4}) {
    Log log;
    log.record("a").fragment(type, "b");
    LogCheck found = check_log(log.bytes);
    EXPECT_TRUE(found.torn) << type;
    EXPECT_EQ(found.whole, Log().record("a").bytes.size()) << type;
  }
  Log log;
  log.record("a").fragment(2, "b").record("c");
  EXPECT_TRUE(check_log(log.bytes).followed);
}

TEST(LogCheck, an_unknown_type_is_left_to_rocksdb) {
  Log log;
  log.record("a").fragment(9, "b").bytes += "rubbish";
  LogCheck found = check_log(log.bytes);
  EXPECT_TRUE(found.foreign);
  EXPECT_FALSE(found.torn || found.followed);
}

// --- In a folder.

struct LogFolder {
  std::shared_ptr<testing::Disk> disk = std::make_shared<testing::Disk>();
  std::shared_ptr<rocksdb::Env> env = testing::disk_env(disk);

  LogFolder() { HY_CHECK(disk->make_folder("/db")); }
  void write(const std::string& name, std::string_view bytes) {
    auto file = disk->create("/db/" + name);
    HY_CHECK(file && disk->append(*file, bytes) && disk->sync(*file));
  }
  std::string read(const std::string& name) { return *disk->read(*disk->open("/db/" + name), 0, 1 << 20); }
  Log good = Log().record("a").record("b");
};
struct MendLog : ::testing::Test, LogFolder {};

TEST_F(MendLog, cuts_the_newest_that_holds_anything) {
  write("000004.log", good.bytes + "x");
  write("000010.log", good.bytes + "torn");
  write("000011.log", "");
  write("torn.log", "x");
  ASSERT_TRUE(mend_log(*env, "/db"));
  EXPECT_EQ(read("000010.log"), good.bytes);
  EXPECT_EQ(read("000004.log"), good.bytes + "x");  // older: RocksDB judges
}

TEST_F(MendLog, touches_nothing_that_is_whole) {
  write("000004.log", good.bytes);
  std::uint64_t before = disk->operations();
  ASSERT_TRUE(mend_log(*env, "/db"));
  EXPECT_EQ(disk->operations(), before);
}

TEST_F(MendLog, refuses_damage_in_any) {
  std::string damaged = good.bytes;
  damaged[0] ^= 1;
  write("000004.log", damaged);
  write("000010.log", good.bytes);
  EXPECT_EQ(mend_log(*env, "/db").error().code, Error::corrupt);
}

TEST(MendLogAfterACrash, at_any_step_leaves_the_log_or_its_beginning) {
  std::uint64_t n = 1;
  for (bool mended = false; !mended; ++n) {
    LogFolder test;
    test.write("000004.log", test.good.bytes + "torn");
    ASSERT_TRUE(test.disk->sync_folder("/db") && test.disk->sync_folder("/"));
    test.disk->crash_at(n);
    mended = mend_log(*test.env, "/db").has_value();
    test.disk->restart(n);
    std::string left = test.read("000004.log");
    EXPECT_TRUE(left == test.good.bytes || (left == test.good.bytes + "torn" && !mended)) << n;
    ASSERT_TRUE(mend_log(*test.env, "/db"));
    EXPECT_EQ(test.read("000004.log"), test.good.bytes);
  }
  EXPECT_GE(n, 6u);
}

TEST_F(MendLog, a_disk_that_fails_is_an_error) {
  write("000004.log", good.bytes + "torn");
  disk->fail_at(1, 10);
  EXPECT_EQ(mend_log(*env, "/db").error().code, Error::io);
  EXPECT_EQ(mend_log(*env, "/none").error().code, Error::io);
}

}  // namespace
}  // namespace hy::store_rocksdb
