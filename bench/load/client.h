// One connection of the load: connects, logs in, then sends and hands out what arrives. Never blocks.
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "scram.h"
#include "splitter.h"

namespace load {

enum class Tls { none, starttls, direct };
/// A relay knows no XMPP: its clients are ready when they hear each other.
enum class Kind { server, relay };

struct Target {
  sockaddr_in address{};
  Kind kind = Kind::server;
  Tls tls = Tls::none;
  std::string domain;
};

struct Account {
  std::string user;
  std::string password;
};

class Client {
 public:
  Client(int epoll, SSL_CTX* context, const Target& target, Account account, std::string resource);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Called from connect() on, until `ended`.
  std::function<void(std::string_view)> on_stanza;

  void connect();
  void served(std::uint32_t events);
  /// Whole elements; several at once leave in one write.
  void send(std::string_view bytes);
  /// Sends the closing tag; `ended` when the server has closed.
  void leave() { send("</stream:stream>"); }
  void close();

  bool ready() const { return step_ == Step::ready; }
  bool ended() const { return step_ == Step::ended; }
  /// Why it ended before it was ready, or without being told to; empty otherwise.
  const std::string& failure() const { return failure_; }
  const std::string& full_jid() const { return full_jid_; }

 private:
  enum class Step {
    fresh,
    connecting,
    header,
    features,
    proceed,
    handshake,
    sasl,
    bind,
    presence,
    ready,
    ended
  };

  void connected();
  void handshake();
  void open_stream();
  void read();
  void took(std::string_view element);
  void log_in(std::string_view element);
  void see_features(std::string_view features);
  void authenticate(std::string_view features);
  void answer_challenge(std::string_view element);
  void flush();
  void watch(bool writing);
  void fail(std::string why);

  int epoll_;
  SSL_CTX* context_;
  const Target& target_;
  Account account_;
  std::string resource_;
  int fd_ = -1;
  SSL* tls_ = nullptr;
  Step step_ = Step::fresh;
  bool authenticated_ = false;
  bool writing_ = false;
  Splitter splitter_;
  std::optional<Scram> scram_;
  std::string out_;
  std::string full_jid_;
  std::string failure_;
};

/// The text between the first `<name…>` and the next '<'.
std::string_view text_of(std::string_view element, std::string_view name);

}  // namespace load
