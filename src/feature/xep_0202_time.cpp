// XEP-0202 Entity Time: tells the server's clock in UTC.
#include "feature/all.h"
#include "xmpp/datetime.h"

namespace hy::feature {
namespace {

constexpr std::string_view ns = "urn:xmpp:time";

// XEP-0202 §2. The offset is always +00:00: the server has no user whose wall clock would matter.
xmpp::Reply tell(const Clock& clock) {
  return xml::Element("time", ns)
      .with_child("tzo", "+00:00")
      .with_child("utc", xmpp::utc(std::chrono::floor<std::chrono::seconds>(clock.wall())));
}

}  // namespace

void xep_0202_time(route::Hub& hub, const route::Services& services) {
  hub.implements({"XEP-0202", "2.0", route::Status::complete});
  hub.get(route::Target::server, route::Who::anyone, ns,
          [&clock = services.clock](const route::Iq&) { return tell(clock); });
}

}  // namespace hy::feature
