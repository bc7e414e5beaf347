// Who may try to log in: failures are counted by account, by machine and by network, before anything is
// hashed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/random.h"
#include "base/time.h"
#include "net/pipe.h"
#include "stream/decay_table.h"
#include "stream/ports.h"
#include "stream/secret_hash.h"
#include "xmpp/jid.h"

namespace hy::stream {

struct ThrottleConfig {
  /// Failures against one account, from anywhere. A guesser with many addresses gets this many guesses and
  /// one a minute then. The owner is not locked out by it: see `familiar`.
  DecayLimit account{20, 60s};
  /// Failures from one machine (IPv4 /32, IPv6 /64), against any accounts. An office behind one address
  /// shares it.
  DecayLimit machine{30, 20s};
  /// Failures from one network (IPv4 /24, IPv6 /48).
  DecayLimit network{300, 2s};
  /// In place of both for 127.0.0.0/8 and ::1, where gateways and proxies log in for others.
  DecayLimit loopback{3000, 200ms};
  /// Failures of an account that has logged in before from the same machine. Such a pair is judged by these
  /// alone, and they count nowhere else: a stranger's guesses do not lock the owner out, nor does a forgotten
  /// phone with an old password lock out its office.
  DecayLimit familiar{10, 60s};
  /// How long a login makes a pair familiar.
  Duration familiar_for = std::chrono::days(30);
  /// Entries in each of the tables; a power of two; 8 bytes each, five tables.
  std::size_t slots = 16 * 1024;
};

/// One for the whole server; any thread may call it at any time. Attempts that are under way together are all
/// admitted by what was known at their start, so a limit may be passed by as many as one machine may have
/// connections.
class Throttle {
 public:
  Throttle(const Clock& clock, Random& random, ThrottleConfig config = {});

  Admission admit(const net::Address& peer, const xmpp::Jid& account) const;
  void failed(const net::Address& peer, const xmpp::Jid& account);
  /// Forgives the account, and makes it familiar on this machine.
  void succeeded(const net::Address& peer, const xmpp::Jid& account);

 private:
  struct Keys {
    std::uint64_t account, machine, network, pair;
    bool loopback;
  };
  Keys keys(const net::Address& peer, const xmpp::Jid& account) const;

  const Clock& clock_;
  const SecretHash hash_;
  DecayTable accounts_, machines_, networks_, loopback_, pairs_, familiar_;
};

}  // namespace hy::stream
