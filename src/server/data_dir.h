// The folder in which one server keeps everything: made when missing, private, and locked while it is in use.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "server/descriptor.h"

namespace hy::server {

class DataDir {
 public:
  /// Error::io: cannot be made or written. Error::invalid: not a folder, or open to other users.
  /// Error::conflict: in use by another process. Each message says how to mend it.
  static Result<DataDir> open(const std::string& path);
  /// The same checks without making or locking anything; a folder that does not exist yet is fine if it can
  /// be made.
  static Result<void> check(const std::string& path);

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const;

 private:
  DataDir(std::string path, Descriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  Descriptor lock_;
};

/// Writes a file of mode 0600 that is on disk, whole, when this returns; an older one of that name is
/// replaced.
Result<void> write_private(const std::string& path, std::string_view text);
Result<std::string> read_small(const std::string& path, std::size_t limit);

}  // namespace hy::server
