#include "net/tls.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <semaphore>

#include "base/log.h"
#include "net/certificate.h"
#include "net/loopback_test.h"
#include "net/tcp.h"

namespace hy::net {
namespace {

std::shared_ptr<TlsOptions> tls_for(const TemporaryFolder& folder, const std::vector<std::string>& domains) {
  std::vector<CertificateSource> sources;
  for (const std::string& domain : domains) {
    sources.push_back(*own_certificate(folder.path, domain, SystemClock()));
  }
  auto options = std::make_shared<TlsOptions>();
  options->certificates = *Certificates::load(std::move(sources), SystemClock());
  return options;
}

/// Echoes inside TLS; "STARTTLS\n" in the clear begins it. On one loop, or handed to another after each read.
class TlsServer {
 public:
  explicit TlsServer(bool direct = true) : direct_(direct) {
    log::set_output([](log::Level, std::string_view) {});
    tls = tls_for(folder, {"first.example", "example.org"});
    shard.call([this] {
      network = std::make_unique<TcpNetwork>(shard.loop, std::make_shared<Ports>(), tls);
      listener = std::move(*network->listen({"127.0.0.1", 0}, [this](std::unique_ptr<Pipe> accepted) {
        pipe = std::move(accepted);
        if (direct_) ASSERT_TRUE(pipe->start_tls());
        pipe->on_readable([this] { read(); });
        if (greet) pipe->write("hello from the start");
      }));
      port = listener->port();
    });
  }
  ~TlsServer() {
    shard.call([this] {
      pipe = nullptr;
      listener = nullptr;
    });
  }

  void read() {
    char buffer[4096];
    for (;;) {
      const Read got = pipe->read(buffer);
      if (got.state == Read::would_block) return;
      if (got.state != Read::data) {
        end = got.state == Read::ended ? "ended" : "failed";
        pipe->close();
        pipe = nullptr;
        return ended.release();
      }
      const std::string_view bytes(buffer, got.size);
      if (!pipe->secure() && bytes.starts_with("STARTTLS\n")) {
        behind = bytes.substr(9);
        pipe->write("PROCEED\n");
        if (!pipe->start_tls()) end = "unavailable";
        continue;
      }
      pipe->write(bytes);
      if (!level) continue;
      return;  // the rest when told again
    }
  }

  std::string binding(Binding kind) {
    return shard.call([&] { return pipe->binding(kind); });
  }

  TemporaryFolder folder;
  std::shared_ptr<TlsOptions> tls;
  LoopThread shard;
  std::unique_ptr<TcpNetwork> network;
  std::unique_ptr<Listener> listener;
  std::uint16_t port = 0;
  std::unique_ptr<Pipe> pipe;
  bool greet = false;
  bool level = true;
  std::string behind;
  std::string end;
  std::counting_semaphore<> ended{0};

