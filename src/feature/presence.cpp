// RFC 6121 §4, as far as it goes without contacts: presence among the sessions of one account, and directed
// presence.
//
// A session's presence goes to the account's other available sessions and comes back to itself; a session
// that becomes available gets the presence of its siblings; whoever was sent directed presence learns when
// the session ends.
#include <set>

#include "feature/all.h"

namespace hy::feature {
namespace {

using route::Next;
using route::Session;
using route::SessionPtr;
using route::Side;
using xmpp::Kind;
using xmpp::StanzaPtr;
using xmpp::Type;

/// Addresses that one session may keep informed besides its broadcast; further ones are sent but not
/// remembered.
constexpr std::size_t max_directed = 1000;

struct Directed {
  std::set<xmpp::Jid> to;
};

class Presence {
 public:
  Presence(route::Emitter& emitter, route::Slot<Directed, Session> directed)
      : emitter_(emitter), directed_(directed) {}

  std::expected<Next, xmpp::StanzaError> available(const route::Passage& passage, const StanzaPtr& stanza) {
    Session& session = *passage.session;
    // RFC 6121 §4.6: directed presence changes nothing about the session, but is remembered.
    if (stanza->to) {
      std::set<xmpp::Jid>& to = directed_.of(session).to;
      if (to.size() < max_directed) to.insert(stanza->to);
      return Next::pass;
    }
    const std::optional<int> priority = read_priority(*stanza);
    if (!priority)
      return std::unexpected(xmpp::StanzaError(xmpp::Condition::bad_request, "priority is not -128 to 127"));
    const bool initial = !session.available();
    session.presence = stanza;
    session.priority = *priority;
    broadcast(session, stanza);
    if (initial) siblings(session);
    return Next::done;
  }

  std::expected<Next, xmpp::StanzaError> unavailable(const route::Passage& passage, const StanzaPtr& stanza) {
    Session& session = *passage.session;
    if (stanza->to) {
      directed_.of(session).to.erase(stanza->to);
      return Next::pass;
    }
    withdraw(session, stanza);
    return Next::done;
  }

  // RFC 6121 §4.5.4: a session that ends without a word is announced as unavailable by the server.
  void ended(Session& session) {
    xmpp::Stanza gone(Kind::presence, Type::unavailable);
    gone.from = session.jid;
    withdraw(session, std::make_shared<const xmpp::Stanza>(std::move(gone)));
  }

 private:
  // RFC 6121 §4.7.2.3: an integer from -128 to 127; none is 0.
  static std::optional<int> read_priority(const xmpp::Stanza& stanza) {
    const xml::View element = stanza.child("priority", xmpp::client_ns);
    if (!element) return 0;
    const std::string text = element.text();
    int value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size() || value < -128 || value > 127)
      return std::nullopt;
    return value;
  }

  // RFC 6121 §4.2.2, §4.4.2: to all available sessions of the account, the sender's own included.
  void broadcast(Session& session, const StanzaPtr& stanza) {
    for (const SessionPtr& other : session.account->sessions) {
      if (other->available()) send_to(other, *stanza);
    }
  }

  // RFC 6121 §4.2.2: the new session learns of its siblings as if it had probed them.
  void siblings(Session& session) {
    const SessionPtr self = session.shared_from_this();
    for (const SessionPtr& other : session.account->sessions) {
      if (other != self && other->available()) send_to(self, *other->presence);
    }
  }

  // RFC 6121 §4.5.2, §4.6.3: to the account's available sessions and to all who got directed presence.
  void withdraw(Session& session, const StanzaPtr& stanza) {
    if (session.available()) {
      broadcast(session, stanza);
      session.presence = nullptr;
      session.priority = 0;
    }
    const std::set<xmpp::Jid> told = std::exchange(directed_.of(session).to, {});
    emitter_.fan_out(stanza, {told.begin(), told.end()}, nullptr);
  }

  void send_to(const SessionPtr& session, xmpp::Stanza stanza) {
    stanza.to = session->jid.bare();
    emitter_.emit(session, std::make_shared<const xmpp::Stanza>(std::move(stanza)));
  }

  route::Emitter& emitter_;
  route::Slot<Directed, Session> directed_;
};

}  // namespace

void presence(route::Hub& hub, const route::Services& services) {
  Presence& presence = hub.own<Presence>(services.emitter, hub.session_slot<Directed>());
  hub.presence(Side::sender, Type::none, [&presence](const route::Passage& passage, const StanzaPtr& stanza) {
    return presence.available(passage, stanza);
  });
  hub.presence(Side::sender, Type::unavailable,
               [&presence](const route::Passage& passage, const StanzaPtr& stanza) {
                 return presence.unavailable(passage, stanza);
               });
  // RFC 6121 §4.3.2: a probe is for the server and reaches no session. Nobody is subscribed to anybody yet,
  // so there is nothing to tell, and an account that does not exist is as silent.
  hub.presence(Side::recipient, Type::probe,
               [](const route::Passage&, const StanzaPtr&) { return Next::done; });
  hub.on_ended([&presence](Session& session) { presence.ended(session); });
}

}  // namespace hy::feature
