// An empty folder of a test's own, removed at its end.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace hy::server::testing {

class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "hongyan-test-XXXXXX").string();
    if (!::mkdtemp(path_.data())) ::abort();
  }
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace hy::server::testing
