#include "store_rocksdb/database.h"

#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <filesystem>
#include <mutex>

#include "base/log.h"
#include "store_rocksdb/keys.h"
#include "store_rocksdb/log_check.h"
#include "store_rocksdb/options.h"
#include "store_rocksdb/rows.h"
#include "store_rocksdb/schema.h"

namespace hy::store_rocksdb {
namespace {

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

Error error(const rocksdb::Status& status, const std::string& path, std::string_view doing) {
  std::string text = status.ToString();
  if (status.IsCorruption()) {
    return {Error::corrupt,
            fmt::format("{} {}: the database is damaged, restore a backup ({})", doing, path, text)};
  }
  if (status.IsNoSpace() || text.contains("No space left")) {
    return {Error::io, fmt::format("{} {}: the disk is full ({})", doing, path, text)};
  }
  return {Error::io, fmt::format("{} {}: {}", doing, path, text)};
}

Error open_error(const rocksdb::Status& status, const std::string& path) {
  std::string text = status.ToString();
  if (text.contains("While lock file") || text.contains("lock hold by current process")) {
    return {Error::unavailable,
            fmt::format("the database {} is in use by another process: is a server running? "
                        "({})",
                        path, text)};
  }
  if (text.contains("Permission denied")) {
    return {Error::io,
            fmt::format("no permission for the database {}: run as the user it belongs to, or change its "
                        "owner ({})",
                        path, text)};
  }
  if (status.IsInvalidArgument() && text.contains("does not exist")) {
    return {Error::not_found, fmt::format("there is no database at {}", path)};
  }
  return error(status, path, "opening the database");
}

/// The first error of a flush or compaction. RocksDB may recover by itself; whether what it then holds is
/// what we wrote nobody knows, so there is no writing after it.
class BackgroundErrors final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    std::lock_guard lock(mutex_);
    if (seen_) return;
    text_ = *status;
    seen_ = true;
    log::error("database stopped", "reason={}", log::value(status->ToString()));
  }
  rocksdb::Status first() const {
    if (!seen_) return rocksdb::Status::OK();
    std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::atomic<bool> seen_ = false;
  mutable std::mutex mutex_;  // RocksDB's threads report, the committer asks
  rocksdb::Status text_;
};

/// One write of the store as what RocksDB does.
struct Rows {
  rocksdb::WriteBatch& out;

  void operator()(const store::PutAccount& w) const {
    const store::Owner& owner = w.account.owner;
    out.Put(keys::account(owner), pack(w.account));
    out.Put(keys::by_domain(owner.domain(), owner.str()), {});
  }
  void operator()(const store::EraseAccount& w) const {
    out.Delete(keys::account(w.owner));
    out.Delete(keys::by_domain(w.owner.domain(), w.owner.str()));
  }
  void operator()(const store::PutDocument& w) const {
    out.Put(keys::document(w.document.owner, w.document.name), pack(w.document));
  }
  void operator()(const store::EraseDocument& w) const { out.Delete(keys::document(w.owner, w.name)); }
  void operator()(const store::EraseDocuments& w) const {
    out.DeleteRange(keys::documents(w.owner), keys::documents_end(w.owner));
  }
  void operator()(const store::PutFloor& w) const { out.Put(keys::floor(w.shard), pack_number(w.floor)); }
};

/// Creates the folder and makes its name durable: RocksDB syncs what is in it, but not the folder above. In
/// one that is there, looks at the log.
Result<void> prepare_folder(rocksdb::Env& env, const Settings& settings) {
  const std::string& path = settings.path;
  bool is_folder = false;
  rocksdb::Status found = env.IsDirectory(path, &is_folder);
  if (found.ok() && !is_folder) return fail(Error::invalid, fmt::format("{} is not a folder", path));
  if (found.ok()) return mend_log(env, path);
  if (!settings.create) return fail(Error::not_found, fmt::format("there is no database at {}", path));
  rocksdb::Status made = env.CreateDirIfMissing(path);
  if (!made.ok()) return std::unexpected(open_error(made, path));
  if (!settings.env) {
    std::error_code
        ignored;  // the files hold verifiers; on a file system without modes there is nothing to do
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, ignored);
  }
  std::string parent = std::filesystem::path(path).parent_path().string();
  std::unique_ptr<rocksdb::Directory> folder;
  rocksdb::Status synced = env.NewDirectory(parent.empty() ? "." : parent, &folder);
  if (synced.ok()) synced = folder->Fsync();
  if (!synced.ok()) return std::unexpected(open_error(synced, path));
  return {};
}

}  // namespace

