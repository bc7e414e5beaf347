// One RocksDB database for everything: opened, written by the committer, read from any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/batch.h"

namespace rocksdb {
class Env;
class WriteBatch;
}  // namespace rocksdb

namespace hy::store_rocksdb {

struct Migration;

struct Settings {
  std::string path;                                 // of the database's own folder; its parent must exist
  std::size_t cache_bytes = std::size_t{64} << 20;  // of blocks, indexes and filters in memory
  bool create = true;                               // if missing
  std::shared_ptr<rocksdb::Env> env = nullptr;      // empty: the machine's
  /// Flush and compaction. Off in simulation: what is written stays in memory and its log.
  enum class Background { on, off } background = Background::on;
};

/// Shared by all who read, so that a read that was started ends on an open database.
class Database final : public store::Engine {
 public:
  /// Creates what is missing, brings the schema up to date, loads nothing. The errors tell an operator what
  /// to do: locked by another process (unavailable), no permission (io), not a folder (invalid), damaged
  /// (corrupt), written by a newer program (unavailable), not there and not to be created (not_found).
  static Result<std::shared_ptr<Database>> open(Settings settings);
  static Result<std::shared_ptr<Database>> open(Settings settings, std::span<const Migration> migrations);
  ~Database() override;

  /// All batches in one write of the log, synced. After an error, its own or one of a flush in the
  /// background, every further write is an error.
  Result<void> write(std::span<const store::Batch> batches) override;
  Result<std::uint64_t> floor() const override;

  Result<std::optional<std::string>> get(std::string_view key) const;
  /// Rows with keys in [first, last), in order, till `visit` returns false or an error.
  using Visit = std::move_only_function<Result<bool>(std::string_view key, std::string_view value)>;
  Result<void> scan(std::string_view first, std::string_view last, Visit visit) const;
  /// For migrations: synced like write().
  Result<void> write_raw(rocksdb::WriteBatch& batch);

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hy::store_rocksdb
