// The trip of every stanza. This file and pipeline.cpp are the only place where it is written down.
//
//     sender's shard:     stamp → guard → mark → own → record → echo → hop
//     recipient's shard:  door → guard → mark → own → record → choose → echo → push | undelivered → egress
//     back again:         taken | refused → the ledger (later: the stream's counter)
//
// Nothing here calls itself: what a hook or handler emits waits in a queue until the running trip is over.
#pragma once

#include <deque>
#include <variant>

#include "route/choose.h"
#include "route/directory.h"
#include "route/hub.h"
#include "route/ledger.h"
#include "route/post.h"
#include "route/services.h"
#include "route/trace.h"

namespace hy::route {

/// Which shard an account lives on.
ShardId home_shard(const xmpp::Jid& account, std::size_t shards);

class Pipeline final : public Emitter {
 public:
  struct Parts {
    ShardId here;
    std::size_t shards;
    const Hub& hub;
    Directory& directory;
    Post& post;
    store::Desk& desk;
    const store::Committer& committer;
    Scope& scope;
    const Settings& settings;
    Trace* trace;  // nullptr: none
  };
  /// Handed over and not durable, in the whole process: beyond it streams that write are not read.
  static constexpr std::size_t max_backlog = 64 * 1024 * 1024;

  explicit Pipeline(Parts parts);

  /// The sender's half, for a stanza from a session's stream. Afterwards session->held() says whether to go
  /// on.
  void send(const SessionPtr& session, xmpp::Stanza stanza);
  /// The recipient's half.
  void arrive(Parcel parcel);
  /// The way back.
  void answered(Answer answer);

  void emit(xmpp::Stanza stanza) override;
  void fan_out(xmpp::StanzaPtr stanza, std::vector<xmpp::Jid> to, const SessionPtr& cause) override;
  void emit(const SessionPtr& session, xmpp::StanzaPtr stanza) override;

  std::size_t under_way() const { return ledger_.size(); }

 private:
  class Running;  // while one exists emissions queue; the outermost works them off
  struct ToSession {
    SessionPtr session;
    xmpp::StanzaPtr stanza;
  };
  struct ToMany {
    xmpp::StanzaPtr stanza;
    std::vector<xmpp::Jid> to;
    SessionPtr cause;
  };
  using Emission = std::variant<xmpp::StanzaPtr, ToSession, ToMany>;

  // sender's side
  std::expected<Next, xmpp::StanzaError> leave(const SessionPtr& session, Editable& stanza);
  void hop(xmpp::StanzaPtr stanza, const store::Owner& owner, TripId trip, const SessionPtr& session);
  void spread(ToMany emission);
  void serve(Parcel parcel, const SessionPtr& session);
  store::Owner owner_of(const xmpp::Stanza& stanza) const;
  bool is_local(std::string_view domain) const;
  void wait_for_disk(const SessionPtr& session);

  // recipient's side
  void arrive_at(Parcel parcel);
  void deliver(const AccountPtr& account, Parcel parcel);
  /// What is left to do after the recipient's stages: nothing, or the account is asked.
  enum class Arrived { taken, asks };
  std::expected<Arrived, xmpp::StanzaError> work_on(Account& account, const xmpp::StanzaPtr& original);
  static xmpp::Reply answer_to(const Hub::Owned& owned, const Iq& iq);
  void unknown(const Parcel& parcel);
  void ask(Target target, AccountPtr account, const SessionPtr& session, const Parcel& parcel);
  Task<void> wait_for(WaitingIqHandler handler, IqPtr iq, Return back, std::size_t charge);
  void finish(const Iq& iq, Return back, std::size_t charge, xmpp::Reply reply);
  void give_back(const SessionRef& asked, xmpp::Stanza answer);
  bool permitted(Who who, Target target, const Account* account, const SessionPtr& session,
                 const xmpp::Stanza& stanza) const;
  void egress(const SessionPtr& session, const xmpp::StanzaPtr& stanza);

  void taken(const Parcel& parcel);
  void taken(const Return& back, std::size_t charge);
  void refuse(const Parcel& parcel, const xmpp::StanzaError& error);
  void reply(const Return& back, Answer answer);
  void work_off();

  Parts p_;
  Ledger ledger_;
  std::deque<Emission> emissions_;
  bool running_ = false;
};

}  // namespace hy::route
