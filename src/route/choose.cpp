#include "route/choose.h"

namespace hy::route {
namespace {

using xmpp::Kind;
using xmpp::Type;
using Otherwise = Choice::Otherwise;

// RFC 6121 §8.5.2.1.1: normal and chat go to the most available resources; none with a negative priority
// counts.
std::vector<SessionPtr> most_available(const Account& account) {
  std::vector<SessionPtr> best;
  for (const SessionPtr& session : account.sessions) {
    if (!session->available() || session->priority < 0) continue;
    if (!best.empty() && session->priority < best.front()->priority) continue;
    if (!best.empty() && session->priority > best.front()->priority) best.clear();
    best.push_back(session);
  }
  return best;
}

std::vector<SessionPtr> available(const Account& account, int least_priority) {
  std::vector<SessionPtr> all;
  for (const SessionPtr& session : account.sessions) {
    if (session->available() && session->priority >= least_priority) all.push_back(session);
  }
  return all;
}

Choice either(std::vector<SessionPtr> sessions, Otherwise otherwise) {
  if (sessions.empty()) return {{}, otherwise};
  return {std::move(sessions), Otherwise::none};
}

// RFC 6121 §8.5.2: to the bare JID.
Choice message_to_bare(const Account& account, Type type) {
  switch (type) {
    case Type::groupchat:
      return {{}, Otherwise::refuse};
    case Type::error:
      return {{}, Otherwise::ignore};
    case Type::headline:
      return either(available(account, 0), Otherwise::ignore);
    default:
      return either(most_available(account), Otherwise::store);
  }
}

// RFC 6121 §8.5.3.2.1: to a full JID that no session has. Only chat falls back to the bare JID; where the
// text leaves a choice between silence and an error, the sender is told.
Choice message_to_gone(const Account& account, Type type) {
  switch (type) {
    case Type::chat:
      return message_to_bare(account, type);
    case Type::headline:
    case Type::error:
      return {{}, Otherwise::ignore};
    default:
      return {{}, Otherwise::refuse};
  }
}

}  // namespace

Choice choose(const Account& account, const xmpp::Stanza& stanza) {
  if (stanza.to.is_full()) {
    // RFC 6121 §8.5.3.1: a bound resource is reachable whatever its presence or priority.
    if (Session* session = account.session(stanza.to.resource())) return {{session->shared_from_this()}, {}};
    switch (stanza.kind) {
      case Kind::message:
        return message_to_gone(account, stanza.type);
      case Kind::presence:
        return {{}, Otherwise::ignore};  // §8.5.3.2.2
      case Kind::iq:
        return {{}, stanza.is_request() ? Otherwise::refuse : Otherwise::ignore};  // §8.5.3.2.3
    }
  }
  switch (stanza.kind) {
    case Kind::message:
      return message_to_bare(account, stanza.type);
    // §8.5.2.1.2: available and unavailable presence goes to all available resources.
    case Kind::presence:
      return either(available(account, -128), Otherwise::ignore);
    // §8.5.2.1.3: the server answers for the account; what nobody owns was not understood.
    case Kind::iq:
      return {{}, stanza.is_request() ? Otherwise::refuse : Otherwise::ignore};
  }
  return {{}, Otherwise::ignore};
}

}  // namespace hy::route
