#include "scenario/script.h"

#include <set>
#include <sstream>
#include <stdexcept>

#include "scenario/steps.h"
#include "xml/writer.h"

namespace hy::scenario {
namespace {

constexpr std::string_view header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' "
    "version='1.0'>";

class Play {
 public:
  explicit Play(const Variant& variant) : variant_(variant), scene_(options(variant)) {
    scene_.world().network().options.split_reads = variant.split_reads;
    add_bystander();
    before_ = scene_.world().operations();
    if (variant.fail_at > 0) scene_.world().fail_at(before_ + variant.fail_at);
  }

  void step(const Step& step) {
    std::istringstream in(step.what);
    std::string name, verb;
    in >> name >> verb;
    std::string rest;
    std::getline(in, rest);
    if (!rest.empty()) rest.erase(0, 1);
    const bool says_what_came =
        verb == "receives" || verb == "ends" || (verb == "is" && !rest.starts_with("on line"));
    if (!says_what_came && variant_.fail_at == 0) nothing_is_left();
    if (name == "accounts") return accounts(step.what.substr(name.size()));
    if (name == "time" && verb == "passes") return pass(duration(rest));
    if (step.what == "the server restarts") return restart();
    if (step.what == "the server stops") return stop();
    if (step.what == "the server starts") return start();
    if (step.what == "nothing becomes durable") return scene_.hold_committer(true);
    if (step.what == "things become durable") {
      scene_.hold_committer(false);
      return scene_.settle();
    }
    act(name, rest.empty() ? verb : verb + " " + rest, step.block);
  }

  /// With a fault: this step did not go as written.
  void went_wrong(const Step& step) { astray_.insert(step.what.substr(0, step.what.find(' '))); }

  /// Whoever received something, or lost the connection, was said to.
  void nothing_is_left() {
    for (auto& [name, client] : clients_) {
      if (deaf_.contains(name)) continue;
      if (!client->inbox().empty()) {
        fail(fmt::format("{} received what it should not: {}", name, shown(client->inbox().front())));
      }
      if (client->over()) fail(name + " is not connected any more");
    }
    if (bystander_) undisturbed();
  }

  /// One fault breaks one connection at most, and the server goes on. All connections end, and nothing stays
  /// behind.
  void finish() {
    scene_.world().fail_at(0);
    if (variant_.fail_at > 0) others_notice_nothing();
    for (auto& [name, client] : clients_) client->peer().reset();
    if (bystander_) bystander_->peer().reset();
    scene_.advance(1min);
    scene_.settle();
    for (std::size_t i = 0; i < scene_.core().size(); ++i) {
      route::Shard& shard = scene_.core().shard(i);
      if (shard.directory().sessions() > 0) throw std::runtime_error("a session is left behind");
      if (shard.streams().size() > 0) throw std::runtime_error("a stream is left behind");
      if (shard.pipeline().under_way() > 0) throw std::runtime_error("a trip is under way for ever");
    }
  }
  std::uint64_t operations() { return scene_.world().operations() - before_; }

 private:
  static SceneOptions options(const Variant& variant) {
    SceneOptions options{.seed = variant.seed, .shards = variant.shards};
    options.config.limits.rate_bytes_per_s = 0;
    return options;
  }

  [[noreturn]] static void fail(const std::string& what) { throw std::runtime_error(what); }

  /// Somebody on line whom the scenario does not concern.
  void add_bystander() {
    scene_.add_account(*xmpp::Jid::parse("bystander@localhost"));
    bystander_ = scene_.connect();
    scene_.log_in(*bystander_, *xmpp::Jid::parse("bystander@localhost"), "bench");
    bystander_->send("<presence/>");
    scene_.settle();
    bystander_->inbox().clear();
  }

  void undisturbed() {
    for (const xml::Element& element : bystander_->inbox()) {
      if (!element.child("ping", "urn:xmpp:ping")) fail("a bystander received " + shown(element));
      bystander_->send(fmt::format("<iq type='result' to='localhost' id='{}'/>", element.attribute("id")));
    }
    bystander_->inbox().clear();
    scene_.settle();
    if (bystander_->closed()) fail("a bystander's stream was ended");
  }

