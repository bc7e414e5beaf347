// How a stream ends, and its one timer.
#include "base/log.h"
#include "stream/c2s.h"

namespace hy::stream {
namespace {

std::string_view name(End how) {
  switch (how) {
    case End::closed:
      return "closed";
    case End::lost:
      return "lost";
    case End::error:
      return "error";
  }
  return "unknown";
}

}  // namespace

void C2s::end(xmpp::StreamError error) {
  fail(error);
}

// RFC 6120 §4.9.1: an error comes inside a stream, so our header goes first where it is not out yet
// (§4.9.1.2); the closing tag and the end of the connection follow.
void C2s::fail(const xmpp::StreamError& error, End how) {
  if (std::holds_alternative<state::Closing>(state_)) return;
  log::info("stream error", "sid={} peer={} condition={} text={}", sid_, log::value(peer().ip),
            xmpp::name(error.condition), log::value(error.text));
  std::string& out = streams_->write_buffer();
  if (!header_is_out()) open(out);
  framing_.error(out, error);
  framing_.close(out);
  pipe_->write(out);
  shut(how);
}

// RFC 6120 §4.4: the closing tag is answered with ours, behind all that was queued. A connection that ends
// without one gets it as well: half of it may still be open.
void C2s::finish(End how) {
  if (std::holds_alternative<state::Closing>(state_)) return;
  if (header_is_out()) {
    std::string& out = streams_->write_buffer();
    framing_.close(out);
    pipe_->write(out);
  }
  shut(how);
}

void C2s::shut(End how) {
  log::info("stream ended", "sid={} peer={} how={}", sid_, log::value(peer().ip), name(how));
  const auto* bound = std::get_if<state::Bound>(&state_);
  Sink* sink = bound ? bound->sink : nullptr;
  state_ = state::Closing{how, sink};
  stranger_.reset();
  timer_.cancel();
  pipe_->close();
  streams_->retire(number_);
}

void C2s::broken(std::string_view what) {
  log::error("stream broken", "sid={} what={}", sid_, log::value(what));
  try {
    fail(xmpp::StreamCondition::internal_server_error);
  } catch (...) {
    if (!std::holds_alternative<state::Closing>(state_)) shut(End::error);
  }
}

bool C2s::wind_up() {
  scope_.close();
  if (!scope_.idle()) {
    scope_.on_idle([streams = streams_, number = number_] { streams->retire(number); });
    return false;
  }
  auto& closing = std::get<state::Closing>(state_);
  try {
    if (Sink* sink = std::exchange(closing.sink, nullptr)) sink->ended(closing.how);
  } catch (const std::exception& thrown) {
    log::error("session not ended", "sid={} what={}", sid_, log::value(thrown.what()));
  }
  return true;
}

bool C2s::header_is_out() const {
  return !std::holds_alternative<state::Opening>(state_) && !std::holds_alternative<state::Reopening>(state_);
}

// RFC 6120 §4.7: an id nobody can guess; §4.9.1.3: to whom names no domain of ours, one of ours answers.
void C2s::open(std::string& out) {
  const std::string id = ground().random.hex(128);
  framing_.open(out, {.from = domain_.empty() ? config().domain : domain_, .to = client_.str(), .id = id});
}

/// Has tick() run at `at` or before.
void C2s::watch(Instant at) {
  if (timer_ && timer_at_ <= at) return;
  timer_at_ = at;
  timer_ = ground().loop.after(std::max(at - now(), Duration(0)), [this] { tick(); });
}

// RFC 6120 §4.6.4 and XEP-0199 §4.1: any byte is a sign of life, white space too. A client that is not read
// because we hold its stanza is not silent.
void C2s::check_liveness(state::Bound& bound) {
  const Instant now = this->now();
  if (bound.flow == state::Bound::Flow::held) return watch(now + config().ping_time);
  if (bound.pinged != Instant{}) {
    if (now < bound.pinged + config().ping_time) return watch(bound.pinged + config().ping_time);
    return fail({xmpp::StreamCondition::connection_timeout, "no answer to a ping"}, End::lost);
  }
  if (now < last_heard_ + config().idle_time) return watch(last_heard_ + config().idle_time);
  xmpp::Stanza ping(xmpp::Kind::iq, xmpp::Type::get);
  bound.ping_id = ping.id = ground().random.hex(128);
  bound.pinged = now;
  if (Result<xmpp::Jid> from = xmpp::Jid::parse(domain_)) ping.from = std::move(*from);
  ping.to = bound.jid;
  ping.add(xml::Element{"ping", "urn:xmpp:ping"});
  watch(now + config().ping_time);
  write(ping);
}

}  // namespace hy::stream
