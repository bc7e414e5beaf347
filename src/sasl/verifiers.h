// Verifiers: which of an account's three serves, and the false ones of users who do not exist.
#pragma once

#include <optional>
#include <string_view>

#include "sasl/digest.h"
#include "sasl/exchange.h"

namespace hy::sasl {

/// The verifier for `hash`; nullptr when there is none, or it is damaged or unusable.
const Verifier* usable(const Verifiers& verifiers, Hash hash);

/// What a user who does not exist seems to have: always the same salt, like an account made with the
/// defaults. No password leads to its keys.
Verifier false_verifier(const FalseSalt& secret, Hash hash, std::string_view account,
                        std::string_view domain);

}  // namespace hy::sasl
