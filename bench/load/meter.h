// What a process has used, as the kernel counts it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace load {

/// User and system time of a process, of all its threads, in µs; grains of 10 ms. 0 when there is no such
/// process.
double cpu_us(pid_t pid);
/// The same of this process, finer.
double own_cpu_us();

struct Memory {
  double resident_kb = 0;
  double private_kb = 0;
};
Memory memory(pid_t pid);

/// Wall clock in µs, monotonic.
double now_us();

/// Of unsorted values; sorts them.
double percentile(std::vector<float>& values, double p);

}  // namespace load
