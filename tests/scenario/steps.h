// The lines of a scenario as steps.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace hy::scenario {

struct Step {
  int line;
  std::string what;
  std::string block;  // what stands indented below it, without line breaks
};

/// Throws what is wrong with the file.
std::vector<Step> read_steps(const std::string& path);

/// {x*1000} becomes a thousand x, \xFF the byte.
std::string expand(std::string text);

/// 250ms, 30s, 5m, 1h.
Duration duration(const std::string& text);

}  // namespace hy::scenario
