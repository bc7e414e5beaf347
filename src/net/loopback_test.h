// For tests of this layer: a loop in a thread, and a blocking client over loopback, plain or with TLS.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "net/loop_epoll.h"
#include "net/socket.h"

struct ssl_st;
struct ssl_ctx_st;

namespace hy::net {

/// However slow the machine: what takes longer has failed.
constexpr auto patience = 30s;

class LoopThread {
 public:
  LoopThread() : thread_([this] { loop.run(); }) {}
  ~LoopThread() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    loop.stop();
    thread_.join();
  }
  /// Runs `f` on the loop and waits for it.
  template <class F>
  auto call(F f) -> std::invoke_result_t<F> {
    std::promise<std::invoke_result_t<F>> done;
    auto result = done.get_future();
    loop.post([&] {
      if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
        f();
        done.set_value();
      } else {
        done.set_value(f());
      }
    });
    return result.get();
  }

  EpollLoop loop;

 private:
  std::thread thread_;
};

struct ClientTls {
  std::string server_name{};
  std::string alpn{};
  int version = 0;  // of OpenSSL, the only one offered; 0: any
};

class Client {
 public:
  explicit Client(std::uint16_t port);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  int socket() const { return socket_.get(); }
  void send(std::string_view bytes);
  /// Waits for `size` bytes; fewer when the server has finished or reset.
  std::string receive(std::size_t size);
  /// Waits for the end: "ended" or "reset".
  std::string end();
  void finish();
  /// RST.
  void reset();

  bool start_tls(const ClientTls& wanted = {});
  /// TLS 1.3: a KeyUpdate that asks the server for one. False when the connection is gone.
  bool ask_for_keys();
  std::string alpn() const;
  std::string version() const;
  std::string exporter() const;
  std::string unique() const;
  std::string end_point() const;
  /// The first DNS name in the server's certificate.
  std::string certificate_name() const;

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
    void operator()(ssl_ctx_st* context) const;
  };
  Socket socket_;
  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::unique_ptr<ssl_st, Free> ssl_;
};

/// A folder that is gone with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string path;
};

}  // namespace hy::net
