// OpenSSL reads from and writes to a BIO of ours. There is one per loop, not one per connection: before each
// call the port behind it is pointed at the bytes that this connection has received and at its output. A
// connection that moves is given the BIO of its new loop.

#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/log.h"
#include "net/openssl.h"
#include "net/tls_binding.h"

namespace hy::net {

/// Where the loop's BIO leads for the time of one call.
struct TlsSession::Port {
  Openssl<BIO> bio;
  std::span<const char> in;
  std::string* out = nullptr;

  static int read(BIO* bio, char* into, int size) {
    auto& port = *static_cast<Port*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (port.in.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t taken = std::min(port.in.size(), static_cast<std::size_t>(size));
    std::memcpy(into, port.in.data(), taken);
    port.in = port.in.subspan(taken);
    return static_cast<int>(taken);
  }

  static int write(BIO* bio, const char* bytes, int size) {
    auto& port = *static_cast<Port*>(BIO_get_data(bio));
    port.out->append(bytes, static_cast<std::size_t>(size));
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  /// Made once per loop. The method table is made with it: it is small, and then it is nobody's global.
  static Port& of(EpollLoop& loop) {
    std::shared_ptr<void>& kept = loop.tls_state();
    if (!kept) {
      BIO_METHOD* method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "hongyan");
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
      auto port = std::make_unique<Port>();
      port->bio.reset(BIO_new(method));
      HY_CHECK(port->bio != nullptr);
      BIO_set_data(port->bio.get(), port.get());
      BIO_set_init(port->bio.get(), 1);
      kept = std::shared_ptr<void>(port.release(), [method](void* owned) {
        delete static_cast<Port*>(owned);
        BIO_meth_free(method);
      });
    }
    return *static_cast<Port*>(kept.get());
  }
};

class TlsSession::Callbacks {
 public:
  static TlsSession& session(SSL* ssl) { return *static_cast<TlsSession*>(SSL_get_app_data(ssl)); }

  // RFC 6066 §3: the client names the domain it wants; RFC 6125 §6.4.3 for wildcards.
  static int server_name(SSL* ssl, int*, void*) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_SSL_CTX(ssl, session(ssl).certificates_->choose(name));
    return SSL_TLSEXT_ERR_OK;
  }

