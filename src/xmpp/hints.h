// XEP-0334: what a sender says about storing and copying a message.
#pragma once

#include <string_view>

#include "xmpp/stanza.h"

namespace hy::xmpp {

inline constexpr std::string_view hints_ns = "urn:xmpp:hints";

struct Hints {
  bool no_permanent_store = false;  // no archive
  bool no_store = false;            // neither archive nor waiting for a client
  bool no_copy = false;             // no carbons
  bool store = false;               // archive, though it would not be

  friend bool operator==(const Hints&, const Hints&) = default;
};

/// None in a stanza of type error (§5): what it brings back was said about another one.
Hints read_hints(const Stanza& stanza);

}  // namespace hy::xmpp
