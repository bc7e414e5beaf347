// The certificate that the server makes for itself, so that nobody has to before the first message.
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/log.h"
#include "net/certificate.h"
#include "net/socket.h"

namespace hy::net {
namespace {

std::unexpected<Error> not_made(const std::string& domain) {
  return fail(Error::io, fmt::format("no certificate could be made for {}: {}", domain, openssl_error()));
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

// RFC 6120 §13.7.1.2: an XMPP server's certificate names its domain as a DNS name.
std::string names(const std::string& domain) {
  if (is_ip(domain)) return "IP:" + domain;
  std::string text = "DNS:" + domain + ",DNS:*." + domain;
  if (domain == "localhost") text += ",IP:127.0.0.1,IP:::1";
  return text;
}

Openssl<X509> make(const std::string& domain, EVP_PKEY* key, WallTime now) {
  Openssl<X509> made(X509_new());
  X509* certificate = made.get();
  unsigned char serial[16];
  if (certificate == nullptr || RAND_bytes(serial, sizeof serial) != 1) return nullptr;
  serial[0] &= 0x7f;  // positive
  serial[0] |= 0x40;
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  const std::time_t from =
      std::chrono::system_clock::to_time_t(now - 1h);  // for clients whose clock is behind
  const std::time_t until = std::chrono::system_clock::to_time_t(now + self_signed_validity);
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* common = reinterpret_cast<const unsigned char*>(domain.data());
  const auto common_size =
      static_cast<int>(std::min<std::size_t>(domain.size(), 64));  // RFC 5280: ub-common-name
  const bool well = number != nullptr &&
                    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr &&
                    X509_set_version(certificate, X509_VERSION_3) == 1 &&
                    ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
                    ASN1_TIME_set(X509_getm_notAfter(certificate), until) != nullptr &&
                    X509_set_pubkey(certificate, key) == 1 &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, common_size, -1, 0) == 1 &&
                    X509_set_issuer_name(certificate, name) == 1 &&
                    add_extension(certificate, NID_subject_alt_name, names(domain)) &&
                    add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
                    add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
                    X509_sign(certificate, key, EVP_sha256()) > 0;
  BN_free(number);
  return well ? std::move(made) : nullptr;
}

std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

/// Written beside its place, synced, then renamed: a crash leaves the old file or the new one.
Result<void> write_file(const std::string& file, std::string_view text, mode_t mode) {
  const std::string draft = file + ".new";
  unlink(draft.c_str());
  const Socket out(open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  const bool well = out && write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                    fsync(out.get()) == 0 && rename(draft.c_str(), file.c_str()) == 0;
  if (well) return {};
  return fail(Error::io, fmt::format("{} cannot be written: {}", file, std::strerror(errno)));
}

Result<void> write_new(const CertificateSource& at, WallTime now) {
  ERR_clear_error();
  const Openssl<EVP_PKEY> key(EVP_EC_gen("P-256"));
  if (!key) return not_made(at.domain);
  const Openssl<X509> certificate = make(at.domain, key.get(), now);
  const Openssl<BIO> key_text(BIO_new(BIO_s_secmem()));
  const Openssl<BIO> text(BIO_new(BIO_s_mem()));
  if (!certificate || !key_text || !text || PEM_write_bio_X509(text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return not_made(at.domain);
  }
  std::string secret = text_of(key_text.get());
  const Result<void> written = write_file(at.key, secret, 0600);
  explicit_bzero(secret.data(), secret.size());
  if (!written) return written;
  HY_TRY_VOID(write_file(at.certificate, text_of(text.get()), 0644));
  log::info("certificate made", "domain={} file={}", log::value(at.domain), log::value(at.certificate));
  return {};
}

// What becomes a file name and a part of a certificate: letters, digits, dots, hyphens, colons.
bool plain_name(const std::string& domain) {
  return !domain.empty() && domain.size() <= 253 && domain.front() != '.' && domain.front() != '-' &&
         std::ranges::all_of(domain, [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
                  c == '_';
         });
}

}  // namespace

Result<CertificateSource> own_certificate(const std::string& folder, const std::string& domain,
                                          const Clock& clock) {
  if (!plain_name(domain)) {
    return fail(Error::invalid,
                fmt::format("no certificate can be made for \"{}\": not a domain name", domain));
  }
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) {
    std::filesystem::create_directories(folder, error);
    if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    if (error)
      return fail(Error::io, fmt::format("the folder {} cannot be made: {}", folder, error.message()));
  }
  const std::string stem = folder + "/" + domain;
  CertificateSource at{domain, stem + ".crt", stem + ".key"};
  const bool both = std::filesystem::exists(at.certificate, error) && std::filesystem::exists(at.key, error);
  if (both) {
    HY_TRY(found, CertificateChain::load(at.certificate, at.key));
    if (!found.self_signed() || found.expires() - clock.wall() > self_signed_renewal) return at;
  } else if (std::filesystem::exists(at.certificate, error)) {
    // Half of a pair is somebody's mistake, unless we were interrupted: then the key, written first, is what
    // is there.
    return fail(Error::io,
                fmt::format("{} has no key beside it: put {} there, or remove it", at.certificate, at.key));
  }
  HY_TRY_VOID(write_new(at, clock.wall()));
  return at;
}

}  // namespace hy::net
