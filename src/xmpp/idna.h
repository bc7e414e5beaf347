// Domain names outside plain ASCII, and IP literals. `prepare_domain` in xmpp/jid.h is the way in;
// ascii_domain() the way out, to certificates and DNS.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace hy::xmpp {

/// A domain name as U-labels, lower-cased, without a trailing dot. Error::invalid when a label is not one of
/// IDNA.
Result<std::string> unicode_domain(std::string_view text);
/// A prepared domain as certificates and DNS have it: A-labels; IP literals as they are.
Result<std::string> ascii_domain(std::string_view prepared);
/// The brackets of an IPv6 literal and what is between them, in the one spelling of RFC 5952.
Result<std::string> ip_literal(std::string_view text);

}  // namespace hy::xmpp
