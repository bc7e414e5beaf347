// How streams end: closing tags, silence, shutting down, broken connections, and what is left then.
#include <gtest/gtest.h>

#include "base/log.h"
#include "stream/fakes.h"

namespace hy::stream {
namespace {

using fake::Client;
using fake::World;

std::string stream_error(std::string_view condition) {
  return fmt::format(
      "<stream:error><{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
      condition);
}

TEST(Close, by_the_client_is_answered_behind_all_that_was_queued) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  auto& sink = client.sink();
  sink.on_receive = [&](const xmpp::Stanza&) { sink.outlet->send("<message/>"); };
  client.send("<presence type='unavailable'/>" + fake::closing);
  EXPECT_EQ(client.received(), "<message/></stream:stream>");
  EXPECT_TRUE(client.line->closed);
  EXPECT_EQ(sink.ends, std::vector{End::closed});
  EXPECT_EQ(world.shard().streams.size(), 0u);
}

TEST(Close, works_at_every_step) {
  for (int step = 0; step < 5; ++step) {
    World world;
    Client client(world, 0, Client::Tls::direct);
    client.open();
    if (step == 1) client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>");
    if (step == 2) client.send(fake::plain("romeo", "wrong"));
    if (step == 3) {
      client.send(fake::plain("romeo"));
      client.open();
    }
    if (step == 4) {
      client.send(fake::plain("romeo"));
      client.open().send(fake::bind_request);
    }
    client.received();
    client.send(fake::closing);
    EXPECT_EQ(client.received(), "</stream:stream>") << step;
    EXPECT_TRUE(client.line->closed);
    EXPECT_EQ(world.shard().streams.size(), 0u);
    EXPECT_EQ(world.shard().loop.timers(), 0u);
  }
}

TEST(Close, nothing_behind_the_closing_tag_is_taken) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send(fake::closing + "<presence/>");
  EXPECT_TRUE(client.sink().stanzas.empty());
  EXPECT_EQ(client.received(), "</stream:stream>");
}

TEST(Close, connection_that_ends_without_a_tag_is_lost_and_what_came_before_was_taken) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  client.put("<presence/><message");
  client.end_input();
  EXPECT_EQ(client.sink().stanzas.size(), 1u);
  EXPECT_EQ(client.sink().ends, std::vector{End::lost});
  EXPECT_EQ(client.received(), "</stream:stream>") << "the other direction may still work";
}

TEST(Close, connection_that_ends_before_a_header_gets_no_answer) {
  World world;
  Client client(world);
  client.end_input();
  EXPECT_EQ(client.received(), "");
  EXPECT_TRUE(client.over());
  EXPECT_EQ(world.shard().streams.size(), 0u);
}

TEST(Close, reset_is_lost) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  client.break_line();
  EXPECT_EQ(client.sink().ends, std::vector{End::lost});
  EXPECT_EQ(world.shard().streams.size(), 0u);
}

TEST(Close, error_from_the_client_is_the_end) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send(
      "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error><presence/>");
  EXPECT_EQ(client.received(), "</stream:stream>");
  EXPECT_TRUE(client.sink().stanzas.empty());
  EXPECT_EQ(client.sink().ends, std::vector{End::lost});
}

TEST(Close, by_the_server_tells_why_and_its_sink_later) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  Outlet* outlet = client.sink().outlet;
  outlet->end({xmpp::StreamCondition::conflict, "replaced"});
  EXPECT_TRUE(client.sink().ends.empty());
  outlet->send("<message/>");
  outlet->go_on();
  outlet->end(xmpp::StreamCondition::reset);
  world.run();
  EXPECT_EQ(client.sink().ends, std::vector{End::error});
  EXPECT_EQ(client.received(),
            "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>replaced</text></stream:error>"
            "</stream:stream>");
}

TEST(Close, inside_receive_is_safe) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  auto& sink = client.sink();
  sink.on_receive = [&](const xmpp::Stanza&) { sink.outlet->end(xmpp::StreamCondition::conflict); };
  client.send("<presence/><presence/>");
  EXPECT_EQ(sink.stanzas.size(), 1u);
  EXPECT_EQ(sink.ends, std::vector{End::error});
}

TEST(Close, exception_of_a_sink_ends_its_stream_alone) {
  World world;
  Client other(world, 0, Client::Tls::direct);
  other.bind();
  auto& other_sink = other.sink();
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  auto& sink = client.sink();
  sink.on_receive = [](const xmpp::Stanza&) { throw std::runtime_error("bug"); };
  client.send("<presence/>");
  EXPECT_EQ(client.received(), stream_error("internal-server-error"));
  EXPECT_EQ(sink.ends, std::vector{End::error});
  other.send("<presence/>");
  EXPECT_EQ(other_sink.stanzas.size(), 1u);
}

// ── silence ──

