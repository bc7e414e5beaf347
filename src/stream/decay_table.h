// Counts that fade with time, for any number of keys in a fixed amount of memory, from any thread, without
// locks.
//
// What a key has done is kept as one moment: when all of it will be forgiven. Each count moves that moment
// away by `forgiven_every`; a key whose moment has passed needs no entry. So key and count fit into one
// atomic word,
//
//     tag of the key, 32 bits | moment, in ticks of 100 ms, 32 bits
//
// and every change is one compare-and-swap. Eight neighbouring words are the bucket where a key may stand. A
// new key in a full bucket takes the place of the one that would be forgiven first: who has done most is kept
// longest, and a flood of new keys pushes out itself.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/time.h"

namespace hy::stream {

/// `count` at once, then one more each `forgiven_every`.
struct DecayLimit {
  std::uint32_t count = 1;                  // 1 to 1,000,000
  Duration forgiven_every = Duration(60s);  // 100 ms to 30 days; rounded up to 100 ms
};

class DecayTable {
 public:
  /// `slots`: a power of two, 8 or more; each costs 8 bytes. `count` × `forgiven_every` stays below five
  /// years.
  DecayTable(std::size_t slots, DecayLimit limit, Instant origin);

  /// Whether `key` has reached the limit. Keys are hashes under a secret: nobody outside can aim at a bucket.
  bool full(std::uint64_t key, Instant now) const;
  /// Counts one more. A key at its limit stays there.
  void add(std::uint64_t key, Instant now);
  void clear(std::uint64_t key);

 private:
  using Word = std::uint64_t;
  using Tick = std::uint32_t;

  std::atomic<Word>* bucket(std::uint64_t key) const;
  Tick tick(Instant now) const;

  const std::size_t buckets_;
  const Tick step_;   // ticks of one count
  const Tick limit_;  // of all
  const Instant origin_;
  std::unique_ptr<std::atomic<Word>[]> words_;
};

}  // namespace hy::stream
