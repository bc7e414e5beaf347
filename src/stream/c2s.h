// One client's stream, from the first byte to the last (RFC 6120 §4 to §7): no I/O of its own, driven by its
// pipe's events. It owns the connection, negotiates TLS, SASL and bind, then passes stanzas to its Sink, one
// at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/scope.h"
#include "stream/bucket.h"
#include "stream/c2s_state.h"
#include "stream/framing.h"
#include "stream/streams.h"

namespace hy::stream {

class C2s final : public Outlet {
 public:
  C2s(Streams& streams, StreamNumber number, std::string sid, std::unique_ptr<net::Pipe> pipe);
  ~C2s() override;
  C2s(const C2s&) = delete;
  C2s& operator=(const C2s&) = delete;

  // For Streams.

  StreamNumber number() const { return number_; }
  /// Begins to read. `stranger` is kept until login.
  void start(std::optional<ConnectionCounts::Hold> stranger);
  /// Goes on where it left off, on the shard of `streams`.
  void arrive(Streams& streams);
  /// After the end: ends what still runs inside and tells the Sink. True when it may be destroyed; else it
  /// will ask for its retirement again.
  bool wind_up();
  /// In a turn of its own: takes what is waiting, as far as it may.
  void proceed();

  // Outlet. Without effect once the stream ends.

  void send(const xmpp::Stanza& stanza) override;
  void send(std::string_view stanza_bytes) override;
  std::size_t queued() const override { return pipe_->queued(); }
  void go_on() override;
  void end(xmpp::StreamError error) override;
  const net::Address& peer() const override { return pipe_->peer(); }
  bool secure() const override { return pipe_->secure(); }
  std::string_view sid() const override { return sid_; }
  Instant last_heard() const override { return last_heard_; }

 private:
  const Ground& ground() const { return streams_->ground(); }
  const C2sConfig& config() const { return ground().config; }
  Instant now() const { return ground().loop.now(); }

  // c2s.cpp: events in, and the order of things.
  template <class F>
  void turn(F events);
  void listen();
  void readable();
  void tick();
  void consume(std::string_view& input);
  void consume_backlog();
  bool may_read() const;
  bool stopped_by_state() const;
  bool known() const;
  void wait_for_more();
  void proceed_later();
  void dispatch(xml::Event event, std::string_view behind);
  void depart();

  // c2s_close.cpp: how it ends, and the clock.
  void fail(const xmpp::StreamError& error, End how = End::error);
  void finish(End how);
  void shut(End how);
  void broken(std::string_view what);
  bool header_is_out() const;
  void open(std::string& out);
  void watch(Instant at);
  void check_liveness(state::Bound& bound);

  // c2s_login.cpp: headers, STARTTLS, SASL.
  void header(const Root& root);
  void take(state::Plain&, xml::Element element, std::string_view behind);
  void take(state::Secured&, xml::Element element, std::string_view behind);
  void take(state::Challenged&, xml::Element element, std::string_view behind);
  template <class Other>
  void take(Other&, xml::Element element, std::string_view behind);
  void start_tls(std::string_view behind);
  void refuse_tls();
  void authenticate(const xml::Element& element);
  void follow(std::unique_ptr<sasl::Exchange> exchange, sasl::Move move);
  void judge(std::unique_ptr<sasl::Exchange> exchange, xmpp::Jid account, sasl::Move move);
  Task<void> decide(xmpp::Jid account, sasl::Move move);
  void settle(std::unique_ptr<sasl::Exchange> exchange, const xmpp::Jid& account, sasl::Move move);
  void log_in(const xmpp::Jid& account, std::string_view bytes);
  void refuse(sasl::Failure reason, const xmpp::Jid& account = {});
  void negotiate();

  // c2s_bound.cpp: bind and stanzas.
  void take(state::Authenticated&, xml::Element element, std::string_view behind);
  void take(state::Bound&, xml::Element element, std::string_view behind);
  Task<void> bind(xmpp::Stanza request, xmpp::Jid account, std::string resource);
  void settle_bind(const xmpp::Stanza& request, const xmpp::Jid& account,
                   std::expected<Bound, xmpp::StanzaError> bound);
  void receive(state::Bound& bound, xmpp::Stanza stanza);
  void answer_malformed(const xmpp::Jid& self, xmpp::Malformed malformed);
  bool answer_here(state::Bound& bound, const xmpp::Stanza& stanza);
  bool is_for_us(const xmpp::Jid& to, const xmpp::Jid& self) const;

  // Writing.
  void write(xml::View element);
  void write(const xmpp::Stanza& stanza);
  void push(std::string_view bytes);
  /// For Scope::spawn: what a coroutine threw.
  std::move_only_function<void(std::exception_ptr)> last_catch();

  Streams* streams_;
  const StreamNumber number_;
  const std::string sid_;
  std::unique_ptr<net::Pipe> pipe_;
  Framing framing_;
  state::Any state_;
  std::string domain_;  // the stream's `to`
  xmpp::Jid client_;    // the header's `from`, for our answer
  std::string lang_;
  std::string backlog_;  // read, not yet consumed
  std::uint32_t backlog_from_ = 0;
  std::uint32_t login_bytes_ = 0;  // consumed before login
  std::uint32_t turn_stanzas_ = 0;
  std::uint8_t login_failures_ = 0;
  bool posted_ = false;        // proceed() will run
  bool paused_ = false;        // the pipe is
  bool awaits_drain_ = false;  // reading goes on when output has gone
  std::optional<ConnectionCounts::Hold> stranger_;
  Bucket bucket_;
  Instant last_heard_;
  Instant login_deadline_;
  Instant timer_at_{};
  Timer timer_;
  Scope scope_;
};

}  // namespace hy::stream
