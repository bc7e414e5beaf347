// A disk that loses power: files in memory, of which a crash keeps what was synced and, by seed, keeps, loses
// or tears the rest.
//
// What a file system promises, and so all that a crash keeps for certain:
//   - bytes of a file up to its last sync;
//   - names (created, renamed, removed) up to the last sync of their folder, folders' own names included;
//   - the name of a file that was synced: POSIX does not promise it, but journals do, and RocksDB relies on
//   it when a
//     new CURRENT names a new MANIFEST before their folder is synced.
// What was not synced may be there or not, each part by itself: of a file's tail a part, a part with holes of
// zeros where a later sector came to disk before an earlier one, or nothing; of a folder's changes any, in
// any combination.
//
// Every change and every sync is an operation, counted from 1. One may be told to fail, or to be the moment
// of the crash: from then on nothing works until restart(), and nothing done after it is there.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hy::store_rocksdb::testing {

class Disk {
 public:
  struct File {
    std::string bytes;
    std::size_t synced = 0;
    bool sync_failed = false;  // the kernel has dropped what it could not write: no later sync brings it back
  };
  using FilePtr = std::shared_ptr<File>;

  /// How the tail of a file that was not synced may look after a crash.
  enum class Tear {
    cut,      // a beginning of it, down to none
    sectors,  // besides, sectors of what is kept are zero
  };

  explicit Disk(Tear tear = Tear::cut) : tear_(tear) {}

  // Changes and syncs: operations. Error::io when told to fail, Error::closed after the crash.
  Result<void> make_folder(const std::string& path);
  Result<void> sync_folder(const std::string& path);
  Result<FilePtr> create(const std::string& path);
  Result<void> append(const FilePtr& file, std::string_view bytes);
  Result<void> truncate(const FilePtr& file, std::size_t size);
  Result<void> sync(const FilePtr& file);
  Result<void> rename(const std::string& from, const std::string& to);
  Result<void> remove(const std::string& path);

  // Reads. Error::not_found, and Error::closed after the crash.
  Result<FilePtr> open(const std::string& path) const;
  Result<std::string> read(const FilePtr& file, std::size_t from, std::size_t size) const;
  Result<std::size_t> size(const FilePtr& file) const;
  bool exists(const std::string& path) const;
  bool is_folder(const std::string& path) const;
  Result<std::vector<std::string>> children(const std::string& path) const;
  /// False when somebody holds it.
  bool lock(const std::string& path);
  void unlock(const std::string& path);

  std::uint64_t operations() const;
  /// The n-th operation from now (1: the next) is the moment of the crash: a change has been made and is not
  /// synced, a sync has done nothing.
  void crash_at(std::uint64_t nth);
  bool crashed() const;
  /// The n-th operation from now fails, and so do `more` after it. A failing append leaves half of its bytes.
  void fail_at(std::uint64_t nth, std::uint64_t more = 0, std::string text = "Input/output error");
  /// Power is back (and was gone: now, unless crash_at had its moment). Handles of before are of no use.
  void restart(std::uint64_t seed);

 private:
  // A folder's names, and its changes since its last sync.
  struct Node {
    FilePtr file;  // none: a folder
    bool operator==(const Node&) const = default;
  };
  struct Change {
    std::string name;
    std::optional<Node> node;             // none: removed
    std::optional<std::string> old_name;  // of a rename: it vanishes with the same change
  };
  struct Folder {
    std::map<std::string, Node> names;
    std::map<std::string, Node> synced;
    std::vector<Change> changes;

    static void apply(const Change& change, std::map<std::string, Node>& names);
    void keep_name_of(const FilePtr& file);
  };

  enum class Step { works, fails, crashes };
  Step step();
  Result<void> end(Step step) const;
  Result<void> check() const;
  Result<void> change(const std::string& path, Change change);
  const Node* find(const std::string& path) const;
  FilePtr after_crash(const File& file, std::mt19937_64& random) const;

  Tear tear_;
  mutable std::recursive_mutex mutex_;  // RocksDB comes with several threads
  std::map<std::string, Folder> folders_{{"/", {}}};
  std::set<std::string> locks_;
  std::uint64_t operations_ = 0;
  std::optional<std::uint64_t> crash_at_;
  std::uint64_t fail_from_ = 0, fail_to_ = 0;
  std::string fail_text_;
  bool crashed_ = false;
};

}  // namespace hy::store_rocksdb::testing
