// What the streams of a shard ask of it: which domains are served, where an account lives, who may log in;
// and the sessions that begin and end here.
#pragma once

#include "route/pipeline.h"
#include "stream/ports.h"
#include "stream/throttle.h"

namespace hy::route {

class Gate final : public stream::Gatekeeper {
 public:
  struct Parts {
    ShardId here;
    std::size_t shards;
    const Hub& hub;
    Directory& directory;
    Pipeline& pipeline;
    Random& random;
    const Settings& settings;
    stream::Throttle& throttle;         // one for the process
    const sasl::FalseSalt& false_salt;  // one for the process
    std::function<void(std::unique_ptr<stream::C2s>, ShardId)> move;
  };
  explicit Gate(Parts parts);

  bool serves(std::string_view domain) const override;
  ShardId home(const xmpp::Jid& account) const override { return home_shard(account, p_.shards); }
  ShardId here() const override { return p_.here; }
  void move(std::unique_ptr<stream::C2s> stream, ShardId to) override;

  stream::Admission admit(const net::Address& peer, const xmpp::Jid& account) override;
  void login_failed(const net::Address& peer, const xmpp::Jid& account) override;
  void login_succeeded(const net::Address& peer, const xmpp::Jid& account) override;
  Task<Result<std::optional<sasl::Verifiers>>> verifiers(xmpp::Jid account) override;
  const sasl::FalseSalt& false_salt() const override { return p_.false_salt; }

  Task<std::expected<stream::Bound, xmpp::StanzaError>> bind(stream::Outlet* outlet, xmpp::Jid account,
                                                             std::string resource) override;
  std::vector<xml::Element> features_after_login() const override { return p_.hub.stream_features(); }

 private:
  class BoundSession;
  void leave(const SessionPtr& session);

  Parts p_;
};

}  // namespace hy::route
