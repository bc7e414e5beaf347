// Who a client says it is, and whom it wants to act as.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "sasl/exchange.h"

namespace hy::sasl {

/// The prepared user name. not_authorized: no account can have this name. invalid_authzid: `authzid` is
/// neither empty nor user@domain of the same user.
std::expected<std::string, Failure> identify(std::string_view username, std::string_view authzid,
                                             std::string_view domain);

}  // namespace hy::sasl
