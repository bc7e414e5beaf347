// Bind (RFC 6120 §7) and what comes after it: stanzas (§8.1).
#include "base/log.h"
#include "stream/c2s.h"

namespace hy::stream {
namespace {

bool is_stanza(const xml::Element& element) {
  if (element.ns() != xmpp::client_ns) return false;
  const std::string_view name = element.name();
  return name == "message" || name == "presence" || name == "iq";
}

}  // namespace

/// To the server, or to the client's own account, in whose name it answers.
bool C2s::is_for_us(const xmpp::Jid& to, const xmpp::Jid& self) const {
  return !to || to.str() == domain_ || (to.is_bare() && to.same_bare(self));
}

// RFC 6120 §7.1: before it is bound, a client may ask for that alone; anything else is not processed.
void C2s::take(state::Authenticated& now, xml::Element element, std::string_view) {
  const bool asks = element.is("iq", xmpp::client_ns) && element.child("bind", bind_ns);
  if (!asks) return fail(xmpp::StreamCondition::not_authorized);
  const xmpp::Jid account = now.account;
  auto read = xmpp::read_stanza(std::move(element));
  if (!read) return answer_malformed(account, std::move(read.error()));
  if (!is_for_us(read->to, account)) return fail(xmpp::StreamCondition::not_authorized);
  if (!read->is_request()) return;  // an answer to nothing
  const auto refuse = [&](xmpp::Condition why) { write(xmpp::make_error(*read, why)); };
  if (read->type != xmpp::Type::set) return refuse(xmpp::Condition::bad_request);

  // RFC 6120 §7.6, §7.7.2.1: no resource or an empty one lets us choose; one that cannot be prepared is
  // bad-request.
  std::string resource = read->child("bind", bind_ns).child_text("resource", bind_ns);
  if (!resource.empty()) {
    Result<xmpp::Jid> full = account.with_resource(resource);
    if (!full) return refuse(xmpp::Condition::bad_request);
    resource = full->resource();
  }
  state_ = state::Binding{account};
  scope_.spawn(bind(std::move(*read), account, std::move(resource)), last_catch());
}

Task<void> C2s::bind(xmpp::Stanza request, xmpp::Jid account, std::string resource) {
  std::expected<Bound, xmpp::StanzaError> bound =
      co_await ground().gatekeeper.bind(this, account, std::move(resource));
  settle_bind(request, account, std::move(bound));
}

void C2s::settle_bind(const xmpp::Stanza& request, const xmpp::Jid& account,
                      std::expected<Bound, xmpp::StanzaError> bound) {
  if (auto* closing =
          std::get_if<state::Closing>(&state_)) {  // it ended meanwhile: its session must hear of it
    if (bound) closing->sink = bound->sink;
    return;
  }
  if (bound) {
    log::info("bound", "sid={} jid={}", sid_, log::value(bound->jid.str()));
    xml::Element result{"bind", bind_ns};
    result.add(xml::Element{"jid", bind_ns}.with_text(bound->jid.str()));
    state_ = state::Bound{.jid = bound->jid, .sink = bound->sink, .ping_id = {}};
    write(xmpp::make_result(request, result));
  } else {
    log::info("bind refused", "sid={} account={} condition={}", sid_, log::value(account.str()),
              xmpp::name(bound.error().condition));
    state_ = state::Authenticated{account};
    write(xmpp::make_error(request, bound.error()));
  }
  proceed_later();
}

void C2s::take(state::Bound& bound, xml::Element element, std::string_view) {
  if (!is_stanza(element)) return fail(xmpp::StreamCondition::unsupported_stanza_type);
  bucket_.spend(config().stanza_cost, last_heard_);

  // RFC 6120 §8.1.2.1: the server stamps `from`. One that names somebody else is a lie or a grave confusion:
  // §4.9.3.9.
  const std::string_view from = element.attribute("from");
  if (!from.empty() && from != bound.jid.str()) {
    Result<xmpp::Jid> claimed = xmpp::Jid::parse(from);
    if (!claimed || !claimed->same_bare(bound.jid)) return fail(xmpp::StreamCondition::invalid_from);
  }
  auto stanza = xmpp::read_stanza(std::move(element));
  if (!stanza) return answer_malformed(bound.jid, std::move(stanza.error()));
  // RFC 6120 §8.1.5: the stream's language is the default.
  if (stanza->lang.empty()) stanza->lang = lang_;
  if (stanza->kind == xmpp::Kind::iq && answer_here(bound, *stanza)) return;
  receive(bound, std::move(*stanza));
}

void C2s::receive(state::Bound& bound, xmpp::Stanza stanza) {
  using Flow = state::Bound::Flow;
  bound.flow = Flow::receiving;
  const stream::Flow said = bound.sink->receive(std::move(stanza));
  auto* still = std::get_if<state::Bound>(&state_);
  if (!still) return;  // ended inside
  const bool held = said == stream::Flow::hold && still->flow == Flow::receiving;
  still->flow = held ? Flow::held : Flow::free;
}

// RFC 6120 §8.3: the sender is told, in the name of whom it addressed or, when that cannot be read, of the
// server. The stream goes on. What must not be answered is dropped.
void C2s::answer_malformed(const xmpp::Jid& self, xmpp::Malformed malformed) {
  log::debug("stanza malformed", "sid={} condition={}", sid_, xmpp::name(malformed.error.condition));
  xmpp::Stanza& stanza = malformed.partial;
  if (!xmpp::may_be_answered_with_error(stanza)) return;
  stanza.from = self;
  if (!stanza.to) {
    if (Result<xmpp::Jid> domain = xmpp::Jid::parse(domain_)) stanza.to = std::move(*domain);
  }
  write(xmpp::make_error(stanza, malformed.error));
}

// Requests about the stream itself, and the answer to our ping: they make no trip.
bool C2s::answer_here(state::Bound& bound, const xmpp::Stanza& stanza) {
  if (!is_for_us(stanza.to, bound.jid)) return false;
  if (!stanza.is_request()) {
    if (bound.ping_id.empty() || stanza.id != bound.ping_id) return false;
    std::string().swap(bound.ping_id);
    return true;
  }
  const xml::View payload = stanza.payload();
  const bool second_bind = payload.is("bind", bind_ns);
  if (!second_bind && !payload.is("session", session_ns)) return false;
  xmpp::Stanza request = stanza;
  request.from = bound.jid;
  if (second_bind) {
    write(xmpp::make_error(request, xmpp::Condition::not_allowed));  // RFC 6120 §7.1: one resource a stream
  } else if (request.type == xmpp::Type::set) {
    write(xmpp::make_result(request));  // RFC 3921 §3: there is nothing left to do
  } else {
    write(xmpp::make_error(request, xmpp::Condition::bad_request));
  }
  return true;
}

}  // namespace hy::stream
