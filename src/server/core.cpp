#include "server/core.h"

#include "feature/all.h"

namespace hy::server {
namespace {

route::Settings settings_of(const Config& config) {
  route::Settings settings;
  for (const Domain& domain : config.domains) settings.domains.push_back(domain.name);
  for (const std::string& admin : config.admins) {
    if (Result<xmpp::Jid> jid = xmpp::Jid::parse(admin)) settings.admins.push_back(std::move(*jid));
  }
  settings.version = HY_VERSION;
  settings.max_sessions_per_account = static_cast<std::uint32_t>(config.limits.sessions_per_account);
  return settings;
}

stream::C2sConfig c2s_of(const Config& config) {
  const Limits& limits = config.limits;
  stream::C2sConfig c2s;
  c2s.starttls = config.tls.required ? stream::Starttls::required : stream::Starttls::optional;
  c2s.domain = config.domains.front().name;
  c2s.login_time = std::chrono::seconds(limits.login_s);
  c2s.login_limits.bytes = static_cast<std::uint32_t>(limits.login_bytes);
  c2s.login_bytes = static_cast<std::uint32_t>(limits.login_total_bytes);
  c2s.login_limits.depth = static_cast<std::uint32_t>(limits.login_depth);
  c2s.login_failures = static_cast<std::uint8_t>(limits.login_attempts);
  c2s.limits = {.bytes = static_cast<std::uint32_t>(limits.stanza_bytes),
                .depth = static_cast<std::uint32_t>(limits.stanza_depth),
                .attributes = static_cast<std::uint32_t>(limits.stanza_attributes),
                .elements = static_cast<std::uint32_t>(limits.stanza_elements)};
  c2s.idle_time = std::chrono::seconds(limits.silence_s);
  c2s.ping_time = std::chrono::seconds(limits.ping_s);
  c2s.bytes_per_second = static_cast<std::uint32_t>(limits.rate_bytes_per_s);
  c2s.burst_bytes = static_cast<std::uint32_t>(limits.rate_burst_bytes);
  c2s.stanzas_per_turn = static_cast<std::uint32_t>(limits.stanzas_per_turn);
  c2s.unwritten_bytes = limits.unwritten_bytes;
  c2s.output_bytes = limits.queue_bytes;
  return c2s;
}

}  // namespace

Result<std::unique_ptr<Core>> Core::make(const Config& config, const Clock& clock, CorePorts ports) {
  HY_TRY(ids, store::open_ids(ports.engine, clock));
  std::unique_ptr<Core> core(new Core(config, clock, ports));
  core->common_ = std::make_unique<route::Common>(route::Common{core->settings_, core->c2s_, core->committer_,
                                                                core->throttle_, core->strangers_,
                                                                core->false_salt_, ports.trace});
  std::vector<route::Shard*> all;
  for (std::size_t i = 0; i < ports.shards.size(); ++i) {
    const CorePorts::ForShard& at = ports.shards[i];
    route::Shard::Ports shard{static_cast<ShardId>(i),
                              ports.shards.size(),
                              *at.loop,
                              *at.random,
                              *at.hashing,
                              ids,
                              [&](store::Desk& desk) { return ports.open_stores(desk, at); },
                              [&](route::Hub& hub, const route::Services& services) {
                                if (ports.also_install) ports.also_install(hub, services);
                                feature::install_all(hub, services);
                              }};
    core->shards_.push_back(std::make_unique<route::Shard>(*core->common_, std::move(shard)));
    all.push_back(core->shards_.back().get());
  }
  for (route::Shard* shard : all) shard->connect(all);
  return core;
}

Core::Core(const Config& config, const Clock& clock, CorePorts& ports)
    : settings_(settings_of(config)),
      c2s_(c2s_of(config)),
      false_salt_(std::move(ports.false_salt)),
      throttle_(clock, *ports.shards.front().random),
      strangers_(*ports.shards.front().random,
                 {.per_machine = static_cast<std::uint32_t>(config.limits.connections_per_address)}),
      committer_(ports.engine, std::move(ports.disk_failed)) {}

Core::~Core() = default;

route::Shard& Core::home(const xmpp::Jid& account) {
  return *shards_[static_cast<std::size_t>(route::home_shard(account, shards_.size()))];
}

}  // namespace hy::server
