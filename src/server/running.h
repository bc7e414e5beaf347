// A server that runs, as its main thread sees it; and what the command line needs from the wiring.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/config.h"
#include "server/data_dir.h"
#include "server/users.h"

namespace hy::server {

enum class Service { c2s, c2s_tls };

/// What is bound; `at.port` is the real one where the configuration says 0.
struct Listening {
  Service service;
  net::Address at;
};

/// Port. Made, used and stopped by one thread, which is no shard's.
class Running {
 public:
  virtual ~Running() = default;
  virtual Users& users() = 0;
  virtual std::vector<Listening> listening() const = 0;
  /// Reads certificates and keys again. An error leaves the old ones in use.
  virtual Result<void> reload(const Config& config) = 0;
  /// The polite stop: listeners, streams, scopes, committer, stores, loops. Returns when all is on disk.
  virtual void stop() = 0;
};

/// What main wires in.
struct Wiring {
  /// Starts the shards. What is wrong (port in use, unreadable key) is one message.
  std::function<Result<std::unique_ptr<Running>>(const Config&, const DataDir&)> start;
  /// The accounts on disk, while no server runs. `data` is locked by the caller and outlives the result.
  std::function<Result<std::unique_ptr<Users>>(const Config&, const DataDir&)> open_store;
  /// Certificates and keys can be read and belong together.
  std::function<Result<void>(const Config&)> check_certificates;
};

}  // namespace hy::server
