#include "store/contract/all.h"
#include "store_rocksdb/accounts.h"
#include "store_rocksdb/documents.h"
#include "store_rocksdb/testing/disk_env.h"
#include "store_rocksdb/testing/folder.h"

namespace hy::store::contract {
namespace {

struct Rocks {
  std::shared_ptr<store_rocksdb::Database> database;

  Engine& engine() { return *database; }
  std::unique_ptr<Accounts> accounts(Desk& desk, Loop&, Worker& worker) {
    return std::make_unique<store_rocksdb::Accounts>(database, desk, worker);
  }
  std::unique_ptr<Documents> documents(Desk& desk, Loop&, Worker& worker) {
    return std::make_unique<store_rocksdb::Documents>(database, desk, worker);
  }
  void open(store_rocksdb::Settings settings) {
    database.reset();
    auto opened = store_rocksdb::Database::open(std::move(settings));
    if (!opened) ADD_FAILURE() << opened.error().context;
    HY_CHECK(opened);
    database = std::move(*opened);
  }
};

/// In a folder of the machine.
struct RealDisk : Rocks {
  store_rocksdb::testing::Folder folder;
  RealDisk() { reopen(); }
  ~RealDisk() { database.reset(); }
  void reopen() {
    store_rocksdb::Settings settings;
    settings.path = folder.path() + "/db";
    open(std::move(settings));
  }
};

/// On the simulated disk, in order.
struct Simulated : Rocks {
  std::shared_ptr<store_rocksdb::testing::Disk> disk = std::make_shared<store_rocksdb::testing::Disk>();
  Simulated() { reopen(); }
  void reopen() { open(store_rocksdb::testing::simulated(disk)); }
};

/// On the simulated disk, where each reopening follows a loss of power.
struct PowerLoss : Simulated {
  std::uint64_t seed = 0;
  void reopen() {
    database.reset();
    disk->restart(++seed);
    Simulated::reopen();
  }
};

HY_STORE_CONTRACT(RealDisk, RealDisk);
HY_STORE_CONTRACT(Simulated, Simulated);
HY_STORE_CONTRACT(PowerLoss, PowerLoss);

}  // namespace
}  // namespace hy::store::contract
