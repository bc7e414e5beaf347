// SIGTERM, SIGINT and SIGHUP as something to wait for.
#pragma once

#include <optional>

#include "base/result.h"
#include "server/descriptor.h"

namespace hy::server {

enum class Signal { stop, reload };

class Signals {
 public:
  /// Blocks the three in this thread and in all that it starts from now on; ignores SIGPIPE. One at a time.
  static Result<Signals> take_over();
  /// Readable when one has come.
  int descriptor() const { return descriptor_.get(); }
  /// The next that has come, if any.
  std::optional<Signal> next();

 private:
  explicit Signals(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  Descriptor descriptor_;
};

}  // namespace hy::server