struct Database::State {
  std::string path;
  std::shared_ptr<rocksdb::Env> env;
  std::shared_ptr<BackgroundErrors> background = std::make_shared<BackgroundErrors>();
  std::unique_ptr<rocksdb::DB> db;
  bool failed = false;  // of the writing thread

  Result<void> write(rocksdb::WriteBatch& batch) {
    if (failed)
      return fail(Error::io, fmt::format("writing to the database {}: an earlier write failed", path));
    rocksdb::Status status = background->first();
    rocksdb::WriteOptions options;
    options.sync = true;
    if (status.ok()) status = db->Write(options, &batch);
    if (status.ok()) return {};
    failed = true;
    return std::unexpected(error(status, path, "writing to the database"));
  }
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}

Database::~Database() {
  rocksdb::Status closed = state_->db->Close();
  if (!closed.ok()) {
    log::warn("database closed", "path={} reason={}", log::value(state_->path),
              log::value(closed.ToString()));
  }
}

Result<std::shared_ptr<Database>> Database::open(Settings settings) {
  return open(std::move(settings), migrations());
}

Result<std::shared_ptr<Database>> Database::open(Settings settings, std::span<const Migration> migrations) {
  while (settings.path.size() > 1 && settings.path.ends_with('/')) settings.path.pop_back();
  rocksdb::Options options = options_for(settings);
  HY_TRY_VOID(prepare_folder(*options.env, settings));
  auto state = std::make_unique<State>();
  state->path = settings.path;
  state->env = settings.env;
  options.listeners.push_back(state->background);
  rocksdb::DB* db = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, settings.path, &db);
  if (!status.ok()) return std::unexpected(open_error(status, settings.path));
  state->db.reset(db);
  std::shared_ptr<Database> opened(new Database(std::move(state)));
  HY_TRY_VOID(bring_up_to_date(*opened, migrations));
  return opened;
}

Result<void> Database::write(std::span<const store::Batch> batches) {
  std::size_t bytes = 0;
  for (const store::Batch& batch : batches) bytes += batch.bytes;
  rocksdb::WriteBatch rows(bytes + bytes / 4);
  for (const store::Batch& batch : batches) {
    for (const store::Write& write : batch.writes) std::visit(Rows{rows}, write);
  }
  return state_->write(rows);
}

Result<void> Database::write_raw(rocksdb::WriteBatch& batch) {
  return state_->write(batch);
}

Result<std::uint64_t> Database::floor() const {
  std::uint64_t highest = 0;
  HY_TRY_VOID(
      scan(keys::floors(), keys::floors_end(), [&](std::string_view, std::string_view value) -> Result<bool> {
        HY_TRY(floor, unpack_number("floor of ids", value));
        highest = std::max(highest, floor);
        return true;
      }));
  return highest;
}

Result<std::optional<std::string>> Database::get(std::string_view key) const {
  std::string value;
  rocksdb::Status status = state_->db->Get(rocksdb::ReadOptions(), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return std::unexpected(error(status, state_->path, "reading from the database"));
  return value;
}

Result<void> Database::scan(std::string_view first, std::string_view last, Visit visit) const {
  rocksdb::ReadOptions options;
  rocksdb::Slice end = slice(last);
  if (!last.empty()) options.iterate_upper_bound = &end;
  bool one_prefix = first.size() >= keys::prefix_size &&
                    first.substr(0, keys::prefix_size) == last.substr(0, keys::prefix_size);
  options.prefix_same_as_start = one_prefix;  // lets filters skip files
  options.total_order_seek = !one_prefix;
  std::unique_ptr<rocksdb::Iterator> at(state_->db->NewIterator(options));
  for (at->Seek(slice(first)); at->Valid(); at->Next()) {
    HY_TRY(more, visit(view(at->key()), view(at->value())));
    if (!more) return {};
  }
  if (!at->status().ok())
    return std::unexpected(error(at->status(), state_->path, "reading from the database"));
  return {};
}

}  // namespace hy::store_rocksdb
