#include "net/certificates.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/log.h"
#include "net/certificate.h"
#include "net/openssl.h"
#include "net/tls.h"

namespace hy::net {
namespace {

// Forward secrecy and authenticated encryption only (RFC 9325 §4.2); TLS 1.3's own suites are all of that
// kind.
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK";
constexpr const char* groups = "X25519:P-256:P-384";

std::string lower(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void set_policy(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, ciphers);
  SSL_CTX_set1_groups_list(context, groups);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  TlsSession::set_callbacks(context);
}

}  // namespace

void CertificateSet::Free::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}

Result<std::shared_ptr<const CertificateSet>> CertificateSet::load(
    const std::vector<CertificateSource>& sources, const Clock& clock) {
  if (sources.empty()) return fail(Error::invalid, "no certificate is named");
  auto set = std::make_shared<CertificateSet>();
  std::vector<std::pair<std::string, SSL_CTX*>> inside;  // names in certificates come second
  for (const CertificateSource& source : sources) {
    HY_TRY(chain, CertificateChain::load(source.certificate, source.key));
    chain.warn_of_expiry(source, clock.wall());
    std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_server_method()));
    HY_CHECK(context != nullptr);
    set_policy(context.get());
    HY_TRY_VOID(chain.use_in(context.get(), source));
    set->by_name_.emplace(lower(source.domain), context.get());
    for (const std::string& name : chain.names()) inside.emplace_back(lower(name), context.get());
    set->contexts_.push_back(std::move(context));
  }
  for (auto& [name, context] : inside) set->by_name_.emplace(std::move(name), context);
  return set;
}

SSL_CTX* CertificateSet::choose(std::string_view server_name) const {
  const std::string name = lower(server_name);
  auto found = by_name_.find(name);
  if (const std::size_t dot = name.find('.'); found == by_name_.end() && dot != std::string::npos) {
    found = by_name_.find("*" + name.substr(dot));
  }
  return found != by_name_.end() ? found->second : contexts_.front().get();
}

Result<std::shared_ptr<Certificates>> Certificates::load(std::vector<CertificateSource> sources,
                                                         const Clock& clock) {
  HY_TRY(first, CertificateSet::load(sources, clock));
  return std::shared_ptr<Certificates>(new Certificates(std::move(sources), std::move(first)));
}

Result<void> Certificates::reload(const Clock& clock) {
  HY_TRY(next, CertificateSet::load(sources_, clock));
  current_.store(std::move(next));
  return {};
}

}  // namespace hy::net
