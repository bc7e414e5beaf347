// XEP-0054 vcard-temp: each account stores one; anyone may read it.
#include "feature/all.h"
#include "xml/scanner.h"
#include "xml/writer.h"

namespace hy::feature {
namespace {

using route::IqPtr;
using route::Target;
using route::Who;
using xmpp::Condition;

constexpr std::string_view ns = "vcard-temp";
constexpr std::string_view document = "vcard";
/// Of the card as XML. Clients put an avatar of some ten KiB in it.
constexpr std::size_t max_bytes = 128 * 1024;

class Vcard {
 public:
  Vcard(store::Documents& documents, store::DocumentWriter& writer)
      : documents_(documents), writer_(writer) {}

  // XEP-0054 §3.1: one's own when there is none is an empty one. §3.3: another's is service-unavailable, as
  // of an account that does not exist, so that nobody learns which there are.
  Task<xmpp::Reply> get(IqPtr iq) {
    Result<std::optional<store::Document>> found =
        co_await documents_.find(iq->account->jid, std::string(document));
    if (!found) co_return Condition::internal_server_error;
    if (*found) co_return xml::parse((*found)->value);
    const bool own = iq->from().same_bare(iq->account->jid);
    if (!own) co_return Condition::service_unavailable;
    co_return xml::Element("vCard", ns);
  }

  // XEP-0054 §3.2: the whole card is replaced; only one's own.
  Task<xmpp::Reply> set(IqPtr iq) {
    if (iq->payload.name() != "vCard") co_return Condition::bad_request;
    std::string value = xml::to_string(iq->payload);
    if (value.size() > max_bytes) {
      co_return xmpp::StanzaError(Condition::resource_constraint, xmpp::ErrorType::cancel,
                                  "too large to be stored");
    }
    Result<store::DocumentWriter::Edit> edit = co_await writer_.edit(iq->account->jid, std::string(document));
    if (!edit || !edit->put(std::move(value))) co_return Condition::internal_server_error;
    co_return xmpp::Reply::empty();
  }

 private:
  store::Documents& documents_;
  store::DocumentWriter& writer_;
};

}  // namespace

void xep_0054_vcard(route::Hub& hub, const route::Services& services) {
  hub.implements({"XEP-0054", "1.3.0", route::Status::complete});
  Vcard& vcard = hub.own<Vcard>(services.documents, services.writer);
  hub.get(Target::account, Who::anyone, ns, [&vcard](IqPtr iq) { return vcard.get(std::move(iq)); });
  hub.set(Target::account, Who::self, ns, [&vcard](IqPtr iq) { return vcard.set(std::move(iq)); });
  hub.feature(Target::server, ns);
}

}  // namespace hy::feature
