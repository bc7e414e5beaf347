#include "xmpp/delay.h"

#include "xmpp/datetime.h"

namespace hy::xmpp {
namespace {

constexpr std::string_view legacy_ns = "jabber:x:delay";  // XEP-0091: clients still show it

bool is_stamp(xml::View child) {
  return child.is("delay", delay_ns) || child.is("x", legacy_ns);
}

bool is_forged(xml::View stamp, const Jid& us) {
  const auto from = stamp.find_attribute("from");
  if (!from) return false;
  const auto claimed = Jid::parse(*from);
  return !claimed || claimed->same_bare(us);
}

}  // namespace

xml::Element Delay::element() const {
  xml::Element out("delay", delay_ns);
  if (from) out.set("from", from.str());
  out.set("stamp", utc(stamp));
  out.add_text(reason);
  return out;
}

std::optional<Delay> read_delay(xml::View parent) {
  for (const xml::View child : parent.children()) {
    if (!child.is("delay", delay_ns)) continue;
    const auto stamp = parse_utc(child.attribute("stamp"));
    if (!stamp) continue;
    Delay delay{*stamp, {}, child.text()};
    if (auto from = Jid::parse(child.attribute("from"))) delay.from = std::move(*from);
    return delay;
  }
  return std::nullopt;
}

bool strip_delays(Stanza& stanza, const Jid& us) {
  const auto unwanted = [&us](xml::View child) { return is_stamp(child) && is_forged(child, us); };
  const xml::Children children = stanza.root.children();
  if (std::none_of(children.begin(), children.end(), unwanted)) return false;
  stanza.root = stanza.root.without(unwanted);
  return true;
}

}  // namespace hy::xmpp
