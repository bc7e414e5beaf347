#include "net/tls_binding.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <string_view>

namespace hy::net {
namespace {

// RFC 9266 §4.2: under TLS 1.2 without extended master secret two connections may share their keys.
bool keys_are_its_own(SSL* ssl) {
  return SSL_version(ssl) >= TLS1_3_VERSION || SSL_get_extms_support(ssl) == 1;
}

}  // namespace

// RFC 5929 §4.1: the hash of the server's certificate, by the hash of its signature; SHA-256 in place of MD5
// and SHA-1; nothing when the signature has no hash of its own.
std::string end_point(SSL* ssl) {
  X509* certificate = SSL_get_certificate(ssl);
  int hash = NID_undef;
  if (certificate == nullptr || X509_get_signature_info(certificate, &hash, nullptr, nullptr, nullptr) != 1)
    return {};
  if (hash == NID_md5 || hash == NID_sha1) hash = NID_sha256;
  const EVP_MD* digest = EVP_get_digestbynid(hash);
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (digest == nullptr || X509_digest(certificate, digest, bytes, &size) != 1) return {};
  return {reinterpret_cast<const char*>(bytes), size};
}

// RFC 9266 §2: 32 bytes of keying material under its own label, with an empty context.
std::string exporter(SSL* ssl) {
  constexpr std::string_view label = "EXPORTER-Channel-Binding";
  unsigned char bytes[32];
  if (!keys_are_its_own(ssl) ||
      SSL_export_keying_material(ssl, bytes, sizeof bytes, label.data(), label.size(),
                                 reinterpret_cast<const unsigned char*>(""), 0, 1) != 1) {
    return {};
  }
  return {reinterpret_cast<const char*>(bytes), sizeof bytes};
}

// RFC 5929 §3.1: the first Finished message of the handshake: the client's, or the server's when a session
// was resumed. TLS 1.3 has none (RFC 8446 appendix C.5).
std::string unique(SSL* ssl) {
  if (SSL_version(ssl) != TLS1_2_VERSION || !keys_are_its_own(ssl)) return {};
  unsigned char bytes[EVP_MAX_MD_SIZE];
  const std::size_t size = SSL_session_reused(ssl) == 1 ? SSL_get_finished(ssl, bytes, sizeof bytes)
                                                        : SSL_get_peer_finished(ssl, bytes, sizeof bytes);
  return {reinterpret_cast<const char*>(bytes), std::min(size, sizeof bytes)};
}

}  // namespace hy::net
