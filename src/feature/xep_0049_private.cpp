// XEP-0049 Private XML Storage: one document per namespace of an account.
#include "feature/all.h"
#include "xml/scanner.h"
#include "xml/writer.h"

namespace hy::feature {
namespace {

using route::IqPtr;
using route::Target;
using route::Who;
using xmpp::Condition;

constexpr std::string_view ns = "jabber:iq:private";

/// Of one stored element, as XML, and of all of an account.
constexpr std::size_t max_bytes = 64 * 1024;
constexpr std::size_t max_documents = 100;

// A document is named by what the client asks for: element name and namespace.
std::string document_name(xml::View element) {
  return fmt::format("private/{} {}", element.name(), element.ns());
}

// XEP-0049 §2.1, §2.2: exactly one child, in a namespace that is not the protocol's own.
std::optional<Condition> refusal(xml::View query) {
  const xml::View element = query.first_child();
  if (!element) return Condition::not_acceptable;
  std::size_t count = 0;
  for (const xml::View child : query.children()) {
    if (child.ns() == ns || child.ns().starts_with("jabber:client") || child.ns() == "vcard-temp") {
      return Condition::not_acceptable;
    }
    ++count;
  }
  if (count != 1) return Condition::bad_request;
  return std::nullopt;
}

class Private {
 public:
  Private(store::Documents& documents, store::DocumentWriter& writer)
      : documents_(documents), writer_(writer) {}

  // XEP-0049 §2.2: what was never stored comes back empty.
  Task<xmpp::Reply> get(IqPtr iq) {
    if (auto refused = refusal(iq->payload)) co_return *refused;
    const xml::View asked = iq->payload.first_child();
    Result<std::optional<store::Document>> found =
        co_await documents_.find(iq->account->jid, document_name(asked));
    if (!found) co_return Condition::internal_server_error;
    xml::Element query("query", ns);
    if (*found) {
      query.add(xml::parse((*found)->value));
    } else {
      query.add(xml::Element(asked.name(), asked.ns()));
    }
    co_return query;
  }

  // XEP-0049 §2.1.
  Task<xmpp::Reply> set(IqPtr iq) {
    if (auto refused = refusal(iq->payload)) co_return *refused;
    const xml::View element = iq->payload.first_child();
    std::string value = xml::to_string(element);
    if (value.size() > max_bytes) {
      co_return xmpp::StanzaError(Condition::resource_constraint, xmpp::ErrorType::cancel,
                                  "too large to be stored");
    }
    const std::string name = document_name(element);
    Result<std::vector<store::Document>> all =
        co_await documents_.list(iq->account->jid, "private/", max_documents + 1);
    if (!all) co_return Condition::internal_server_error;
    const bool known = std::ranges::any_of(*all, [&](const store::Document& d) { return d.name == name; });
    if (!known && all->size() >= max_documents) {
      co_return xmpp::StanzaError(Condition::resource_constraint, xmpp::ErrorType::cancel,
                                  "too many are stored");
    }
    Result<store::DocumentWriter::Edit> edit = co_await writer_.edit(iq->account->jid, name);
    if (!edit) co_return Condition::internal_server_error;
    const bool empty = element.blank() && !element.first_child() && element.attributes().empty();
    const bool done = empty ? edit->erase().has_value() : edit->put(std::move(value)).has_value();
    if (!done) co_return Condition::internal_server_error;
    co_return xmpp::Reply::empty();
  }

 private:
  store::Documents& documents_;
  store::DocumentWriter& writer_;
};

}  // namespace

void xep_0049_private(route::Hub& hub, const route::Services& services) {
  hub.implements({"XEP-0049", "1.2", route::Status::complete});
  Private& store = hub.own<Private>(services.documents, services.writer);
  hub.get(Target::account, Who::self, ns, [&store](IqPtr iq) { return store.get(std::move(iq)); });
  hub.set(Target::account, Who::self, ns, [&store](IqPtr iq) { return store.set(std::move(iq)); });
  hub.feature(Target::server, ns);
}

}  // namespace hy::feature