  void others_notice_nothing() {
    if (bystander_) undisturbed();
    int broken = bystander_ && bystander_->over() ? 1 : 0;
    for (auto& [name, client] : clients_) {
      client->inbox();
      if (client->over() && !client->closed()) ++broken;
    }
    if (broken > 1) fail("one fault broke several connections");
    const std::unique_ptr<Client> newcomer = scene_.connect();
    scene_.log_in(*newcomer, *xmpp::Jid::parse("bystander@localhost"), "newcomer");
    newcomer->send("<iq type='get' to='localhost' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
    scene_.settle();
    if (newcomer->inbox().size() != 1 || newcomer->inbox()[0].attribute("type") != "result") {
      fail("the server does not serve any more");
    }
  }

  static std::string shown(xml::View element) {
    std::string text = xml::to_string(element, "jabber:client");
    if (text.size() > 2000) text = text.substr(0, 2000) + "…";
    return text;
  }

  void accounts(const std::string& names) {
    std::istringstream in(names);
    for (std::string name; in >> name;) scene_.add_account(*xmpp::Jid::parse(name + "@localhost"));
  }

  void pass(Duration by) {
    scene_.advance(by);
    if (bystander_) undisturbed();
  }

  void restart() {
    stop();
    clients_.clear();
    start();
  }

  void stop() {
    scene_.stop();
    bystander_.reset();
  }

  // A server that cannot listen says so and ends: nothing to see here.
  void start() {
    scene_.world().fail_at(0);
    scene_.start();
    add_bystander();
    if (variant_.fail_at > 0) scene_.world().fail_at(before_ + variant_.fail_at);
  }

  Client& client(const std::string& name) {
    auto found = clients_.find(name);
    if (found == clients_.end()) fail(name + " is not there");
    return *found->second;
  }

  void act(const std::string& name, const std::string& verb, const std::string& block) {
    if (verb == "connects") {
      clients_[name] = scene_.connect();
      return scene_.settle();
    }
    if (verb == "connects to the TLS port") {
      clients_[name] = std::make_unique<Client>(scene_.world(), "192.0.2.1", 5223);
      return scene_.settle();
    }
    if (verb == "logs in") return log_in(name);
    if (verb.starts_with("is on line")) return on_line(name, verb);
    Client& actor = client(name);
    if (verb == "opens") return open(actor);
    if (verb == "starts TLS") return start_tls(actor);
    if (verb == "shakes hands") {
      actor.peer().start_tls();
      return scene_.settle();
    }
    if (verb == "opens secured") {
      open(actor);
      start_tls(actor);
      return open(actor);
    }
    if (verb == "begins anew") return begin_anew(name, actor);
    if (verb == "opens anew") {
      begin_anew(name, actor);
      return open(actor);
    }
    if (verb == "sends") {
      actor.send(expand(block));
      return scene_.settle();
    }
    if (verb == "sends white space") {
      actor.send(" ");
      return scene_.settle();
    }
    if (verb == "receives") return receive(actor, block);
    if (verb == "closes") {
      actor.send("</stream:stream>");
      return scene_.settle();
    }
    if (verb == "resets") {
      actor.peer().reset();
      clients_.erase(name);
      return scene_.settle();
    }
    if (verb == "stops reading") {
      deaf_.insert(name);
      return;
    }
    if (verb == "reads on") {
      deaf_.erase(name);
      return;
    }
    if (verb == "reads again") {
      deaf_.erase(name);
      return drain(actor);
    }
    if (verb == "goes off line") {
      actor.send("<presence type='unavailable'/>");
      return scene_.settle();
    }
    if (verb == "is closed") return closed(name, actor);
    if (verb == "is cut") {
      if (!actor.over()) fail(name + " is still connected");
      clients_.erase(name);
      return;
    }
    if (verb.starts_with("ends with ")) return ends_with(name, actor, verb.substr(10));
    fail("no such step: " + verb);
  }

  void log_in(const std::string& name) {
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos) fail(name + " has no resource");
    clients_[name] = scene_.connect();
    scene_.log_in(*clients_[name], *xmpp::Jid::parse(name.substr(0, slash) + "@localhost"),
                  name.substr(slash + 1));
  }

  // The presence that comes back, and what the siblings hear and say, belong to being on line and are not
  // looked at.
  void on_line(const std::string& name, const std::string& verb) {
    if (!clients_.contains(name)) log_in(name);
    const std::size_t priority = verb.find("priority ");
    client(name).send(
        priority == std::string::npos
            ? "<presence/>"
            : fmt::format("<presence><priority>{}</priority></presence>", verb.substr(priority + 9)));
    scene_.settle();
    const std::string account = name.substr(0, name.find('/'));
    for (auto& [other, one] : clients_) {
      if (other.substr(0, other.find('/')) != account) continue;
      std::erase_if(one->inbox(), [&](const xml::Element& element) {
        return element.name() == "presence" && element.attribute("from").starts_with(account + "@localhost/");
      });
    }
  }

