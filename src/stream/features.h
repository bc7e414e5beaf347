// What <stream:features/> holds at each step (RFC 6120 §4.3.2).
#pragma once

#include <vector>

#include "net/pipe.h"
#include "sasl/exchange.h"
#include "stream/c2s_config.h"
#include "xml/element.h"

namespace hy::stream {

/// What SASL may do on this connection now; no mechanisms where TLS must come first.
sasl::Offer sasl_offer(const net::Pipe& pipe, const C2sConfig& config, std::string domain);

/// Before login: STARTTLS, mechanisms, channel bindings (XEP-0440).
std::vector<xml::Element> login_features(const net::Pipe& pipe, const C2sConfig& config,
                                         const sasl::Offer& offer);

/// After it: bind, session (optional), limits (XEP-0478), and what features of the server add.
std::vector<xml::Element> session_features(const C2sConfig& config, std::vector<xml::Element> added);

}  // namespace hy::stream
