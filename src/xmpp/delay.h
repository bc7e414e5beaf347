// XEP-0203: when a stanza was sent, if not now, and who says so.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "xmpp/stanza.h"

namespace hy::xmpp {

inline constexpr std::string_view delay_ns = "urn:xmpp:delay";

struct Delay {
  WallTime stamp;
  Jid from;            // who delayed or first sent it; may be none
  std::string reason;  // for people

  xml::Element element() const;
};

/// The first well-formed <delay/> among the children of `parent`.
std::optional<Delay> read_delay(xml::View parent);

/// XEP-0203 §5: removes the stamps, also those of XEP-0091, that claim to be from `us` (bare addresses
/// compared) or from what is no address. True when there were some.
bool strip_delays(Stanza& stanza, const Jid& us);

}  // namespace hy::xmpp
