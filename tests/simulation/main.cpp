// hy_simulation FIRST [LAST]: the workload with each of these seeds; exit status 1 when one broke a promise.
#include <cstdio>
#include <cstdlib>

#include "simulation/workload.h"

int main(int argc, char** argv) {
  const std::uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  const std::uint64_t last = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : first;
  int broken = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const hy::simulation::Outcome outcome = hy::simulation::run_workload(seed);
    for (const std::string& what : outcome.broken) {
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), what.c_str());
      ++broken;
    }
    if (first == last) std::fputs(outcome.transcript.c_str(), stdout);
  }
  std::printf("%llu seeds, %d broken promises\n", static_cast<unsigned long long>(last - first + 1), broken);
  return broken == 0 ? 0 : 1;
}
