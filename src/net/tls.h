// TLS on one connection, server side, without I/O: bytes of records in, plain bytes out, and the other way
// round.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/certificates.h"
#include "net/loop_epoll.h"
#include "net/pipe.h"

struct ssl_st;
struct ssl_ctx_st;

namespace hy::net {

/// The same for all connections of a listener; shared by the shards.
struct TlsOptions {
  std::shared_ptr<Certificates> certificates;
  /// Protocols for ALPN, the preferred first. A client that offers only others is refused (RFC 7301 §3.2);
  /// one that offers none is served.
  std::vector<std::string> alpn{"xmpp-client"};
};

class TlsSession {
 public:
  /// What a peer may make us answer to messages of the protocol itself between two pieces of data.
  static constexpr std::size_t most_answers = 64 * 1024;

  /// With the certificates of now; those loaded later are for later sessions. `options` must outlive it.
  static Result<std::unique_ptr<TlsSession>> accept(const TlsOptions& options);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  /// Before first use, and on each loop that the connection moves to.
  void attach(EpollLoop& loop);
  void detach();

  /// What OpenSSL asks during a handshake. For each context, when it is made.
  static void set_callbacks(ssl_ctx_st* context);

  /// Takes `records`, which is kept where `into` has no room, and decrypts what it can. Answers of the
  /// handshake are appended to `out`.
  Read read(std::span<const char> records, std::span<char> into, std::string& out);
  /// Whether read() has something to say without further records.
  bool has_input() const;

  /// Plain bytes gather here, also before the handshake has ended, until they are encrypted together.
  void hold(std::string_view plain) { held_ += plain; }
  std::size_t held() const { return held_.size(); }
  void flush_held(std::string& out);
  /// What is held, then close_notify.
  void finish(std::string& out);

  /// The handshake has ended well.
  bool established() const { return established_; }
  std::string server_name() const;
  std::string alpn() const;
  std::string version() const;
  std::string binding(Binding kind) const;

 private:
  class Callbacks;
  friend class Callbacks;
  struct Port;
  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  TlsSession(std::unique_ptr<ssl_st, Free> ssl, std::shared_ptr<const CertificateSet> certificates,
             const TlsOptions& options);

  std::unique_ptr<ssl_st, Free> ssl_;
  std::shared_ptr<const CertificateSet> certificates_;  // till the handshake has ended
  const TlsOptions& options_;
  Port* port_ = nullptr;  // of the loop: what OpenSSL reads from and writes to
  std::string held_;
  std::string left_over_;
  std::size_t answered_ = 0;
  bool established_ = false;
  enum class Input { open, ended, failed } input_ = Input::open;
};

}  // namespace hy::net
