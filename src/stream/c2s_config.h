// What an operator may set about client connections: defaults, ranges and what each is for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/time.h"
#include "xml/scanner.h"

namespace hy::stream {

enum class Starttls : std::uint8_t {
  required,  // nothing but STARTTLS is offered until the stream is secure
  optional,  // SCRAM without TLS is allowed; PLAIN never is
  off,       // no certificate: STARTTLS is not offered
};

struct C2sConfig {
  Starttls starttls = Starttls::required;
  /// `from` of the header that answers a client which named no domain of ours (RFC 6120 §4.9.1.3). May be
  /// empty.
  std::string domain;

  // Before authentication (DESIGN §7).

  /// For everything up to <success/>, and again from there to the bind. 1 s to 10 min.
  Duration login_time = 30s;
  /// Of one element or header. Depth counts the stream's root. 1 KiB to 256 KiB; 4 to 64.
  xml::Limits login_limits{.bytes = 8 * 1024, .depth = 8, .attributes = 64, .elements = 2000};
  /// In all, so that small elements cannot keep a stranger's stream busy: room for five failures and three
  /// headers.
  std::uint32_t login_bytes = 64 * 1024;
  /// Failed attempts that end the stream (RFC 6120 §6.4.5 wants two to five to be allowed). 3 to 5.
  std::uint8_t login_failures = 5;

  // After it.

  /// Announced by XEP-0478. 10,000 bytes (RFC 6120 §13.12) to 16 MiB.
  xml::Limits limits{};
  /// Silence after which the stream pings the client, and how long it waits for any sign of life then.
  Duration idle_time = 5min;
  Duration ping_time = 30s;

  /// What a client may send, as a bucket of bytes: a stanza costs its bytes and `stanza_cost` more, since a
  /// small one takes as much work as a middling one. An empty bucket stops reading until it fills again. The
  /// default is far above what people and their clients send (a picture of 256 KiB, a phone's whole contact
  /// list) and lets some 8,000 small stanzas a second through. 0: no limit, for benchmarks.
  std::uint32_t bytes_per_second = 1024 * 1024;
  std::uint32_t burst_bytes = 4 * 1024 * 1024;
  std::uint32_t stanza_cost = 128;

  /// Stanzas taken from one stream in one turn of the loop, so that the others of its shard have theirs. 1 to
  /// 1,000.
  std::uint32_t stanzas_per_turn = 32;
  /// Answers not yet taken by the kernel beyond which the client is not read. 4 KiB to output_bytes.
  std::size_t unwritten_bytes = 64 * 1024;
  /// The same from all sources beyond which the stream ends with resource-constraint: a reader this slow is
  /// given up, so that it slows nobody else. Above one stanza of the largest size.
  std::size_t output_bytes = 1024 * 1024;
};

}  // namespace hy::stream
