// The kinds of load. Each prints its figures, one a line: `mode=… tls=… metric=… value=… unit=…`.
#pragma once

#include <sys/types.h>

#include <string>

#include "fleet.h"

namespace load {

struct Plan {
  pid_t pid = 0;       // of the server, for its CPU and memory; 0: not measured
  double seconds = 5;  // that are measured
  double warm_up = 1;  // before
  std::size_t pairs = 50;
  std::size_t window = 64;  // of a burst
  std::size_t size = 350;   // bytes of a message as it is sent
  std::size_t sessions = 1000;
};

/// Pairs in a closed loop: one sends `window` messages in one write, the other waits for all of them and does
/// alike.
void pairs(Fleet& fleet, const Plan& plan, std::size_t window);
/// Sessions that do nothing: what each adds to the server's memory.
void idle(Fleet& fleet, const Plan& plan);
/// Log-ins, from the connection to the session's own presence, sixteen at a time.
void login(Fleet& fleet, const Plan& plan);
/// Presence of one session to all others of its account.
void presence(Fleet& fleet, const Plan& plan);

}  // namespace load
