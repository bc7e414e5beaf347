// The cost of one chat message between two sessions of one shard, from bytes to bytes, without sockets: scan,
// read the stanza, the whole trip, serialise.
#include <benchmark/benchmark.h>

#include "route/pipeline.h"
#include "store/committer.h"
#include "stream/ports.h"
#include "xml/scanner.h"

namespace {

using namespace hy;

class IdleLoop final : public Loop {
 public:
  void post(Job job) override { jobs_.push_back(std::move(job)); }
  Timer after(Duration, Job) override { return {}; }
  void at_turn_end(Job job) override { jobs_.push_back(std::move(job)); }
  const Clock& clock() const override { return clock_; }

 private:
  std::vector<Job> jobs_;
  SystemClock clock_;
};

class NoEngine final : public store::Engine {
 public:
  Result<void> write(std::span<const store::Batch>) override { return {}; }
  Result<std::uint64_t> floor() const override { return 0; }
};

class Everybody final : public store::Accounts {
 public:
  Task<Result<std::optional<store::Account>>> find(store::Owner owner) override {
    store::Account account;
    account.owner = std::move(owner);
    co_return account;
  }
  Task<Result<std::vector<store::Account>>> list(std::string, store::Owner, std::size_t) override {
    co_return std::vector<store::Account>();
  }
};

class Wire final : public stream::Outlet {
 public:
  void send(const xmpp::Stanza& stanza) override {
    out.clear();
    xmpp::write(out, stanza);
  }
  void send(std::string_view bytes) override { out = bytes; }
  std::size_t queued() const override { return 0; }
  void go_on() override {}
  void end(xmpp::StreamError) override {}
  const net::Address& peer() const override { return peer_; }
  bool secure() const override { return true; }
  std::string_view sid() const override { return "1"; }
  Instant last_heard() const override { return {}; }
  std::string out;

 private:
  net::Address peer_;
};

class Device final : public route::Session {
 public:
  Device(route::AccountPtr account, xmpp::Jid jid, stream::Outlet* wire)
      : Session(std::move(account), std::move(jid), wire) {}
  void end(xmpp::StreamError) override {}
};

struct Bench {
  IdleLoop loop;
  NoEngine engine;
  store::Committer committer{engine, {}};
  store::Desk desk{ShardId(0), loop, committer, {1, 1u << 30}};
  Everybody accounts;
  Scope scope;
  route::Hub hub;
  route::Settings settings{.domains = {"example.com"}, .admins = {}, .version = ""};
  route::Post post{ShardId(0), loop, [] {}};
  route::Directory directory{hub, accounts, scope};
  route::Pipeline pipeline{{ShardId(0), 1, hub, directory, post, desk, committer, scope, settings, nullptr}};
  Wire romeo_wire, juliet_wire;
  route::SessionPtr romeo, juliet;

  Bench() {
    post.connect({&post}, {});
    romeo = log_in("romeo@example.com/orchard", romeo_wire);
    juliet = log_in("juliet@example.com/balcony", juliet_wire);
  }
  ~Bench() { scope.close(); }

  route::SessionPtr log_in(std::string_view text, Wire& wire) {
    const xmpp::Jid jid = *xmpp::Jid::parse(text);
    route::SessionPtr session;
    directory.knock(jid.bare(), [&](Result<route::AccountPtr> account) {
      session = std::make_shared<Device>(*account, jid, &wire);
    });
    session->presence = std::make_shared<const xmpp::Stanza>(xmpp::Kind::presence, xmpp::Type::none);
    directory.enter(session);
    return session;
  }
};

constexpr std::string_view chat =
    "<message to='juliet@example.com/balcony' type='chat' id='c6f7c2a2-7b56-4c1c-9b28-3d6c2d7b3ae9' "
    "xml:lang='en'>"
    "<body>Wilt thou be gone? It is not yet near day: it was the nightingale, and not the lark.</body>"
    "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>"
    "<origin-id xmlns='urn:xmpp:sid:0' id='c6f7c2a2'/></message>";

void one_chat(benchmark::State& state) {
  Bench bench;
  xml::Scanner scanner;
  std::string_view header =
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
  scanner.next(header);
  scanner.take();
  for (auto _ : state) {
    std::string_view input = chat;
    if (scanner.next(input) != xml::Event::element) state.SkipWithError("no element");
    auto stanza = xmpp::read_stanza(scanner.take());
    bench.pipeline.send(bench.romeo, std::move(*stanza));
    benchmark::DoNotOptimize(bench.juliet_wire.out.data());
  }
  if (bench.juliet_wire.out.empty()) state.SkipWithError("nothing arrived");
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * chat.size()));
}
BENCHMARK(one_chat);

void trip_alone(benchmark::State& state) {
  Bench bench;
  const auto stanza =
      xmpp::read_stanza(xml::parse("<message xmlns='jabber:client' to='juliet@example.com/balcony' "
                                   "type='chat' id='1'><body>hello</body></message>"));
  for (auto _ : state) bench.pipeline.send(bench.romeo, *stanza);
}
BENCHMARK(trip_alone);

}  // namespace
