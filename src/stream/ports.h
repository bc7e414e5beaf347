// What a stream asks of the server behind it, and what the server may do with a stream. Both ends live on one
// shard.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/task.h"
#include "net/pipe.h"
#include "sasl/exchange.h"
#include "xmpp/error.h"
#include "xmpp/stanza.h"

namespace hy::stream {

class C2s;

/// The server's hold on a bound stream. Valid until Sink::ended returns.
class Outlet {
 public:
  virtual ~Outlet() = default;
  /// Queues a stanza for the client; written at the end of the turn.
  virtual void send(const xmpp::Stanza& stanza) = 0;
  /// The same for a stanza serialised already in jabber:client (fan-out).
  virtual void send(std::string_view stanza_bytes) = 0;
  /// Bytes not yet taken by the kernel.
  virtual std::size_t queued() const = 0;
  /// After Flow::hold: reading goes on, in a later turn or at once.
  virtual void go_on() = 0;
  /// Ends the stream with an error: the element, the closing tag, then the connection. Sink::ended runs soon,
  /// from the loop, never inside this call; until then send() and go_on() do nothing.
  virtual void end(xmpp::StreamError error) = 0;
  virtual const net::Address& peer() const = 0;
  virtual bool secure() const = 0;
  /// Short, unique in this process; for logs.
  virtual std::string_view sid() const = 0;
  virtual Instant last_heard() const = 0;
};

enum class Flow {
  go_on,  // the stanza was taken; the next may follow
  hold,   // it is being worked on (or waits for credit): give no more until Outlet::go_on
};

enum class End {
  closed,  // </stream:stream> from the client
  lost,    // the connection broke, fell silent, or the client ended the stream with an error
  error,   // a stream error, by us
};

/// Port: one bound session, as its stream sees it. Created by Gatekeeper::bind, ended once.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Stanzas come one at a time, in order; none before the one held was let go on.
  virtual Flow receive(xmpp::Stanza stanza) = 0;
  /// The stream is gone. The sink does not touch its Outlet any more.
  virtual void ended(End how) = 0;
};

struct Bound {
  xmpp::Jid jid;  // full
  Sink* sink = nullptr;
};

/// Whether another attempt to log in is allowed now (DESIGN §7: guesses are counted before any hashing).
enum class Admission { allowed, too_many };

/// Port, one per shard.
class Gatekeeper {
 public:
  virtual ~Gatekeeper() = default;

  /// Is this prepared name a domain with accounts here?
  virtual bool serves(std::string_view domain) const = 0;
  /// Where the account's data and sessions live.
  virtual ShardId home(const xmpp::Jid& account) const = 0;
  virtual ShardId here() const = 0;
  /// Takes the stream, detached, to another shard, where Streams::arrive receives it. The caller touches it
  /// no more.
  virtual void move(std::unique_ptr<C2s> stream, ShardId to) = 0;

  /// Counted by address block and by account.
  virtual Admission admit(const net::Address& peer, const xmpp::Jid& account) = 0;
  virtual void login_failed(const net::Address& peer, const xmpp::Jid& account) = 0;
  virtual void login_succeeded(const net::Address& peer, const xmpp::Jid& account) = 0;

  /// nullopt: no such account. Error: the store could not say (temporary-auth-failure).
  virtual Task<Result<std::optional<sasl::Verifiers>>> verifiers(xmpp::Jid account) = 0;
  virtual const sasl::FalseSalt& false_salt() const = 0;

  /// Binds a session of `account` (its home is this shard). `resource` is prepared, or empty when the server
  /// is to make one. A session with the same resource is ended with `conflict` first. An error is the answer
  /// to the bind request. Once the session exists there is no further wait, so that a cancelled wait leaves
  /// none behind; nothing is sent to the outlet before this has returned.
  virtual Task<std::expected<Bound, xmpp::StanzaError>> bind(Outlet* outlet, xmpp::Jid account,
                                                             std::string resource) = 0;
  /// Elements that features add to <stream:features/> after login (e.g. <c/> of caps, <sub/>, <ver/>).
  virtual std::vector<xml::Element> features_after_login() const = 0;
};

}  // namespace hy::stream
