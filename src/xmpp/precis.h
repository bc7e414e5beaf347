// PRECIS: the two profiles that XMPP's addresses and passwords are prepared by. Internal to this layer.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace hy::xmpp {

/// RFC 8265 §3.3. Error::invalid for what the profile refuses, malformed UTF-8 included. Applied until
/// stable.
Result<std::string> username_case_mapped(std::string_view text);
/// RFC 8265 §4.2. The same for passwords and resources.
Result<std::string> opaque_string(std::string_view text);

/// RFC 8264 §8: what a class of strings makes of a code point.
enum class Derived { valid, free_only, context_join, context_other, disallowed, unassigned };
Derived derived_property(char32_t code_point);

}  // namespace hy::xmpp
