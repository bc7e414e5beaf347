// The two rules that look at more than one code point: context (RFC 5892) and direction (RFC 5893). Internal.
#pragma once

#include <string_view>

namespace hy::xmpp {

/// RFC 5892 appendix A: whether the contextual rule of the code point at `at` holds. False when it has none.
bool context_rule_holds(std::u16string_view text, std::size_t at);
/// RFC 5893 §2 as RFC 8265 applies it: true when nothing in `text` runs from right to left.
bool bidi_rule_holds(std::u16string_view text);

}  // namespace hy::xmpp
