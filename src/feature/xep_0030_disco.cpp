// XEP-0030 Service Discovery: for the domain and for accounts, filled from what the features registered.
#include "feature/all.h"

namespace hy::feature {
namespace {

using route::Hub;
using route::Iq;
using route::Target;
using route::Who;

constexpr std::string_view info_ns = "http://jabber.org/protocol/disco#info";
constexpr std::string_view items_ns = "http://jabber.org/protocol/disco#items";

// XEP-0030 §3.1. A node that nobody offers is item-not-found (§7).
xmpp::Reply info(const Hub& hub, Target target, const Iq& iq) {
  if (!iq.payload.attribute("node").empty()) return xmpp::Condition::item_not_found;
  const Hub::Disco& disco = hub.disco(target);
  xml::Element query("query", info_ns);
  for (const route::Identity& identity : disco.identities) {
    xml::Element element("identity", info_ns);
    element.set("category", identity.category).set("type", identity.type);
    if (!identity.name.empty()) element.set("name", identity.name);
    query.add(element);
  }
  for (const std::string& feature : disco.features) {
    query.add(xml::Element("feature", info_ns).with("var", feature));
  }
  return query;
}

// XEP-0030 §4.1: what belongs to the domain.
xmpp::Reply items(const Hub& hub, const Iq& iq) {
  if (!iq.payload.attribute("node").empty()) return xmpp::Condition::item_not_found;
  xml::Element query("query", items_ns);
  for (const route::Item& item : hub.items()) {
    xml::Element element("item", items_ns);
    element.set("jid", item.jid);
    if (!item.node.empty()) element.set("node", item.node);
    if (!item.name.empty()) element.set("name", item.name);
    query.add(element);
  }
  return query;
}

// XEP-0030 §4.1 with RFC 6121 §8.5: an account's items are its available sessions; only the account itself
// sees them.
xmpp::Reply account_items(const Iq& iq) {
  if (!iq.payload.attribute("node").empty()) return xmpp::Condition::item_not_found;
  xml::Element query("query", items_ns);
  for (const route::SessionPtr& session : iq.account->sessions) {
    if (session->available()) query.add(xml::Element("item", items_ns).with("jid", session->jid.str()));
  }
  return query;
}

}  // namespace

void xep_0030_disco(Hub& hub, const route::Services&) {
  hub.implements({"XEP-0030", "2.5.0", route::Status::complete});
  hub.identity(Target::server, {"server", "im", "Hongyan"});
  hub.identity(Target::account, {"account", "registered", ""});
  hub.get(Target::server, Who::anyone, info_ns,
          [&hub](const Iq& iq) { return info(hub, Target::server, iq); });
  hub.get(Target::server, Who::anyone, items_ns, [&hub](const Iq& iq) { return items(hub, iq); });
  hub.get(Target::account, Who::self, info_ns,
          [&hub](const Iq& iq) { return info(hub, Target::account, iq); });
  hub.get(Target::account, Who::self, items_ns, [](const Iq& iq) { return account_items(iq); });
}

}  // namespace hy::feature
