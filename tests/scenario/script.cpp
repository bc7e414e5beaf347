#include "scenario/script.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "xml/writer.h"

namespace hy::scenario {
namespace {

constexpr std::string_view header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' "
    "version='1.0'>";

struct Step {
  int line;
  std::string what;
  std::string block;
};

std::vector<Step> read_steps(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<Step> steps;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.find_first_not_of(' ') == std::string::npos || line[0] == '#') continue;
    if (line[0] != ' ') {
      steps.push_back({number, line, ""});
      continue;
    }
    if (steps.empty()) throw std::runtime_error("a block before the first step");
    steps.back().block += line.substr(line.find_first_not_of(' '));
  }
  return steps;
}

/// {x*1000} becomes a thousand x.
std::string expand(std::string text) {
  for (std::size_t open; (open = text.find('{')) != std::string::npos;) {
    const std::size_t star = text.find('*', open);
    const std::size_t close = text.find('}', open);
    if (star == std::string::npos || close == std::string::npos || star > close) break;
    const std::string piece = text.substr(open + 1, star - open - 1);
    const int times = std::atoi(text.substr(star + 1).c_str());
    std::string repeated;
    for (int i = 0; i < times; ++i) repeated += piece;
    text.replace(open, close - open + 1, repeated);
  }
  return text;
}

Duration duration(const std::string& text) {
  const int count = std::atoi(text.c_str());
  const std::string unit = text.substr(text.find_first_not_of("0123456789"));
  if (unit == "ms") return std::chrono::milliseconds(count);
  if (unit == "s") return std::chrono::seconds(count);
  if (unit == "m") return std::chrono::minutes(count);
  if (unit == "h") return std::chrono::hours(count);
  throw std::runtime_error("not a duration: " + text);
}

class Play {
 public:
  explicit Play(const Variant& variant) : variant_(variant), scene_(options(variant)) {
    scene_.world().network().options.split_reads = variant.split_reads;
    scene_.world().fail_at(variant.fail_at);
  }

  void step(const Step& step) {
    std::istringstream in(step.what);
    std::string name, verb;
    in >> name >> verb;
    std::string rest;
    std::getline(in, rest);
    if (!rest.empty()) rest.erase(0, 1);
    if (verb != "receives" && verb != "ends" && verb != "is") nothing_is_left();
    if (name == "accounts") return accounts(step.what.substr(name.size()));
    if (name == "time" && verb == "passes") return scene_.advance(duration(rest));
    if (step.what == "the server restarts") return restart();
    if (step.what == "nothing becomes durable") return scene_.hold_committer(true);
    if (step.what == "things become durable") {
      scene_.hold_committer(false);
      return scene_.settle();
    }
    act(name, rest.empty() ? verb : verb + " " + rest, step.block);
  }

  void nothing_is_left() {
    for (auto& [name, client] : clients_) {
      if (client->inbox().empty()) continue;
      const xml::Element& first = client->inbox().front();
      fail(fmt::format("{} received what it should not: {}", name, xml::to_string(first, "jabber:client")));
    }
  }

  /// All connections end, and nothing stays behind.
  void finish() {
    scene_.world().fail_at(0);
    for (auto& [name, client] : clients_) client->peer().reset();
    scene_.advance(1min);
    scene_.settle();
    for (std::size_t i = 0; i < scene_.core().size(); ++i) {
      route::Shard& shard = scene_.core().shard(i);
      if (shard.directory().sessions() > 0) throw std::runtime_error("a session is left behind");
      if (shard.streams().size() > 0) throw std::runtime_error("a stream is left behind");
      if (shard.pipeline().under_way() > 0) throw std::runtime_error("a trip is under way for ever");
    }
  }
  std::uint64_t operations() { return scene_.world().operations(); }

 private:
  static SceneOptions options(const Variant& variant) {
    SceneOptions options{.seed = variant.seed, .shards = variant.shards};
    options.config.limits.rate_bytes_per_s = 0;
    return options;
  }

  [[noreturn]] static void fail(const std::string& what) { throw std::runtime_error(what); }

  void accounts(const std::string& names) {
    std::istringstream in(names);
    for (std::string name; in >> name;) scene_.add_account(*xmpp::Jid::parse(name + "@localhost"));
  }

  void restart() {
    scene_.stop();
    clients_.clear();
    scene_.start();
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
    if (verb == "logs in") return log_in(name);
    if (verb.starts_with("is on line")) return on_line(name, verb);
    Client& actor = client(name);
    if (verb == "opens") return open(actor);
    if (verb == "starts TLS") return start_tls(actor);
    if (verb == "opens secured") {
      open(actor);
      start_tls(actor);
      return open(actor);
    }
    if (verb == "opens anew") {
      actor.restart();
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

  // The presence that comes back, and what the siblings say, belong to being on line and are not looked at.
  void on_line(const std::string& name, const std::string& verb) {
    if (!clients_.contains(name)) log_in(name);
    const std::size_t priority = verb.find("priority ");
    client(name).send(
        priority == std::string::npos
            ? "<presence/>"
            : fmt::format("<presence><priority>{}</priority></presence>", verb.substr(priority + 9)));
    scene_.settle();
    for (auto& [other, one] : clients_) {
      std::erase_if(one->inbox(), [](const xml::Element& element) { return element.name() == "presence"; });
    }
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
      if (inbox.empty()) fail("nothing came, expected " + xml::to_string(expected, "jabber:client"));
      const std::string differs = difference(expected, inbox.front());
      if (!differs.empty())
        fail(fmt::format("{}\n  got {}", differs, xml::to_string(inbox.front(), "jabber:client")));
      inbox.erase(inbox.begin());
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
};

}  // namespace

std::string run_script(const std::string& path, const Variant& variant, std::uint64_t* operations) {
  const std::vector<Step> steps = read_steps(path);
  int line = 0;
  Play play(variant);
  try {
    for (const Step& step : steps) {
      line = step.line;
      play.step(step);
    }
    play.nothing_is_left();
  } catch (const std::exception& what) {
    // With a fault an expectation may fail; that everything ends well is checked below.
    if (variant.fail_at == 0) return fmt::format("{}:{}: {}", path, line, what.what());
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
