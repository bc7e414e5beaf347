// One SASL authentication, server side, as a pure state machine: no I/O, no waiting, no store.
//
//     Exchange::start(mechanism, offered, channel) → step(initial response) → Move
//     Move::ask      the account is named: the stream moves to the account's shard, fetches its verifiers,
//     and
//                    verifiers(…) gives the next move
//     Move::hash     run `work` on the pool, then hashed(its result) gives the next move
//     Move::challenge, success, failure: write it
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "xmpp/verifier.h"

namespace hy::sasl {

using xmpp::Verifier;
using xmpp::Verifiers;

inline constexpr std::uint32_t default_iterations = 10000;

/// Bytes in a salt of ours. An account with another size can be told from users who do not exist.
inline constexpr std::size_t salt_size = 16;

/// PBKDF2 three times: milliseconds of CPU. Never on a loop. `password` must be prepared (OpaqueString).
/// `salt` is `salt_size` random bytes, shared by the three.
Verifiers make_verifiers(std::string_view password, std::string_view salt, std::uint32_t iterations);

/// RFC 6120 §6.5.
enum class Failure {
  aborted,
  account_disabled,
  credentials_expired,
  encryption_required,
  incorrect_encoding,
  invalid_authzid,
  invalid_mechanism,
  malformed_request,
  mechanism_too_weak,
  not_authorized,
  temporary_auth_failure,
};
std::string_view name(Failure failure);

/// What the connection offers, fixed when the features were written.
struct Offer {
  std::vector<std::string> mechanisms;  // as announced on this stream, strongest first
  bool secure = false;                  // TLS is active
  std::string domain;                   // the stream's `to`, prepared
  struct ChannelBinding {
    std::string name;  // "tls-exporter", "tls-server-end-point", "tls-unique"
    std::string bytes;
  };
  std::vector<ChannelBinding> bindings;  // those that this connection has, as announced (XEP-0440)
};

/// Mechanisms for a connection: SCRAM-SHA-{512,256,1}-PLUS where there is a binding, SCRAM-SHA-{512,256,1},
/// and PLAIN only when secure.
std::vector<std::string> mechanisms_for(bool secure, bool has_binding);

/// Key for salts of users who do not exist; the same for all shards of a server, kept over restarts.
struct FalseSalt {
  std::string key;  // 32 random bytes; not empty
};

struct Move {
  enum Kind { ask, hash, challenge, success, failure };
  Kind kind = failure;
  std::string account;  // ask: prepared user name
  std::string bytes;    // challenge, success: raw, before base64; success may be empty (no additional data)
  Failure reason = Failure::not_authorized;     // failure
  std::move_only_function<std::string()> work;  // hash: for the pool
};

/// Any call that is not due gives a failure, after which nothing but failures comes. It holds nothing of a
/// shard, so it moves with its stream.
class Exchange {
 public:
  virtual ~Exchange() = default;

  /// Failure invalid_mechanism when it is not among those offered; encryption_required for PLAIN without TLS.
  /// `random` is used inside this call only.
  static std::expected<std::unique_ptr<Exchange>, Failure> start(std::string_view mechanism, Offer offer,
                                                                 const FalseSalt& false_salt, Random& random);

  /// The initial response or the answer to the last challenge, decoded. nullopt: no initial response was
  /// sent; a client-first mechanism then answers with an empty challenge. What `response` views may hold a
  /// password: the caller wipes it.
  virtual Move step(std::optional<std::string_view> response) = 0;
  /// After `ask`. nullptr: there is no such account (or it may not log in): the exchange goes on with a false
  /// salt and fails at its end with not_authorized, after the same work.
  virtual Move verifiers(const Verifiers* found) = 0;
  /// After `hash`.
  virtual Move hashed(std::string result) = 0;
  /// The prepared user name, from `ask` on.
  virtual const std::string& account() const = 0;
};

/// RFC 4648 §4, strict: padding required, no white space, no foreign characters. The caller treats "=" as
/// empty.
std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

}  // namespace hy::sasl
