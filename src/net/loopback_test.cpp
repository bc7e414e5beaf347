#include "net/loopback_test.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <filesystem>

namespace hy::net {

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{std::chrono::seconds(patience).count(), 0};
  setsockopt(socket(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

Client::~Client() = default;

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                           : ::send(socket(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Client::receive(std::size_t size) {
  std::string got(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const auto read = ssl_ ? SSL_read(ssl_.get(), got.data() + have, static_cast<int>(size - have))
                           : recv(socket(), got.data() + have, size - have, 0);
    if (read <= 0) break;
    have += static_cast<std::size_t>(read);
  }
  got.resize(have);
  return got;
}

std::string Client::end() {
  char byte;
  if (ssl_) {
    const int got = SSL_read(ssl_.get(), &byte, 1);
    if (got > 0) return "data";
    return SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN ? "ended" : "reset";
  }
  const ssize_t got = recv(socket(), &byte, 1, 0);
  if (got > 0) return "data";
  if (got == 0) return "ended";
  return errno == ECONNRESET ? "reset" : "nothing";
}

void Client::finish() {
  if (ssl_) SSL_shutdown(ssl_.get());
  shutdown(socket(), SHUT_WR);
}

void Client::reset() {
  const linger at_once{1, 0};
  setsockopt(socket(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_ = {};
}

bool Client::start_tls(const ClientTls& wanted) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (wanted.version != 0) {
    SSL_CTX_set_min_proto_version(context_.get(), wanted.version);
    SSL_CTX_set_max_proto_version(context_.get(), wanted.version);
    SSL_CTX_set_security_level(context_.get(), 0);
  }
  ssl_.reset(SSL_new(context_.get()));
  if (!wanted.server_name.empty()) SSL_set_tlsext_host_name(ssl_.get(), wanted.server_name.c_str());
  if (!wanted.alpn.empty()) {
    const std::string list = static_cast<char>(wanted.alpn.size()) + wanted.alpn;
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
  }
  SSL_set_fd(ssl_.get(), socket());
  return SSL_connect(ssl_.get()) == 1;
}

bool Client::ask_for_keys() {
  return SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(ssl_.get()) == 1;
}

std::string Client::alpn() const {
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  return {reinterpret_cast<const char*>(protocol), size};
}

std::string Client::version() const {
  return SSL_get_version(ssl_.get());
}

std::string Client::exporter() const {
  std::string bytes(32, '\0');
  SSL_export_keying_material(ssl_.get(), reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                             "EXPORTER-Channel-Binding", 24, reinterpret_cast<const unsigned char*>(""), 0,
                             1);
  return bytes;
}

std::string Client::unique() const {
  std::string bytes(64, '\0');
  bytes.resize(SSL_get_finished(ssl_.get(), bytes.data(), bytes.size()));
  return bytes;
}

std::string Client::end_point() const {
  X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  std::string bytes(32, '\0');
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(bytes.data()), &size);
  return bytes;
}

std::string Client::certificate_name() const {
  X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  char name[256] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

void Client::Free::operator()(SSL* ssl) const {
  SSL_free(ssl);
}
void Client::Free::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "hongyan-test-XXXXXX").string();
  path = mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::filesystem::remove_all(path);
}

}  // namespace hy::net
