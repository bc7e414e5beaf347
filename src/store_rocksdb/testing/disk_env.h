// The simulated disk as RocksDB sees it.
#pragma once

#include <memory>

#include "store_rocksdb/database.h"
#include "store_rocksdb/testing/disk.h"

namespace hy::store_rocksdb::testing {

std::shared_ptr<rocksdb::Env> disk_env(std::shared_ptr<Disk> disk);

/// Of a database at /data/db on this disk, without background work; /data is made and synced if it is not
/// there.
Settings simulated(std::shared_ptr<Disk> disk);

}  // namespace hy::store_rocksdb::testing
