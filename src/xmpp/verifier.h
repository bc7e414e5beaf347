// What is stored instead of a password: SCRAM verifiers (RFC 5802 §3), all bytes raw.
#pragma once

#include <cstdint>
#include <string>

namespace hy::xmpp {

struct Verifier {
  std::string salt;
  std::uint32_t iterations = 0;
  std::string stored_key;
  std::string server_key;
  friend bool operator==(const Verifier&, const Verifier&) = default;
};

/// One for each hash; all three are made when a password is set.
struct Verifiers {
  Verifier sha1, sha256, sha512;
  friend bool operator==(const Verifiers&, const Verifiers&) = default;
};

}  // namespace hy::xmpp
