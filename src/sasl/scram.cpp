#include "sasl/scram.h"

#include "sasl/identity.h"
#include "sasl/moves.h"
#include "sasl/verifiers.h"

namespace hy::sasl {
namespace {

using Binds = ScramMechanism::Binds;

constexpr std::array<ScramMechanism, 6> mechanisms = {{
    {"SCRAM-SHA-512-PLUS", Hash::sha512, Binds::yes},
    {"SCRAM-SHA-256-PLUS", Hash::sha256, Binds::yes},
    {"SCRAM-SHA-1-PLUS", Hash::sha1, Binds::yes},
    {"SCRAM-SHA-512", Hash::sha512, Binds::no},
    {"SCRAM-SHA-256", Hash::sha256, Binds::no},
    {"SCRAM-SHA-1", Hash::sha1, Binds::no},
}};

const Offer::ChannelBinding* find_binding(const Offer& offer, std::string_view name) {
  auto found = std::ranges::find(offer.bindings, name, &Offer::ChannelBinding::name);
  return found == offer.bindings.end() || found->bytes.empty() ? nullptr : &*found;
}

bool offers_binding(const Offer& offer) {
  return std::ranges::any_of(offer.mechanisms,
                             [](const std::string& name) { return name.ends_with("-PLUS"); });
}

}  // namespace

const ScramMechanism* scram_mechanism(std::string_view name) {
  auto found = std::ranges::find(mechanisms, name, &ScramMechanism::name);
  return found == mechanisms.end() ? nullptr : &*found;
}

Scram::Scram(const ScramMechanism& mechanism, Offer offer, FalseSalt false_salt, std::string server_nonce)
    : mechanism_(mechanism),
      offer_(std::move(offer)),
      false_salt_(std::move(false_salt)),
      server_nonce_(std::move(server_nonce)) {}

// RFC 4422 §5: the client speaks first; without an initial response it is asked to, by an empty challenge,
// once.
Move Scram::step(std::optional<std::string_view> response) {
  if (!response) {
    if (!std::holds_alternative<Silent>(state_)) {
      state_ = Done();
      return failure(Failure::malformed_request);
    }
    state_ = Asked();
    return challenge("");
  }
  if (std::holds_alternative<Silent>(state_) || std::holds_alternative<Asked>(state_))
    return first(*response);
  if (Challenged* state = std::get_if<Challenged>(&state_)) {
    const Challenged challenged = std::move(*state);
    state_ = Done();
    return final(challenged, *response);
  }
  state_ = Done();  // a response that nobody asked for
  return failure(Failure::malformed_request);
}

Move Scram::first(std::string_view message) {
  state_ = Done();
  std::optional<ClientFirst> first = parse_client_first(message);
  if (!first) return failure(Failure::malformed_request);
  if (std::optional<Failure> reason = judge_binding(*first)) return failure(*reason);
  std::expected<std::string, Failure> account = identify(first->username, first->authzid, offer_.domain);
  if (!account) return failure(account.error());
  account_ = std::move(*account);
  state_ = Named{std::move(*first)};
  return ask(account_);
}

// RFC 5802 §5.1, §6: a -PLUS mechanism goes with p= and no other with it; p= must name a binding that was
// announced (XEP-0440); "y" while a -PLUS mechanism was on offer means that somebody has cut the list on its
// way.
std::optional<Failure> Scram::judge_binding(const ClientFirst& first) const {
  const bool used = first.flag == BindingFlag::used;
  if (used != (mechanism_.binds == Binds::yes)) return Failure::malformed_request;
  if (used && find_binding(offer_, first.binding) == nullptr) return Failure::not_authorized;
  if (first.flag == BindingFlag::not_offered && offers_binding(offer_)) return Failure::not_authorized;
  return std::nullopt;
}

// RFC 5802 §7, cbind-input: the GS2 header to the byte, and behind it the binding's bytes when one is used.
std::string Scram::binding_bytes(const ClientFirst& first) const {
  std::string bytes = first.gs2_header;
  if (first.flag == BindingFlag::used) bytes += find_binding(offer_, first.binding)->bytes;
  return bytes;
}

// RFC 5802 §5, server-first-message.
Move Scram::verifiers(const Verifiers* found) {
  Named* named = std::get_if<Named>(&state_);
  if (named == nullptr) return out_of_turn();
  const ClientFirst first = std::move(named->first);
  Verifier decoy = false_verifier(false_salt_, mechanism_.hash, account_, offer_.domain);
  const Verifier* real = found == nullptr ? nullptr : usable(*found, mechanism_.hash);
  const Verifier& verifier = real == nullptr ? decoy : *real;

  Challenged state;
  state.binding = binding_bytes(first);
  state.nonce = first.nonce + server_nonce_;
  state.stored_key = Secret(verifier.stored_key);
  state.server_key = Secret(verifier.server_key);
  state.user = real == nullptr ? Challenged::User::unknown : Challenged::User::known;
  std::string message =
      "r=" + state.nonce + ",s=" + encode_base64(verifier.salt) + ",i=" + std::to_string(verifier.iterations);
  state.transcript = first.bare + ',' + message + ',';
  state_ = std::move(state);
  wipe(decoy.stored_key);
  wipe(decoy.server_key);
  return challenge(std::move(message));
}

// RFC 5802 §3, §5: binding and nonce must be ours to the byte; then the key that the proof gives away must
// hash to the stored one. An unknown user takes the same way to the same end.
Move Scram::final(const Challenged& state, std::string_view message) {
  const std::optional<ClientFinal> final = parse_client_final(message);
  const std::size_t size = size_of(mechanism_.hash);
  if (!final || final->proof.size() != size) return failure(Failure::malformed_request);
  if (!equal(final->binding, state.binding) || !equal(final->nonce, state.nonce)) {
    return failure(Failure::not_authorized);
  }
  const std::string authenticated = state.transcript + final->without_proof;
  std::string signature = hmac(mechanism_.hash, state.stored_key.view(), authenticated);
  Secret client_key = Secret::take(signature);
  for (std::size_t i = 0; i < size; ++i) {
    client_key.data()[i] = static_cast<char>(client_key.data()[i] ^ final->proof[i]);
  }
  const bool proven = equal(digest(mechanism_.hash, client_key.view()), state.stored_key.view());
  const std::string answer = hmac(mechanism_.hash, state.server_key.view(), authenticated);
  if (!proven || state.user != Challenged::User::known) return failure(Failure::not_authorized);
  return success("v=" + encode_base64(answer));
}

Move Scram::hashed(std::string) {
  return out_of_turn();
}  // SCRAM never asks for work

Move Scram::out_of_turn() {
  state_ = Done();
  return failure(Failure::temporary_auth_failure);
}

}  // namespace hy::sasl
