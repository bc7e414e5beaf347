// Stand-ins for everything around a stream, for its tests and its fuzzer: one thread, a clock that is set by
// hand.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "stream/c2s.h"
#include "stream/streams.h"

namespace hy::stream::fake {

class Time final : public Clock {
 public:
  Instant now() const override { return at; }
  WallTime wall() const override { return WallTime(at.time_since_epoch()); }
  Instant at{1h};
};

class Loop final : public hy::Loop {
 public:
  explicit Loop(Time& time) : time_(time) {}
  void post(Job job) override { jobs_.push_back(std::move(job)); }
  Timer after(Duration delay, Job job) override;
  void at_turn_end(Job job) override { jobs_.push_back(std::move(job)); }
  const Clock& clock() const override { return time_; }

  /// One job or timer that is due. False when there is none.
  bool step();
  std::optional<Instant> next_timer() const;
  std::size_t timers() const { return timers_->size(); }
  void drop_jobs() { std::deque<Job>().swap(jobs_); }

 private:
  class Armed;
  using Timers = std::map<std::pair<Instant, std::uint64_t>, Job>;
  Time& time_;
  std::deque<Job> jobs_;
  std::shared_ptr<Timers> timers_ = std::make_shared<Timers>();
  std::uint64_t armed_ = 0;
};

class Random final : public hy::Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<unsigned char> out) override;

 private:
  std::uint64_t state_;
};

class Worker final : public hy::Worker {
 public:
  explicit Worker(hy::Loop& loop) : loop_(loop) {}
  [[nodiscard]] bool submit(Job work, Job done) override;
  bool full = false;
  std::size_t submitted = 0;

 private:
  hy::Loop& loop_;
};

/// What passes over one connection, and what became of it. Outlives the pipe.
struct Line {
  std::string input;                 // on its way to the server
  bool input_ended = false;          // behind it
  bool broken = false;               // read() fails from now on
  std::string output;                // taken by the kernel
  std::string waiting;               // written, not taken
  std::size_t room = SIZE_MAX;       // what the kernel still takes
  std::size_t read_size = SIZE_MAX;  // at most so many bytes a read
  bool handshaking = false;
  bool secure = false;
  bool can_tls = true;
  bool closed = false;  // by close()
  bool destroyed = false;
  std::size_t handshakes = 0;
  std::string version = "TLSv1.3";
  std::map<net::Binding, std::string> bindings;
  net::Address peer{"192.0.2.1", 40000};
  class Pipe* pipe = nullptr;
  /// The k-th call of the pipe breaks the connection. 0: none.
  std::size_t break_at = 0;
  std::size_t calls = 0;
};

class Pipe final : public net::Pipe {
 public:
  Pipe(hy::Loop& loop, std::shared_ptr<Line> line);
  ~Pipe() override;
  void on_readable(Job job) override;
  net::Read read(std::span<char> into) override;
  void pause() override { paused_ = true; }
  void resume() override;
  void write(std::string_view bytes) override;
  std::size_t queued() const override { return line_->waiting.size(); }
  std::size_t unacknowledged() const override { return queued(); }
  void on_drained(Job job) override { drained_ = std::move(job); }
  Result<void> start_tls() override;
  bool secure() const override { return line_->secure; }
  std::string server_name() const override { return {}; }
  std::string alpn() const override { return {}; }
  std::string tls_version() const override { return line_->secure ? line_->version : ""; }
  std::string binding(net::Binding kind) const override;
  const net::Address& peer() const override { return line_->peer; }
  void close() override;
  void detach() override;
  void attach(hy::Loop& loop) override;

  /// Something changed on the line.
  void tell();
  /// The kernel takes what it has room for.
  void flush();
  bool paused() const { return paused_; }

 private:
  bool something_to_say() const;
  void count();
  hy::Loop* loop_;
  std::shared_ptr<Line> line_;
  std::shared_ptr<Pipe*> alive_;
  Job readable_;
  Job drained_;
  bool paused_ = false;
  bool telling_ = false;
};

class Sink final : public stream::Sink {
 public:
  Flow receive(xmpp::Stanza stanza) override;
  void ended(End how) override { ends.push_back(how); }

