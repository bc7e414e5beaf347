// Events in, and the order of things.
//
// Bytes are taken from the pipe only when the stream may go on: its state waits for something from the
// client, the last stanza was not held, answers are not piling up, the bucket has tokens. What was read and
// may not be taken yet is kept in the backlog, at most one read. Every stop has exactly one thing that ends
// it:
//
//     the turn's share is used up    a posted proceed()
//     held, judged, binding          go_on(), or the end of the coroutine
//     departing                      arrive(), on the other shard
//     unwritten answers              on_drained, or a later write that finds room
//     an empty bucket                the timer
//
// The pipe itself is paused only when it has something to read meanwhile: most stops end before that.
#include "stream/c2s.h"

#include "base/log.h"

namespace hy::stream {

C2s::C2s(Streams& streams, StreamNumber number, std::string sid, std::unique_ptr<net::Pipe> pipe)
    : streams_(&streams),
      number_(number),
      sid_(std::move(sid)),
      pipe_(std::move(pipe)),
      framing_(Framing::Kind::tcp, config().login_limits),
      bucket_(config().bytes_per_second, config().burst_bytes, now()),
      last_heard_(now()),
      login_deadline_(last_heard_ + config().login_time) {}

// Were a frame left behind, ending the process would be right.
C2s::~C2s() {                        // NOLINT(bugprone-exception-escape)
  state_.emplace<state::Closing>();  // what the scope's end resumes sees that nothing is wanted any more
  scope_.close();
}

// The one last catch, and the one place where a stream leaves its shard: nothing may touch it after that.
template <class F>
void C2s::turn(F events) {
  try {
    events();
    wait_for_more();
  } catch (const std::exception& thrown) {
    broken(thrown.what());
  } catch (...) {
    broken("not a std::exception");
  }
  if (std::holds_alternative<state::Departing>(state_)) depart();
}

void C2s::start(std::optional<ConnectionCounts::Hold> stranger) {
  stranger_ = std::move(stranger);
  log::debug("stream opened", "sid={} peer={} tls={}", sid_, log::value(peer().ip), secure());
  listen();
  watch(login_deadline_);
}

void C2s::listen() {
  pipe_->on_readable([this] { readable(); });
}

void C2s::readable() {
  turn([this] {
    if (!may_read() || !backlog_.empty()) {
      pipe_->pause();
      paused_ = true;
      return;
    }
    std::span<char> into = streams_->read_buffer();
    if (!known()) into = into.first(std::min<std::size_t>(into.size(), config().login_limits.bytes));
    const net::Read read = pipe_->read(into);
    switch (read.state) {
      case net::Read::would_block:
        return;
      case net::Read::ended:
      case net::Read::failed:
        return finish(End::lost);
      case net::Read::data:
        break;
    }
    last_heard_ = now();
    bucket_.spend(static_cast<std::uint32_t>(read.size), last_heard_);
    if (auto* bound = std::get_if<state::Bound>(&state_)) bound->pinged = {};
    std::string_view input(into.data(), read.size);
    consume(input);
    if (!input.empty() && !std::holds_alternative<state::Closing>(state_)) backlog_ = input;
  });
}

void C2s::proceed() {
  turn([this] {
    posted_ = false;
    consume_backlog();
  });
}

// Deadlines only ever move away, so the timer is not touched when they do: it runs, finds nothing due and is
// set again.
void C2s::tick() {
  turn([this] {
    timer_.cancel();
    if (auto* bound = std::get_if<state::Bound>(&state_)) {
      check_liveness(*bound);
    } else if (now() < login_deadline_) {
      watch(login_deadline_);
    } else {
      fail({xmpp::StreamCondition::connection_timeout, "login took too long"}, End::lost);
    }
    consume_backlog();
  });
}

void C2s::consume_backlog() {
  bucket_.fill(now());
  if (backlog_.empty()) return;
  std::string_view input = std::string_view(backlog_).substr(backlog_from_);
  consume(input);
  backlog_from_ = static_cast<std::uint32_t>(backlog_.size() - input.size());
  if (!input.empty() && !std::holds_alternative<state::Closing>(state_)) return;
  std::string().swap(backlog_);
  backlog_from_ = 0;
}

// DESIGN §7: before login, bytes are counted however small the elements they come in.
void C2s::consume(std::string_view& input) {
  turn_stanzas_ = 0;
  while (may_read() && turn_stanzas_ < config().stanzas_per_turn) {
    const std::size_t before = input.size();
    const xml::Event event = framing_.next(input);
    if (!known()) {
      login_bytes_ += static_cast<std::uint32_t>(before - input.size());
      if (login_bytes_ > config().login_bytes) {
        return fail({xmpp::StreamCondition::policy_violation, "too much data before authentication"});
      }
    }
    if (event == xml::Event::need_more) return;
    dispatch(event, input);
  }
}

void C2s::dispatch(xml::Event event, std::string_view behind) {
  switch (event) {
    case xml::Event::need_more:
      return;
    case xml::Event::opened:
      return header(framing_.take_root());
    case xml::Event::text:
      return fail({xmpp::StreamCondition::bad_format, "text between elements"});
    case xml::Event::closed:
      return finish(End::closed);
    case xml::Event::failed:
      return fail(error_of(framing_.fault()));
    case xml::Event::element:
      break;
  }
  ++turn_stanzas_;
  xml::Element element = framing_.take();
  // RFC 6120 §4.9.1.1: an error is the last thing its sender says; both directions end.
  if (element.is("error", stream_ns)) {
    log::info("stream error from client", "sid={} condition={}", sid_,
              log::value(element.view().first_child().name()));
    return finish(End::lost);
  }
  std::visit([&](auto& now) { take(now, std::move(element), behind); }, state_);
}

bool C2s::stopped_by_state() const {
  if (const auto* bound = std::get_if<state::Bound>(&state_)) return bound->flow != state::Bound::Flow::free;
  return std::holds_alternative<state::Judged>(state_) || std::holds_alternative<state::Departing>(state_) ||
         std::holds_alternative<state::Binding>(state_) || std::holds_alternative<state::Closing>(state_);
}

bool C2s::may_read() const {
  return !stopped_by_state() && !bucket_.dry() && pipe_->queued() <= config().unwritten_bytes;
}

/// Logged in.
bool C2s::known() const {
  return std::holds_alternative<state::Bound>(state_) || std::holds_alternative<state::Reopening>(state_) ||
         std::holds_alternative<state::Authenticated>(state_) ||
         std::holds_alternative<state::Binding>(state_);
}

/// Sees to it that what ends the present stop, if any, will.
void C2s::wait_for_more() {
  if (stopped_by_state()) return;
  if (bucket_.dry()) return watch(now() + bucket_.wait());
  if (pipe_->queued() > config().unwritten_bytes) {
    if (std::exchange(awaits_drain_, true)) return;
    return pipe_->on_drained([this] {
      if (std::exchange(awaits_drain_, false)) proceed();
    });
  }
  awaits_drain_ = false;
  if (!backlog_.empty()) return proceed_later();
  if (std::exchange(paused_, false)) pipe_->resume();
}

void C2s::proceed_later() {
  if (!std::exchange(posted_, true)) streams_->post(number_, &C2s::proceed);
}

void C2s::go_on() {
  auto* bound = std::get_if<state::Bound>(&state_);
  if (!bound) return;
  using Flow = state::Bound::Flow;
  if (bound->flow == Flow::receiving) {
    bound->flow = Flow::released;
  } else if (bound->flow == Flow::held) {
    bound->flow = Flow::free;
    if (!backlog_.empty() || paused_) proceed_later();
  }
}

void C2s::depart() {
  const ShardId to = std::get<state::Departing>(state_).to;
  Gatekeeper& gatekeeper = ground().gatekeeper;
  log::debug("stream moves", "sid={} to={}", sid_, static_cast<int>(to));
  timer_.cancel();
  pipe_->detach();
  posted_ = false;
  awaits_drain_ = false;
  std::unique_ptr<C2s> self = streams_->release(number_);
  streams_ = nullptr;
  gatekeeper.move(std::move(self), to);  // from here on it may run on the other shard
}

void C2s::arrive(Streams& streams) {
  auto* departing = std::get_if<state::Departing>(&state_);
  HY_CHECK(departing && !streams_);
  streams_ = &streams;
  pipe_->attach(ground().loop);
  turn([&] {
    listen();
    watch(login_deadline_);
    xmpp::Jid account = std::move(departing->account);
    sasl::Move ask;
    ask.kind = sasl::Move::ask;
    judge(std::move(departing->exchange), std::move(account), std::move(ask));
  });
}

void C2s::write(xml::View element) {
  std::string& out = streams_->write_buffer();
  framing_.element(out, element);
  push(out);
}

void C2s::write(const xmpp::Stanza& stanza) {
  std::string& out = streams_->write_buffer();
  framing_.stanza(out, stanza);
  push(out);
}

void C2s::send(const xmpp::Stanza& stanza) {
  if (std::holds_alternative<state::Bound>(state_)) write(stanza);
}

void C2s::send(std::string_view stanza_bytes) {
  if (std::holds_alternative<state::Bound>(state_)) push(stanza_bytes);
}

// DESIGN §7: a queue is bounded in bytes. Who reads so slowly is given up, and slows nobody else.
void C2s::push(std::string_view bytes) {
  const std::size_t waiting = pipe_->queued();
  if (waiting + bytes.size() > config().output_bytes) {
    return fail({xmpp::StreamCondition::resource_constraint, "output is not read"});
  }
  pipe_->write(bytes);
  if (awaits_drain_ && waiting <= config().unwritten_bytes / 2) {
    awaits_drain_ = false;
    proceed_later();
  }
}

std::move_only_function<void(std::exception_ptr)> C2s::last_catch() {
  return [this](std::exception_ptr thrown) {
    try {
      std::rethrow_exception(std::move(thrown));
    } catch (const std::exception& failed) {
      broken(failed.what());
    } catch (...) {
      broken("not a std::exception");
    }
  };
}

}  // namespace hy::stream