TEST(Silence, of_five_minutes_is_pinged_and_of_thirty_seconds_more_ended) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  world.advance(5min - 1us);
  EXPECT_EQ(client.received(), "");
  world.advance(1us);
  const std::string ping = client.received();
  EXPECT_TRUE(ping.starts_with("<iq to='romeo@example.org/r' from='example.org' type='get' id='")) << ping;
  EXPECT_TRUE(ping.ends_with("'><ping xmlns='urn:xmpp:ping'/></iq>")) << ping;
  world.advance(30s - 1us);
  EXPECT_FALSE(client.over());
  world.advance(1us);
  EXPECT_TRUE(client.received().contains("<connection-timeout"));
  EXPECT_EQ(client.sink().ends, std::vector{End::lost});
}

std::string id_of(const std::string& ping) {
  const std::size_t from = ping.find("id='") + 4;
  return ping.substr(from, ping.find('\'', from) - from);
}

TEST(Silence, answer_to_the_ping_goes_no_further) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  for (const char* answer :
       {"<iq type='result' id='{}'/>", "<iq type='error' id='{}' to='example.org'><error/></iq>"}) {
    world.advance(5min);
    const std::string id = id_of(client.received());
    EXPECT_EQ(id.size(), 32u);
    client.send(fmt::format(fmt::runtime(answer), id));
    EXPECT_TRUE(client.sink().stanzas.empty());
    world.advance(4min);
    EXPECT_FALSE(client.over());
    client.send(fmt::format(fmt::runtime(answer), id));  // a second time it is a stanza like any
    EXPECT_EQ(client.sink().stanzas.size(), 1u);
    client.sink().stanzas.clear();
  }
}

TEST(Silence, is_broken_by_a_space) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  for (int i = 0; i < 10; ++i) {
    world.advance(4min);
    client.send(" ");
  }
  EXPECT_EQ(client.received(), "");
  world.advance(5min);
  EXPECT_TRUE(client.received().contains("urn:xmpp:ping"));
  client.send("\n");
  world.advance(5min - 1us);
  EXPECT_FALSE(client.over());
  EXPECT_EQ(client.sink().outlet->last_heard(), world.time.at - 5min + 1us);
}

TEST(Silence, ours_is_not_the_clients) {
  World world;
  world.shard().gatekeeper.flow = Flow::hold;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send("<presence/>");
  world.advance(1h);
  EXPECT_FALSE(client.over());
  client.sink().outlet->go_on();
  world.advance(30s);
  EXPECT_TRUE(client.received().contains("urn:xmpp:ping"));
}

TEST(Silence, of_a_client_that_takes_nothing_is_noticed_too) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  client.line->room = 0;
  client.sink().outlet->send("<message><body>" + std::string(70'000, 'x') + "</body></message>");
  client.send("<presence/>");  // not read
  world.advance(5min + 30s);
  EXPECT_TRUE(client.over());
  EXPECT_EQ(client.sink().ends, std::vector{End::lost});
}

TEST(Silence, costs_one_timer) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  for (int i = 0; i < 100; ++i) {
    client.send("<presence/>");
    world.advance(1s);
    EXPECT_EQ(world.shard().loop.timers(), 1u);
  }
}

// ── shutting down ──

TEST(ShutDown, ends_all_streams_in_every_state_and_says_when_done) {
  World world(2);
  world.shard(0).gatekeeper.slow = true;
  Client fresh(world);
  Client opened(world);
  opened.open();
  Client handshaking(world);
  handshaking.open().send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  Client judged(world, 0, Client::Tls::direct);
  judged.open().send(fake::plain("romeo"));
  world.shard(0).gatekeeper.slow = false;
  Client bound(world, 0, Client::Tls::direct);
  bound.bind();
  bool done = false;
  world.shard(0).streams.shut_down(xmpp::StreamCondition::system_shutdown, [&] { done = true; });
  EXPECT_FALSE(done);
  world.run();
  EXPECT_TRUE(done);
  EXPECT_TRUE(fresh.peek().starts_with("<?xml version='1.0'?><stream:stream from='example.org' id="));
  EXPECT_EQ(fresh.received(), stream_error("system-shutdown"));
  EXPECT_EQ(opened.received(), stream_error("system-shutdown"));
  EXPECT_TRUE(handshaking.over());
  EXPECT_EQ(judged.received(), stream_error("system-shutdown"));
  EXPECT_EQ(bound.received(), stream_error("system-shutdown"));
  EXPECT_EQ(bound.sink().ends, std::vector{End::error});
  Client late(world);
  EXPECT_EQ(late.received(), stream_error("system-shutdown"));
  EXPECT_EQ(world.shard(0).streams.size(), 0u);
}

