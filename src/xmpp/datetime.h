// XEP-0082: dates and times on the wire.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace hy::xmpp {

/// 1969-07-21T02:56:15Z; with microseconds when they are not zero. Outside the years 1 to 9999: the nearest
/// end.
std::string utc(WallTime time);
/// DateTime with an offset or Z; of a fraction six digits count. Error::invalid else.
Result<WallTime> parse_utc(std::string_view text);

}  // namespace hy::xmpp
