#include "stream/fakes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace hy::stream::fake {

// ── loop ──

class Loop::Armed final : public Timer::State {
 public:
  Armed(std::weak_ptr<Timers> timers, std::pair<Instant, std::uint64_t> key)
      : timers_(std::move(timers)), key_(key) {}
  ~Armed() override {
    if (auto timers = timers_.lock()) timers->erase(key_);
  }

 private:
  std::weak_ptr<Timers> timers_;
  std::pair<Instant, std::uint64_t> key_;
};

Timer Loop::after(Duration delay, Job job) {
  const std::pair key{time_.at + delay, ++armed_};
  timers_->emplace(key, std::move(job));
  return Timer(std::make_unique<Armed>(timers_, key));
}

bool Loop::step() {
  if (!jobs_.empty()) {
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    return true;
  }
  if (timers_->empty() || timers_->begin()->first.first > time_.at) return false;
  Job job = std::move(timers_->begin()->second);
  timers_->erase(timers_->begin());
  job();
  return true;
}

std::optional<Instant> Loop::next_timer() const {
  if (timers_->empty()) return std::nullopt;
  return timers_->begin()->first.first;
}

void Random::fill(std::span<unsigned char> out) {
  for (unsigned char& byte : out) {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    byte = static_cast<unsigned char>(mixed >> 56);
  }
}

bool Worker::submit(Job work, Job done) {
  ++submitted;
  if (full) return false;
  loop_.post([work = std::move(work), done = std::move(done)]() mutable {
    work();
    done();
  });
  return true;
}

// ── pipe ──

Pipe::Pipe(hy::Loop& loop, std::shared_ptr<Line> line)
    : loop_(&loop), line_(std::move(line)), alive_(std::make_shared<Pipe*>(this)) {
  line_->pipe = this;
}

Pipe::~Pipe() {
  *alive_ = nullptr;
  line_->pipe = nullptr;
  line_->destroyed = true;
}

void Pipe::count() {
  if (++line_->calls == line_->break_at) {
    line_->broken = true;
    tell();
  }
}

bool Pipe::something_to_say() const {
  if (line_->broken) return true;
  return !line_->handshaking && (!line_->input.empty() || line_->input_ended);
}

void Pipe::tell() {
  if (!loop_ || !readable_ || paused_ || telling_ || !something_to_say()) return;
  telling_ = true;
  loop_->post([alive = alive_] {
    Pipe* pipe = *alive;
    if (!pipe || !std::exchange(pipe->telling_, false)) return;
    if (!pipe->readable_ || pipe->paused_ || !pipe->something_to_say()) return;
    Job job = std::move(pipe->readable_);
    job();
    pipe = *alive;
    if (!pipe || !pipe->loop_ || pipe->line_->closed) return;
    if (!pipe->readable_) pipe->readable_ = std::move(job);
    pipe->tell();
  });
}

void Pipe::on_readable(Job job) {
  readable_ = std::move(job);
  tell();
}

net::Read Pipe::read(std::span<char> into) {
  HY_CHECK(loop_ && !line_->closed);
  count();
  if (line_->broken) return {net::Read::failed, 0};
  if (line_->handshaking) return {net::Read::would_block, 0};
  if (line_->input.empty()) {
    // Told once, as a socket does not: the stream must not need to hear it again.
    if (std::exchange(line_->input_ended, false)) return {net::Read::ended, 0};
    return {net::Read::would_block, 0};
  }
  const std::size_t size = std::min({into.size(), line_->input.size(), line_->read_size});
  std::copy_n(line_->input.data(), size, into.data());
  line_->input.erase(0, size);
  return {net::Read::data, size};
}

void Pipe::resume() {
  paused_ = false;
  tell();
}

void Pipe::write(std::string_view bytes) {
  HY_CHECK(loop_ && !line_->closed);
  count();
  if (line_->broken) return;
  line_->waiting += bytes;
  loop_->at_turn_end([alive = alive_] {
    if (Pipe* pipe = *alive) pipe->flush();
  });
}

