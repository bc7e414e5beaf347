// Batches of three shards, and a loss of power at every operation of the disk: what is left is what a prefix
// of the committer's order leaves, with all of it that was published, and ids do not go back.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/log.h"
#include "store/committer.h"
#include "store/desk.h"
#include "store/testing/manual_loop.h"
#include "store_rocksdb/accounts.h"
#include "store_rocksdb/documents.h"
#include "store_rocksdb/testing/disk_env.h"

namespace hy::store_rocksdb {
namespace {

using store::Batch;
using store::Owner;
using store::Write;
using testing::Disk;

Owner jid(std::string_view text) {
  return *Owner::parse(text);
}

/// All that accounts and documents hold, as text.
using Content = std::map<std::string, std::string>;

constexpr std::array owners{"a@example.org", "b@example.org", "c@example.org", "d@example.org"};

Content content(const Database& database) {
  Content all;
  for (const store::Account& account : *list_accounts(database, "example.org", {}, 100)) {
    all[account.owner.str()] = account.verifiers.sha1.salt;
    EXPECT_TRUE(*find_account(database, account.owner));
  }
  for (std::string_view owner : owners) {
    for (const store::Document& document : *list_documents(database, jid(owner), "", 100)) {
      all[fmt::format("{} {}", owner, document.name)] = document.value;
    }
  }
  return all;
}

/// The same as a model: what each write does to it.
struct Model {
  Content all;
  void operator()(const store::PutAccount& w) { all[w.account.owner.str()] = w.account.verifiers.sha1.salt; }
  void operator()(const store::EraseAccount& w) { all.erase(w.owner.str()); }
  void operator()(const store::PutDocument& w) {
    all[fmt::format("{} {}", w.document.owner.str(), w.document.name)] = w.document.value;
  }
  void operator()(const store::EraseDocument& w) { all.erase(fmt::format("{} {}", w.owner.str(), w.name)); }
  void operator()(const store::EraseDocuments& w) {
    std::erase_if(all, [&](const auto& row) { return row.first.starts_with(w.owner.str() + " "); });
  }
  void operator()(const store::PutFloor&) {}
};

/// Between committer and database: what was to be written, as the contents that each batch leaves.
struct Witness final : store::Engine {
  explicit Witness(Database& d) : database(d), contents{content(d)} { model.all = contents.back(); }

  Result<void> write(std::span<const Batch> batches) override {
    for (const Batch& batch : batches) {
      for (const Write& write : batch.writes) std::visit(model, write);
      contents.push_back(model.all);
    }
    Result<void> written = database.write(batches);
    if (written) durable = contents.size() - 1;
    return written;
  }
  Result<std::uint64_t> floor() const override { return database.floor(); }

  Database& database;
  Model model;
  std::vector<Content> contents;  // contents[n]: after n batches
  std::size_t durable = 0;  // batches that were reported as written, all before those that were published
};

Write random_write(std::mt19937_64& random, const Owner& owner, int n) {
  std::string value = fmt::format("{}", n);
  if (random() % 8 == 0) value.append(random() % 6000, 'x');
  std::string name(1, static_cast<char>('p' + random() % 3));
  switch (random() % 8) {
    case 0:
      return store::EraseAccount{owner};
    case 1:
      return store::EraseDocument{owner, name};
    case 2:
      return store::EraseDocuments{owner};
    case 3:
    case 4: {
      store::Account account;
      account.owner = owner;
      account.verifiers.sha1.salt = value;
      return store::PutAccount{account};
    }
    default:
      return store::PutDocument{{owner, name, value, 1}};
  }
}

struct Machine {
  std::shared_ptr<Disk> disk;
  store::testing::ManualClock clock;
  std::uint64_t last_id = 0;
  std::vector<Content> possible{{}};  // what the database may hold at the next start
  std::uint64_t starts = 0, rounds = 0;
  std::string error;

  Settings::Background background;

  explicit Machine(Disk::Tear tear, Settings::Background b = Settings::Background::off)
      : disk(std::make_shared<Disk>(tear)), background(b) {}

  /// Runs till the disk stops or all batches are written. False when it could not even start.
  bool run(std::uint64_t seed, int batches) {
    Settings settings = testing::simulated(disk);
    settings.background = background;
    Result<std::shared_ptr<Database>> opened = Database::open(std::move(settings));
    if (!opened) {
      error = opened.error().context;
      return false;
    }
    Content found = content(**opened);
    EXPECT_NE(std::ranges::find(possible, found), possible.end()) << "not a prefix, start " << starts;
    possible = {found};

    Witness witness(**opened);
    Result<store::IdRange> ids = store::open_ids(witness, clock);
    if (ids) {
      ++starts;
      work(witness, *ids, seed, batches);
    }
    std::vector<Content>& contents = witness.contents;
    possible.assign(contents.begin() + static_cast<std::ptrdiff_t>(witness.durable), contents.end());
    return ids.has_value();
  }

