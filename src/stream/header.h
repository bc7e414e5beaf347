// The stream header that a client sends, checked by RFC 6120 §4.7 and §4.8.
#pragma once

#include <optional>
#include <string>

#include "stream/framing.h"
#include "stream/ports.h"

namespace hy::stream {

struct ClientHeader {
  std::string to;    // a domain that is served here, prepared; empty when the header named none
  xmpp::Jid from;    // none when absent or, before login, not an address
  std::string lang;  // default for stanzas; empty without
  /// Set when the stream cannot go on. What was understood before is in the fields above, for our own header.
  std::optional<xmpp::StreamError> error;
};

/// `account` is who is logged in, or no address.
ClientHeader read_header(const Root& root, const Gatekeeper& gatekeeper, const xmpp::Jid& account);

}  // namespace hy::stream
