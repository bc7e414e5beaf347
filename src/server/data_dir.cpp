#include "server/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

namespace hy::server {
namespace {

namespace fs = std::filesystem;

std::string reason() {
  return std::strerror(errno);
}

// What is stored grants entry (SCRAM verifiers, private keys): nobody else reads it, and nobody else writes
// beside it. A group may read, for backups.
Result<void> check_folder(const std::string& path) {
  struct stat found;
  if (::stat(path.c_str(), &found) != 0) {
    return fail(Error::io, fmt::format("cannot look into the data directory {}: {}", path, reason()));
  }
  if (!S_ISDIR(found.st_mode)) {
    return fail(Error::invalid,
                fmt::format("the data directory {} is not a directory: name another with --data or "
                            "data_dir",
                            path));
  }
  if ((found.st_mode & 0027) != 0) {
    return fail(Error::invalid,
                fmt::format("the data directory {} is open to other users (mode {:04o}), and it holds "
                            "keys: chmod 700 {}",
                            path, found.st_mode & 07777, path));
  }
  if (::access(path.c_str(), W_OK | X_OK) != 0) {
    return fail(Error::io,
                fmt::format("the data directory {} is not writable for this user: {}; chown it, or name "
                            "another with --data or data_dir",
                            path, reason()));
  }
  return {};
}

}  // namespace

Result<DataDir> DataDir::open(const std::string& path) {
  std::error_code error;
  const fs::path parent = fs::absolute(path).lexically_normal().parent_path();
  fs::create_directories(parent, error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(Error::io,
                fmt::format("cannot make the data directory {}: {}; make it, or name another with --data or "
                            "data_dir",
                            path, reason()));
  }
  HY_TRY_VOID(check_folder(path));

  const std::string lock_path = path + "/lock";
  Descriptor lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return fail(Error::io, fmt::format("cannot write {}: {}", lock_path, reason()));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    const auto holder = read_small(lock_path, 32);
    return fail(Error::conflict,
                fmt::format("the data directory {} is in use by process {}: stop it first, or name "
                            "another with --data or data_dir",
                            path, holder ? *holder : "(unknown)"));
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(lock.get(), 0) != 0 || ::pwrite(lock.get(), pid.data(), pid.size(), 0) < 0) {
    return fail(Error::io, fmt::format("cannot write {}: {}", lock_path, reason()));
  }
  return DataDir(path, std::move(lock));
}

Result<void> DataDir::check(const std::string& path) {
  if (fs::exists(path)) return check_folder(path);
  fs::path parent = fs::absolute(path).lexically_normal().parent_path();
  while (!fs::exists(parent) && parent.has_relative_path()) parent = parent.parent_path();
  if (::access(parent.c_str(), W_OK | X_OK) == 0) return {};
  return fail(Error::io,
              fmt::format("the data directory {} cannot be made in {}: {}", path, parent.string(), reason()));
}

std::string DataDir::file(std::string_view name) const {
  return fmt::format("{}/{}", path_, name);
}

Result<void> write_private(const std::string& path, std::string_view text) {
  const std::string draft = path + ".part";
  const auto refused = [&path] {
    return fail(Error::io, fmt::format("cannot write {}: {}", path, reason()));
  };
  ::unlink(draft.c_str());
  Descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return refused();
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0) return refused();
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0 || ::rename(draft.c_str(), path.c_str()) != 0) return refused();
  const Descriptor folder(::open(fs::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder && ::fsync(folder.get()) != 0) return refused();
  return {};
}

Result<std::string> read_small(const std::string& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return fail(errno == ENOENT ? Error::not_found : Error::io,
                fmt::format("cannot read {}: {}", path, reason()));
  }
  std::string text(limit + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0) return fail(Error::io, fmt::format("cannot read {}: {}", path, reason()));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > limit) return fail(Error::exhausted, fmt::format("{} is larger than {} bytes", path, limit));
  text.resize(size);
  return text;
}

}  // namespace hy::server
