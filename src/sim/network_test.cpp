#include "sim/network.h"

#include <gtest/gtest.h>

#include "sim/world.h"

namespace hy::sim {
namespace {

/// A server that echoes on one or more shards and writes down what it saw.
struct Echo {
  explicit Echo(std::uint64_t seed, int shards = 1) : world(seed) {
    for (int i = 0; i < shards; ++i) {
      Loop& loop = world.add_loop("shard " + std::to_string(i));
      networks.push_back(world.network().on(loop));
      auto listener = networks.back()->listen({"0.0.0.0", 5222}, [this](std::unique_ptr<net::Pipe> pipe) {
        pipes.push_back(std::move(pipe));
        attend(pipes.back().get());
      });
      listeners.push_back(std::move(*listener));
    }
  }
  ~Echo() { pipes.clear(); }

  void attend(net::Pipe* pipe) {
    pipe->on_readable([this, pipe] { read(pipe); });
  }

  void read(net::Pipe* pipe) {
    char buffer[4096];
    const net::Read got = pipe->read(buffer);
    switch (got.state) {
      case net::Read::would_block:
        return;
      case net::Read::ended:
        seen += "|ended";
        pipe->close();
        return drop(pipe);
      case net::Read::failed:
        seen += "|failed";
        return drop(pipe);
      case net::Read::data:
        break;
    }
    const std::string_view bytes(buffer, got.size);
    seen += bytes;
    ++reads;
    if (bytes.ends_with("T")) {
      pipe->write("go");
      if (!pipe->start_tls()) drop(pipe);
      return;
    }
    pipe->write(bytes);
  }

  void drop(net::Pipe* pipe) {
    std::erase_if(pipes, [pipe](const auto& held) { return held.get() == pipe; });
  }

  std::unique_ptr<Peer> client() { return world.network().connect({"10.0.0.1", 5222}); }

  World world;
  std::vector<std::unique_ptr<net::Network>> networks;
  std::vector<std::unique_ptr<net::Listener>> listeners;
  std::vector<std::unique_ptr<net::Pipe>> pipes;
  std::string seen;
  int reads = 0;
};

TEST(Network, what_is_sent_is_echoed) {
  Echo echo(1);
  auto client = echo.client();
  client->send("hello");
  echo.world.run_until_idle();
  EXPECT_EQ(client->take(), "hello");
  EXPECT_EQ(client->take(), "");
  EXPECT_FALSE(client->ended());
}

TEST(Network, nobody_listens) {
  Echo echo(1);
  auto client = echo.world.network().connect({"10.0.0.1", 5223});
  EXPECT_TRUE(client->broken());
  client->send("x");
  EXPECT_EQ(client->take(), "");
}

TEST(Network, a_port_in_use_is_an_error_in_words) {
  World world(1);
  Loop& loop = world.add_loop("a");
  world.network().occupy(5222);
  auto network = world.network().on(loop);
  auto listener = network->listen({"0.0.0.0", 5222}, [](auto) {});
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code, Error::io);
  EXPECT_EQ(listener.error().context, "port 5222 on 0.0.0.0 is in use by another program");
}

TEST(Network, port_zero_gives_a_free_one) {
  World world(1);
  Loop& loop = world.add_loop("a");
  auto network = world.network().on(loop);
  auto one = network->listen({"0.0.0.0", 0}, [](auto) {});
  auto two = network->listen({"0.0.0.0", 0}, [](auto) {});
  EXPECT_NE((*one)->port(), 0);
  EXPECT_NE((*one)->port(), (*two)->port());
}

TEST(Network, half_close_lets_the_server_answer_and_finish) {
  Echo echo(1);
  auto client = echo.client();
  client->send("last words");
  client->finish();
  echo.world.run_until_idle();
  EXPECT_EQ(echo.seen, "last words|ended");
  EXPECT_FALSE(client->ended()) << "not before what was sent is taken";
  EXPECT_EQ(client->take(), "last words");
  EXPECT_TRUE(client->ended());
  EXPECT_EQ(echo.world.network().open(), 0U);
}

TEST(Network, a_reset_arrives_as_failed_and_drops_what_is_unsent) {
  Echo echo(1);
  auto client = echo.client();
  client->send("x");
  echo.world.run_until_idle();
  client->reset();
  echo.world.run_until_idle();
  EXPECT_EQ(echo.seen, "x|failed");
  EXPECT_TRUE(echo.pipes.empty());
}

TEST(Network, a_pipe_destroyed_without_close_resets_the_client) {
  Echo echo(1);
  auto client = echo.client();
  echo.world.run_until_idle();
  EXPECT_FALSE(client->broken());
  echo.pipes.clear();
  echo.world.run_until_idle();
  EXPECT_TRUE(client->broken());
}

TEST(Network, close_sends_what_is_queued_and_waits_five_seconds_for_the_client) {
  Echo echo(1);
  auto client = echo.client();
  echo.world.run_until_idle();
  echo.pipes[0]->write("bye");
  echo.pipes[0]->close();
  echo.pipes.clear();
  echo.world.run_until_idle();
  EXPECT_EQ(client->take(), "bye");
  EXPECT_TRUE(client->ended());
  echo.world.advance(4999ms);
  EXPECT_FALSE(client->broken());
  EXPECT_EQ(echo.world.network().open(), 1U);
  echo.world.advance(1ms);
  EXPECT_TRUE(client->broken());
}

TEST(Network, reads_are_told_again_until_nothing_is_left) {
  Echo echo(1);
  auto client = echo.client();
  client->send(std::string(3 * 4096 + 1, 'a'));
  echo.world.run_until_idle();
  EXPECT_EQ(client->take().size(), 3U * 4096 + 1);
  EXPECT_EQ(echo.reads, 4);
}

TEST(Network, reads_can_be_split_at_random) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Echo echo(seed);
    echo.world.network().options.split_reads = true;
    auto client = echo.client();
    client->send("one two three four five");
    echo.world.run_until_idle();
    EXPECT_EQ(client->take(), "one two three four five");
    EXPECT_GE(echo.reads, 1);
  }
}

