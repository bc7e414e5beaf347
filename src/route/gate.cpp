#include "route/gate.h"

#include "base/log.h"
#include "stream/c2s.h"

namespace hy::route {

using xmpp::Condition;
using xmpp::StanzaError;

/// A session fed by one stream. It keeps itself alive until that stream has ended, since the stream points to
/// it.
class Gate::BoundSession final : public Session, public stream::Sink {
 public:
  BoundSession(Gate& gate, AccountPtr account, xmpp::Jid jid, stream::Outlet* outlet)
      : Session(std::move(account), std::move(jid), outlet), gate_(gate) {}

  void keep() { self_ = shared_from_this(); }

  stream::Flow receive(xmpp::Stanza stanza) override {
    if (ended()) return stream::Flow::go_on;  // told to go already: what still comes is not taken
    const SessionPtr self = shared_from_this();
    gate_.p_.pipeline.send(self, std::move(stanza));
    stream_waits_ = held();
    return stream_waits_ ? stream::Flow::hold : stream::Flow::go_on;
  }

  void ended(stream::End) override {
    const SessionPtr self = std::exchange(self_, {});
    outlet_ = nullptr;
    gate_.leave(self);
  }

  void end(xmpp::StreamError error) override {
    if (!outlet_) return;
    std::exchange(outlet_, nullptr)->end(std::move(error));
    gate_.leave(shared_from_this());
  }

  using Session::ended;

 private:
  Gate& gate_;
  SessionPtr self_;
};

Gate::Gate(Parts parts) : p_(std::move(parts)) {}

void Gate::move(std::unique_ptr<stream::C2s> stream, ShardId to) {
  p_.move(std::move(stream), to);
}

bool Gate::serves(std::string_view domain) const {
  return std::ranges::find(p_.settings.domains, domain) != p_.settings.domains.end();
}

stream::Admission Gate::admit(const net::Address& peer, const xmpp::Jid& account) {
  return p_.throttle.admit(peer, account);
}
void Gate::login_failed(const net::Address& peer, const xmpp::Jid& account) {
  p_.throttle.failed(peer, account);
}
void Gate::login_succeeded(const net::Address& peer, const xmpp::Jid& account) {
  p_.throttle.succeeded(peer, account);
}

Task<Result<std::optional<sasl::Verifiers>>> Gate::verifiers(xmpp::Jid account) {
  HY_CO_TRY(loaded, co_await p_.directory.open(std::move(account)));
  if (!loaded->may_log_in()) co_return std::optional<sasl::Verifiers>();
  co_return std::optional(loaded->record->verifiers);
}

Task<std::expected<stream::Bound, StanzaError>> Gate::bind(stream::Outlet* outlet, xmpp::Jid account,
                                                           std::string resource) {
  Result<AccountPtr> opened = co_await p_.directory.open(account);
  if (!opened) co_return std::unexpected(StanzaError(Condition::internal_server_error));
  const AccountPtr owner = std::move(*opened);
  // It may have been removed or disabled since it logged in.
  if (!owner->may_log_in()) co_return std::unexpected(StanzaError(Condition::not_allowed));
  if (resource.empty()) resource = p_.random.hex(128);
  Result<xmpp::Jid> jid = account.with_resource(resource);
  if (!jid) co_return std::unexpected(StanzaError(Condition::bad_request));
  // RFC 6120 §7.7.2.2: the older session with this resource is the one that ends.
  if (Session* older = owner->session(jid->resource())) {
    older->end({xmpp::StreamCondition::conflict, "replaced by a new session with the same resource"});
  }
  if (owner->sessions.size() >= p_.settings.max_sessions_per_account) {
    co_return std::unexpected(
        StanzaError(Condition::resource_constraint, "too many sessions of this account"));
  }
  auto session = std::make_shared<BoundSession>(*this, owner, std::move(*jid), outlet);
  session->keep();
  p_.directory.enter(session);
  for (const SessionEvent& hook : p_.hub.bound_) hook(*session);
  log::info("session opened", "sid={} jid={} shard={}", outlet->sid(), log::value(session->jid.str()),
            static_cast<int>(p_.here));
  co_return stream::Bound{session->jid, session.get()};
}

void Gate::leave(const SessionPtr& session) {
  if (!p_.directory.leave(session)) return;
  for (const SessionEvent& hook : p_.hub.ended_) hook(*session);
  session->presence = nullptr;
  log::info("session ended", "jid={}", log::value(session->jid.str()));
}

}  // namespace hy::route
