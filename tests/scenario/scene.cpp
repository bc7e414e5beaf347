#include "scenario/scene.h"

#include <stdexcept>

#include "sasl/exchange.h"
#include "xml/writer.h"

namespace hy::scenario {
namespace {

constexpr std::string_view password = "secret";
constexpr std::string_view sasl_ns = "urn:ietf:params:xml:ns:xmpp-sasl";

std::string header(std::string_view domain) {
  return fmt::format(
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{}' "
      "version='1.0'>",
      domain);
}

[[noreturn]] void failed(std::string_view what, Client& client) {
  std::string got;
  for (const xml::Element& element : client.inbox()) got += xml::to_string(element) + "\n";
  throw std::runtime_error(fmt::format("{}; the client got: {}", what, got));
}

}  // namespace

Client::Client(sim::World& world, std::string address, std::uint16_t port)
    : peer_(world.network().connect({"127.0.0.1", port}, {std::move(address), 0})),
      scanner_({.bytes = 1024 * 1024}) {}

std::vector<xml::Element>& Client::inbox() {
  const std::string bytes = peer_->take();
  std::string_view input = bytes;
  for (;;) {
    switch (scanner_.next(input)) {
      case xml::Event::opened:
        header_ = scanner_.take();
        continue;
      case xml::Event::element:
        inbox_.push_back(scanner_.take());
        continue;
      case xml::Event::closed:
        closed_ = true;
        return inbox_;
      case xml::Event::need_more:
        return inbox_;
      default:
        throw std::runtime_error("the server sent what is not well-formed");
    }
  }
}

void Client::restart() {
  scanner_.reset();
  header_ = {};
}

Scene::Scene(SceneOptions options) : options_(std::move(options)), world_(options_.seed) {
  log::set_level(log::Level::off);
  hashing_ = &world_.add_pool("hashing", {2, 256});
  reading_ = &world_.add_pool("reading", {2, 256});
  for (std::size_t i = 0; i < options_.shards; ++i) {
    loops_.push_back(&world_.add_loop(fmt::format("shard {}", i)));
    randoms_.push_back(std::make_unique<sim::SeededRandom>(options_.seed * 1000 + i));
    networks_.push_back(world_.network().on(*loops_.back()));
  }
  world_.add_actor(
      "committer", [this] { return core_ && !committer_held_ && core_->committer().backlog() > 0; },
      [this] { core_->committer().step(); });
  start();
}

Scene::~Scene() {
  stop();
}

void Scene::start() {
  server::CorePorts ports{
      .shards = {},
      .engine = engine_,
      .open_stores =
          [this](store::Desk& desk, const server::CorePorts::ForShard& at) {
            return route::Stores{
                std::make_unique<sim::MemoryAccounts>(engine_, desk, *at.loop, options_.read_delay),
                std::make_unique<sim::MemoryDocuments>(engine_, desk, *at.loop, options_.read_delay)};
          },
      .disk_failed = [](const Error& error) { throw std::runtime_error(error.context); },
      .false_salt = {std::string(32, 's')},
      .trace = options_.trace,
      .also_install = options_.also_install};
  for (std::size_t i = 0; i < options_.shards; ++i) {
    workers_.push_back(hashing_->worker(*loops_[i]));
    workers_.push_back(reading_->worker(*loops_[i]));
    ports.shards.push_back({loops_[i], randoms_[i].get(), workers_[2 * i].get(), workers_[2 * i + 1].get()});
  }
  auto core = server::Core::make(options_.config, world_.clock(), std::move(ports));
  if (!core) throw std::runtime_error(core.error().context);
  core_ = std::move(*core);
  for (std::size_t i = 0; i < options_.shards; ++i) {
    for (const bool direct_tls : {false, true}) {
      auto listener =
          networks_[i]->listen({"127.0.0.1", static_cast<std::uint16_t>(direct_tls ? 5223 : 5222)},
                               [this, i, direct_tls](std::unique_ptr<net::Pipe> pipe) {
                                 core_->shard(i).accept(std::move(pipe), direct_tls);
                               });
      if (!listener) throw std::runtime_error(listener.error().context);
      listeners_.push_back(std::move(*listener));
    }
  }
}

void Scene::stop() {
  if (!core_) return;
  committer_held_ = false;
  listeners_.clear();
  std::size_t closed = 0;
  for (std::size_t i = 0; i < options_.shards; ++i) {
    loops_[i]->post([this, i, &closed] {
      core_->shard(i).close({xmpp::StreamCondition::system_shutdown}, [&closed] { ++closed; });
    });
  }
  world_.run_until([&] { return closed == options_.shards && core_->committer().backlog() == 0; }, 1min);
  world_.run_until_idle();
  for (sim::Loop* loop : loops_) loop->clear();
  core_.reset();
  workers_.clear();
}

void Scene::add_account(const xmpp::Jid& jid) {
  store::Account account;
  account.owner = jid;
  // Few iterations: tests log in thousands of times.
  account.verifiers = sasl::make_verifiers(password, "0123456789abcdef", 1);
  store::Batch batch;
  batch.writes.push_back(store::PutAccount{std::move(account)});
  if (!engine_.write({&batch, 1})) throw std::runtime_error("account not written");
}

std::unique_ptr<Client> Scene::connect() {
  return std::make_unique<Client>(world_);
}

xmpp::Jid Scene::log_in(Client& client, const xmpp::Jid& account, std::string_view resource) {
  client.send(header(account.domain()));
  settle();
  client.inbox().clear();
  client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  settle();
  if (client.inbox().empty() || client.inbox().back().name() != "proceed") failed("no <proceed/>", client);
  client.peer().start_tls();
  client.restart();
  client.send(header(account.domain()));
  settle();
  client.inbox().clear();
  std::string plain;
  plain += '\0';
  plain += account.local();
  plain += '\0';
  plain += password;
  client.send(
      fmt::format("<auth xmlns='{}' mechanism='PLAIN'>{}</auth>", sasl_ns, sasl::encode_base64(plain)));
  settle();
  if (client.inbox().empty() || client.inbox().back().name() != "success") failed("no <success/>", client);
  client.restart();
  client.send(header(account.domain()));
  client.send(
      fmt::format("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  "<resource>{}</resource></bind></iq>",
                  resource));
  settle();
  if (client.inbox().empty() || client.inbox().back().attribute("id") != "bind" ||
      client.inbox().back().attribute("type") != "result") {
    failed("not bound", client);
  }
  const xml::Element bound = client.inbox().back();
  client.inbox().clear();
  const std::string text = bound.child("bind", "urn:ietf:params:xml:ns:xmpp-bind")
                               .child_text("jid", "urn:ietf:params:xml:ns:xmpp-bind");
  Result<xmpp::Jid> jid = xmpp::Jid::parse(text);
  if (!jid) failed("no <jid/>", client);
  return *jid;
}

}  // namespace hy::scenario