void Pipe::flush() {
  if (line_->handshaking || line_->broken || line_->waiting.empty()) return;
  const std::size_t size = std::min(line_->waiting.size(), line_->room);
  line_->output.append(line_->waiting, 0, size);
  line_->waiting.erase(0, size);
  if (line_->room != SIZE_MAX) line_->room -= size;
  if (line_->waiting.empty() && drained_) {
    Job job = std::move(drained_);
    const auto alive = alive_;
    job();
    if (*alive && !drained_) drained_ = std::move(job);
  }
}

Result<void> Pipe::start_tls() {
  HY_CHECK(!line_->secure && !line_->handshaking);
  if (!line_->can_tls) return hy::fail(Error::unavailable, "no certificate");
  flush();
  line_->handshaking = true;
  return {};
}

std::string Pipe::binding(net::Binding kind) const {
  auto found = line_->bindings.find(kind);
  return found == line_->bindings.end() || !line_->secure ? std::string() : found->second;
}

void Pipe::close() {
  HY_CHECK(loop_);
  if (!line_->broken && !line_->handshaking) line_->output += std::exchange(line_->waiting, {});
  line_->closed = true;
  readable_ = {};
  drained_ = {};
}

void Pipe::detach() {
  HY_CHECK(loop_ && !line_->closed);
  flush();
  *alive_ = nullptr;
  alive_ = std::make_shared<Pipe*>(this);
  loop_ = nullptr;
  readable_ = {};
  drained_ = {};
  telling_ = false;  // but it stays paused
}

void Pipe::attach(hy::Loop& loop) {
  HY_CHECK(!loop_);
  loop_ = &loop;
}

// ── what is behind ──

Flow Sink::receive(xmpp::Stanza stanza) {
  if (on_receive) on_receive(stanza);
  stanzas.push_back(std::move(stanza));
  return flow;
}

bool Gatekeeper::serves(std::string_view domain) const {
  return domain == "example.org" || domain == "other.example";
}

ShardId Gatekeeper::home(const xmpp::Jid& account) const {
  return account.local() == "juliet" ? ShardId(world_.shards.size() - 1) : ShardId{0};
}

void Gatekeeper::move(std::unique_ptr<C2s> stream, ShardId to) {
  log.push_back(fmt::format("move {}", static_cast<int>(to)));
  Shard& other = world_.shard(static_cast<std::size_t>(to));
  other.loop.post(
      [&other, stream = std::move(stream)]() mutable { other.streams.arrive(std::move(stream)); });
}

Admission Gatekeeper::admit(const net::Address&, const xmpp::Jid& account) {
  log.push_back("admit " + account.str());
  return throttled ? Admission::too_many : Admission::allowed;
}

void Gatekeeper::login_failed(const net::Address&, const xmpp::Jid& account) {
  log.push_back("failed " + account.str());
}

void Gatekeeper::login_succeeded(const net::Address&, const xmpp::Jid& account) {
  log.push_back("succeeded " + account.str());
}

Task<Result<std::optional<sasl::Verifiers>>> Gatekeeper::verifiers(xmpp::Jid account) {
  log.push_back("verifiers " + account.str());
  if (throws) throw std::runtime_error("store threw");
  if (slow) {
    gates_.emplace_back();
    Result<> opened = co_await gates_.back().wait();
    if (!opened) co_return std::unexpected(opened.error());
  }
  if (store_fails) co_return fail(Error::io, "disk");
  auto found = world_.accounts.find(account.str());
  if (found == world_.accounts.end()) co_return std::nullopt;
  co_return found->second;
}

const sasl::FalseSalt& Gatekeeper::false_salt() const {
  return world_.false_salt;
}

Task<std::expected<Bound, xmpp::StanzaError>> Gatekeeper::bind(Outlet* outlet, xmpp::Jid account,
                                                               std::string resource) {
  log.push_back("bind " + account.str() + "/" + resource);
  if (slow) {
    gates_.emplace_back();
    Result<> opened = co_await gates_.back().wait();
    if (!opened) co_return std::unexpected(xmpp::StanzaError(xmpp::Condition::internal_server_error));
  }
  if (refuses_bind) co_return std::unexpected(*refuses_bind);
  if (resource.empty()) resource = "made";
  sinks.push_back(std::make_unique<Sink>());
  sinks.back()->flow = flow;
  sinks.back()->outlet = outlet;
  co_return Bound{*account.with_resource(resource), sinks.back().get()};
}

