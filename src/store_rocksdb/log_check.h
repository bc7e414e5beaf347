// Looks through RocksDB's write-ahead log before RocksDB does, because neither of its ways to read one is
// ours.
//
// After a loss of power the end of the log, all that was not synced, may be anything: cut off, or with holes
// where a later sector came to disk before an earlier one. That is no damage: none of it was reported as
// durable. Anywhere else, a byte that is wrong is damage, and to go on without what it held would be to lose
// what we acknowledged.
//
//   - "point in time" (RocksDB's default) takes any wrong byte for the end and drops what follows, silently;
//   - "tolerate corrupted tail records" tolerates an end that is cut off, but refuses to open over a hole, so
//   that a
//     server would not start after some losses of power; and zeros where a record should begin it skips,
//     silently.
//
// What tells them apart: the next write begins only when the one before it is synced. So if a wrong record is
// followed by the beginning of another, it had been synced: damage. If by none, it is the torn end, and it is
// cut off here.
//
//     block   32 KiB; a record's fragments do not cross it; less than 7 bytes at its end are zeros
//     header  crc32c of type and bytes, masked (4) | size (2) | type (1), little-endian
//     type    1 whole, 2 first, 3 middle, 4 last fragment of a record (one write). Others: we leave it to
//     RocksDB
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace rocksdb {
class Env;
}

namespace hy::store_rocksdb {

struct LogCheck {
  std::size_t whole = 0;  // bytes up to the end of the last record that is there and right
  bool torn = false;      // there is more, and it is not a record
  bool followed = false;  // but behind it a record begins: it was not the end
  bool foreign = false;   // a type that this does not know: nothing is said about what follows
};
LogCheck check_log(std::string_view bytes);

/// Cuts a torn end off the newest log of the database in `folder`, durably. Error::corrupt when a log is
/// damaged.
Result<void> mend_log(rocksdb::Env& env, const std::string& folder);

/// CRC-32C (Castagnoli).
std::uint32_t crc32c(std::string_view bytes);

}  // namespace hy::store_rocksdb