TEST(Network, latency_moves_time_and_keeps_the_order) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Echo echo(seed);
    echo.world.network().options.min_latency = 10ms;
    echo.world.network().options.max_latency = 50ms;
    auto client = echo.client();
    const Instant start = echo.world.now();
    for (const char* word : {"a", "b", "c", "d", "e"}) client->send(word);
    echo.world.run_until_idle();
    EXPECT_EQ(client->take(), "abcde");
    const Duration passed = echo.world.now() - start;
    EXPECT_GE(passed, Duration(20ms));
    EXPECT_LE(passed, Duration(100ms));
  }
}

TEST(Network, a_paused_pipe_is_not_told_and_the_client_feels_the_window) {
  Echo echo(1);
  echo.world.network().options.window = 1000;
  auto client = echo.client();
  echo.world.run_until_idle();
  echo.pipes[0]->pause();
  client->send(std::string(2500, 'a'));
  echo.world.run_until_idle();
  EXPECT_EQ(echo.seen, "");
  EXPECT_EQ(client->unsent(), 1500U);
  echo.pipes[0]->resume();
  echo.world.run_until_idle();
  EXPECT_EQ(client->take().size(), 1000U) << "the other direction has a window, too";
  echo.world.run_until_idle();
  EXPECT_EQ(client->unsent(), 0U);
}

TEST(Network, queued_falls_to_zero_when_the_client_reads) {
  Echo echo(1);
  echo.world.network().options.window = 1000;
  auto client = echo.client();
  echo.world.run_until_idle();
  int drained = 0;
  net::Pipe& pipe = *echo.pipes[0];
  pipe.on_drained([&] { ++drained; });
  pipe.write(std::string(1001, 'a'));
  EXPECT_EQ(pipe.queued(), 1001U);
  echo.world.run_until_idle();
  EXPECT_EQ(pipe.queued(), 1U);
  EXPECT_EQ(pipe.unacknowledged(), 1U);
  EXPECT_EQ(drained, 0);
  EXPECT_EQ(client->take().size(), 1000U);
  echo.world.run_until_idle();
  EXPECT_EQ(pipe.queued(), 0U);
  EXPECT_EQ(drained, 1);
  EXPECT_EQ(client->take().size(), 1U);
}

TEST(Network, unacknowledged_counts_what_is_on_its_way) {
  Echo echo(1);
  echo.world.network().options.min_latency = echo.world.network().options.max_latency = 100ms;
  auto client = echo.client();
  echo.world.run_until_idle();
  net::Pipe& pipe = *echo.pipes[0];
  pipe.write("abc");
  while (echo.world.step()) {
  }
  EXPECT_EQ(pipe.queued(), 0U);
  EXPECT_EQ(pipe.unacknowledged(), 3U);
  echo.world.advance(100ms);
  EXPECT_EQ(pipe.unacknowledged(), 0U) << "the client's TCP has it, though nobody took it";
}

TEST(Network, start_tls_turns_both_ends_secure_with_equal_bindings) {
  Echo echo(1);
  auto client = echo.client();
  client->send("T");
  echo.world.run_until_idle();
  EXPECT_EQ(client->take(), "go");
  client->start_tls({.server_name = "example.org", .alpn = "xmpp-client"});
  client->send("secret");
  EXPECT_FALSE(client->secure());
  echo.world.run_until_idle();
  EXPECT_TRUE(client->secure());
  EXPECT_EQ(client->take(), "secret");
  const net::Pipe& pipe = *echo.pipes[0];
  EXPECT_TRUE(pipe.secure());
  EXPECT_EQ(pipe.server_name(), "example.org");
  EXPECT_EQ(pipe.alpn(), "xmpp-client");
  EXPECT_EQ(pipe.tls_version(), "TLSv1.3");
  for (net::Binding kind : {net::Binding::tls_exporter, net::Binding::tls_server_end_point}) {
    EXPECT_NE(pipe.binding(kind), "");
    EXPECT_EQ(pipe.binding(kind), client->binding(kind));
  }
  EXPECT_EQ(pipe.binding(net::Binding::tls_unique), "");
}