std::vector<xml::Element> Gatekeeper::features_after_login() const {
  std::vector<xml::Element> added;
  added.push_back(xml::Element{"ver", "urn:xmpp:features:rosterver"});
  return added;
}

void Gatekeeper::open_gates() {
  for (Completion<>& gate : std::exchange(gates_, {})) gate.set({});
}

Shard::Shard(World& world, std::uint16_t number)
    : loop(world.time),
      random(number + 1),
      worker(loop),
      gatekeeper(world, ShardId{number}),
      streams(Ground{loop, random, worker, gatekeeper, world.config, &world.strangers}) {}

World::World(std::uint16_t count) {
  log::set_level(log::Level::off);
  config.domain = "example.org";
  accounts["romeo@example.org"] = sasl::make_verifiers("secret", std::string(sasl::salt_size, 's'), 4);
  accounts["juliet@example.org"] = sasl::make_verifiers("secret", std::string(sasl::salt_size, 't'), 4);
  for (std::uint16_t i = 0; i < count; ++i) shards.push_back(std::make_unique<Shard>(*this, i));
}

World::~World() {
  for (auto& shard : shards) shard->loop.drop_jobs();  // streams on their way
}

bool World::step() {
  bool any = false;
  for (auto& shard : shards) any = shard->loop.step() || any;
  return any;
}

void World::run() {
  for (int steps = 0; step(); ++steps) HY_CHECK(steps < 5'000'000);
}

void World::advance(Duration by) {
  const Instant until = time.at + by;
  run();
  for (;;) {
    std::optional<Instant> next;
    for (auto& shard : shards) {
      const auto due = shard->loop.next_timer();
      if (due && (!next || *due < *next)) next = due;
    }
    if (!next || *next > until) break;
    time.at = std::max(time.at, *next);
    run();
  }
  time.at = until;
}

Client::Client(World& w, std::size_t shard, Tls tls) : world(w) {
  Loop& loop = world.shard(shard).loop;
  auto pipe = std::make_unique<Pipe>(loop, line);
  if (tls == Tls::direct) HY_CHECK(pipe->start_tls().has_value());
  world.shard(shard).streams.accept(std::move(pipe));
  if (tls == Tls::direct) handshake();
  world.run();
}

void Client::send(std::string_view bytes) {
  put(bytes);
  if (line->pipe) line->pipe->tell();
  world.run();
}

void Client::handshake() {
  HY_CHECK(line->handshaking);
  line->handshaking = false;
  line->secure = true;
  ++line->handshakes;
  if (line->pipe) {
    line->pipe->flush();
    line->pipe->tell();
  }
  world.run();
}

void Client::end_input() {
  line->input_ended = true;
  if (line->pipe) line->pipe->tell();
  world.run();
}

void Client::break_line() {
  line->broken = true;
  if (line->pipe) line->pipe->tell();
  world.run();
}

void Client::take(std::size_t bytes) {
  line->room = bytes;
  if (line->pipe) line->pipe->flush();
  world.run();
}

std::string plain(std::string_view user, std::string_view password) {
  std::string message;
  message.append(1, '\0').append(user).append(1, '\0').append(password);
  return "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + sasl::encode_base64(message) +
         "</auth>";
}

Client& Client::open() {
  send(header);
  received();
  return *this;
}

Client& Client::log_in(std::string_view user) {
  open();
  send(plain(user));
  received();
  return open();
}

Client& Client::bind(std::string_view user) {
  log_in(user);
  send(bind_request);
  received();
  return *this;
}

std::string Client::received() {
  std::string all = line->output.substr(seen_);
  seen_ = line->output.size();
  if (all.starts_with("<?xml")) all.erase(0, all.find('>', all.find("<stream:stream")) + 1);
  return all;
}

}  // namespace hy::stream::fake
