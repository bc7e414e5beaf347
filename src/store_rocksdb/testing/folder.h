// For tests: a folder of the machine that vanishes with its object.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace hy::store_rocksdb::testing {

class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "hongyan-XXXXXX").string()) {
    HY_CHECK(mkdtemp(path_.data()) != nullptr);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace hy::store_rocksdb::testing