  void work(Witness& witness, store::IdRange ids, std::uint64_t seed, int batches) {
    std::mt19937_64 random(seed);
    bool failed = false;
    store::Committer committer(witness, [&](const Error&) { failed = true; });
    std::array<store::testing::ManualLoop, 3> loops{store::testing::ManualLoop(clock),
                                                    store::testing::ManualLoop(clock),
                                                    store::testing::ManualLoop(clock)};
    std::array<std::unique_ptr<store::Desk>, 3> desks;
    for (std::uint16_t s = 0; s < 3; ++s)
      desks[s] = std::make_unique<store::Desk>(ShardId{s}, loops[s], committer, ids);
    std::uint64_t first_id = last_id;
    for (int n = 0; n < batches && !failed; ++n) {
      store::Desk& desk = *desks[random() % 3];
      for (std::uint64_t writes = 1 + random() % 4; writes > 0; --writes) {
        Owner owner = jid(owners[random() % owners.size()]);
        desk.put(owner, random_write(random, owner, n));
        std::uint64_t id = desk.next_id();
        EXPECT_GT(id, first_id);
        last_id = std::max(last_id, id);
      }
      desk.hand_over();
      if (random() % 3 == 0) rounds += committer.step();
      clock.advance(std::chrono::milliseconds(random() % 2000));
      for (auto& loop : loops) loop.turn();
    }
    if (!failed) committer.stop();
  }
};

/// One history: `operations` of work, power lost at the n-th of them, start again, work on, lost again,
/// start.
void lose_power_at_each(Disk::Tear tear, std::uint64_t seed,
                        Settings::Background background = Settings::Background::off) {
  std::uint64_t starts = 0, n = 1;
  for (;; ++n) {
    Machine machine(tear, background);
    testing::simulated(machine.disk);
    machine.disk->crash_at(n);
    machine.run(seed, 60);
    bool crashed = machine.disk->crashed();
    machine.disk->restart(seed * 1000 + n);
    machine.clock.set_wall(machine.clock.wall() - std::chrono::seconds(n % 3 * 100));
    machine.disk->crash_at(1 + n % 17);
    machine.run(seed + 1, 10);
    machine.disk->restart(seed * 1000 + n + 1);
    EXPECT_TRUE(machine.run(seed + 2, 3)) << machine.error;
    starts += machine.starts;
    if (::testing::Test::HasFailure()) {
      ADD_FAILURE() << "seed " << seed << " operation " << n;
      return;
    }
    if (!crashed) break;
  }
  EXPECT_GT(n, 60u);
  EXPECT_GT(starts, n);
}

struct Crash : ::testing::Test {
  Crash() {
    log::set_level(getenv("VERBOSE") ? log::Level::warn : log::Level::off);
  }  // RocksDB complains at each
  ~Crash() override { log::set_level(log::Level::info); }
};

constexpr std::uint64_t seeds = 3;

TEST_F(Crash, at_every_operation_what_is_left_is_a_prefix_with_all_that_was_published) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) lose_power_at_each(Disk::Tear::cut, seed);
}

TEST_F(Crash, also_when_sectors_of_what_was_not_synced_are_missing) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) lose_power_at_each(Disk::Tear::sectors, seed);
}

// Each start writes what the log holds to a table, by threads of RocksDB: not the same at each run, but
// always right.
TEST_F(Crash, also_with_flushes_in_the_background) {
  lose_power_at_each(Disk::Tear::cut, 1, Settings::Background::on);
  lose_power_at_each(Disk::Tear::sectors, 2, Settings::Background::on);
}

TEST_F(Crash, at_every_failing_operation_the_committer_stops_and_a_restart_finds_a_prefix) {
  for (std::uint64_t n = 1;; ++n) {
    Machine machine(Disk::Tear::cut);
    testing::simulated(machine.disk);
    std::uint64_t before = machine.disk->operations();
    machine.disk->fail_at(n, n % 2 == 0 ? 0 : 1000);
    bool reached = true;
    if (auto opened = Database::open(testing::simulated(machine.disk)); opened) {
      opened->reset();
      if (machine.disk->operations() < before + n) machine.run(n, 20);
      reached = machine.disk->operations() >= before + n;
    }
    machine.disk->restart(n);
    EXPECT_TRUE(machine.run(n + 1, 3)) << machine.error << ", operation " << n;
    if (::testing::Test::HasFailure() || !reached) break;
  }
}

}  // namespace
}  // namespace hy::store_rocksdb
