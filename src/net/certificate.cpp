#include "net/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/log.h"

namespace hy::net {
namespace {

constexpr std::size_t largest_file = 1024 * 1024;

Result<std::string> contents(const std::string& file, std::string_view what) {
  std::unique_ptr<FILE, int (*)(FILE*)> in(std::fopen(file.c_str(), "re"), &std::fclose);
  if (!in)
    return fail(Error::io, fmt::format("the {} {} cannot be read: {}", what, file, std::strerror(errno)));
  std::string text(largest_file + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), in.get()));
  if (std::ferror(in.get()) != 0) {
    return fail(Error::io, fmt::format("the {} {} cannot be read: {}", what, file, std::strerror(errno)));
  }
  if (text.size() > largest_file)
    return fail(Error::invalid, fmt::format("the {} {} is too large", what, file));
  return text;
}

Openssl<BIO> view(const std::string& text) {
  return Openssl<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

WallTime wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return WallTime(std::chrono::seconds(timegm(&parts)));
}

// A key that asks for a passphrase is refused, instead of asking on the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

}  // namespace

Result<CertificateChain> CertificateChain::load(const std::string& certificate, const std::string& key) {
  HY_TRY(chain_text, contents(certificate, "certificate"));
  HY_TRY(key_text, contents(key, "key"));
  CertificateChain loaded;
  ERR_clear_error();
  const Openssl<BIO> chain = view(chain_text);
  while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr)) {
    loaded.chain_.emplace_back(next);
  }
  const unsigned long end = ERR_peek_last_error();
  if (loaded.chain_.empty() || ERR_GET_REASON(end) != PEM_R_NO_START_LINE) {
    return fail(Error::invalid,
                fmt::format("{} is not a certificate in PEM form: {}", certificate, openssl_error()));
  }
  ERR_clear_error();
  const Openssl<BIO> key_view = view(key_text);
  loaded.key_.reset(PEM_read_bio_PrivateKey(key_view.get(), nullptr, no_passphrase, nullptr));
  if (!loaded.key_) {
    return fail(Error::invalid, fmt::format("{} is not a private key in PEM form without a passphrase: {}",
                                            key, openssl_error()));
  }
  if (X509_check_private_key(loaded.chain_.front().get(), loaded.key_.get()) != 1) {
    ERR_clear_error();
    return fail(Error::invalid,
                fmt::format("the key {} does not belong to the certificate {} (the server's own "
                            "certificate must be the first in that file)",
                            key, certificate));
  }
  return loaded;
}

WallTime CertificateChain::expires() const {
  return wall_time(X509_get0_notAfter(chain_.front().get()));
}

std::vector<std::string> CertificateChain::names() const {
  std::vector<std::string> found;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(chain_.front().get(), NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS) continue;
    const ASN1_STRING* text = name->d.dNSName;
    found.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                       static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  GENERAL_NAMES_free(names);
  return found;
}

bool CertificateChain::self_signed() const {
  X509* own = chain_.front().get();
  return X509_NAME_cmp(X509_get_subject_name(own), X509_get_issuer_name(own)) == 0;
}

void CertificateChain::warn_of_expiry(const CertificateSource& source, WallTime now) const {
  const auto left = std::chrono::floor<std::chrono::days>(expires() - now).count();
  const std::string domain = log::value(source.domain);
  const std::string file = log::value(source.certificate);
  if (expires() <= now) {
    log::error("certificate expired", "domain={} file={} days={}", domain, file, -left);
  } else if (left < 14) {
    log::warn("certificate expires soon", "domain={} file={} days={}", domain, file, left);
  } else if (wall_time(X509_get0_notBefore(chain_.front().get())) > now) {
    log::warn("certificate not valid yet", "domain={} file={}", domain, file);
  }
}

Result<void> CertificateChain::use_in(SSL_CTX* context, const CertificateSource& source) const {
  ERR_clear_error();
  bool well = SSL_CTX_use_certificate(context, chain_.front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, key_.get()) == 1;
  for (std::size_t i = 1; well && i < chain_.size(); ++i) {
    well = SSL_CTX_add1_chain_cert(context, chain_[i].get()) == 1;
  }
  if (well) return {};
  return fail(Error::invalid, fmt::format("the certificate {} of {} cannot be used: {}", source.certificate,
                                          source.domain, openssl_error()));
}

}  // namespace hy::net