 private:
  bool direct_;
};

class TlsVersions : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Both, TlsVersions, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_P(TlsVersions, bytes_are_echoed_and_both_ends_agree_on_who_and_how) {
  TlsServer server;
  Client client(server.port);
  ASSERT_TRUE(client.start_tls({.server_name = "example.org", .alpn = "xmpp-client", .version = GetParam()}));
  client.send("secret");
  EXPECT_EQ(client.receive(6), "secret");
  EXPECT_EQ(client.alpn(), "xmpp-client");
  EXPECT_EQ(client.certificate_name(), "example.org");
  server.shard.call([&] {
    EXPECT_TRUE(server.pipe->secure());
    EXPECT_EQ(server.pipe->server_name(), "example.org");
    EXPECT_EQ(server.pipe->alpn(), "xmpp-client");
    EXPECT_EQ(server.pipe->tls_version(), client.version());
  });
  EXPECT_EQ(server.binding(Binding::tls_exporter), client.exporter());
  EXPECT_EQ(server.binding(Binding::tls_server_end_point), client.end_point());
  EXPECT_EQ(server.binding(Binding::tls_unique), GetParam() == TLS1_2_VERSION ? client.unique() : "");
}

TEST_P(TlsVersions, a_megabyte_comes_back_whole) {
  TlsServer server;
  Client client(server.port);
  ASSERT_TRUE(client.start_tls({.version = GetParam()}));
  std::string sent(1 << 20, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 7 + i / 251);
  // One thread for both directions: OpenSSL's client end is not made for two.
  std::string got;
  for (std::size_t at = 0; at < sent.size(); at += 1 << 16) {
    client.send(std::string_view(sent).substr(at, 1 << 16));
    got += client.receive(1 << 16);
  }
  EXPECT_TRUE(got == sent);
}

TEST_P(TlsVersions, close_notify_is_ended_and_answered) {
  TlsServer server;
  Client client(server.port);
  ASSERT_TRUE(client.start_tls({.version = GetParam()}));
  client.send("bye");
  EXPECT_EQ(client.receive(3), "bye");
  client.finish();
  ASSERT_TRUE(server.ended.try_acquire_for(patience));
  EXPECT_EQ(server.end, "ended");
  EXPECT_EQ(client.end(), "ended") << "not just FIN";
}

TEST_P(TlsVersions, what_is_written_before_the_handshake_ends_arrives_inside) {
  TlsServer server;
  server.greet = true;
  Client client(server.port);
  ASSERT_TRUE(client.start_tls({.version = GetParam()}));
  EXPECT_EQ(client.receive(20), "hello from the start");
}

TEST_P(TlsVersions, starttls_sends_what_was_written_in_the_clear_first) {
  TlsServer server(false);
  Client client(server.port);
  client.send("plain");
  EXPECT_EQ(client.receive(5), "plain");
  client.send("STARTTLS\n");
  EXPECT_EQ(client.receive(8), "PROCEED\n");
  ASSERT_TRUE(client.start_tls({.version = GetParam()}));
  client.send("secret");
  EXPECT_EQ(client.receive(6), "secret");
  EXPECT_EQ(server.behind, "");
}

TEST(Tls, bytes_behind_starttls_in_the_same_segment_stay_outside) {
  TlsServer server(false);
  Client client(server.port);
  client.send("STARTTLS\n<injected/>");
  EXPECT_EQ(client.receive(8), "PROCEED\n");
  server.shard.call([&] { EXPECT_EQ(server.behind, "<injected/>"); });
}

TEST(Tls, bytes_in_the_clear_where_the_handshake_is_due_fail) {
  TlsServer server(false);
  Client client(server.port);
  client.send("STARTTLS\n");
  EXPECT_EQ(client.receive(8), "PROCEED\n");
  client.send("<stream:stream xmlns='jabber:client'>");
  ASSERT_TRUE(server.ended.try_acquire_for(patience));
  EXPECT_EQ(server.end, "failed");
}

TEST(Tls, unknown_names_get_the_first_certificate_and_sub_domains_their_wildcard) {
  TlsServer server;
  const auto named = [&](const std::string& name) {
    Client client(server.port);
    EXPECT_TRUE(client.start_tls({.server_name = name}));
    return client.certificate_name();
  };
  EXPECT_EQ(named(""), "first.example");
  EXPECT_EQ(named("nowhere.example"), "first.example");
  EXPECT_EQ(named("conference.example.org"), "example.org");
}

TEST(Tls, a_protocol_that_is_not_ours_is_refused) {
  TlsServer server;
  Client client(server.port);
  EXPECT_FALSE(client.start_tls({.alpn = "http/1.1"}));
  ASSERT_TRUE(server.ended.try_acquire_for(patience));
  EXPECT_EQ(server.end, "failed");
}

TEST(Tls, tls_1_1_is_refused) {
  TlsServer server;
  Client client(server.port);
  EXPECT_FALSE(client.start_tls({.version = TLS1_1_VERSION}));
  ASSERT_TRUE(server.ended.try_acquire_for(patience));
  EXPECT_EQ(server.end, "failed");
}

TEST(Tls, keys_asked_for_again_and_again_end_the_connection) {
  TlsServer server;
  Client client(server.port);
  ASSERT_TRUE(client.start_tls());
  int asked = 0;
  while (client.ask_for_keys()) {
    if (++asked % 100 == 0 && asked <= 1000) {  // with data between them they are harmless
      client.send("x");
      ASSERT_EQ(client.receive(1), "x");
    }
    ASSERT_LT(asked, 100000);
  }
  ASSERT_TRUE(server.ended.try_acquire_for(patience));
  EXPECT_EQ(server.end, "failed");
  EXPECT_GT(asked, 1000);
}

TEST(Tls, fin_in_the_midst_of_the_handshake_fails) {
  TlsServer server;
  Client client(server.port);
  client.send(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
  client.finish();
  ASSERT_TRUE(server.ended.try_acquire_for(patience));
  EXPECT_EQ(server.end, "failed");
}

TEST(Tls, is_unavailable_without_certificates) {
  EpollLoop loop;
  TcpNetwork network(loop, std::make_shared<Ports>(), nullptr);
  auto listener = *network.listen({"127.0.0.1", 0}, [&](std::unique_ptr<Pipe> pipe) {
    EXPECT_EQ(pipe->start_tls().error().code, Error::unavailable);
    loop.stop();
  });
  Client client(listener->port());
  loop.run();
}

TEST(Tls, reloaded_certificates_are_for_new_connections) {
  TlsServer server;
  Client before(server.port);
  ASSERT_TRUE(before.start_tls({.server_name = "example.org"}));
  const std::string old = before.end_point();
  for (const char* end : {".crt", ".key"}) unlink((server.folder.path + "/example.org" + end).c_str());
  ASSERT_TRUE(own_certificate(server.folder.path, "example.org", SystemClock()));
  ASSERT_TRUE(server.tls->certificates->reload(SystemClock()));
  EXPECT_EQ(server.binding(Binding::tls_server_end_point), old);
  Client after(server.port);
  ASSERT_TRUE(after.start_tls({.server_name = "example.org"}));
  EXPECT_NE(after.end_point(), old);
}

/// Passes one connection to and fro between two loops: after each single byte of plain text, with records
/// waiting.
class Mover {
 public:
  Mover(LoopThread& one, LoopThread& two) : loops_{&one, &two} {}

  void begin(std::unique_ptr<Pipe> pipe) {
    pipe_ = std::move(pipe);
    ASSERT_TRUE(pipe_->start_tls());
    pipe_->on_readable([this] { read(); });
  }

  void read() {
    char byte;
    const Read got = pipe_->read({&byte, 1});
    if (got.state == Read::would_block) return;
    if (got.state != Read::data) return done.release();
    pipe_->write({&byte, 1});
    move();
  }

  void move() {
    ++moves;
    pipe_->detach();
    here_ ^= 1;
    loops_[here_]->loop.post([this] {
      pipe_->attach(loops_[here_]->loop);
      pipe_->on_readable([this] { read(); });
    });
  }

  std::unique_ptr<Pipe> pipe_;
  LoopThread* loops_[2];
  std::size_t here_ = 0;
  std::atomic<int> moves = 0;
  std::counting_semaphore<> done{0};
};

TEST_P(TlsVersions, a_pipe_moves_a_thousand_times_with_records_waiting) {
  log::set_output([](log::Level, std::string_view) {});
  TemporaryFolder folder;
  LoopThread one;
  LoopThread two;
  Mover mover(one, two);
  TcpNetwork network(one.loop, std::make_shared<Ports>(), tls_for(folder, {"example.org"}));
  std::unique_ptr<Listener> listener;
  one.call([&] {
    listener = std::move(*network.listen({"127.0.0.1", 0}, [&](auto pipe) { mover.begin(std::move(pipe)); }));
  });
  Client client(listener->port());
  ASSERT_TRUE(client.start_tls({.version = GetParam()}));
  std::string sent;
  for (int i = 0; i < 100; ++i) sent += "0123456789";
  for (std::size_t at = 0; at < sent.size(); at += 50) {  // records of 50 bytes, of 20 and of 30
    client.send(std::string_view(sent).substr(at, 20));
    client.send(std::string_view(sent).substr(at + 20, 30));
  }
  EXPECT_EQ(client.receive(sent.size()), sent);
  EXPECT_GE(mover.moves, 1000);
  client.finish();
  ASSERT_TRUE(mover.done.try_acquire_for(patience));
  mover.loops_[mover.here_]->call([&] { mover.pipe_ = nullptr; });
  one.call([&] { listener = nullptr; });
}

}  // namespace
}  // namespace hy::net
