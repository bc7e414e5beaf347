// The schema's version and the numbered steps that lead to it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace rocksdb {
class WriteBatch;
}

namespace hy::store_rocksdb {

class Database;

/// From version `to` - 1. `run` reads the database and adds what changes to the batch, which is written
/// together with the new version: a crash leaves the step done or not begun.
struct Migration {
  std::uint64_t to;
  std::string_view what;
  Result<void> (*run)(const Database& database, rocksdb::WriteBatch& batch);
};

/// The version of an empty database of the first release.
constexpr std::uint64_t first_version = 1;

/// All steps of this program, in order, without gaps.
std::span<const Migration> migrations();

/// Runs the steps that are missing; marks an empty database with the last one's number. Error::unavailable
/// when the database is newer than the program, Error::corrupt when it holds rows but no version.
Result<void> bring_up_to_date(Database& database, std::span<const Migration> steps);

}  // namespace hy::store_rocksdb
