#include "store_rocksdb/testing/disk_env.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace hy::store_rocksdb::testing {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using DiskPtr = std::shared_ptr<Disk>;

IOStatus status(const Error& error) {
  if (error.code == Error::not_found)
    return IOStatus::PathNotFound(error.context, "No such file or directory");
  if (error.context == "No space left on device") return IOStatus::NoSpace(error.context);
  return IOStatus::IOError("simulated disk", error.context);
}

template <class T>
IOStatus status(const Result<T>& result) {
  if (result) return IOStatus::OK();
  return status(result.error());
}

/// Fills what RocksDB reads into.
IOStatus read(const Disk& disk, const Disk::FilePtr& file, std::size_t from, std::size_t size, Slice* result,
              char* scratch) {
  Result<std::string> bytes = disk.read(file, from, size);
  if (!bytes) return status(bytes);
  std::copy(bytes->begin(), bytes->end(), scratch);
  *result = Slice(scratch, bytes->size());
  return IOStatus::OK();
}

class Sequential final : public rocksdb::FSSequentialFile {
 public:
  Sequential(DiskPtr disk, Disk::FilePtr file) : disk_(std::move(disk)), file_(std::move(file)) {}
  IOStatus Read(size_t n, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
    IOStatus done = read(*disk_, file_, at_, n, result, scratch);
    if (done.ok()) at_ += result->size();
    return done;
  }
  IOStatus Skip(uint64_t n) override {
    at_ += n;
    return IOStatus::OK();
  }

 private:
  DiskPtr disk_;
  Disk::FilePtr file_;
  std::size_t at_ = 0;
};

class RandomAccess final : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccess(DiskPtr disk, Disk::FilePtr file) : disk_(std::move(disk)), file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    return read(*disk_, file_, offset, n, result, scratch);
  }

 private:
  DiskPtr disk_;
  Disk::FilePtr file_;
};

class Writable final : public rocksdb::FSWritableFile {
 public:
  Writable(DiskPtr disk, Disk::FilePtr file) : disk_(std::move(disk)), file_(std::move(file)) {}
  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    return status(disk_->append(file_, {data.data(), data.size()}));
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    return status(disk_->truncate(file_, size));
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return status(disk_->sync(file_)); }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return disk_->size(file_).value_or(0); }

 private:
  DiskPtr disk_;
  Disk::FilePtr file_;
};

class FolderHandle final : public rocksdb::FSDirectory {
 public:
  FolderHandle(DiskPtr disk, std::string path) : disk_(std::move(disk)), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return status(disk_->sync_folder(path_)); }

 private:
  DiskPtr disk_;
  std::string path_;
};

class Lock final : public rocksdb::FileLock {
 public:
  explicit Lock(std::string p) : path(std::move(p)) {}
  std::string path;
};

class DiskFileSystem final : public rocksdb::FileSystem {
 public:
  explicit DiskFileSystem(DiskPtr disk) : disk_(std::move(disk)) {}
  const char* Name() const override { return "hongyan.disk"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* out, IODebugContext*) override {
    return opened<Sequential>(disk_->open(path), out);
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* out, IODebugContext*) override {
    return opened<RandomAccess>(disk_->open(path), out);
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* out, IODebugContext*) override {
    return opened<Writable>(disk_->create(path), out);
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>* out, IODebugContext*) override {
    return opened<Writable>(disk_->exists(path) ? disk_->open(path) : disk_->create(path), out);
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions&, std::unique_ptr<rocksdb::FSDirectory>* out,
                        IODebugContext*) override {
    if (!disk_->is_folder(path)) return IOStatus::PathNotFound(path);
    *out = std::make_unique<FolderHandle>(disk_, path);
    return IOStatus::OK();
  }
  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    if (disk_->exists(path)) return IOStatus::OK();
    return IOStatus::NotFound(path);
  }
  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* out,
                       IODebugContext*) override {
    Result<std::vector<std::string>> names = disk_->children(path);
    if (names) *out = std::move(*names);
    return status(names);
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return status(disk_->remove(path));
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return status(disk_->make_folder(path));
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    if (disk_->is_folder(path)) return IOStatus::OK();
    return status(disk_->make_folder(path));
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return status(disk_->remove(path));
  }
  IOStatus GetFileSize(const std::string& path, const IOOptions&, uint64_t* size, IODebugContext*) override {
    Result<Disk::FilePtr> file = disk_->open(path);
    if (!file) return status(file);
    *size = disk_->size(*file).value_or(0);
    return IOStatus::OK();
  }
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, uint64_t* time,
                                   IODebugContext*) override {
    *time = 0;
    return IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return status(disk_->rename(from, to));
  }
  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    if (!disk_->lock(path)) return IOStatus::IOError("While lock file: " + path, "in use");
    *lock = new Lock(path);  // RocksDB's interface: freed by UnlockFile
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    std::unique_ptr<Lock> held(static_cast<Lock*>(lock));
    disk_->unlock(held->path);
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
    *path = "/test";
    return IOStatus::OK();
  }
  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>*,
                     IODebugContext*) override {
    return IOStatus::NotSupported("the simulated disk keeps no log");
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* out,
                           IODebugContext*) override {
    *out = path;
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is_folder, IODebugContext*) override {
    if (!disk_->exists(path)) return IOStatus::PathNotFound(path);
    *is_folder = disk_->is_folder(path);
    return IOStatus::OK();
  }
  IOStatus GetFreeSpace(const std::string&, const IOOptions&, uint64_t* free, IODebugContext*) override {
    *free = std::uint64_t{1} << 40;
    return IOStatus::OK();
  }

 private:
  template <class Handle, class Base>
  IOStatus opened(Result<Disk::FilePtr> file, std::unique_ptr<Base>* out) {
    if (file) *out = std::make_unique<Handle>(disk_, *file);
    return status(file);
  }

  DiskPtr disk_;
};

}  // namespace

std::shared_ptr<rocksdb::Env> disk_env(std::shared_ptr<Disk> disk) {
  return rocksdb::NewCompositeEnv(std::make_shared<DiskFileSystem>(std::move(disk)));
}

Settings simulated(std::shared_ptr<Disk> disk) {
  if (!disk->exists("/data")) {
    Result<void> made = disk->make_folder("/data");
    if (made) made = disk->sync_folder("/");
  }
  Settings settings;
  settings.path = "/data/db";
  settings.cache_bytes = std::size_t{1} << 20;
  settings.env = disk_env(std::move(disk));
  settings.background = Settings::Background::off;
  return settings;
}

}  // namespace hy::store_rocksdb::testing
