// Headers, STARTTLS and SASL: RFC 6120 §4.3, §5 and §6.
#include <cstring>

#include "base/log.h"
#include "stream/c2s.h"
#include "stream/features.h"
#include "stream/header.h"

namespace hy::stream {
namespace {

xml::Element sasl_element(std::string_view name, std::string_view bytes) {
  xml::Element element{name, sasl_ns};
  if (!bytes.empty()) element.add_text(sasl::encode_base64(bytes));
  return element;
}

/// What <auth/> or <response/> carries; wiped when it goes, since it may be a password.
struct Secret {
  std::optional<std::string> bytes;  // none: nothing was sent
  bool wrong = false;                // not base64

  explicit Secret(xml::View element) {
    std::string text = element.text();
    if (text == "=") {  // RFC 6120 §6.4.2: present, and empty
      bytes.emplace();
    } else if (!text.empty()) {
      bytes = sasl::decode_base64(text);
      wrong = !bytes;
    }
    explicit_bzero(text.data(), text.size());
  }
  ~Secret() {
    if (bytes) explicit_bzero(bytes->data(), bytes->size());
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
};

}  // namespace

void C2s::header(const Root& root) {
  const auto* reopening = std::get_if<state::Reopening>(&state_);
  const xmpp::Jid account = reopening ? reopening->account : xmpp::Jid();
  ClientHeader read = read_header(root, ground().gatekeeper, account);
  if (!read.to.empty()) domain_ = std::move(read.to);
  client_ = std::move(read.from);
  lang_ = std::move(read.lang);
  if (read.error) return fail(*read.error);

  std::vector<xml::Element> features;
  if (account) {
    features = session_features(config(), ground().gatekeeper.features_after_login());
    state_ = state::Authenticated{account};
  } else {
    features = login_features(*pipe_, config(), sasl_offer(*pipe_, config(), domain_));
    negotiate();
  }
  std::string& out = streams_->write_buffer();
  open(out);
  framing_.features(out, features);
  pipe_->write(out);  // whatever is queued: an error could not stand without the header
  if (root.closed) finish(End::closed);
}

/// Back to where STARTTLS (if not secure) and SASL are on offer.
void C2s::negotiate() {
  if (secure()) {
    state_ = state::Secured{};
  } else {
    state_ = state::Plain{};
  }
}

void C2s::take(state::Plain&, xml::Element element, std::string_view behind) {
  if (element.is("starttls", tls_ns)) return start_tls(behind);
  if (element.ns() == sasl_ns) return authenticate(element);
  fail(xmpp::StreamCondition::not_authorized);
}

void C2s::take(state::Secured&, xml::Element element, std::string_view) {
  if (element.is("starttls", tls_ns)) return refuse_tls();
  if (element.ns() == sasl_ns) return authenticate(element);
  fail(xmpp::StreamCondition::not_authorized);
}

// RFC 6120 §6.4.3, §6.4.4. While a challenge is out, another <auth/> is out of turn: the client would have to
// abort.
void C2s::take(state::Challenged& challenged, xml::Element element, std::string_view) {
  if (element.ns() != sasl_ns) return fail(xmpp::StreamCondition::not_authorized);
  std::unique_ptr<sasl::Exchange> exchange = std::move(challenged.exchange);
  if (element.name() == "abort") return refuse(sasl::Failure::aborted);
  if (element.name() != "response" || element.view().first_child()) {
    return refuse(sasl::Failure::malformed_request);
  }
  const Secret response(element);
  if (response.wrong) return refuse(sasl::Failure::incorrect_encoding);
  sasl::Move move = exchange->step(response.bytes ? std::string_view(*response.bytes) : std::string_view());
  follow(std::move(exchange), std::move(move));
}

// Opening and Reopening get a header first, from Scanner; the others are not read in. So nothing comes here
// unless one of these is broken.
template <class Other>
void C2s::take(Other&, xml::Element, std::string_view) {
  fail(xmpp::StreamCondition::not_authorized);
}

// RFC 6120 §5.3.3: nothing may come between <starttls/> and the handshake: what rides behind it in the clear
// could have been put there by anybody, and must not reach the secured stream. White space can carry nothing:
// clients that end each element with a line feed are let off. All that was learnt before is forgotten.
void C2s::start_tls(std::string_view behind) {
  if (config().starttls == Starttls::off) return refuse_tls();
  const bool blank = behind.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (!blank) return fail({xmpp::StreamCondition::policy_violation, "data behind <starttls/>"});
  write(xml::Element{"proceed", tls_ns});
  if (std::holds_alternative<state::Closing>(state_)) return;  // there was no room for it
  if (Result<> started = pipe_->start_tls(); !started) {
    log::error("starttls failed", "sid={} why={}", sid_, log::value(started.error().context));
    return shut(End::lost);  // the client expects a handshake: there is nothing that it could read
  }
  framing_.restart(config().login_limits);
  state_ = state::Opening{};
  domain_.clear();
  client_ = {};
  lang_.clear();
}

// RFC 6120 §5.4.2.2: not offered here (a second time, or without a certificate): <failure/>, and the stream
// ends.
void C2s::refuse_tls() {
  write(xml::Element{"failure", tls_ns});
  finish(End::error);
}

// RFC 6120 §6.4.2. Without TLS where TLS is required, encryption-required (§6.5.4) tells the client what to
// do.
void C2s::authenticate(const xml::Element& element) {
  if (element.name() != "auth" || element.view().first_child())
    return refuse(sasl::Failure::malformed_request);
  sasl::Offer offer = sasl_offer(*pipe_, config(), domain_);
  if (offer.mechanisms.empty()) return refuse(sasl::Failure::encryption_required);
  auto started = sasl::Exchange::start(element.attribute("mechanism"), std::move(offer),
                                       ground().gatekeeper.false_salt(), ground().random);
  if (!started) return refuse(started.error());
  const Secret initial(element);
  if (initial.wrong) return refuse(sasl::Failure::incorrect_encoding);
  sasl::Move move = (*started)->step(initial.bytes);
  follow(std::move(*started), std::move(move));
}

// DESIGN §3: as soon as an account is named, and before it is judged, the stream goes to the shard where it
// lives.
void C2s::follow(std::unique_ptr<sasl::Exchange> exchange, sasl::Move move) {
  xmpp::Jid account;
  if (!exchange->account().empty()) {
    Result<xmpp::Jid> named = xmpp::Jid::make(exchange->account(), domain_);
    if (!named) return refuse(sasl::Failure::not_authorized);
    account = std::move(*named);
  }
  const bool waits = move.kind == sasl::Move::ask || move.kind == sasl::Move::hash;
  if (!waits) return settle(std::move(exchange), account, std::move(move));
  const ShardId home = ground().gatekeeper.home(account);
  if (move.kind == sasl::Move::ask && home != ground().gatekeeper.here()) {
    state_ = state::Departing{std::move(exchange), std::move(account), home};
    return;
  }
  judge(std::move(exchange), std::move(account), std::move(move));
}

// DESIGN §7: guesses are counted before anything is looked up or hashed. Who made too many gets
// temporary-auth-failure (§6.5.10): the password may be right, and a client must not ask its user for
// another; the fifth ends the stream.
void C2s::judge(std::unique_ptr<sasl::Exchange> exchange, xmpp::Jid account, sasl::Move move) {
  if (move.kind == sasl::Move::ask && ground().gatekeeper.admit(peer(), account) != Admission::allowed) {
    log::warn("login throttled", "sid={} peer={} account={}", sid_, log::value(peer().ip),
              log::value(account.str()));
    return refuse(sasl::Failure::temporary_auth_failure);
  }
  state_ = state::Judged{std::move(exchange)};
  scope_.spawn(decide(std::move(account), std::move(move)), last_catch());
}

Task<void> C2s::decide(xmpp::Jid account, sasl::Move move) {
  while (move.kind == sasl::Move::ask || move.kind == sasl::Move::hash) {
    if (move.kind == sasl::Move::ask) {
      Result<std::optional<sasl::Verifiers>> found = co_await ground().gatekeeper.verifiers(account);
      auto* judged = std::get_if<state::Judged>(&state_);
      if (!judged) co_return;
      if (found) {
        move = judged->exchange->verifiers(*found ? &**found : nullptr);
        continue;
      }
      log::error("account not readable", "sid={} account={} why={}", sid_, log::value(account.str()),
                 log::value(found.error().context));
    } else {
      Result<std::string> hashed = co_await ground().hashing.run(std::move(move.work));
      auto* judged = std::get_if<state::Judged>(&state_);
      if (!judged) co_return;
      if (hashed) {
        move = judged->exchange->hashed(std::move(*hashed));
        continue;
      }
      log::warn("login not hashed", "sid={} why={}", sid_, log::value(hashed.error().context));
    }
    move = sasl::Move{};
    move.reason = sasl::Failure::temporary_auth_failure;  // the pool is full, or the store could not say
  }
  std::unique_ptr<sasl::Exchange> exchange = std::move(std::get<state::Judged>(state_).exchange);
  settle(std::move(exchange), account, std::move(move));
  proceed_later();
}

void C2s::settle(std::unique_ptr<sasl::Exchange> exchange, const xmpp::Jid& account, sasl::Move move) {
  switch (move.kind) {
    case sasl::Move::challenge:
      state_ = state::Challenged{std::move(exchange)};
      return write(sasl_element("challenge", move.bytes));
    case sasl::Move::success:
      return log_in(account, move.bytes);
    case sasl::Move::ask:
    case sasl::Move::hash:
    case sasl::Move::failure:
      return refuse(move.reason, account);
  }
}

// RFC 6120 §6.4.6: the parser begins anew, and so does the client, with a header.
void C2s::log_in(const xmpp::Jid& account, std::string_view bytes) {
  log::info("logged in", "sid={} peer={} account={} tls={}", sid_, log::value(peer().ip),
            log::value(account.str()), log::value(pipe_->tls_version()));
  ground().gatekeeper.login_succeeded(peer(), account);
  stranger_.reset();
  framing_.restart(config().limits);
  state_ = state::Reopening{account};
  login_deadline_ = now() + config().login_time;
  write(sasl_element("success", bytes));
}

// RFC 6120 §6.4.5: the client may try again, a few times; then the stream ends.
void C2s::refuse(sasl::Failure reason, const xmpp::Jid& account) {
  log::info("login failed", "sid={} peer={} account={} reason={}", sid_, log::value(peer().ip),
            log::value(account.str()), sasl::name(reason));
  if (account && reason == sasl::Failure::not_authorized) ground().gatekeeper.login_failed(peer(), account);
  negotiate();
  write(xml::Element{"failure", sasl_ns}.with(xml::Element{sasl::name(reason), sasl_ns}));
  if (++login_failures_ < config().login_failures) return;
  fail({xmpp::StreamCondition::policy_violation, "too many failed logins"});
}

template void C2s::take(state::Opening&, xml::Element, std::string_view);
template void C2s::take(state::Departing&, xml::Element, std::string_view);
template void C2s::take(state::Judged&, xml::Element, std::string_view);
template void C2s::take(state::Reopening&, xml::Element, std::string_view);
template void C2s::take(state::Binding&, xml::Element, std::string_view);
template void C2s::take(state::Closing&, xml::Element, std::string_view);

}  // namespace hy::stream
