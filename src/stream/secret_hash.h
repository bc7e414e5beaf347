// A hash for tables whose keys come from strangers: without the secret nobody can make two keys collide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"

namespace hy::stream {

class SecretHash {
 public:
  explicit SecretHash(Random& random);
  /// About a microsecond (HMAC-SHA-256). From any thread.
  std::uint64_t operator()(std::string_view bytes) const;

 private:
  std::string secret_;
};

}  // namespace hy::stream