  // After a fault the old stream may still be the one.
  void begin_anew(const std::string& name, Client& actor) {
    if (astray_.contains(name)) fail(name + " did not get what comes before a new stream");
    actor.restart();
  }

  void open(Client& actor) {
    actor.send(header);
    scene_.settle();
    std::vector<xml::Element>& inbox = actor.inbox();
    if (!actor.header() || inbox.empty() || inbox.front().name() != "features")
      fail("no header and features");
    inbox.erase(inbox.begin());
  }

  void start_tls(Client& actor) {
    actor.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    scene_.settle();
    if (actor.inbox().empty() || actor.inbox().front().name() != "proceed") fail("no <proceed/>");
    actor.inbox().clear();
    actor.peer().start_tls();
    actor.restart();
    scene_.settle();
  }

  void receive(Client& actor, const std::string& block) {
    const xml::Element wrapped = xml::parse(
        fmt::format("<wrap xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>{}</wrap>",
                    expand(block)),
        {.bytes = 1u << 24, .depth = 64, .attributes = 64, .elements = 10'000});
    if (!wrapped) fail("the template is no XML");
    for (const xml::View expected : wrapped.view().children()) {
      std::vector<xml::Element>& inbox = actor.inbox();
      // What is larger than the connection's window comes in several goes.
      for (int goes = 0; inbox.empty() && goes < 8; ++goes) {
        scene_.settle();
        actor.inbox();
      }
      if (inbox.empty()) fail("nothing came\n  expected " + shown(expected));
      const std::string differs = difference(expected, inbox.front());
      if (!differs.empty()) {
        fail(fmt::format("{}\n  expected {}\n  got {}", differs, shown(expected), shown(inbox.front())));
      }
      inbox.erase(inbox.begin());
    }
  }

  /// A window at a time, until nothing more comes; stanzas are dropped, only an error that ends it is kept.
  void drain(Client& actor) {
    for (int quiet = 0; quiet < 2;) {
      std::vector<xml::Element>& inbox = actor.inbox();
      const std::size_t before = inbox.size();
      std::erase_if(inbox, [](const xml::Element& element) { return element.ns() == "jabber:client"; });
      quiet = before == inbox.size() ? quiet + 1 : 0;
      scene_.settle();
    }
  }

  void closed(const std::string& name, Client& actor) {
    if (!actor.inbox().empty()) fail("received " + xml::to_string(actor.inbox().front()));
    if (!actor.closed()) fail("no closing tag");
    if (!actor.over()) fail("the connection is still there");
    clients_.erase(name);
  }

  void ends_with(const std::string& name, Client& actor, const std::string& condition) {
    std::vector<xml::Element>& inbox = actor.inbox();
    if (inbox.empty()) fail("no stream error came, expected " + condition);
    const xml::Element error = inbox.front();
    if (error.name() != "error" || error.ns() != "http://etherx.jabber.org/streams") {
      fail("no stream error: " + xml::to_string(error));
    }
    if (!error.child(condition, "urn:ietf:params:xml:ns:xmpp-streams")) fail("got " + xml::to_string(error));
    if (!actor.header()) fail("a stream error without a header before it");
    inbox.erase(inbox.begin());
    closed(name, actor);
  }

  const Variant variant_;
  Scene scene_;
  std::map<std::string, std::unique_ptr<Client>> clients_;
  std::unique_ptr<Client> bystander_;
  std::set<std::string> deaf_;
  std::set<std::string> astray_;  // with a fault: who did not get what was expected
  std::uint64_t before_ = 0;      // operations until the scenario begins
};

}  // namespace

std::string run_script(const std::string& path, const Variant& variant, std::uint64_t* operations) {
  const std::vector<Step> steps = read_steps(path);
  Play play(variant);
  for (const Step& step : steps) {
    try {
      play.step(step);
      if (variant.fail_at == 0 && &step == &steps.back()) play.nothing_is_left();
    } catch (const std::exception& what) {
      // With a fault an expectation may fail, and the rest goes on; that all ends well is checked below.
      if (variant.fail_at == 0) {
        return fmt::format("{}:{}: {}\n  {}", path, step.line, step.what, what.what());
      }
      play.went_wrong(step);
    }
  }
  if (operations) *operations = play.operations();
  try {
    play.finish();
  } catch (const std::exception& what) {
    return fmt::format("{}: at the end: {}", path, what.what());
  }
  return "";
}

}  // namespace hy::scenario
