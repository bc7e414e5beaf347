// The command line of the binary.
#pragma once

#include "server/running.h"

namespace hy::server {

/// Parses, runs, and returns the exit status: 0, 1 with one message on standard error, 2 for a misused
/// command line.
int run_command_line(int argc, char** argv, const Wiring& wiring);

}  // namespace hy::server
