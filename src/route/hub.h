// Where features say what they do: handlers by key, hooks by stage, lines for disco. One hub a shard, filled
// at start.
//
// The stages and their order are in pipeline.cpp. Hooks of one stage run in the order in which they were
// installed, which is line order in feature/all.def.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/task.h"
#include "route/account.h"
#include "route/session.h"
#include "xmpp/stanza.h"

namespace hy::route {

enum class Target {
  server,
  account
};  // addressed to the domain; to a bare JID (or nobody: one's own account)
enum class Who { self, anyone, admin };
enum class Side { sender, recipient };
enum class Status { complete, partial };

/// An iq get or set on its way to a handler. Shared with handlers that wait: it holds nothing that may go
/// away.
struct Iq {
  xmpp::StanzaPtr stanza;
  xml::View payload;  // inside *stanza
  AccountPtr
      account;  // Target::account: the one asked. Target::server: the asking one if it lives here, else none
  SessionRef session;  // the asking session, when it lives on this shard

  const xmpp::Jid& from() const { return stanza->from; }
  bool is_set() const { return stanza->type == xmpp::Type::set; }
};
using IqPtr = std::shared_ptr<const Iq>;

using IqHandler = std::function<xmpp::Reply(const Iq&)>;
using WaitingIqHandler = std::function<Task<xmpp::Reply>(IqPtr)>;

/// What a hook of the trip sees.
struct Passage {
  Side side;
  Account& account;  // whose half of the trip this is
  Session* session;  // sender's side: the session that sent the stanza
};

/// A stanza that is copied when first edited.
class Editable {
 public:
  explicit Editable(xmpp::StanzaPtr stanza) : stanza_(std::move(stanza)) {}
  const xmpp::Stanza& read() const { return *stanza_; }
  xmpp::Stanza& edit();
  const xmpp::StanzaPtr& ptr() const { return stanza_; }

 private:
  xmpp::StanzaPtr stanza_;
  std::shared_ptr<xmpp::Stanza> own_;
};

/// Refuses with an error, or lets pass.
using Guard = std::function<std::optional<xmpp::StanzaError>(const Passage&, const xmpp::Stanza&)>;
using Mark = std::function<void(const Passage&, Editable&)>;
/// Adds this owner's part to the shard's batch.
using Record = std::function<void(const Passage&, const xmpp::StanzaPtr&)>;
/// Copies for further sessions of the account; `chosen` are those that get the original.
using Echo = std::function<void(const Passage&, const xmpp::StanzaPtr&, std::span<const SessionPtr> chosen)>;
/// No session got it: wakes a device, or says with which error it is answered. The first that returns an
/// error ends it.
using Undelivered = std::function<std::optional<xmpp::StanzaError>(const Passage&, const xmpp::StanzaPtr&)>;
/// The sessions that got it may still need a push.
using Push = std::function<void(const Passage&, const xmpp::StanzaPtr&, std::span<const SessionPtr> chosen)>;
enum class Exit { pass, held };
/// Holds or edits what goes out to one session.
using Egress = std::function<Exit(Session&, Editable&)>;
/// Owns a presence type: on the sender's side for what its sessions send, on the recipient's side for what
/// goes to its bare JID. `done`: there is nothing left to do; `pass`: the stanza goes on along its trip.
enum class Next { done, pass };
using PresenceHandler =
    std::function<std::expected<Next, xmpp::StanzaError>(const Passage&, const xmpp::StanzaPtr&)>;
using SessionEvent = std::function<void(Session&)>;
/// Brings what a feature keeps in a loaded account; runs before the account's first stanza.
using AccountLoader = std::function<Task<Result<void>>(AccountPtr)>;

struct Identity {
  std::string category, type, name;
};
struct Item {
  std::string jid, node, name;
};
struct Implemented {
  std::string xep, version;
  Status status;
};

class Hub {
 public:
  // own: one owner per key; a second one ends the start.
  void get(Target target, Who who, std::string_view ns, IqHandler handler);
  void set(Target target, Who who, std::string_view ns, IqHandler handler);
  void get(Target target, Who who, std::string_view ns, WaitingIqHandler handler);
  void set(Target target, Who who, std::string_view ns, WaitingIqHandler handler);
  void presence(Side side, xmpp::Type type, PresenceHandler handler);

  void guard(Side side, Guard hook);
  void mark(Side side, Mark hook);
  void record(Side side, Record hook);
  void echo(Side side, Echo hook);
  void push(Push hook);
  void undelivered(Undelivered hook);
  void egress(Egress hook);

  void on_bound(SessionEvent hook);
  /// The session has left its account already.
  void on_ended(SessionEvent hook);
  void on_load(AccountLoader loader);

  template <class T>
  Slot<T, Session> session_slot() {
    return Slot<T, Session>(session_slots_++);
  }
  template <class T>
  Slot<T, Account> account_slot() {
    return Slot<T, Account>(account_slots_++);
  }
  /// An object of a feature that lives as long as the hub.
  template <class T, class... Args>
  T& own(Args&&... args) {
    auto owned = std::make_shared<T>(std::forward<Args>(args)...);
    owned_.push_back(owned);
    return *owned;
  }

  // disco (XEP-0030), and the table of what is implemented
  void implements(Implemented what) { implemented_.push_back(std::move(what)); }
  /// A feature beyond the namespaces of get and set handlers, which are announced by themselves.
  void feature(Target target, std::string_view var);
  void identity(Target target, Identity identity);
  void item(Item item) { items_.push_back(std::move(item)); }
  /// An element in <stream:features/> after login.
  void stream_feature(xml::Element element) { stream_features_.push_back(std::move(element)); }

  struct Disco {
    std::vector<Identity> identities;
    std::vector<std::string> features;  // sorted, each once
  };
  const Disco& disco(Target target) const { return disco_[static_cast<std::size_t>(target)]; }
  const std::vector<Item>& items() const { return items_; }
  const std::vector<Implemented>& implemented() const { return implemented_; }
  const std::vector<xml::Element>& stream_features() const { return stream_features_; }

 private:
  friend class Pipeline;
  friend class Directory;
  friend class Gate;
  struct Owned {
    Who who;
    IqHandler now;
    WaitingIqHandler waiting;
  };
  const Owned* find(Target target, xmpp::Type type, std::string_view ns) const;
  void own_iq(Target target, xmpp::Type type, std::string_view ns, Owned owned);

  std::map<std::tuple<Target, xmpp::Type, std::string>, Owned, std::less<>> iqs_;
  std::map<std::pair<Side, xmpp::Type>, PresenceHandler> presences_;
  std::vector<Guard> guards_[2];
  std::vector<Mark> marks_[2];
  std::vector<Record> records_[2];
  std::vector<Echo> echoes_[2];
  std::vector<Push> pushes_;
  std::vector<Undelivered> undelivered_;
  std::vector<Egress> egress_;
  std::vector<SessionEvent> bound_, ended_;
  std::vector<AccountLoader> loaders_;
  Disco disco_[2];
  std::vector<Item> items_;
  std::vector<Implemented> implemented_;
  std::vector<xml::Element> stream_features_;
  std::vector<std::shared_ptr<void>> owned_;
  std::size_t session_slots_ = 0;
  std::size_t account_slots_ = 0;
};

}  // namespace hy::route
