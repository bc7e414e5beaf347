// XEP-0199 XMPP Ping: the server and every account answer for themselves.
#include "feature/all.h"

namespace hy::feature {
namespace {

constexpr std::string_view ns = "urn:xmpp:ping";

// XEP-0199 §4: an empty result.
xmpp::Reply pong(const route::Iq&) {
  return xmpp::Reply::empty();
}

}  // namespace

void xep_0199_ping(route::Hub& hub, const route::Services&) {
  hub.implements({"XEP-0199", "2.0.1", route::Status::complete});
  hub.get(route::Target::server, route::Who::anyone, ns, pong);
  hub.get(route::Target::account, route::Who::self, ns, pong);
}

}  // namespace hy::feature
