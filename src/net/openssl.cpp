#include "net/openssl.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace hy::net {

void FreeOpenssl::operator()(x509_st* certificate) const {
  X509_free(certificate);
}
void FreeOpenssl::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}
void FreeOpenssl::operator()(bio_st* bio) const {
  BIO_free(bio);
}

std::string openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : std::to_string(code);
}

}  // namespace hy::net
