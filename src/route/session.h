// One bound resource of an account, as the pipeline and the features see it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "route/account.h"
#include "xmpp/stanza.h"

namespace hy::stream {
class Outlet;
}

namespace hy::route {

/// Lives on its account's shard. It is `ended` when its stream is gone or was told to go: nothing is sent to
/// it then.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(AccountPtr owner, xmpp::Jid full, stream::Outlet* outlet)
      : account(std::move(owner)), jid(std::move(full)), outlet_(outlet) {}
  virtual ~Session() = default;

  const AccountPtr account;
  const xmpp::Jid jid;  // full

  /// The last broadcast presence without type; empty while the session is not available (RFC 6121 §4.2).
  xmpp::StanzaPtr presence;
  /// Of that presence, -128 to 127.
  int priority = 0;
  bool available() const { return presence != nullptr; }

  bool ended() const { return outlet_ == nullptr; }
  /// Writes to the client, behind what was written before. Only the pipeline's egress calls it.
  void write(const xmpp::Stanza& stanza);
  /// Ends the stream with an error; the session leaves its account at once.
  virtual void end(xmpp::StreamError error) = 0;
  std::string_view sid() const;
  std::string_view peer_ip() const;

  // Reading from the stream stops while anything holds it.
  void hold() { ++holds_; }
  void release();
  bool held() const { return holds_ > 0; }

  // Stanzas taken from this session's stream whose parts have not all answered.
  std::size_t unanswered = 0;
  std::size_t unanswered_bytes = 0;
  bool too_many_unanswered = false;

  Slots slots;

 protected:
  stream::Outlet* outlet_;  // nullptr when ended
  int holds_ = 0;
  bool stream_waits_ = false;  // it was told to hold and waits for go_on
};

using SessionPtr = std::shared_ptr<Session>;
using SessionRef = std::weak_ptr<Session>;

}  // namespace hy::route
