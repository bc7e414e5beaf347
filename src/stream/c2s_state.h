// Where a client's stream stands. Each state holds what exists in it and nothing else; the moves are in
// c2s.h.
//
//     Opening ─header─> Plain ─starttls─> Opening ─header─> Secured ─┐
//                         └──────auth (where TLS is optional)────────┤
//       ┌────────────────────────────────────────────────────────────┘
//       ├─> Challenged ─response─┐            (again and again)
//       └────────────────────────┴─ named ─> [Departing ─other shard─>] Judged ─> Challenged | back |
//       Reopening
//     Reopening ─header─> Authenticated ─bind─> Binding ─> Bound
//     any ─> Closing
#pragma once

#include <cstdint>
#include <memory>
#include <variant>

#include "sasl/exchange.h"
#include "stream/ports.h"

namespace hy::stream::state {

/// A header is awaited from somebody unknown: on a new connection, and again inside TLS.
struct Opening {};
/// Features are out, in the clear: STARTTLS, or SASL where TLS is optional.
struct Plain {};
/// Features are out, inside TLS: SASL.
struct Secured {};
/// A <challenge/> is out: response or abort.
struct Challenged {
  std::unique_ptr<sasl::Exchange> exchange;
};
/// The account was named and lives on another shard. Nothing is read.
struct Departing {
  std::unique_ptr<sasl::Exchange> exchange;
  xmpp::Jid account;
  ShardId to;
};
/// The account is looked up, or a hash computed. Nothing is read.
struct Judged {
  std::unique_ptr<sasl::Exchange> exchange;
};
/// <success/> is out: a header is awaited.
struct Reopening {
  xmpp::Jid account;
};
/// Features are out: bind, and nothing but that.
struct Authenticated {
  xmpp::Jid account;
};
/// The session is being made. Nothing is read.
struct Binding {
  xmpp::Jid account;
};
struct Bound {
  enum class Flow : std::uint8_t {
    free,       // the next stanza may come
    receiving,  // Sink::receive is running
    released,   // it is, and go_on() was called inside
    held,       // it said hold
  };
  xmpp::Jid jid;
  Sink* sink = nullptr;
  Flow flow = Flow::free;
  std::string ping_id;  // of the ping that is out; empty without
  Instant pinged{};
};
/// Everything is written, the pipe closed; the stream is destroyed in a later turn.
struct Closing {
  End how = End::lost;
  Sink* sink = nullptr;
};

using Any = std::variant<Opening, Plain, Secured, Challenged, Departing, Judged, Reopening, Authenticated,
                         Binding, Bound, Closing>;

}  // namespace hy::stream::state
