// One certificate: read from files, or of our own making.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/certificates.h"
#include "net/openssl.h"

namespace hy::net {

/// The server's certificate, those above it, and its key.
class CertificateChain {
 public:
  /// Error::io with the file and the reason; Error::invalid for a file that is not what it should be, or a
  /// key that does not belong to the certificate.
  static Result<CertificateChain> load(const std::string& certificate, const std::string& key);

  WallTime expires() const;
  /// The DNS names in it; wildcards as they stand.
  std::vector<std::string> names() const;
  /// Signed by its own key.
  bool self_signed() const;
  /// A line in the log when it has expired, will within 14 days, or is not valid yet.
  void warn_of_expiry(const CertificateSource& source, WallTime now) const;
  Result<void> use_in(ssl_ctx_st* context, const CertificateSource& source) const;

 private:
  std::vector<Openssl<x509_st>> chain_;
  Openssl<evp_pkey_st> key_;
};

inline constexpr std::chrono::days self_signed_validity{825};
inline constexpr std::chrono::days self_signed_renewal{30};  // made anew when less is left

/// The certificate FOLDER/DOMAIN.crt and its key (mode 0600). Made when missing: ECDSA P-256, signed by
/// itself, for the domain and `*.`domain. Made anew when it is of that kind and about to expire; one from
/// elsewhere is left alone. `domain` is ASCII.
Result<CertificateSource> own_certificate(const std::string& folder, const std::string& domain,
                                          const Clock& clock);

}  // namespace hy::net
