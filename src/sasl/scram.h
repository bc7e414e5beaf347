// SCRAM (RFC 5802, RFC 7677), the server's side, for one hash function, with or without channel binding.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sasl/digest.h"
#include "sasl/exchange.h"
#include "sasl/scram_message.h"

namespace hy::sasl {

struct ScramMechanism {
  std::string_view name;
  Hash hash = Hash::sha1;
  enum class Binds { no, yes } binds = Binds::no;  // yes: a -PLUS form
};

/// nullptr: not a SCRAM mechanism that we know.
const ScramMechanism* scram_mechanism(std::string_view name);

class Scram final : public Exchange {
 public:
  /// `server_nonce`: printable ASCII without comma, fresh for each exchange.
  Scram(const ScramMechanism& mechanism, Offer offer, FalseSalt false_salt, std::string server_nonce);

  Move step(std::optional<std::string_view> response) override;
  Move verifiers(const Verifiers* found) override;
  Move hashed(std::string result) override;
  const std::string& account() const override { return account_; }

 private:
  struct Silent {};  // nothing has come
  struct Asked {};   // nothing has come, and the empty challenge is out
  struct Named {     // waits for the verifiers
    ClientFirst first;
  };
  struct Challenged {     // waits for the proof
    std::string binding;  // what c= must hold
    std::string nonce;
    std::string transcript;  // of both first messages, with the comma behind them
    Secret stored_key, server_key;
    enum class User { unknown, known } user = User::unknown;
  };
  struct Done {};

  Move first(std::string_view message);
  Move final(const Challenged& state, std::string_view message);
  Move out_of_turn();
  std::optional<Failure> judge_binding(const ClientFirst& first) const;
  std::string binding_bytes(const ClientFirst& first) const;

  const ScramMechanism& mechanism_;
  const Offer offer_;
  const FalseSalt false_salt_;
  const std::string server_nonce_;
  std::string account_;
  std::variant<Silent, Asked, Named, Challenged, Done> state_;
};

}  // namespace hy::sasl
