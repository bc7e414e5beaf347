#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace hy {

std::string_view name(Error::Code code) {
  switch (code) {
    case Error::cancelled:
      return "cancelled";
    case Error::timed_out:
      return "timed-out";
    case Error::closed:
      return "closed";
    case Error::not_found:
      return "not-found";
    case Error::invalid:
      return "invalid";
    case Error::conflict:
      return "conflict";
    case Error::exhausted:
      return "exhausted";
    case Error::unavailable:
      return "unavailable";
    case Error::io:
      return "io";
    case Error::corrupt:
      return "corrupt";
    case Error::internal:
      return "internal";
  }
  return "unknown";
}

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "hongyan: broken invariant `%s` at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace hy
