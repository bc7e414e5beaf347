// XEP-0092 Software Version: name and version; the operating system stays unsaid.
#include "feature/all.h"

namespace hy::feature {
namespace {

constexpr std::string_view ns = "jabber:iq:version";

}  // namespace

void xep_0092_version(route::Hub& hub, const route::Services& services) {
  hub.implements({"XEP-0092", "1.1", route::Status::complete});
  hub.get(route::Target::server, route::Who::anyone, ns,
          [version = services.settings.version](const route::Iq&) -> xmpp::Reply {
            return xml::Element("query", ns).with_child("name", "Hongyan").with_child("version", version);
          });
}

}  // namespace hy::feature
