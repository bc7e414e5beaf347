#include "sasl/verifiers.h"

#include <limits>

namespace hy::sasl {
namespace {

Verifier make_one(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations) {
  const Secret salted = salted_password(hash, password, salt, iterations);
  return {std::string(salt), iterations, stored_key(hash, salted.view()), server_key(hash, salted.view())};
}

}  // namespace

Verifiers make_verifiers(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  return {make_one(Hash::sha1, password, salt, iterations),
          make_one(Hash::sha256, password, salt, iterations),
          make_one(Hash::sha512, password, salt, iterations)};
}

const Verifier* usable(const Verifiers& verifiers, Hash hash) {
  const Verifier& one = hash == Hash::sha1     ? verifiers.sha1
                        : hash == Hash::sha256 ? verifiers.sha256
                                               : verifiers.sha512;
  const bool whole = !one.salt.empty() && one.iterations > 0 &&
                     one.iterations <= std::numeric_limits<int>::max() &&
                     one.stored_key.size() == size_of(hash) && one.server_key.size() == size_of(hash);
  return whole ? &one : nullptr;
}

// RFC 5802 §9 leaves it to us what an unknown user is told. The salt does not depend on the hash: a real
// account has one salt for all three, so a salt that changed with the mechanism would give the unknown ones
// away.
Verifier false_verifier(const FalseSalt& secret, Hash hash, std::string_view account,
                        std::string_view domain) {
  std::string address(account);
  address += '@';
  address += domain;
  std::string salt = hmac(Hash::sha256, secret.key, "salt " + address);
  salt.resize(salt_size);
  std::string key = hmac(Hash::sha512, secret.key, "key " + address);
  key.resize(size_of(hash));
  return {std::move(salt), default_iterations, key, key};
}

}  // namespace hy::sasl