TEST(ShutDown, of_many_takes_several_turns) {
  World world;
  std::vector<std::unique_ptr<Client>> clients;
  clients.reserve(90);
  for (int i = 0; i < 90; ++i) clients.push_back(std::make_unique<Client>(world));
  bool done = false;
  world.shard().streams.shut_down(xmpp::StreamCondition::system_shutdown, [&] { done = true; });
  const auto over = [&] {
    return std::ranges::count_if(clients, [](auto& client) { return client->over(); });
  };
  EXPECT_EQ(over(), 64);
  world.run();
  EXPECT_EQ(over(), 90);
  EXPECT_TRUE(done);
}

TEST(ShutDown, without_streams_is_done_soon) {
  World world;
  bool done = false;
  world.shard().streams.shut_down(xmpp::StreamCondition::system_shutdown, [&] { done = true; });
  world.run();
  EXPECT_TRUE(done);
}

// ── faults ──

// The whole life of a stream, with the k-th call of its pipe breaking the connection: it ends, its sink hears
// of it once, and nothing is left.
TEST(Faults, at_any_call_leave_nothing_behind) {
  std::size_t calls = 0;
  for (std::size_t k = 0; k == 0 || k <= calls; ++k) {
    World world(2);
    Client client(world, 0);
    client.line->break_at = k;
    const auto send = [&](std::string_view bytes) {
      if (!client.over()) client.send(bytes);
    };
    send(fake::header);
    send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    if (client.line->handshaking) client.handshake();
    send(fake::header);
    send(fake::plain("juliet", "wrong"));
    send(fake::plain("juliet") + fake::header);
    send(fake::bind_request);
    send("<presence/><iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
    world.advance(5min);
    send(" ");
    send(fake::closing);
    EXPECT_TRUE(client.over()) << k;
    EXPECT_EQ(world.shard(0).streams.size() + world.shard(1).streams.size(), 0u) << k;
    EXPECT_EQ(world.shard(0).loop.timers() + world.shard(1).loop.timers(), 0u) << k;
    for (auto& sink : world.shard(1).gatekeeper.sinks) {
      EXPECT_EQ(sink->ends.size(), 1u) << k;
      EXPECT_NE(sink->ends[0], End::error) << k;
    }
    if (k == 0) calls = client.line->calls;
  }
  EXPECT_GT(calls, 15u);
}

TEST(Faults, a_shard_may_be_destroyed_with_streams_in_every_state) {
  World world(2);
  Client fresh(world);
  world.shard(0).gatekeeper.slow = true;
  Client judged(world, 0, Client::Tls::direct);
  judged.open().send(fake::plain("romeo"));
  world.shard(0).gatekeeper.slow = false;
  Client bound(world, 0, Client::Tls::direct);
  bound.bind();
  world.shard(0).gatekeeper.slow = true;
  Client binding(world, 0, Client::Tls::direct);
  binding.open().send(fake::plain("romeo") + fake::header + fake::bind_request);
  world.shard(0).gatekeeper.open_gates();
  world.run();
  Client moving(world, 0, Client::Tls::direct);
  moving.open().put(fake::plain("juliet"));
  moving.line->pipe->tell();
  while (world.shard(0).loop.step()) {
  }
}

// ── logs and memory ──

TEST(Log, has_one_line_per_decision_and_no_secret) {
  World world;
  std::vector<std::string> lines;
  log::set_level(log::Level::debug);
  log::set_output([&](log::Level, std::string_view line) { lines.emplace_back(line); });
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("romeo", "wr0ng"));
  client.send(fake::plain("romeo"));
  client.open().send(fake::bind_request);
  client.send("<message to='juliet@example.org'><body>Wherefore</body></message>" + fake::closing);
  log::set_output({});
  log::set_level(log::Level::off);
  std::vector<std::string> events;
  for (const std::string& line : lines) {
    EXPECT_TRUE(line.contains(" sid=0-1 ")) << line;
    for (const char* secret : {"wr0ng", "secret", "Wherefore"}) EXPECT_FALSE(line.contains(secret)) << line;
    events.push_back(line.substr(0, line.find(" sid=")));
  }
  const std::vector<std::string> wanted = {"event=\"stream opened\"", "event=\"login failed\"",
                                           "event=\"logged in\"", "event=bound", "event=\"stream ended\""};
  EXPECT_EQ(events, wanted);
}

TEST(Memory, of_a_stream_fits_its_budget) {
  EXPECT_LE(sizeof(C2s), 600u);
}

TEST(Buckets, keep_fractions_and_never_overflow) {
  Instant now{};
  Bucket bucket(1, 10, now);
  bucket.spend(11, now);
  EXPECT_TRUE(bucket.dry());
  EXPECT_EQ(bucket.wait(), 1s);
  for (int i = 0; i < 3; ++i) bucket.fill(now += 333ms);
  EXPECT_TRUE(bucket.dry());
  bucket.fill(now += 1ms);
  EXPECT_FALSE(bucket.dry());
  bucket.fill(now += 24h * 3650);
  bucket.spend(11, now);
  EXPECT_TRUE(bucket.dry()) << "no more than the burst was in it";
}

}  // namespace
}  // namespace hy::stream
