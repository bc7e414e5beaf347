// How many connections a machine has that have not logged in yet.
//
// Two rows of counters; an address counts in one cell of each, and what it has is the lower of the two.
// Addresses that share a cell by chance are told apart by the other. Nothing is evicted, so what was added is
// what is taken away.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/random.h"
#include "net/pipe.h"
#include "stream/secret_hash.h"

namespace hy::stream {

struct ConnectionLimits {
  /// Of one machine (IPv4 /32, IPv6 /64), before they have logged in.
  std::uint32_t per_machine = 100;
  /// Of 127.0.0.1 (each address of 127.0.0.0/8) and ::1: gateways, proxies and load tests come from there.
  std::uint32_t loopback = 10000;
  /// In each row; 4 bytes each, two rows. A power of two.
  std::size_t cells = 16 * 1024;
};

/// One for the whole server; any thread may call it at any time. Under a race a limit may be passed by as
/// many as there are other threads.
class ConnectionCounts {
 public:
  /// One connection, while it lives. May be dropped on any thread; the table outlives it.
  class Hold {
   public:
    Hold(Hold&& other) noexcept;
    Hold& operator=(Hold&& other) noexcept;
    ~Hold();

   private:
    friend class ConnectionCounts;
    using Cells = std::array<std::atomic<std::uint32_t>*, 2>;
    explicit Hold(Cells cells) : cells_(cells) {}
    Cells cells_;
  };

  explicit ConnectionCounts(Random& random, ConnectionLimits limits = {});

  /// nullopt: the machine has as many as it may have.
  std::optional<Hold> acquire(const net::Address& peer);

 private:
  const SecretHash hash_;
  const ConnectionLimits limits_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> cells_;
};

}  // namespace hy::stream
