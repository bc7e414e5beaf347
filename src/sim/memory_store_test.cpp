#include "sim/memory_store.h"

#include "store/contract/all.h"

namespace hy::store::contract {
namespace {

struct Memory {
  std::unique_ptr<sim::MemoryEngine> memory = std::make_unique<sim::MemoryEngine>();

  Engine& engine() { return *memory; }
  std::unique_ptr<Accounts> accounts(Desk& desk, Loop& loop, Worker&) {
    return std::make_unique<sim::MemoryAccounts>(*memory, desk, loop);
  }
  std::unique_ptr<Documents> documents(Desk& desk, Loop& loop, Worker&) {
    return std::make_unique<sim::MemoryDocuments>(*memory, desk, loop);
  }
  void reopen() {}
};

/// Each read waits a turn of the loop.
struct SlowMemory : Memory {
  static Duration none() { return Duration(0); }
  std::unique_ptr<Accounts> accounts(Desk& desk, Loop& loop, Worker&) {
    return std::make_unique<sim::MemoryAccounts>(*memory, desk, loop, none);
  }
  std::unique_ptr<Documents> documents(Desk& desk, Loop& loop, Worker&) {
    return std::make_unique<sim::MemoryDocuments>(*memory, desk, loop, none);
  }
};

HY_STORE_CONTRACT(Memory, Memory);
HY_STORE_CONTRACT(SlowMemory, SlowMemory);

TEST(MemoryStore, a_failing_write_leaves_nothing_and_goes_on_failing) {
  sim::MemoryEngine memory;
  memory.fail_write(2);
  Batch batch;
  batch.writes.emplace_back(PutAccount{account("a@example.org")});
  EXPECT_TRUE(memory.write(std::span(&batch, 1)));
  batch.writes.emplace_back(PutAccount{account("b@example.org")});
  EXPECT_FALSE(memory.write(std::span(&batch, 1)));
  EXPECT_FALSE(memory.write(std::span(&batch, 1)));
  EXPECT_TRUE(memory.account(jid("a@example.org")));
  EXPECT_FALSE(memory.account(jid("b@example.org")));
}

TEST(MemoryStore, a_read_takes_its_delay) {
  testing::ManualClock clock;
  testing::ManualLoop loop(clock);
  sim::MemoryEngine memory;
  Committer committer(memory, [](const Error&) {});
  Desk desk(ShardId{0}, loop, committer, *open_ids(memory, clock));
  sim::MemoryAccounts accounts(memory, desk, loop, [] { return Duration(5000); });
  Scope scope;
  std::optional<Result<std::optional<Account>>> read;
  scope.spawn(keep(accounts.find(jid("a@example.org")), &read));
  loop.turn();
  clock.advance(Duration(4999));
  loop.turn();
  EXPECT_FALSE(read);
  clock.advance(Duration(1));
  loop.turn();
  EXPECT_TRUE(read);
  scope.close();
}

}  // namespace
}  // namespace hy::store::contract
