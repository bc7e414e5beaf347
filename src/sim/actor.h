// Whatever may take the next step of a simulated world: a loop, a pool, the network, a test's own thread.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/time.h"

namespace hy::sim {

/// Port. Lives as long as its world.
class Actor {
 public:
  explicit Actor(std::string name) : name_(std::move(name)) {}
  virtual ~Actor() = default;

  virtual bool ready() const = 0;
  /// Called only when ready.
  virtual void step() = 0;
  /// When it will be ready without anybody's doing; nullopt when it will not.
  virtual std::optional<Instant> next() const = 0;

  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

}  // namespace hy::sim