  std::vector<xmpp::Stanza> stanzas;
  std::vector<End> ends;
  Flow flow = Flow::go_on;
  Outlet* outlet = nullptr;
  std::move_only_function<void(const xmpp::Stanza&)> on_receive;
};

struct World;

class Gatekeeper final : public stream::Gatekeeper {
 public:
  Gatekeeper(World& world, ShardId here) : world_(world), here_(here) {}
  bool serves(std::string_view domain) const override;
  ShardId home(const xmpp::Jid& account) const override;
  ShardId here() const override { return here_; }
  void move(std::unique_ptr<C2s> stream, ShardId to) override;
  Admission admit(const net::Address& peer, const xmpp::Jid& account) override;
  void login_failed(const net::Address& peer, const xmpp::Jid& account) override;
  void login_succeeded(const net::Address& peer, const xmpp::Jid& account) override;
  Task<Result<std::optional<sasl::Verifiers>>> verifiers(xmpp::Jid account) override;
  const sasl::FalseSalt& false_salt() const override;
  Task<std::expected<Bound, xmpp::StanzaError>> bind(Outlet* outlet, xmpp::Jid account,
                                                     std::string resource) override;
  std::vector<xml::Element> features_after_login() const override;

  bool throttled = false;
  bool store_fails = false;
  bool throws = false;
  bool slow = false;  // lookups and binds wait for open_gates()
  std::optional<xmpp::StanzaError> refuses_bind;
  std::vector<std::string> log;  // "admit romeo@example.org", …
  std::vector<std::unique_ptr<Sink>> sinks;
  Flow flow = Flow::go_on;  // of sinks made from now on
  void open_gates();

 private:
  World& world_;
  const ShardId here_;
  std::vector<Completion<>> gates_;
};

struct Shard {
  Shard(World& world, std::uint16_t number);
  Loop loop;
  Random random;
  Worker worker;
  Gatekeeper gatekeeper;
  Streams streams;
};

/// Some shards of one server: example.org with romeo (shard 0) and juliet (the last shard), password
/// "secret"; and other.example without accounts.
struct World {
  explicit World(std::uint16_t shards = 1);
  ~World();
  Shard& shard(std::size_t number = 0) { return *shards.at(number); }
  /// All loops, until none has anything to do.
  void run();
  /// One thing on one loop. False when there is nothing to do.
  bool step();
  void advance(Duration by);

  Time time;
  C2sConfig config;
  Random random{99};
  ConnectionCounts strangers{random};
  sasl::FalseSalt false_salt{std::string(32, 'f')};
  std::map<std::string, sasl::Verifiers> accounts;
  std::vector<std::unique_ptr<Shard>> shards;
};

inline const std::string header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.org' "
    "version='1.0'>";
inline const std::string closing = "</stream:stream>";
/// <auth/> with PLAIN.
std::string plain(std::string_view user, std::string_view password = "secret");
inline const std::string bind_request =
    "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>";

/// The client's end of a connection.
class Client {
 public:
  enum class Tls { none, direct };
  explicit Client(World& world, std::size_t shard = 0, Tls tls = Tls::none);

  /// Puts bytes on the line and runs the world.
  void send(std::string_view bytes);
  /// The same without running.
  void put(std::string_view bytes) { line->input += bytes; }
  void handshake();
  void end_input();
  void break_line();
  /// The kernel takes so many bytes more of what is waiting.
  void take(std::size_t bytes);
  /// What came since the last call, behind the header if there is one (ids vary).
  std::string received();
  std::string peek() const { return line->output.substr(seen_); }
  bool over() const { return line->closed || line->destroyed; }

  // The usual steps, each with its answer taken. They leave the stream with …
  Client& open();                                   // … features before login
  Client& log_in(std::string_view user = "romeo");  // … features after it (by PLAIN, inside TLS)
  Client& bind(std::string_view user = "romeo");    // … a session, resource "r"
  Sink& sink(std::size_t shard = 0) { return *world.shard(shard).gatekeeper.sinks.back(); }

  World& world;
  std::shared_ptr<Line> line = std::make_shared<Line>();

 private:
  std::size_t seen_ = 0;
};

}  // namespace hy::stream::fake
