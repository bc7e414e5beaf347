// The client's side of SCRAM: for tests, fuzzers and the load generator.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sasl/digest.h"

namespace hy::sasl {

class ScramClient {
 public:
  struct Login {
    std::string username;  // prepared, not escaped
    std::string password;  // prepared
    std::string nonce;     // printable ASCII without comma
    std::string gs2_header = "n,,";
    std::string binding = {};     // its bytes, with p=
    std::string extensions = {};  // ",x=…", sent in both messages
  };
  ScramClient(Hash hash, Login login);

  std::string first() const;
  /// The answer to the server's first message; nullopt when that is malformed, does not carry our nonce, or
  /// asks for more than 100,000 iterations.
  std::optional<std::string> final(std::string_view server_first);
  /// Whether the server's final message shows that it knows the account.
  bool trusts(std::string_view server_final) const;

 private:
  std::string bare() const;

  const Hash hash_;
  const Login login_;
  std::string server_signature_;
};

}  // namespace hy::sasl