TEST(Network, bytes_in_the_clear_where_the_handshake_is_due_fail) {
  Echo echo(1);
  auto client = echo.client();
  client->send("T");
  echo.world.run_until_idle();
  client->send("<stream:stream>");
  echo.world.run_until_idle();
  EXPECT_EQ(echo.seen, "T|failed");
  client->take();
  EXPECT_TRUE(client->broken());
}

TEST(Network, a_hello_that_nobody_asked_for_is_read_as_bytes) {
  Echo echo(1);
  auto client = echo.client();
  client->start_tls();
  echo.world.run_until_idle();
  EXPECT_EQ(echo.seen, std::string("\x16\x03\x01", 3));
  EXPECT_FALSE(client->secure());
}

TEST(Network, tls_without_a_certificate_is_unavailable) {
  Echo echo(1);
  echo.world.network().options.certificates = false;
  auto client = echo.client();
  client->send("T");
  echo.world.run_until_idle();
  EXPECT_TRUE(echo.pipes.empty());
}

TEST(Network, a_pipe_moves_between_loops_with_unread_bytes_and_unsent_output) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Echo echo(seed);
    echo.world.network().options.window = 4;
    Loop& home = echo.world.add_loop("home");
    auto client = echo.client();
    echo.world.run_until_idle();
    net::Pipe* pipe = echo.pipes[0].get();
    pipe->on_readable([&echo, pipe, &home] {
      char letter;
      EXPECT_EQ(pipe->read({&letter, 1}).size, 1U);
      echo.seen += letter;
      pipe->write("123456");
      pipe->detach();
      home.post([&echo, pipe, &home] {
        pipe->attach(home);
        echo.seen += "@";
        echo.attend(pipe);
      });
    });
    client->send("abc");
    echo.world.run_until_idle();
    EXPECT_EQ(echo.seen, "a@bc");
    std::string taken;
    for (int i = 0; i < 5; ++i) {
      taken += client->take();
      echo.world.run_until_idle();
    }
    EXPECT_EQ(taken, "123456bc");
    echo.pipes.clear();
  }
}

TEST(Network, a_connection_goes_to_any_of_the_shards_that_listen) {
  Echo echo(1, 3);
  std::set<std::string> names;
  echo.world.keep_transcript();
  std::vector<std::unique_ptr<Peer>> clients;
  for (int i = 0; i < 30; ++i) clients.push_back(echo.client());
  echo.world.run_until_idle();
  EXPECT_EQ(echo.pipes.size(), 30U);
  for (const char* shard : {"shard 0", "shard 1", "shard 2"}) {
    EXPECT_NE(echo.world.transcript().find(shard), std::string::npos) << shard;
  }
}

std::string life_of_a_server(std::uint64_t seed, std::uint64_t fail_at, std::uint64_t* operations = nullptr) {
  Echo echo(seed, 2);
  echo.world.keep_transcript();
  echo.world.fail_at(fail_at);
  echo.world.network().options = {.min_latency = 1ms, .max_latency = 9ms, .window = 64, .split_reads = true};
  std::vector<std::unique_ptr<Peer>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(echo.client());
  std::string got;
  for (int round = 0; round < 5; ++round) {
    for (auto& client : clients) client->send(std::string(30, static_cast<char>('a' + round)));
    echo.world.run_until_idle();
    for (auto& client : clients) got += client->take() + ";";
  }
  for (auto& client : clients) client->finish();
  for (int i = 0; i < 20; ++i) {
    echo.world.advance(1s);
    for (auto& client : clients) client->take();
  }
  EXPECT_TRUE(echo.pipes.empty()) << "fault at " << fail_at;
  EXPECT_EQ(echo.world.network().open(), 0U) << "fault at " << fail_at;
  if (operations != nullptr) *operations = echo.world.operations();
  return echo.world.transcript() + echo.seen + got;
}

TEST(Network, the_same_seed_gives_the_same_transcript_and_another_does_not) {
  const std::string first = life_of_a_server(42, 0);
  EXPECT_EQ(first, life_of_a_server(42, 0));
  EXPECT_NE(first, life_of_a_server(43, 0));
}

TEST(Network, whichever_operation_fails_nothing_hangs_and_nothing_is_left) {
  std::uint64_t operations = 0;
  life_of_a_server(5, 0, &operations);
  EXPECT_GT(operations, 50U);
  for (std::uint64_t k = 1; k <= operations; ++k) life_of_a_server(5, k);
}

}  // namespace
}  // namespace hy::sim
