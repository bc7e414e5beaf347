#include "sasl/exchange.h"

#include "sasl/plain.h"
#include "sasl/scram.h"

namespace hy::sasl {
namespace {

/// Random bytes in a server nonce: 24 characters of base64.
constexpr std::size_t nonce_size = 18;

}  // namespace

std::string_view name(Failure failure) {
  switch (failure) {
    case Failure::aborted:
      return "aborted";
    case Failure::account_disabled:
      return "account-disabled";
    case Failure::credentials_expired:
      return "credentials-expired";
    case Failure::encryption_required:
      return "encryption-required";
    case Failure::incorrect_encoding:
      return "incorrect-encoding";
    case Failure::invalid_authzid:
      return "invalid-authzid";
    case Failure::invalid_mechanism:
      return "invalid-mechanism";
    case Failure::malformed_request:
      return "malformed-request";
    case Failure::mechanism_too_weak:
      return "mechanism-too-weak";
    case Failure::not_authorized:
      return "not-authorized";
    case Failure::temporary_auth_failure:
      return "temporary-auth-failure";
  }
  return "temporary-auth-failure";
}

// RFC 5802 §6: -PLUS forms need a channel to bind to. RFC 6120 §13.8.3: PLAIN is for protected streams only.
std::vector<std::string> mechanisms_for(bool secure, bool has_binding) {
  std::vector<std::string> names;
  if (secure && has_binding) names = {"SCRAM-SHA-512-PLUS", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"};
  names.insert(names.end(), {"SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1"});
  if (secure) names.emplace_back("PLAIN");
  return names;
}

// RFC 6120 §6.4.2, §6.5.4: a mechanism that was not offered is invalid, whatever we could do with it; PLAIN
// in the clear asks for encryption first.
std::expected<std::unique_ptr<Exchange>, Failure> Exchange::start(std::string_view mechanism, Offer offer,
                                                                  const FalseSalt& false_salt,
                                                                  Random& random) {
  if (mechanism == "PLAIN" && !offer.secure) return std::unexpected(Failure::encryption_required);
  if (std::ranges::find(offer.mechanisms, mechanism) == offer.mechanisms.end())
    return std::unexpected(Failure::invalid_mechanism);
  if (mechanism == "PLAIN") return std::make_unique<Plain>(std::move(offer.domain), false_salt);
  const ScramMechanism* scram = scram_mechanism(mechanism);
  if (scram == nullptr) return std::unexpected(Failure::invalid_mechanism);
  std::array<unsigned char, nonce_size> nonce;
  random.fill(nonce);
  return std::make_unique<Scram>(*scram, std::move(offer), false_salt,
                                 encode_base64({reinterpret_cast<const char*>(nonce.data()), nonce.size()}));
}

}  // namespace hy::sasl
