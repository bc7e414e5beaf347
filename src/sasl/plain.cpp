#include "sasl/plain.h"

#include "base/result.h"
#include "sasl/identity.h"
#include "sasl/moves.h"
#include "sasl/verifiers.h"
#include "xmpp/jid.h"

namespace hy::sasl {
namespace {

struct Fields {
  std::string_view authzid, authcid, password;
};

// RFC 4616 §2: [authzid] NUL authcid NUL passwd, the last two not empty, none with a NUL inside.
std::optional<Fields> parse(std::string_view text) {
  const std::size_t first = text.find('\0');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('\0', first + 1);
  if (second == std::string_view::npos || text.find('\0', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  Fields fields{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
  if (fields.authcid.empty() || fields.password.empty()) return std::nullopt;
  return fields;
}

/// Which of an account's verifiers judges its password.
struct Judge {
  Hash hash = Hash::sha256;
  const Verifier* verifier = nullptr;
};

/// SHA-256 where there is one: all accounts have it that were not brought along from another server.
Judge judge_of(const Verifiers* found) {
  if (found != nullptr) {
    for (Hash hash : {Hash::sha256, Hash::sha512, Hash::sha1}) {
      if (const Verifier* verifier = usable(*found, hash)) return {hash, verifier};
    }
  }
  return {};
}

}  // namespace

Plain::Plain(std::string domain, FalseSalt false_salt)
    : domain_(std::move(domain)), false_salt_(std::move(false_salt)) {}

// RFC 4422 §5: the client speaks first; without an initial response it is asked to, by an empty challenge,
// once.
Move Plain::step(std::optional<std::string_view> response) {
  const bool silent = std::holds_alternative<Silent>(state_);
  const bool asked = std::holds_alternative<Asked>(state_);
  state_ = Done();
  if (!response && silent) {
    state_ = Asked();
    return challenge("");
  }
  if (!response || (!silent && !asked)) return failure(Failure::malformed_request);
  return message(*response);
}

// RFC 4616 §2: name and password are prepared before they are compared. A password that cannot be prepared is
// nobody's, but is hashed all the same, so that it takes as long as a wrong one.
Move Plain::message(std::string_view text) {
  const std::optional<Fields> fields = parse(text);
  if (!fields) return failure(Failure::malformed_request);
  std::expected<std::string, Failure> account = identify(fields->authcid, fields->authzid, domain_);
  if (!account) return failure(account.error());
  account_ = std::move(*account);
  Result<std::string> prepared = xmpp::prepare_password(fields->password);
  if (prepared && !prepared->empty()) {
    state_ = Named{Secret::take(*prepared), Sound::yes};
  } else {
    state_ = Named{Secret(fields->password), Sound::no};
  }
  return ask(account_);
}

Move Plain::verifiers(const Verifiers* found) {
  if (!std::holds_alternative<Named>(state_)) return out_of_turn();
  Named named = std::move(std::get<Named>(state_));
  Judge judge = judge_of(found);
  Verifier decoy = false_verifier(false_salt_, judge.hash, account_, domain_);
  const Sound sound = judge.verifier == nullptr ? Sound::no : named.sound;
  const Verifier& verifier = judge.verifier == nullptr ? decoy : *judge.verifier;

  state_ = Hashing{Secret(verifier.stored_key), sound};
  Move move = hash([password = std::move(named.password), salt = verifier.salt,
                    iterations = verifier.iterations, hash = judge.hash]() mutable {
    const Secret used = std::move(password);  // wiped when the work is done, not when the move is dropped
    return stored_key(hash, salted_password(hash, used.view(), salt, iterations).view());
  });
  wipe(decoy.stored_key);
  wipe(decoy.server_key);
  return move;
}

Move Plain::hashed(std::string result) {
  if (!std::holds_alternative<Hashing>(state_)) return out_of_turn();
  const Hashing hashing = std::move(std::get<Hashing>(state_));
  state_ = Done();
  const Secret key = Secret::take(result);
  const bool same = equal(key.view(), hashing.stored_key.view());
  if (!same || hashing.sound != Sound::yes) return failure(Failure::not_authorized);
  return success("");
}

Move Plain::out_of_turn() {
  state_ = Done();
  return failure(Failure::temporary_auth_failure);
}

}  // namespace hy::sasl
