#include "route/pipeline.h"

#include "base/log.h"
#include "store/committer.h"

namespace hy::route {

using xmpp::Condition;
using xmpp::Kind;
using xmpp::StanzaError;
using xmpp::StanzaPtr;
using xmpp::Type;

namespace {

bool is_subscription(Type type) {
  return type == Type::subscribe || type == Type::subscribed || type == Type::unsubscribe ||
         type == Type::unsubscribed;
}

std::size_t index(Side side) {
  return static_cast<std::size_t>(side);
}

}  // namespace

ShardId home_shard(const xmpp::Jid& account, std::size_t shards) {
  // FNV-1a: short keys, no seed, so that a simulation replays.
  std::uint64_t hash = 14695981039346656037u;
  for (unsigned char c : account.bare_str()) hash = (hash ^ c) * 1099511628211u;
  return static_cast<ShardId>((hash ^ (hash >> 32)) % shards);
}

class Pipeline::Running {
 public:
  explicit Running(Pipeline& pipeline) : pipeline_(pipeline), outermost_(!pipeline.running_) {
    pipeline_.running_ = true;
  }
  ~Running() {
    if (!outermost_) return;
    pipeline_.work_off();
    pipeline_.running_ = false;
  }

 private:
  Pipeline& pipeline_;
  const bool outermost_;
};

Pipeline::Pipeline(Parts parts) : p_(std::move(parts)) {}

// ---------------------------------------------------------------------------------------------- the sender's
// shard

void Pipeline::send(const SessionPtr& session, xmpp::Stanza stanza) {
  Running running(*this);
  // stamp. RFC 6120 §8.1.2.1: the full JID, whatever the client wrote; RFC 6121 §3.1.2: the bare one on
  // subscriptions.
  const bool subscription = stanza.kind == Kind::presence && is_subscription(stanza.type);
  stanza.from = subscription ? session->jid.bare() : session->jid;
  if (stanza.kind == Kind::message && !stanza.to) stanza.to = session->jid.bare();  // RFC 6120 §10.3.1
  if (subscription && stanza.to.is_full()) stanza.to = stanza.to.bare();            // RFC 6121 §3.1.2

  // RFC 6120 §8.2.3: what answers a request of nobody's is dropped.
  if (stanza.kind == Kind::iq && !stanza.is_request() && !stanza.to.is_full()) return;

  auto shared = std::make_shared<const xmpp::Stanza>(std::move(stanza));
  const TripId trip = ledger_.open(session, shared->size());
  Editable editable(std::move(shared));
  std::expected<Next, StanzaError> left = Next::pass;
  try {
    left = leave(session, editable);
  } catch (...) {
    ledger_.settle(trip);
    throw;  // to the stream that brought it, which ends
  }
  const StanzaPtr& final = editable.ptr();
  if (!left) {
    if (xmpp::may_be_answered_with_error(*final)) {
      emit(session, std::make_shared<const xmpp::Stanza>(xmpp::make_error(*final, left.error())));
    }
  } else if (*left == Next::pass) {
    hop(final, owner_of(*final), trip, session);
  }
  ledger_.settle(trip);
  if (p_.committer.backlog() > max_backlog) wait_for_disk(session);
}

std::expected<Next, StanzaError> Pipeline::leave(const SessionPtr& session, Editable& stanza) {
  const Passage passage{Side::sender, *session->account, session.get()};
  // guard
  for (const Guard& guard : p_.hub.guards_[index(Side::sender)]) {
    if (std::optional<StanzaError> refused = guard(passage, stanza.read())) return std::unexpected(*refused);
  }
  // mark
  for (const Mark& mark : p_.hub.marks_[index(Side::sender)]) mark(passage, stanza);
  // own: presence by type. What is addressed to the server or to an account is owned where it arrives.
  if (stanza.read().kind == Kind::presence) {
    auto owner = p_.hub.presences_.find({Side::sender, stanza.read().type});
    if (owner != p_.hub.presences_.end()) {
      std::expected<Next, StanzaError> next = owner->second(passage, stanza.ptr());
      if (!next || *next == Next::done) return next;
    }
    if (!stanza.read().to) return Next::done;
  }
  // record
  for (const Record& record : p_.hub.records_[index(Side::sender)]) record(passage, stanza.ptr());
  // echo
  for (const Echo& echo : p_.hub.echoes_[index(Side::sender)]) echo(passage, stanza.ptr(), {});
  return Next::pass;
}

/// Whose shard works on it: the account addressed (one's own without `to`), or a domain.
store::Owner Pipeline::owner_of(const xmpp::Stanza& stanza) const {
  return stanza.to ? stanza.to.bare() : stanza.from.bare();
}

bool Pipeline::is_local(std::string_view domain) const {
  return std::ranges::find(p_.settings.domains, domain) != p_.settings.domains.end();
}

// hop: one part of the trip goes to the shard of its owner.
void Pipeline::hop(StanzaPtr stanza, const store::Owner& owner, TripId trip, const SessionPtr& session) {
  const Return back{p_.here, trip};
  const bool local = is_local(owner.domain());
  const ShardId to = local && !owner.is_domain() ? home_shard(owner, p_.shards) : p_.here;
  ledger_.add_part(trip);
  if (p_.trace) p_.trace->part(back, to, *stanza);
  Parcel parcel{std::move(stanza), owner, back};
  if (!local) return refuse(parcel, StanzaError(Condition::remote_server_not_found));
  if (owner.is_domain()) return serve(std::move(parcel), session);
  // A request that may change something holds its stream until it has been worked on: what follows sees the
  // change.
  const bool holds = session && parcel.stanza->kind == Kind::iq && parcel.stanza->type == Type::set &&
                     !parcel.stanza->to.is_full();
  if (holds) ledger_.hold(trip);
  if (to == p_.here) return arrive(std::move(parcel));
  if (!session) {
    p_.post.send(to, std::move(parcel), {});
    return;
  }
  session->hold();
  const bool sent = p_.post.send(to, std::move(parcel), [session] { session->release(); });
  if (sent) session->release();
}

// hop, for many: one part for each shard, and one for each address that is no account here.
void Pipeline::spread(ToMany emission) {
  std::vector<std::vector<xmpp::Jid>> by_shard(p_.shards);
  const TripId trip = ledger_.open(emission.cause, emission.stanza->size() + emission.to.size() * 96);
  for (xmpp::Jid& to : emission.to) {
    if (is_local(to.domain()) && !to.local().empty()) {
      by_shard[static_cast<std::size_t>(home_shard(to, p_.shards))].push_back(std::move(to));
      continue;
    }
    xmpp::Stanza copy = *emission.stanza;
    copy.to = std::move(to);
    const store::Owner owner = copy.to.bare();
    hop(std::make_shared<const xmpp::Stanza>(std::move(copy)), owner, trip, nullptr);
  }
  for (std::size_t i = 0; i < by_shard.size(); ++i) {
    if (by_shard[i].empty()) continue;
    const ShardId to = static_cast<ShardId>(i);
    Parcel parcel{emission.stanza,
                  {},
                  {p_.here, trip},
                  std::make_shared<const std::vector<xmpp::Jid>>(std::move(by_shard[i]))};
    ledger_.add_part(trip);
    if (p_.trace) p_.trace->part(parcel.back, to, *parcel.stanza);
    if (to == p_.here) {
      arrive(std::move(parcel));
    } else {
      p_.post.send(to, std::move(parcel), {});
    }
  }
  ledger_.settle(trip);
}

// Addressed to the domain: every shard can answer for it.
void Pipeline::serve(Parcel parcel, const SessionPtr& session) {
  const xmpp::Stanza& stanza = *parcel.stanza;
  if (stanza.is_request() && stanza.to.is_domain()) {
    if (session && stanza.type == Type::set) ledger_.hold(parcel.back.trip);
    return ask(Target::server, session ? session->account : nullptr, session, parcel);
  }
  if (stanza.kind == Kind::presence) return taken(parcel);
  refuse(parcel, StanzaError(Condition::service_unavailable));
}

void Pipeline::wait_for_disk(const SessionPtr& session) {
  session->hold();
  p_.desk.when_durable(p_.desk.latest(), [session] { session->release(); });
}

void Pipeline::answered(Answer answer) {
  Running running(*this);
  if (p_.trace) p_.trace->answered({p_.here, answer.trip}, answer);
  ledger_.settle(answer.trip);
  if (answer.error) emissions_.emplace_back(std::move(answer.error));
}

// ------------------------------------------------------------------------------------------- the recipient's
// shard

void Pipeline::arrive(Parcel parcel) {
  Running running(*this);
  if (!parcel.recipients) return arrive_at(std::move(parcel));
  auto group = std::make_shared<Parcel::Group>(parcel.recipients->size(), parcel.back, parcel.charge());
  for (const xmpp::Jid& to : *parcel.recipients) {
    auto copy = std::make_shared<xmpp::Stanza>(*parcel.stanza);
    copy->to = to;
    arrive_at({std::move(copy), to.bare(), parcel.back, nullptr, group});
  }
}

void Pipeline::arrive_at(Parcel parcel) {
  const store::Owner owner = parcel.owner;
  p_.directory.knock(owner, [this, parcel = std::move(parcel)](Result<AccountPtr> account) mutable {
    Running inside(*this);
    if (!account) return refuse(parcel, StanzaError(Condition::internal_server_error, xmpp::ErrorType::wait));
    deliver(*account, std::move(parcel));
  });
}

// A hook that breaks must not take the shard with it, nor the sender's answer.
void Pipeline::deliver(const AccountPtr& account, Parcel parcel) {
  if (!account->may_log_in()) return unknown(parcel);
  std::expected<Arrived, StanzaError> arrived = Arrived::taken;
  try {
    arrived = work_on(*account, parcel.stanza);
  } catch (const std::exception& thrown) {
    log::error("stanza not delivered", "jid={} reason={}", log::value(account->jid.str()),
               log::value(thrown.what()));
    arrived = std::unexpected(StanzaError(Condition::internal_server_error));
  }
  if (!arrived) return refuse(parcel, arrived.error());
  if (*arrived == Arrived::asks) return ask(Target::account, account, nullptr, parcel);
  taken(parcel);
}

std::expected<Pipeline::Arrived, StanzaError> Pipeline::work_on(Account& account, const StanzaPtr& original) {
  const Passage passage{Side::recipient, account, nullptr};
  // guard
  for (const Guard& guard : p_.hub.guards_[index(Side::recipient)]) {
    if (std::optional<StanzaError> refused = guard(passage, *original)) return std::unexpected(*refused);
  }
  // mark
  Editable editable(original);
  for (const Mark& mark : p_.hub.marks_[index(Side::recipient)]) mark(passage, editable);
  const StanzaPtr stanza = editable.ptr();
  // own
  if (!stanza->to.is_full()) {
    if (stanza->is_request()) return Arrived::asks;
    if (stanza->kind == Kind::iq) return Arrived::taken;
  }
  if (stanza->kind == Kind::presence) {
    auto owner = p_.hub.presences_.find({Side::recipient, stanza->type});
    if (owner != p_.hub.presences_.end()) {
      std::expected<Next, StanzaError> next = owner->second(passage, stanza);
      if (!next) return std::unexpected(next.error());
      if (*next == Next::done) return Arrived::taken;
    }
  }
  // record
  for (const Record& record : p_.hub.records_[index(Side::recipient)]) record(passage, stanza);
  // choose
  const Choice choice = choose(account, *stanza);
  if (choice.otherwise == Choice::Otherwise::refuse) {
    return std::unexpected(StanzaError(Condition::service_unavailable));
  }
  // echo
  for (const Echo& echo : p_.hub.echoes_[index(Side::recipient)]) echo(passage, stanza, choice.sessions);
  // push | undelivered
  if (choice.sessions.empty()) {
    if (choice.otherwise == Choice::Otherwise::store) {
      for (const Undelivered& hook : p_.hub.undelivered_) {
        if (std::optional<StanzaError> error = hook(passage, stanza)) return std::unexpected(*error);
      }
    }
  } else {
    for (const Push& push : p_.hub.pushes_) push(passage, stanza, choice.sessions);
  }
  // egress
  for (const SessionPtr& session : choice.sessions) egress(session, stanza);
  return Arrived::taken;
}

void Pipeline::egress(const SessionPtr& session, const StanzaPtr& stanza) {
  if (session->ended()) return;
  Editable editable(stanza);
  try {
    for (const Egress& hook : p_.hub.egress_) {
      if (hook(*session, editable) == Exit::held) return;
    }
  } catch (const std::exception& thrown) {
    log::error("stanza not sent", "jid={} reason={}", log::value(session->jid.str()),
               log::value(thrown.what()));
    return session->end(xmpp::StreamCondition::internal_server_error);
  }
  session->write(editable.read());
}

// RFC 6121 §8.5.1: an account that does not exist (or is disabled) answers as one that cannot be reached.
void Pipeline::unknown(const Parcel& parcel) {
  const xmpp::Stanza& stanza = *parcel.stanza;
  const bool silent = stanza.kind == Kind::presence || (stanza.kind == Kind::iq && !stanza.is_request());
  if (silent) return taken(parcel);
  refuse(parcel, StanzaError(Condition::service_unavailable));
}

// --------------------------------------------------------------------------------------------------- own:
// requests

bool Pipeline::permitted(Who who, Target target, const Account* account, const SessionPtr& session,
                         const xmpp::Stanza& stanza) const {
  switch (who) {
    case Who::anyone:
      return true;
    case Who::self:
      // To the server, "self" is an account of this server that asks for itself.
      return target == Target::account ? account->jid.str() == stanza.from.bare_str() : session != nullptr;
    case Who::admin: {
      const AccountPtr asking = session ? session->account : nullptr;
      if (!asking) return false;
      return asking->record->admin ||
             std::ranges::find(p_.settings.admins, asking->jid) != p_.settings.admins.end();
    }
  }
  return false;
}

void Pipeline::ask(Target target, AccountPtr account, const SessionPtr& session, const Parcel& parcel) {
  const xml::View payload = parcel.stanza->payload();
  const Hub::Owned* owned = p_.hub.find(target, parcel.stanza->type, payload.ns());
  // Not understood and not allowed look alike, so that nothing can be learned from the difference.
  if (!owned || !permitted(owned->who, target, account.get(), session, *parcel.stanza)) {
    return refuse(parcel, StanzaError(Condition::service_unavailable));
  }
  SessionRef from = session;
  if (!session && account && parcel.stanza->from.same_bare(account->jid)) {
    if (Session* own = account->session(parcel.stanza->from.resource())) from = own->weak_from_this();
  }
  auto iq = std::make_shared<const Iq>(parcel.stanza, payload, std::move(account), std::move(from));
  if (owned->now) return finish(*iq, parcel.back, parcel.charge(), answer_to(*owned, *iq));
  const Return back = parcel.back;
  const std::size_t charge = parcel.charge();
  p_.scope.spawn(wait_for(owned->waiting, iq, back, charge),
                 [](std::exception_ptr) { log::error("request not answered", "reason=exception"); });
}

xmpp::Reply Pipeline::answer_to(const Hub::Owned& owned, const Iq& iq) {
  try {
    return owned.now(iq);
  } catch (const std::exception& thrown) {
    log::error("handler failed", "ns={} reason={}", log::value(iq.payload.ns()), log::value(thrown.what()));
    return Condition::internal_server_error;
  }
}

Task<void> Pipeline::wait_for(WaitingIqHandler handler, IqPtr iq, Return back, std::size_t charge) {
  std::optional<xmpp::Reply> reply;
  try {
    reply.emplace(co_await handler(iq));
  } catch (const std::exception& thrown) {
    log::error("handler failed", "ns={} reason={}", log::value(iq->payload.ns()), log::value(thrown.what()));
    reply.emplace(Condition::internal_server_error);
  }
  Running running(*this);
  finish(*iq, back, charge, std::move(*reply));
}

// The answer to a request that changed something leaves when the change is durable.
void Pipeline::finish(const Iq& iq, Return back, std::size_t charge, xmpp::Reply reply) {
  xmpp::Stanza answer = reply.ok() ? xmpp::make_result(*iq.stanza, std::move(reply.payload()))
                                   : xmpp::make_error(*iq.stanza, reply.error());
  const Position position = p_.desk.latest();
  if (iq.is_set() && position > p_.desk.durable_position()) {
    p_.desk.when_durable(position, [this, to = iq.session, answer = std::move(answer)]() mutable {
      give_back(to, std::move(answer));
    });
  } else {
    give_back(iq.session, std::move(answer));
  }
  taken(back, charge);
}

// A session of this shard gets its answer even if its account is being removed.
void Pipeline::give_back(const SessionRef& asked, xmpp::Stanza answer) {
  if (SessionPtr session = asked.lock()) {
    emit(session, std::make_shared<const xmpp::Stanza>(std::move(answer)));
  } else {
    emit(std::move(answer));
  }
}

// ---------------------------------------------------------------------------------------------------- the
// way back

void Pipeline::taken(const Parcel& parcel) {
  if (!parcel.group) return taken(parcel.back, parcel.charge());
  if (--parcel.group->left == 0) taken(parcel.group->back, parcel.group->charge);
}

void Pipeline::taken(const Return& back, std::size_t charge) {
  Answer answer;
  answer.trip = back.trip;
  answer.credit = charge;
  reply(back, std::move(answer));
}

void Pipeline::refuse(const Parcel& parcel, const StanzaError& error) {
  if (parcel.group) {
    if (xmpp::may_be_answered_with_error(*parcel.stanza)) {
      emissions_.emplace_back(std::make_shared<const xmpp::Stanza>(xmpp::make_error(*parcel.stanza, error)));
    }
    return taken(parcel);
  }
  Answer answer;
  answer.trip = parcel.back.trip;
  answer.verdict = Verdict::refused;
  answer.credit = parcel.charge();
  if (xmpp::may_be_answered_with_error(*parcel.stanza)) {
    answer.error = std::make_shared<const xmpp::Stanza>(xmpp::make_error(*parcel.stanza, error));
  }
  reply(parcel.back, std::move(answer));
}

void Pipeline::reply(const Return& back, Answer answer) {
  answer.position = p_.desk.latest();
  answer.from = p_.here;
  if (back.shard == p_.here) return answered(std::move(answer));
  p_.post.answer(back.shard, std::move(answer));
}

// -------------------------------------------------------------------------------------------------------
// emissions

void Pipeline::emit(xmpp::Stanza stanza) {
  Running running(*this);
  HY_CHECK(stanza.to);
  emissions_.emplace_back(std::make_shared<const xmpp::Stanza>(std::move(stanza)));
}

void Pipeline::fan_out(StanzaPtr stanza, std::vector<xmpp::Jid> to, const SessionPtr& cause) {
  Running running(*this);
  HY_CHECK(stanza->kind != Kind::iq);
  if (!to.empty()) emissions_.emplace_back(ToMany{std::move(stanza), std::move(to), cause});
}

void Pipeline::emit(const SessionPtr& session, StanzaPtr stanza) {
  Running running(*this);
  emissions_.emplace_back(ToSession{session, std::move(stanza)});
}

void Pipeline::work_off() {
  while (!emissions_.empty()) {
    Emission emission = std::move(emissions_.front());
    emissions_.pop_front();
    if (auto* direct = std::get_if<ToSession>(&emission)) {
      egress(direct->session, direct->stanza);
      continue;
    }
    if (auto* many = std::get_if<ToMany>(&emission)) {
      spread(std::move(*many));
      continue;
    }
    StanzaPtr stanza = std::move(std::get<StanzaPtr>(emission));
    const store::Owner owner = stanza->to.bare();
    const TripId trip = ledger_.open(nullptr, stanza->size());
    hop(std::move(stanza), owner, trip, nullptr);
    ledger_.settle(trip);
  }
}

}  // namespace hy::route
