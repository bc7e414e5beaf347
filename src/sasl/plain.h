// PLAIN (RFC 4616), the server's side: the password is judged by the account's SCRAM verifier.
#pragma once

#include <string>
#include <variant>

#include "sasl/digest.h"
#include "sasl/exchange.h"

namespace hy::sasl {

class Plain final : public Exchange {
 public:
  Plain(std::string domain, FalseSalt false_salt);

  Move step(std::optional<std::string_view> response) override;
  Move verifiers(const Verifiers* found) override;
  Move hashed(std::string result) override;
  const std::string& account() const override { return account_; }

 private:
  enum class Sound { no, yes };  // no: it fails whatever the hash says

  struct Silent {};  // nothing has come
  struct Asked {};   // nothing has come, and the empty challenge is out
  struct Named {     // waits for the verifiers
    Secret password;
    Sound sound = Sound::no;
  };
  struct Hashing {  // waits for the pool
    Secret stored_key;
    Sound sound = Sound::no;
  };
  struct Done {};

  Move message(std::string_view text);
  Move out_of_turn();

  const std::string domain_;
  const FalseSalt false_salt_;
  std::string account_;
  std::variant<Silent, Asked, Named, Hashing, Done> state_;
};

}  // namespace hy::sasl
