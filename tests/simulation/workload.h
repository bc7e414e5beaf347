// Twenty people on three shards, with several devices, who log in, chat, ask, vanish; and a world that stalls
// and fails. Everything is drawn from one seed.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "scenario/scene.h"
#include "simulation/device.h"
#include "simulation/witness.h"

namespace hy::simulation {

struct Outcome {
  std::vector<std::string> broken;  // empty: everything held
  std::string transcript;           // what every device received, and the world's own hash
  std::size_t parts = 0;
  std::size_t delivered = 0;
  std::size_t refused = 0;
};

struct Faults {
  bool operations = true;  // accepts, reads, writes, pools
  bool stalls = true;
  bool resets = true;
};

Outcome run_workload(std::uint64_t seed, int steps = 400, Faults faults = {});

}  // namespace hy::simulation
