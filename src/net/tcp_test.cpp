#include "net/tcp.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <semaphore>

#include "base/log.h"
#include "net/loopback_test.h"
#include "net/tcp_pipe.h"

namespace hy::net {
namespace {

/// Echoes on one loop; what tests want to know is asked on the loop's thread.
class Server {
 public:
  Server() {
    shard.call([this] {
      network = std::make_unique<TcpNetwork>(shard.loop, std::make_shared<Ports>(), nullptr);
      auto made =
          network->listen({"127.0.0.1", 0}, [this](std::unique_ptr<Pipe> pipe) { accept(std::move(pipe)); });
      ASSERT_TRUE(made) << made.error().context;
      listener = std::move(*made);
      port = listener->port();
    });
  }
  ~Server() {
    shard.call([this] {
      pipes.clear();
      listener = nullptr;
    });
  }

  void accept(std::unique_ptr<Pipe> pipe) {
    Pipe* here = pipe.get();
    pipes.push_back(std::move(pipe));
    here->on_readable([this, here] { read(*here); });
    accepted.release();
  }

  void read(Pipe& pipe) {
    const Read got = pipe.read(shard.loop.scratch());
    switch (got.state) {
      case Read::would_block:
        return;
      case Read::data:
        bytes_read += got.size;
        pipe.write({shard.loop.scratch().data(), got.size});
        return;
      case Read::ended:
        ends += "ended ";
        pipe.close();
        break;
      case Read::failed:
        ends += "failed ";
        break;
    }
    std::erase_if(pipes, [&pipe](const auto& held) { return held.get() == &pipe; });
    ended.release();
  }

