#include "store_rocksdb/database.h"

#include <gtest/gtest.h>
#include <rocksdb/write_batch.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/log.h"
#include "store_rocksdb/accounts.h"
#include "store_rocksdb/documents.h"
#include "store_rocksdb/keys.h"
#include "store_rocksdb/offline.h"
#include "store_rocksdb/rows.h"
#include "store_rocksdb/schema.h"
#include "store_rocksdb/testing/disk_env.h"
#include "store_rocksdb/testing/folder.h"

namespace hy::store_rocksdb {
namespace {

using store::Account;
using store::Batch;
using store::Owner;
using testing::Disk;

Owner jid(std::string_view text) {
  return *Owner::parse(text);
}

Account account(std::string_view owner) {
  Account made;
  made.owner = jid(owner);
  return made;
}

struct DatabaseTest : ::testing::Test {
  testing::Folder folder;
  Settings settings;

  DatabaseTest() {
    settings.path = folder.path() + "/db";
    log::set_level(log::Level::off);
  }
  ~DatabaseTest() override { log::set_level(log::Level::info); }

  std::shared_ptr<Database> open() {
    auto opened = Database::open(settings);
    HY_CHECK(opened);
    return *opened;
  }
  Error error() {
    auto opened = Database::open(settings);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  static Result<void> put(Database& database, std::string_view key, std::string_view value) {
    rocksdb::WriteBatch batch;
    batch.Put({key.data(), key.size()}, {value.data(), value.size()});
    return database.write_raw(batch);
  }
};

TEST_F(DatabaseTest, a_second_process_is_told_that_one_is_running) {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  // The database starts threads in the forked child, which this sanitizer does not survive.
  GTEST_SKIP() << "the sanitizer does not survive threads behind a fork";
#endif
#endif
  auto held = open();
  Error here = error();
  EXPECT_EQ(here.code, Error::unavailable);
  held.reset();
  int ready[2], done[2];
  ASSERT_EQ(pipe(ready) | pipe(done), 0);
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto other = Database::open(settings);
    char c = other ? 'y' : 'n';
    [[maybe_unused]] auto wrote = write(ready[1], &c, 1);
    [[maybe_unused]] auto got = read(done[0], &c, 1);
    _exit(0);
  }
  char c = 0;
  ASSERT_EQ(read(ready[0], &c, 1), 1);
  EXPECT_EQ(c, 'y');
  Error there = error();
  EXPECT_EQ(there.code, Error::unavailable);
  EXPECT_NE(there.context.find("in use by another process"), std::string::npos) << there.context;
  ASSERT_EQ(write(done[1], &c, 1), 1);
  waitpid(child, nullptr, 0);
  for (int fd : {ready[0], ready[1], done[0], done[1]}) close(fd);
}

TEST_F(DatabaseTest, a_file_in_its_place_is_not_a_folder) {
  std::ofstream(settings.path) << "x";
  EXPECT_EQ(error().code, Error::invalid);
}

TEST_F(DatabaseTest, what_is_missing_is_created_only_when_asked) {
  settings.create = false;
  EXPECT_EQ(error().code, Error::not_found);
  EXPECT_FALSE(std::filesystem::exists(settings.path));
  std::filesystem::create_directory(settings.path);
  EXPECT_EQ(error().code, Error::not_found);
  settings.create = true;
  open();
  settings.create = false;
  open();
}

TEST_F(DatabaseTest, a_missing_parent_is_an_error_in_words) {
  settings.path = folder.path() + "/none/db";
  EXPECT_EQ(error().code, Error::io);
  EXPECT_NE(error().context.find("/none/db"), std::string::npos);
}

TEST_F(DatabaseTest, its_folder_is_for_its_owner_only) {
  open();
  EXPECT_EQ(std::filesystem::status(settings.path).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(DatabaseTest, no_permission_is_an_error_in_words) {
  if (geteuid() == 0) {
    ASSERT_EQ(chmod(folder.path().c_str(), 0700), 0);
    ASSERT_EQ(seteuid(65534), 0);
  } else {
    ASSERT_EQ(chmod(folder.path().c_str(), 0500), 0);
  }
  Error denied = error();
  if (getuid() == 0) ASSERT_EQ(seteuid(0), 0);
  ASSERT_EQ(chmod(folder.path().c_str(), 0700), 0);
  EXPECT_EQ(denied.code, Error::io);
  EXPECT_NE(denied.context.find("no permission"), std::string::npos) << denied.context;
}

TEST_F(DatabaseTest, damage_in_the_middle_of_the_log_is_refused) {
  {
    auto database = open();
    for (int i = 0; i < 100; ++i)
      ASSERT_TRUE(put(*database, fmt::format("key {}", i), std::string(100, 'x')));
  }
  int logs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(settings.path)) {
    if (entry.path().extension() != ".log" || entry.file_size() < 5000) continue;
    ++logs;
    std::fstream log(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    log.seekp(5000);
    log << "damage";
  }
  ASSERT_EQ(logs, 1);
  Error damaged = error();
  EXPECT_EQ(damaged.code, Error::corrupt);
  EXPECT_NE(damaged.context.find("damaged"), std::string::npos) << damaged.context;
}

TEST_F(DatabaseTest, a_damaged_row_is_an_error_and_not_a_crash) {
  auto database = open();
  ASSERT_TRUE(put(*database, keys::account(jid("a@x")), "\x63"));
  ASSERT_TRUE(put(*database, keys::by_domain("x", "a@x"), ""));
  ASSERT_TRUE(put(*database, keys::by_domain("y", "@/@"), ""));
  ASSERT_TRUE(put(*database, keys::document(jid("a@x"), "n"), ""));
  ASSERT_TRUE(put(*database, keys::floor(0), "?"));
  EXPECT_EQ(find_account(*database, jid("a@x")).error().code, Error::corrupt);
  EXPECT_EQ(list_accounts(*database, "x", {}, 10).error().code, Error::corrupt);
  EXPECT_EQ(list_accounts(*database, "y", {}, 10).error().code, Error::corrupt);
  EXPECT_EQ(find_document(*database, jid("a@x"), "n").error().code, Error::corrupt);
  EXPECT_EQ(list_documents(*database, jid("a@x"), "", 10).error().code, Error::corrupt);
  EXPECT_EQ(database->floor().error().code, Error::corrupt);
}

// Rows in tables, not in memory: filters and bounds of scans work on them too.
TEST_F(DatabaseTest, rows_that_were_flushed_to_tables_are_found) {
  auto database = open();
  Batch batch;
  for (int i = 0; i < 3000; ++i) {
    Owner owner = jid(fmt::format("user{}@example.org", i));
    batch.writes.emplace_back(store::PutAccount{account(owner.str())});
    for (auto name : {"a", "b"}) {
      batch.writes.emplace_back(store::PutDocument{{owner, name, std::string(10'000, 'x'), 1}});
    }
    if (i % 100 == 99) {
      ASSERT_TRUE(database->write(std::span(&batch, 1)));
      batch.writes.clear();
    }
  }
  database.reset();
  database = open();
  bool tables = false;
  for (const auto& entry : std::filesystem::directory_iterator(settings.path)) {
    tables |= entry.path().extension() == ".sst";
  }
  EXPECT_TRUE(tables);
  for (int i = 0; i < 3000; i += 7) {
    Owner owner = jid(fmt::format("user{}@example.org", i));
    EXPECT_TRUE(*find_account(*database, owner));
    EXPECT_EQ(list_documents(*database, owner, "", 10)->size(), 2u);
    EXPECT_FALSE(*find_document(*database, owner, "c"));
  }
  EXPECT_EQ(list_accounts(*database, "example.org", {}, 10'000)->size(), 3000u);
}

// --- Schema.

std::vector<std::string>& steps() {
  static std::vector<std::string> done;
  return done;
}
Result<void> to_2(const Database& database, rocksdb::WriteBatch& batch) {
  steps().emplace_back("2");
  HY_TRY(old, database.get("old"));
  batch.Put("new", old.value_or("none"));
  batch.Delete("old");
  return {};
}
Result<void> to_3(const Database&, rocksdb::WriteBatch&) {
  steps().emplace_back("3");
  return {};
}
Result<void> breaks(const Database&, rocksdb::WriteBatch& batch) {
  batch.Put("half", "done");
  return fail(Error::corrupt, "cannot");
}

TEST_F(DatabaseTest, missing_migrations_run_once_and_in_order) {
  steps().clear();
  constexpr std::array both{Migration{2, "old becomes new", to_2}, Migration{3, "nothing", to_3}};
  {
    auto first = open();
    ASSERT_TRUE(put(*first, "old", "value"));
  }
  for (int i = 0; i < 2; ++i) {
    auto opened = Database::open(settings, both);
    ASSERT_TRUE(opened);
    EXPECT_EQ(*(*opened)->get("new"), "value");
    EXPECT_EQ(*(*opened)->get("old"), std::nullopt);
    EXPECT_EQ(steps(), (std::vector<std::string>{"2", "3"}));
  }
  // The program of before does not touch it.
  EXPECT_EQ(error().code, Error::unavailable);
  EXPECT_NE(error().context.find("schema 3"), std::string::npos);
}

TEST_F(DatabaseTest, an_empty_database_needs_no_migration) {
  steps().clear();
  constexpr std::array one{Migration{2, "old becomes new", to_2}};
  ASSERT_TRUE(Database::open(settings, one));
  EXPECT_TRUE(steps().empty());
  EXPECT_EQ(error().code, Error::unavailable);
}

TEST_F(DatabaseTest, a_migration_that_fails_leaves_nothing) {
  open();
  constexpr std::array bad{Migration{2, "breaks", breaks}};
  EXPECT_EQ(Database::open(settings, bad).error().code, Error::corrupt);
  EXPECT_EQ(*open()->get("half"), std::nullopt);
}

TEST_F(DatabaseTest, rows_without_a_version_are_refused) {
  {
    auto database = open();
    ASSERT_TRUE(put(*database, "key", "value"));
    rocksdb::WriteBatch batch;
    batch.Delete(keys::schema());
    ASSERT_TRUE(database->write_raw(batch));
  }
  EXPECT_EQ(error().code, Error::corrupt);
}

// --- Failing disk.

TEST_F(DatabaseTest, after_a_failed_sync_every_write_fails_and_reads_go_on) {
  auto disk = std::make_shared<Disk>();
  auto database = *Database::open(testing::simulated(disk));
  Batch batch;
  batch.writes = {store::PutAccount{account("a@x")}};
  ASSERT_TRUE(database->write(std::span(&batch, 1)));
  disk->fail_at(2);  // 1 is the append
  batch.writes = {store::PutAccount{account("b@x")}};
  EXPECT_EQ(database->write(std::span(&batch, 1)).error().code, Error::io);
  batch.writes = {store::PutAccount{account("c@x")}};
  EXPECT_EQ(database->write(std::span(&batch, 1)).error().code, Error::io);
  EXPECT_TRUE(*find_account(*database, jid("a@x")));
  database.reset();
  database = *Database::open(testing::simulated(disk));
  EXPECT_TRUE(*find_account(*database, jid("a@x")));
  EXPECT_FALSE(*find_account(*database, jid("c@x")));
}

TEST_F(DatabaseTest, a_full_disk_is_named) {
  auto disk = std::make_shared<Disk>();
  auto database = *Database::open(testing::simulated(disk));
  disk->fail_at(1, 1000, "No space left on device");
  Batch batch;
  batch.writes = {store::PutAccount{account("a@x")}};
  Result<void> full = database->write(std::span(&batch, 1));
  ASSERT_FALSE(full);
  EXPECT_NE(full.error().context.find("the disk is full"), std::string::npos) << full.error().context;
}

// --- Offline.

TEST_F(DatabaseTest, offline_applies_at_once_and_refuses_beside_a_server) {
  {
    auto store = *Offline::open(settings);
    ASSERT_TRUE(store.apply({store::PutAccount{account("a@x")}, store::PutAccount{account("b@x")}}));
    EXPECT_EQ(store.list("x", {}, 10)->size(), 2u);
    ASSERT_TRUE(store.apply(store::erase_owner(jid("a@x"))));
  }
  auto server = open();
  EXPECT_FALSE(*find_account(*server, jid("a@x")));
  EXPECT_TRUE(*find_account(*server, jid("b@x")));
  EXPECT_EQ(Offline::open(settings).error().code, Error::unavailable);
}

TEST_F(DatabaseTest, erasing_a_domain_takes_all_of_it_and_nothing_else) {
  auto store = *Offline::open(settings);
  std::vector<store::Write> writes;
  for (int i = 0; i < 2500; ++i) {
    Owner owner = jid(fmt::format("user{}@example.org", i));
    writes.emplace_back(store::PutAccount{account(owner.str())});
    writes.emplace_back(store::PutDocument{{owner, "vcard", "x", 1}});
  }
  writes.emplace_back(store::PutDocument{{jid("example.org"), "motd", "x", 1}});
  writes.emplace_back(store::PutAccount{account("a@example.com")});
  ASSERT_TRUE(store.apply(std::move(writes)));
  EXPECT_EQ(store.erase_domain(jid("example.org")), std::size_t{2500});
  EXPECT_EQ(store.list("example.org", {}, 10)->size(), 0u);
  EXPECT_TRUE(*store.find(jid("a@example.com")));
  EXPECT_EQ(store.erase_domain(jid("example.org")), std::size_t{0});
}

}  // namespace
}  // namespace hy::store_rocksdb
