// RFC 6121 §2: the contact list. Each contact is a document of its account, loaded at the account's door; a
// change goes to every session that asked for the list, when it is durable.
//
// todo(§3): subscriptions. Until then every contact's subscription is none.
// todo(§2.6): versioning.
#include <map>

#include "feature/all.h"
#include "xml/scanner.h"
#include "xml/writer.h"

namespace hy::feature {
namespace {

using route::Iq;
using route::SessionPtr;
using route::Target;
using route::Who;
using xmpp::Condition;
using xmpp::Jid;

constexpr std::string_view ns = "jabber:iq:roster";
constexpr std::string_view prefix = "roster/";

constexpr std::size_t max_contacts = 2000;
constexpr std::size_t max_groups = 50;  // of one contact
constexpr std::size_t max_text = 1023;  // bytes of a name or a group

struct Contact {
  std::string name;
  std::vector<std::string> groups;  // in the order of the client
  std::uint64_t version = 0;        // of its document
};
using Contacts = std::map<Jid, Contact>;

/// Whether a session asked for the list: only then it gets pushes (§2.2).
struct Interest {
  bool interested = false;
};

xml::Element item(const Jid& jid, const Contact& contact) {
  xml::Element element("item", ns);
  element.set("jid", jid.str()).set("subscription", "none");
  if (!contact.name.empty()) element.set("name", contact.name);
  for (const std::string& group : contact.groups) element.add(xml::Element("group", ns).with_text(group));
  return element;
}

struct Change {
  Jid jid;
  Contact contact;
  bool remove = false;
};

// RFC 6121 §2.3.3: one item; a group twice is bad-request, an empty or over-long one not-acceptable. What the
// client says of subscription and ask is ignored, but for `remove` (§2.1.2.5).
std::expected<Change, Condition> read_change(xml::View query) {
  const xml::View element = query.first_child();
  std::size_t items = 0;
  for ([[maybe_unused]] const xml::View child : query.children()) ++items;
  if (items != 1 || !element.is("item", ns)) return std::unexpected(Condition::bad_request);
  Result<Jid> jid = Jid::parse(element.attribute("jid"));
  if (!jid) return std::unexpected(Condition::bad_request);
  Change change{.jid = jid->bare(), .contact = {}, .remove = element.attribute("subscription") == "remove"};
  if (change.remove) return change;
  change.contact.name = element.attribute("name");
  if (change.contact.name.size() > max_text) return std::unexpected(Condition::not_acceptable);
  for (const xml::View child : element.children()) {
    if (!child.is("group", ns)) continue;
    std::string group = child.text();
    if (group.empty() || group.size() > max_text) return std::unexpected(Condition::not_acceptable);
    if (std::ranges::find(change.contact.groups, group) != change.contact.groups.end()) {
      return std::unexpected(Condition::bad_request);
    }
    change.contact.groups.push_back(std::move(group));
    if (change.contact.groups.size() > max_groups) return std::unexpected(Condition::not_acceptable);
  }
  return change;
}

class Roster {
 public:
  Roster(const route::Services& services, route::Slot<Contacts, route::Account> contacts,
         route::Slot<Interest, route::Session> interest)
      : documents_(services.documents),
        desk_(services.desk),
        emitter_(services.emitter),
        random_(services.random),
        contacts_(contacts),
        interest_(interest) {}

  Task<Result<void>> load(route::AccountPtr account) {
    HY_CO_TRY(stored, co_await documents_.list(account->jid, std::string(prefix), max_contacts));
    Contacts& contacts = contacts_.of(*account);
    contacts.clear();
    for (const store::Document& document : stored) {
      Result<Jid> jid = Jid::parse(std::string_view(document.name).substr(prefix.size()));
      const xml::Element element = xml::parse(document.value);
      if (!jid || !element) co_return fail(Error::corrupt, "a contact of " + account->jid.str());
      Contact contact{
          .name = std::string(element.attribute("name")), .groups = {}, .version = document.version};
      for (const xml::View group : element.children()) contact.groups.push_back(group.text());
      contacts.emplace(std::move(*jid), std::move(contact));
    }
    co_return Result<void>();
  }

  // RFC 6121 §2.2.
  xmpp::Reply get(const Iq& iq) {
    if (SessionPtr session = iq.session.lock()) interest_.of(*session).interested = true;
    xml::Element query("query", ns);
    for (const auto& [jid, contact] : contacts_.of(*iq.account)) query.add(item(jid, contact));
    return query;
  }

  // RFC 6121 §2.3 to §2.5.
  xmpp::Reply set(const Iq& iq) {
    std::expected<Change, Condition> change = read_change(iq.payload);
    if (!change) return change.error();
    Contacts& contacts = contacts_.of(*iq.account);
    const Jid owner = iq.account->jid;
    const std::string name = std::string(prefix) + change->jid.str();
    auto known = contacts.find(change->jid);
    if (change->remove) {
      if (known == contacts.end()) return Condition::item_not_found;
      contacts.erase(known);
      desk_.put(owner, store::EraseDocument{owner, name});
      xml::Element gone("item", ns);
      gone.set("jid", change->jid.str()).set("subscription", "remove");
      push(iq.account, gone);
      return xmpp::Reply::empty();
    }
    if (known == contacts.end() && contacts.size() >= max_contacts) {
      return xmpp::StanzaError(Condition::resource_constraint, xmpp::ErrorType::cancel,
                               "the contact list is full");
    }
    if (known != contacts.end()) change->contact.version = known->second.version;
    ++change->contact.version;
    const xml::Element element = item(change->jid, change->contact);
    desk_.put(owner, store::PutDocument{{owner, name, xml::to_string(element), change->contact.version}});
    contacts.insert_or_assign(change->jid, std::move(change->contact));
    push(iq.account, element);
    return xmpp::Reply::empty();
  }

 private:
  // RFC 6121 §2.1.6: to every session that asked for the list, the one that changed it too, when it is
  // durable.
  void push(const route::AccountPtr& account, const xml::Element& element) {
    desk_.when_durable(desk_.latest(), [this, account, element] {
      for (const SessionPtr& session : account->sessions) {
        if (!interest_.of(*session).interested) continue;
        xmpp::Stanza stanza(xmpp::Kind::iq, xmpp::Type::set);
        stanza.id = "push-" + random_.hex(64);
        stanza.to = session->jid;
        stanza.add(xml::Element("query", ns).with(element));
        emitter_.emit(session, std::make_shared<const xmpp::Stanza>(std::move(stanza)));
      }
    });
  }

  store::Documents& documents_;
  store::Desk& desk_;
  route::Emitter& emitter_;
  Random& random_;
  route::Slot<Contacts, route::Account> contacts_;
  route::Slot<Interest, route::Session> interest_;
};

}  // namespace

void roster(route::Hub& hub, const route::Services& services) {
  Roster& roster = hub.own<Roster>(services, hub.account_slot<Contacts>(), hub.session_slot<Interest>());
  hub.on_load([&roster](route::AccountPtr account) { return roster.load(std::move(account)); });
  hub.get(Target::account, Who::self, ns, [&roster](const Iq& iq) { return roster.get(iq); });
  hub.set(Target::account, Who::self, ns, [&roster](const Iq& iq) { return roster.set(iq); });
}

}  // namespace hy::feature