  LoopThread shard;
  std::unique_ptr<TcpNetwork> network;
  std::unique_ptr<Listener> listener;
  std::uint16_t port = 0;
  std::vector<std::unique_ptr<Pipe>> pipes;
  std::size_t bytes_read = 0;
  std::string ends;
  std::counting_semaphore<> accepted{0};
  std::counting_semaphore<> ended{0};
};

TEST(Tcp, what_is_sent_is_echoed) {
  Server server;
  Client client(server.port);
  client.send("hello");
  EXPECT_EQ(client.receive(5), "hello");
  client.send("again");
  EXPECT_EQ(client.receive(5), "again");
  EXPECT_EQ(server.shard.call([&] { return server.pipes[0]->peer().ip; }), "127.0.0.1");
}

TEST(Tcp, a_megabyte_comes_back_whole) {
  Server server;
  Client client(server.port);
  std::string sent(1 << 20, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 7 + i / 251);
  std::jthread sender([&] { client.send(sent); });
  EXPECT_TRUE(client.receive(sent.size()) == sent);
  EXPECT_EQ(server.shard.call([&] { return server.pipes[0]->queued(); }), 0U);
}

TEST(Tcp, half_close_is_answered_and_then_ended) {
  Server server;
  Client client(server.port);
  client.send("last words");
  client.finish();
  EXPECT_EQ(client.receive(10), "last words");
  EXPECT_EQ(client.end(), "ended");
  server.ended.acquire();
  EXPECT_EQ(server.shard.call([&] { return server.ends; }), "ended ");
}

TEST(Tcp, a_reset_is_told_as_failed) {
  Server server;
  Client client(server.port);
  client.send("x");
  EXPECT_EQ(client.receive(1), "x");
  client.reset();
  ASSERT_TRUE(server.ended.try_acquire_for(patience));
  EXPECT_EQ(server.shard.call([&] { return server.ends; }), "failed ");
}

TEST(Tcp, a_pipe_destroyed_is_dropped_and_close_lets_the_queue_out) {
  Server server;
  Client dropped(server.port);
  server.accepted.acquire();
  server.shard.call([&] { server.pipes.clear(); });
  EXPECT_NE(dropped.end(), "data");
  Client closed(server.port);
  server.accepted.acquire();
  const std::string much(5 << 20, 'm');  // more than the kernel takes at once
  server.shard.call([&] {
    server.pipes[0]->write(much);
    server.pipes[0]->close();
    server.pipes[0]->write("not this");
    server.pipes.clear();
  });
  EXPECT_EQ(closed.receive(much.size()).size(), much.size());
  EXPECT_EQ(closed.end(), "ended");
}

TEST(Tcp, output_that_the_client_does_not_take_waits_and_is_told_when_it_went) {
  Server server;
  Client client(server.port);
  server.accepted.acquire();
  std::promise<void> drained;
  const std::string much(20 << 20, 'm');
  server.shard.call([&] {
    server.pipes[0]->on_drained([&] { drained.set_value(); });
    server.pipes[0]->write(much);
    EXPECT_EQ(server.pipes[0]->queued(), much.size());
  });
  const auto [queued, unacknowledged] = server.shard.call(
      [&] { return std::pair(server.pipes[0]->queued(), server.pipes[0]->unacknowledged()); });
  EXPECT_GT(queued, 0U);
  EXPECT_GT(unacknowledged, queued);
  EXPECT_EQ(client.receive(much.size()).size(), much.size());
  drained.get_future().get();
  EXPECT_EQ(server.shard.call([&] { return server.pipes[0]->queued(); }), 0U);
}

TEST(Tcp, a_paused_pipe_reads_nothing_and_the_sender_is_held_up) {
  Server server;
  Client client(server.port);
  server.accepted.acquire();
  server.shard.call([&] { server.pipes[0]->pause(); });
  std::size_t sent = 0;
  const std::string part(1 << 16, 'p');
  for (;;) {
    const ssize_t took = ::send(client.socket(), part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (took < 0) break;
    sent += static_cast<std::size_t>(took);
    ASSERT_LT(sent, std::size_t{1} << 30) << "no back-pressure";
  }
  EXPECT_EQ(server.shard.call([&] { return server.bytes_read; }), 0U);
  server.shard.call([&] { server.pipes[0]->resume(); });
  EXPECT_EQ(client.receive(sent).size(), sent);
}

TEST(Tcp, writing_to_a_broken_pipe_tells_the_reader) {
  Server server;
  Client client(server.port);
  server.accepted.acquire();
  server.shard.call([&] { server.pipes[0]->pause(); });
  client.reset();
  for (bool gone = false; !gone;) {
    gone = server.shard.call([&] {
      server.pipes[0]->write("x");
      server.pipes[0]->resume();
      return !server.ends.empty();
    });
    if (gone) break;
    gone = server.ended.try_acquire_for(10ms);
  }
  EXPECT_EQ(server.shard.call([&] { return server.ends; }), "failed ");
}

TEST(Tcp, an_empty_job_is_not_called_and_a_new_one_is) {
  Server server;
  Client client(server.port);
  server.accepted.acquire();
  std::promise<std::string> second;
  server.shard.call([&] {
    Pipe& pipe = *server.pipes[0];
    pipe.on_readable([&server, &pipe, &second] {
      char letter;
      EXPECT_EQ(pipe.read({&letter, 1}).size, 1U);
      pipe.on_readable([&server, &pipe, &second] {
        const Read got = pipe.read(server.shard.loop.scratch());
        second.set_value(std::string(server.shard.loop.scratch().data(), got.size));
        pipe.on_readable({});
      });
    });
  });
  client.send("abc");
  EXPECT_EQ(second.get_future().get(), "bc");
  client.send("d");
  server.shard.call([] {});
}

TEST(Tcp, a_port_in_use_is_noticed_even_if_the_other_shares_it) {
  const Address any{"127.0.0.1", 0};
  Result<Socket> other = listen_on(any, Sharing::shared);
  ASSERT_TRUE(other);
  const Address taken{"127.0.0.1", bound_port(other->get())};
  EpollLoop loop;
  TcpNetwork network(loop, std::make_shared<Ports>(), nullptr);
  auto refused = network.listen(taken, [](auto) {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Error::io);
  EXPECT_EQ(refused.error().context,
            fmt::format("port {} on 127.0.0.1 is in use by another program: stop it, or "
                        "choose another port",
                        taken.port));
}

TEST(Tcp, shards_of_one_process_share_a_port_and_both_accept) {
  LoopThread one;
  LoopThread two;
  auto ports = std::make_shared<Ports>();
  TcpNetwork first(one.loop, ports, nullptr);
  TcpNetwork second(two.loop, ports, nullptr);
  std::atomic<int> by_first = 0;
  std::atomic<int> by_second = 0;
  std::counting_semaphore<> accepted{0};
  std::unique_ptr<Listener> a;
  std::unique_ptr<Listener> b;
  one.call(
      [&] { a = std::move(*first.listen({"127.0.0.1", 0}, [&](auto) { ++by_first, accepted.release(); })); });
  const std::uint16_t port = a->port();
  two.call([&] {
    auto made = second.listen({"127.0.0.1", port}, [&](auto) { ++by_second, accepted.release(); });
    ASSERT_TRUE(made) << made.error().context;
    b = std::move(*made);
  });
  for (int i = 0; i < 64; ++i) {
    Client client(port);
    accepted.acquire();
  }
  EXPECT_GT(by_first, 0);
  EXPECT_GT(by_second, 0);
  one.call([&] { a = nullptr; });
  two.call([&] { b = nullptr; });
}

TEST(Tcp, addresses_that_cannot_be_listened_on_are_errors_in_words) {
  EpollLoop loop;
  TcpNetwork network(loop, std::make_shared<Ports>(), nullptr);
  EXPECT_EQ(network.listen({"nowhere", 5222}, [](auto) {}).error().context,
            "\"nowhere\" is not an IP address");
  EXPECT_EQ(network.listen({"203.0.113.9", 5222}, [](auto) {}).error().context,
            "port 5222 on 203.0.113.9: this machine has no such address");
}

TEST(Tcp, without_descriptors_it_waits_and_then_accepts) {
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
  // To look at an object's type it opens a pipe, and takes the lack of descriptors for a wrong type.
  GTEST_SKIP() << "the sanitizer needs descriptors itself";
#endif
#endif
  std::counting_semaphore<> warned{0};
  log::set_output([&](log::Level level, std::string_view line) {
    if (level == log::Level::error && line.find("cannot accept") != std::string_view::npos) warned.release();
  });
  {
    Server server;
    Client first(server.port);
    server.accepted.acquire();
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const int next = dup(0);
    ::close(next);
    const rlimit one_more{static_cast<rlim_t>(next) + 1, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &one_more);
    Client late(server.port);  // takes the last one
    EXPECT_TRUE(warned.try_acquire_for(patience));
    EXPECT_FALSE(server.accepted.try_acquire());
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_TRUE(server.accepted.try_acquire_for(patience));
    late.send("made it");
    EXPECT_EQ(late.receive(7), "made it");
  }
  log::set_output({});
}

TEST(Tcp, a_closed_listener_accepts_no_more) {
  Server server;
  server.shard.call([&] { server.listener = nullptr; });
  EXPECT_NONFATAL_FAILURE(Client(server.port), "connect");
}

}  // namespace
}  // namespace hy::net
