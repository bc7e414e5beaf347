#include "store_rocksdb/schema.h"

#include <rocksdb/write_batch.h>

#include "base/log.h"
#include "store_rocksdb/database.h"
#include "store_rocksdb/keys.h"
#include "store_rocksdb/rows.h"

namespace hy::store_rocksdb {
namespace {

Result<void> set_version(Database& database, rocksdb::WriteBatch& batch, std::uint64_t version) {
  batch.Put(keys::schema(), pack_number(version));
  return database.write_raw(batch);
}

Result<bool> is_empty(const Database& database) {
  bool empty = true;
  HY_TRY_VOID(database.scan({}, {}, [&empty](std::string_view, std::string_view) -> Result<bool> {
    empty = false;
    return false;
  }));
  return empty;
}

}  // namespace

std::span<const Migration> migrations() {
  return {};
}

Result<void> bring_up_to_date(Database& database, std::span<const Migration> steps) {
  std::uint64_t last = steps.empty() ? first_version : steps.back().to;
  HY_TRY(row, database.get(keys::schema()));
  if (!row) {
    HY_TRY(empty, is_empty(database));
    if (!empty) return fail(Error::corrupt, "the database holds rows but no schema version");
    rocksdb::WriteBatch batch;
    return set_version(database, batch, last);
  }
  HY_TRY(version, unpack_number("schema version", *row));
  if (version > last) {
    return fail(Error::unavailable, fmt::format("the database has schema {}, this program knows up to {}: "
                                                "it was written by a newer version",
                                                version, last));
  }
  for (const Migration& step : steps) {
    if (step.to <= version) continue;
    HY_CHECK(step.to == version + 1);
    log::info("schema migration", "to={} what={}", step.to, log::value(step.what));
    rocksdb::WriteBatch batch;
    HY_TRY_VOID(step.run(database, batch));
    HY_TRY_VOID(set_version(database, batch, step.to));
    version = step.to;
  }
  return {};
}

}  // namespace hy::store_rocksdb
