// SCRAM-SHA-1 (RFC 5802), the client's side, and base64.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace load {

std::string base64(std::string_view bytes);
std::string unbase64(std::string_view text);

class Scram {
 public:
  Scram(std::string user, std::string password, std::string nonce)
      : password_(std::move(password)), first_bare_("n=" + user + ",r=" + nonce) {}

  std::string first() const { return "n,," + first_bare_; }
  /// nullopt: the challenge is not one.
  std::optional<std::string> final(std::string_view challenge);

 private:
  std::string password_;
  std::string first_bare_;
};

}  // namespace load
