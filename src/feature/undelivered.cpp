// RFC 6121 §8.5.2.2.1: a message that finds no session is kept for later or answered with an error. There is
// no log yet to keep it in, so it is answered.
#include "feature/all.h"

namespace hy::feature {

void undelivered(route::Hub& hub, const route::Services&) {
  hub.undelivered([](const route::Passage&, const xmpp::StanzaPtr&) -> std::optional<xmpp::StanzaError> {
    return xmpp::StanzaError(xmpp::Condition::service_unavailable, "the recipient is not on line");
  });
}

}  // namespace hy::feature
