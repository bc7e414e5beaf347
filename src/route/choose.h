// Which sessions of an account get a stanza: RFC 6121 §8.5 as a pure rule.
#pragma once

#include <vector>

#include "route/account.h"
#include "route/session.h"
#include "xmpp/stanza.h"

namespace hy::route {

struct Choice {
  enum class Otherwise {
    none,    // `sessions` is not empty
    ignore,  // dropped in silence, as the specification says
    store,   // for later if it can be kept, else answered with service-unavailable
    refuse,  // answered with service-unavailable
  };
  std::vector<SessionPtr> sessions;
  Otherwise otherwise = Otherwise::none;
};

/// `to` is the account's bare JID (or none) or one of its full JIDs; the account exists.
Choice choose(const Account& account, const xmpp::Stanza& stanza);

}  // namespace hy::route