  // RFC 7301 §3.2: the server's preference among what the client offers; nothing in common is fatal, so that
  // a client of another protocol is not answered by this one.
  static int alpn(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                  unsigned int in_size, void*) {
    for (const std::string& ours : session(ssl).options_.alpn) {
      for (unsigned int at = 0; at < in_size && at + 1 + in[at] <= in_size; at += 1 + in[at]) {
        if (std::string_view(reinterpret_cast<const char*>(in + at + 1), in[at]) != ours) continue;
        *out = in + at + 1;
        *out_size = in[at];
        return SSL_TLSEXT_ERR_OK;
      }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
};

void TlsSession::Free::operator()(SSL* ssl) const {
  SSL_free(ssl);
}

void TlsSession::set_callbacks(SSL_CTX* context) {
  SSL_CTX_set_tlsext_servername_callback(context, Callbacks::server_name);
  SSL_CTX_set_alpn_select_cb(context, Callbacks::alpn, nullptr);
}

TlsSession::TlsSession(std::unique_ptr<SSL, Free> ssl, std::shared_ptr<const CertificateSet> certificates,
                       const TlsOptions& options)
    : ssl_(std::move(ssl)), certificates_(std::move(certificates)), options_(options) {
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::~TlsSession() = default;

Result<std::unique_ptr<TlsSession>> TlsSession::accept(const TlsOptions& options) {
  std::shared_ptr<const CertificateSet> certificates = options.certificates->current();
  std::unique_ptr<SSL, Free> ssl(SSL_new(certificates->choose({})));
  if (!ssl) return fail(Error::io, "no TLS session could be made: " + openssl_error());
  return std::unique_ptr<TlsSession>(new TlsSession(std::move(ssl), std::move(certificates), options));
}

void TlsSession::attach(EpollLoop& loop) {
  port_ = &Port::of(loop);
  BIO_up_ref(port_->bio.get());  // one for reading and writing: SSL_set_bio takes a single reference then
  SSL_set_bio(ssl_.get(), port_->bio.get(), port_->bio.get());
}

void TlsSession::detach() {
  SSL_set_bio(ssl_.get(), nullptr, nullptr);
  port_ = nullptr;
}

bool TlsSession::has_input() const {
  if (input_ != Input::open) return true;
  return !left_over_.empty() || SSL_pending(ssl_.get()) > 0;
}

Read TlsSession::read(std::span<const char> records, std::span<char> into, std::string& out) {
  if (input_ == Input::failed) return {Read::failed, 0};
  if (input_ == Input::ended) return {Read::ended, 0};
  std::string kept = std::exchange(left_over_, {});
  if (!kept.empty()) {
    kept.append(records.data(), records.size());
    records = kept;
  }
  const std::size_t out_before = out.size();
  port_->in = records;
  port_->out = &out;
  ERR_clear_error();
  std::size_t size = 0;
  int result = 1;
  while (size < into.size()) {
    std::size_t got = 0;
    result = SSL_read_ex(ssl_.get(), into.data() + size, into.size() - size, &got);
    if (result != 1) break;
    size += got;
  }
  if (!established_ && SSL_is_init_finished(ssl_.get())) {
    established_ = true;
    certificates_ = nullptr;
  }
  if (result != 1) {
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        break;
      case SSL_ERROR_ZERO_RETURN:
        input_ = Input::ended;
        break;
      default:
        input_ = Input::failed;
        log::debug("tls failed", "reason={}", log::value(openssl_error()));
    }
  }
  // RFC 8446 §4.6.3: each KeyUpdate may ask for one of ours. Who never reads them would fill our memory.
  answered_ = size > 0 ? 0 : answered_ + (out.size() - out_before);
  if (answered_ > most_answers) input_ = Input::failed;
  left_over_.assign(port_->in.data(), port_->in.size());
  if (left_over_.empty()) std::string().swap(left_over_);
  port_->in = {};
  port_->out = nullptr;
  if (size > 0) return {Read::data, size};
  if (input_ == Input::failed) return {Read::failed, 0};
  return {input_ == Input::ended ? Read::ended : Read::would_block, 0};
}

void TlsSession::flush_held(std::string& out) {
  if (held_.empty() || !established_) return;
  const std::string plain = std::exchange(held_, {});
  if (input_ == Input::failed) return;
  port_->out = &out;
  ERR_clear_error();
  std::size_t written = 0;
  // The BIO takes everything, so this is whole or fails for good.
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1) {
    input_ = Input::failed;
    log::debug("tls failed", "writing={}", log::value(openssl_error()));
  }
  port_->out = nullptr;
}

// RFC 8446 §6.1: whoever has nothing more to send says so.
void TlsSession::finish(std::string& out) {
  flush_held(out);
  held_.clear();
  if (!established_ || input_ == Input::failed) return;
  port_->out = &out;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  port_->out = nullptr;
}

std::string TlsSession::server_name() const {
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

std::string TlsSession::alpn() const {
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  return {reinterpret_cast<const char*>(protocol), size};
}

std::string TlsSession::version() const {
  return established_ ? SSL_get_version(ssl_.get()) : "";
}

std::string TlsSession::binding(Binding kind) const {
  if (!established_) return {};
  switch (kind) {
    case Binding::tls_server_end_point:
      return end_point(ssl_.get());
    case Binding::tls_exporter:
      return exporter(ssl_.get());
    case Binding::tls_unique:
      return unique(ssl_.get());
  }
  return {};
}

}  // namespace hy::net
