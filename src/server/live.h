// The server as it runs: a thread and a loop per shard, the committer's thread, pools, sockets and the
// database.
#pragma once

#include "server/running.h"

namespace hy::server {

/// Binds the ports and starts the threads. Every error is one message that says what, where and how to mend
/// it.
Result<std::unique_ptr<Running>> start_live(const Config& config, const DataDir& data);

/// The accounts on disk while no server runs.
Result<std::unique_ptr<Users>> open_stored_users(const Config& config, const DataDir& data);

/// Certificates and keys that the configuration names can be read and belong together.
Result<void> check_certificates(const Config& config);

}  // namespace hy::server
