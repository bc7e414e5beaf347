#include "sasl/identity.h"

#include "xmpp/jid.h"

namespace hy::sasl {

// RFC 6120 §6.3.8: a client acts as itself; naming another address, or one with a resource, is refused, not
// ignored. RFC 5802 §5.1, RFC 4616 §2: the name is prepared before it is compared; one that cannot be
// prepared ends the attempt.
std::expected<std::string, Failure> identify(std::string_view username, std::string_view authzid,
                                             std::string_view domain) {
  Result<std::string> account = xmpp::prepare_username(username);
  if (!account || account->empty()) return std::unexpected(Failure::not_authorized);
  if (!authzid.empty()) {
    Result<xmpp::Jid> asked = xmpp::Jid::parse(authzid);
    if (!asked || !asked->is_bare() || asked->local() != *account || asked->domain() != domain) {
      return std::unexpected(Failure::invalid_authzid);
    }
  }
  return std::move(*account);
}

}  // namespace hy::sasl
