#include "store_rocksdb/testing/disk.h"

#include <algorithm>
#include <limits>

namespace hy::store_rocksdb::testing {
namespace {

constexpr std::size_t sector = 512;

struct Split {
  std::string folder, name;
};

Split split(const std::string& path) {
  std::size_t slash = path.rfind('/');
  HY_CHECK(slash != path.npos);
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

std::string join(const std::string& folder, const std::string& name) {
  return folder == "/" ? folder + name : folder + "/" + name;
}

std::unexpected<Error> no_such(const std::string& path) {
  return fail(Error::not_found, path);
}

}  // namespace

void Disk::Folder::apply(const Change& change, std::map<std::string, Node>& names) {
  if (change.old_name) names.erase(*change.old_name);
  if (change.node) {
    names[change.name] = *change.node;
  } else {
    names.erase(change.name);
  }
}

void Disk::Folder::keep_name_of(const FilePtr& file) {
  for (std::size_t i = 0; i < changes.size();) {
    if (changes[i].node.value_or(Node{}).file != file) {
      ++i;
      continue;
    }
    apply(changes[i], synced);
    std::string name = changes[i].name;
    changes.erase(changes.begin() + static_cast<std::ptrdiff_t>(i));
    // What was done to this name before is history; of an earlier rename the old name still vanishes or not.
    for (std::size_t j = i; j-- > 0;) {
      if (changes[j].name != name) continue;
      if (const std::optional<std::string> old_name = changes[j].old_name) {
        changes[j] = {*old_name, {}, {}};
      } else {
        changes.erase(changes.begin() + static_cast<std::ptrdiff_t>(j));
        --i;
      }
    }
  }
}

Disk::Step Disk::step() {
  ++operations_;
  if (crash_at_ && operations_ >= *crash_at_) {
    crashed_ = true;
    return Step::crashes;
  }
  return operations_ >= fail_from_ && operations_ < fail_to_ ? Step::fails : Step::works;
}

Result<void> Disk::end(Step step) const {
  if (step == Step::fails) return fail(Error::io, fail_text_);
  return check();
}

Result<void> Disk::check() const {
  if (crashed_) return fail(Error::closed, "the machine is off");
  return {};
}

Result<void> Disk::change(const std::string& path, Change change) {
  HY_TRY_VOID(check());
  auto folder = folders_.find(split(path).folder);
  if (folder == folders_.end()) return no_such(split(path).folder);
  Step now = step();
  if (now != Step::fails) {
    Folder::apply(change, folder->second.names);
    folder->second.changes.push_back(std::move(change));
  }
  return end(now);
}

const Disk::Node* Disk::find(const std::string& path) const {
  auto folder = folders_.find(split(path).folder);
  if (folder == folders_.end()) return nullptr;
  auto node = folder->second.names.find(split(path).name);
  return node == folder->second.names.end() ? nullptr : &node->second;
}

Result<void> Disk::make_folder(const std::string& path) {
  std::lock_guard lock(mutex_);
  std::string plain = without_slash(path);
  if (plain == "/" || find(plain)) return fail(Error::conflict, plain);
  HY_TRY_VOID(change(plain, {split(plain).name, Node{}, {}}));
  folders_.try_emplace(plain);
  return {};
}

Result<void> Disk::sync_folder(const std::string& path) {
  std::lock_guard lock(mutex_);
  HY_TRY_VOID(check());
  auto folder = folders_.find(without_slash(path));
  if (folder == folders_.end()) return no_such(path);
  Step now = step();
  if (now == Step::works) {
    folder->second.synced = folder->second.names;
    folder->second.changes.clear();
  }
  return end(now);
}

Result<Disk::FilePtr> Disk::create(const std::string& path) {
  std::lock_guard lock(mutex_);
  auto file = std::make_shared<File>();
  HY_TRY_VOID(change(path, {split(path).name, Node{file}, {}}));
  return file;
}

Result<void> Disk::append(const FilePtr& file, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  HY_TRY_VOID(check());
  Step now = step();
  file->bytes += now == Step::fails ? bytes.substr(0, bytes.size() / 2) : bytes;
  return end(now);
}

Result<void> Disk::truncate(const FilePtr& file, std::size_t size) {
  std::lock_guard lock(mutex_);
  HY_TRY_VOID(check());
  Step now = step();
  if (now != Step::fails) {
    file->bytes.resize(size);
    file->synced = std::min(file->synced, size);
  }
  return end(now);
}

Result<void> Disk::sync(const FilePtr& file) {
  std::lock_guard lock(mutex_);
  HY_TRY_VOID(check());
  Step now = step();
  if (now == Step::fails) file->sync_failed = true;
  if (now == Step::works && !file->sync_failed) {
    file->synced = file->bytes.size();
    for (auto& [path, folder] : folders_) folder.keep_name_of(file);
  }
  return end(now);
}

Result<void> Disk::rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  const Node* node = find(from);
  if (!node) return no_such(from);
  HY_CHECK(node->file && split(from).folder == split(to).folder);  // RocksDB renames files within its folder
  return change(to, {split(to).name, *node, split(from).name});
}

Result<void> Disk::remove(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (!find(path)) return no_such(path);
  return change(path, {split(path).name, {}, {}});
}

Result<Disk::FilePtr> Disk::open(const std::string& path) const {
  std::lock_guard lock(mutex_);
  HY_TRY_VOID(check());
  const Node* node = find(path);
  if (!node || !node->file) return no_such(path);
  return node->file;
}

Result<std::string> Disk::read(const FilePtr& file, std::size_t from, std::size_t size) const {
  std::lock_guard lock(mutex_);
  HY_TRY_VOID(check());
  if (from >= file->bytes.size()) return std::string();
  return file->bytes.substr(from, size);
}

Result<std::size_t> Disk::size(const FilePtr& file) const {
  std::lock_guard lock(mutex_);
  HY_TRY_VOID(check());
  return file->bytes.size();
}

bool Disk::exists(const std::string& path) const {
  std::lock_guard lock(mutex_);
  std::string plain = without_slash(path);
  return plain == "/" || find(plain);
}

bool Disk::is_folder(const std::string& path) const {
  std::lock_guard lock(mutex_);
  return folders_.contains(without_slash(path));
}

Result<std::vector<std::string>> Disk::children(const std::string& path) const {
  std::lock_guard lock(mutex_);
  HY_TRY_VOID(check());
  auto folder = folders_.find(without_slash(path));
  if (folder == folders_.end()) return no_such(path);
  std::vector<std::string> names;
  for (const auto& [name, node] : folder->second.names) names.push_back(name);
  return names;
}

bool Disk::lock(const std::string& path) {
  std::lock_guard lock(mutex_);
  return locks_.insert(path).second;
}

void Disk::unlock(const std::string& path) {
  std::lock_guard lock(mutex_);
  locks_.erase(path);
}

std::uint64_t Disk::operations() const {
  std::lock_guard lock(mutex_);
  return operations_;
}

void Disk::crash_at(std::uint64_t nth) {
  std::lock_guard lock(mutex_);
  crash_at_ = operations_ + nth;
}

bool Disk::crashed() const {
  std::lock_guard lock(mutex_);
  return crashed_;
}

void Disk::fail_at(std::uint64_t nth, std::uint64_t more, std::string text) {
  std::lock_guard lock(mutex_);
  fail_from_ = operations_ + nth;
  std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - fail_from_ - 1;
  fail_to_ = fail_from_ + 1 + std::min(more, room);
  fail_text_ = std::move(text);
}

Disk::FilePtr Disk::after_crash(const File& file, std::mt19937_64& random) const {
  auto left = std::make_shared<File>();
  std::size_t tail = file.bytes.size() - file.synced;
  std::size_t kept = 0;
  switch (random() % 4) {
    case 0:
      kept = 0;
      break;
    case 1:
      kept = tail;
      break;
    default:
      kept = random() % (tail + 1);
  }
  left->bytes = file.bytes.substr(0, file.synced + kept);
  if (tear_ == Tear::sectors && random() % 2 == 0) {
    // A sector that holds synced bytes was written before: of it only what came later may be missing.
    for (std::size_t from = file.synced; from < left->bytes.size(); from = (from / sector + 1) * sector) {
      std::size_t to = std::min((from / sector + 1) * sector, left->bytes.size());
      if (random() % 2 == 0) left->bytes.replace(from, to - from, to - from, '\0');
    }
  }
  left->synced = left->bytes.size();
  return left;
}

void Disk::restart(std::uint64_t seed) {
  std::lock_guard lock(mutex_);
  std::mt19937_64 random(seed);
  std::map<FilePtr, FilePtr> left;  // by what they were: a file may have two names
  for (auto& [path, folder] : folders_) {
    std::uint64_t fate = random() % 4;
    folder.names = folder.synced;
    for (Change& change : std::exchange(folder.changes, {})) {
      bool kept = fate == 0 ? false : fate == 1 ? true : random() % 2 == 0;
      if (kept) Folder::apply(change, folder.names);
    }
    for (auto& [name, node] : folder.names) {
      if (!node.file) continue;
      FilePtr& file = left[node.file];
      if (!file) file = after_crash(*node.file, random);
      node.file = file;
    }
    folder.synced = folder.names;
  }
  std::erase_if(folders_, [this](const auto& entry) { return entry.first != "/" && !exists(entry.first); });
  for (auto& [path, folder] : folders_) {
    std::erase_if(folder.names, [this, &path = path](const auto& entry) {
      return !entry.second.file && !folders_.contains(join(path, entry.first));
    });
    folder.synced = folder.names;
  }
  locks_.clear();
  crashed_ = false;
  crash_at_.reset();
  fail_from_ = fail_to_ = 0;
}

}  // namespace hy::store_rocksdb::testing
