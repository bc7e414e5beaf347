#include "store_rocksdb/testing/disk.h"

#include <gtest/gtest.h>

namespace hy::store_rocksdb::testing {
namespace {

struct Files {
  Disk disk;

  Disk::FilePtr file(const std::string& path, std::string_view bytes) {
    auto made = disk.create(path);
    HY_CHECK(made && disk.append(*made, bytes));
    return *made;
  }
  std::optional<std::string> read(const std::string& path) {
    auto opened = disk.open(path);
    if (!opened) return std::nullopt;
    return *disk.read(*opened, 0, 1000);
  }
};

struct DiskTest : ::testing::Test, Files {
  /// All that a crash may leave of a file, over many seeds.
  template <class Work>
  static std::set<std::optional<std::string>> outcomes(const std::string& path, Work work) {
    std::set<std::optional<std::string>> seen;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      Files files;
      work(files);
      files.disk.restart(seed);
      seen.insert(files.read(path));
    }
    return seen;
  }
};

using Outcomes = std::set<std::optional<std::string>>;

TEST_F(DiskTest, what_was_synced_stays_and_the_tail_is_cut_anywhere) {
  EXPECT_EQ(outcomes("/f",
                     [](auto& t) {
                       auto f = t.file("/f", "ab");
                       HY_CHECK(t.disk.sync(f) && t.disk.sync_folder("/") && t.disk.append(f, "cd"));
                     }),
            (Outcomes{"ab", "abc", "abcd"}));
}

TEST_F(DiskTest, a_new_name_may_be_lost_until_its_folder_or_its_file_is_synced) {
  EXPECT_EQ(outcomes("/f", [](auto& t) { t.file("/f", "a"); }), (Outcomes{std::nullopt, "", "a"}));
  EXPECT_EQ(outcomes("/f",
                     [](auto& t) {
                       t.file("/f", "a");
                       HY_CHECK(t.disk.sync_folder("/"));
                     }),
            (Outcomes{"", "a"}));
  EXPECT_EQ(outcomes("/f", [](auto& t) { HY_CHECK(t.disk.sync(t.file("/f", "a"))); }), (Outcomes{"a"}));
}

TEST_F(DiskTest, a_rename_happens_or_not) {
  auto work = [](auto& t) {
    HY_CHECK(t.disk.sync(t.file("/new", "new")) && t.disk.sync(t.file("/f", "old")));
    HY_CHECK(t.disk.rename("/new", "/f"));
  };
  EXPECT_EQ(outcomes("/f", work), (Outcomes{"old", "new"}));
  EXPECT_EQ(outcomes("/new", work), (Outcomes{std::nullopt, "new"}));
  EXPECT_EQ(outcomes("/f",
                     [&](auto& t) {
                       work(t);
                       HY_CHECK(t.disk.sync_folder("/"));
                     }),
            (Outcomes{"new"}));
}

TEST_F(DiskTest, a_removed_name_may_come_back_but_not_over_a_synced_one) {
  auto removed = [](auto& t) { HY_CHECK(t.disk.sync(t.file("/f", "old")) && t.disk.remove("/f")); };
  EXPECT_EQ(outcomes("/f", removed), (Outcomes{std::nullopt, "old"}));
  EXPECT_EQ(outcomes("/f",
                     [&](auto& t) {
                       removed(t);
                       HY_CHECK(t.disk.sync(t.file("/f", "new")));
                     }),
            (Outcomes{"new"}));
}

TEST_F(DiskTest, a_folder_that_was_not_synced_takes_all_in_it_along) {
  EXPECT_EQ(outcomes("/d/f",
                     [](auto& t) {
                       HY_CHECK(t.disk.make_folder("/d"));
                       HY_CHECK(t.disk.sync(t.file("/d/f", "a")) && t.disk.sync_folder("/d"));
                     }),
            (Outcomes{std::nullopt, "a"}));
}

TEST_F(DiskTest, after_the_crash_nothing_works_until_restart) {
  auto f = file("/f", "a");
  ASSERT_TRUE(disk.sync(f));
  disk.crash_at(2);
  EXPECT_TRUE(disk.append(f, "b"));
  EXPECT_FALSE(disk.sync(f));
  EXPECT_TRUE(disk.crashed());
  EXPECT_FALSE(disk.append(f, "c"));
  EXPECT_FALSE(disk.open("/f"));
  disk.restart(1);
  EXPECT_NE(read("/f"), "abc");
  EXPECT_TRUE(read("/f").value_or("").starts_with("a"));
}

TEST_F(DiskTest, a_failed_sync_is_not_mended_by_the_next) {
  EXPECT_EQ(outcomes("/f",
                     [](auto& t) {
                       auto f = t.file("/f", "a");
                       HY_CHECK(t.disk.sync(f) && t.disk.append(f, "b"));
                       t.disk.fail_at(1);
                       HY_CHECK(!t.disk.sync(f) && t.disk.sync(f));
                     }),
            (Outcomes{"a", "ab"}));
}

TEST_F(DiskTest, failing_operations_end_and_a_failed_append_leaves_half) {
  auto f = file("/f", "");
  disk.fail_at(2, 1);
  EXPECT_TRUE(disk.append(f, "ab"));
  EXPECT_EQ(disk.append(f, "cdef").error().code, Error::io);
  EXPECT_FALSE(disk.create("/g"));
  EXPECT_TRUE(disk.append(f, "g"));
  EXPECT_EQ(read("/f"), "abcdg");
  EXPECT_FALSE(disk.exists("/g"));
}

TEST_F(DiskTest, missing_sectors_are_zero_and_synced_bytes_beside_them_stay) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Disk torn(Disk::Tear::sectors);
    auto f = *torn.create("/f");
    HY_CHECK(torn.append(f, std::string(100, 'a')) && torn.sync(f) && torn.append(f, std::string(1436, 'b')));
    torn.restart(seed);
    std::string left = *torn.read(*torn.open("/f"), 0, 2000);
    EXPECT_TRUE(left.starts_with(std::string(100, 'a')));
    if (left.size() == 1536) seen.insert({left[511], left[512], left[1023], left[1535]});
  }
  EXPECT_EQ(seen, (std::set<std::string>{"bbbb", std::string("\0bbb", 4), std::string("b\0\0b", 4),
                                         std::string("bbb\0", 4), std::string("\0\0\0b", 4),
                                         std::string("b\0\0\0", 4), std::string("\0bb\0", 4),
                                         std::string(4, '\0')}));
}

TEST_F(DiskTest, a_lock_is_held_once_and_freed_by_a_crash) {
  EXPECT_TRUE(disk.lock("/LOCK"));
  EXPECT_FALSE(disk.lock("/LOCK"));
  disk.restart(1);
  EXPECT_TRUE(disk.lock("/LOCK"));
  disk.unlock("/LOCK");
  EXPECT_TRUE(disk.lock("/LOCK"));
}

}  // namespace
}  // namespace hy::store_rocksdb::testing
