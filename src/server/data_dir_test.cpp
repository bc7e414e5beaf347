#include "server/data_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "server/testing/folder.h"

namespace hy::server {
namespace {

unsigned mode_of(const std::string& path) {
  struct stat found{};
  EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
  return found.st_mode & 07777;
}

TEST(DataDir, is_made_private_with_its_parents) {
  const testing::Folder folder;
  const std::string path = folder.path() + "/a/b/data";
  auto data = DataDir::open(path);
  ASSERT_TRUE(data) << data.error().context;
  EXPECT_EQ(mode_of(path), 0700U);
  EXPECT_EQ(data->file("x"), path + "/x");
}

TEST(DataDir, serves_one_at_a_time) {
  const testing::Folder folder;
  const std::string path = folder.path() + "/data";
  {
    auto first = DataDir::open(path);
    ASSERT_TRUE(first);
    auto second = DataDir::open(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Error::conflict);
    EXPECT_NE(second.error().context.find(fmt::format("in use by process {}", ::getpid())), std::string::npos)
        << second.error().context;
  }
  EXPECT_TRUE(DataDir::open(path)) << "the lock went with its holder";
}

TEST(DataDir, that_others_can_enter_is_refused) {
  const testing::Folder folder;
  const std::string path = folder.path() + "/data";
  ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
  for (const mode_t fine : {0700, 0750, 0740}) {
    ::chmod(path.c_str(), fine);
    EXPECT_TRUE(DataDir::open(path)) << fine;
    EXPECT_TRUE(DataDir::check(path)) << fine;
  }
  for (const mode_t open : {0701, 0702, 0704, 0720, 0777}) {
    ::chmod(path.c_str(), open);
    auto refused = DataDir::open(path);
    ASSERT_FALSE(refused) << open;
    EXPECT_EQ(refused.error().code, Error::invalid);
    EXPECT_NE(refused.error().context.find("chmod 700"), std::string::npos);
    EXPECT_FALSE(DataDir::check(path)) << open;
  }
}

TEST(DataDir, that_is_a_file_or_cannot_be_made_is_refused) {
  const testing::Folder folder;
  const std::string file = folder.path() + "/file";
  std::ofstream(file) << "x";
  EXPECT_FALSE(DataDir::open(file));
  EXPECT_FALSE(DataDir::open(file + "/below"));
  EXPECT_FALSE(DataDir::open("/proc/hongyan"));
}

TEST(DataDir, a_check_makes_nothing) {
  const testing::Folder folder;
  EXPECT_TRUE(DataDir::check(folder.path() + "/a/b"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/a"));
}

TEST(PrivateFile, is_replaced_whole_and_never_readable_for_others) {
  const testing::Folder folder;
  const std::string path = folder.path() + "/secret";
  std::ofstream(path) << "old and longer";
  ::chmod(path.c_str(), 0644);
  ASSERT_TRUE(write_private(path, "new"));
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(*read_small(path, 3), "new");
  auto small = read_small(path, 2);
  ASSERT_FALSE(small);
  EXPECT_EQ(small.error().code, Error::exhausted);
  EXPECT_EQ(read_small(folder.path() + "/none", 10).error().code, Error::not_found);
  EXPECT_FALSE(write_private(folder.path() + "/none/x", "y"));
}

}  // namespace
}  // namespace hy::server
