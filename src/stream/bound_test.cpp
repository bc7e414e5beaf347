// Bind (RFC 6120 §7), stanzas (§8.1), and the flow of both.
#include <gtest/gtest.h>

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
std::string bind_iq(std::string_view inside, std::string_view attributes = "type='set' id='b'") {
  return fmt::format("<iq {}><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{}</bind></iq>", attributes,
                     inside);
}
std::string message(std::size_t number) {
  return fmt::format("<message id='{}' to='juliet@example.org'><body>hi</body></message>", number);
}
bool is_error(const std::string& answer, std::string_view kind, std::string_view condition) {
  return answer.starts_with(fmt::format("<{} ", kind)) && answer.contains("type='error'") &&
         answer.contains(fmt::format("<{} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'", condition));
}

// ── bind ──

TEST(Bind, gives_the_resource_asked_for) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.log_in().send(fake::bind_request);
  EXPECT_EQ(
      client.received(),
      "<iq type='result' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>romeo@example.org/r</jid>"
      "</bind></iq>");
  EXPECT_EQ(client.sink().outlet->sid(), "0-1");
  EXPECT_EQ(client.sink().outlet->peer().ip, "192.0.2.1");
  EXPECT_TRUE(client.sink().outlet->secure());
}

TEST(Bind, leaves_the_choice_to_the_server_without_a_resource_or_with_an_empty_one) {
  for (const char* inside : {"", "<resource/>", "<resource></resource>"}) {
    World world;
    Client client(world, 0, Client::Tls::direct);
    client.log_in().send(bind_iq(inside));
    EXPECT_TRUE(client.received().contains("<jid>romeo@example.org/made</jid>"));
  }
}

TEST(Bind, prepares_the_resource) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.log_in().send(bind_iq("<resource>e\xcc\x81</resource>"));
  EXPECT_TRUE(client.received().contains("<jid>romeo@example.org/\xc3\xa9</jid>"));
}

TEST(Bind, takes_1023_bytes_and_no_more) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.log_in().send(bind_iq("<resource>" + std::string(1024, 'r') + "</resource>"));
  EXPECT_TRUE(is_error(client.received(), "iq", "bad-request"));
  client.send(bind_iq("<resource>" + std::string(1023, 'r') + "</resource>"));
  EXPECT_TRUE(client.received().contains("<jid>"));
}

TEST(Bind, wrong_requests_are_bad_request_and_may_be_mended) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.log_in();
  for (const std::string& wrong :
       {bind_iq("<resource>\xe2\x80\x8b</resource>"), bind_iq("", "type='get' id='b'"),
        bind_iq("", "type='set'"), bind_iq("", "type='new' id='b'")}) {
    client.send(wrong);
    EXPECT_TRUE(is_error(client.received(), "iq", "bad-request")) << wrong;
  }
  client.send(fake::bind_request);
  EXPECT_TRUE(client.received().contains("<jid>"));
}

TEST(Bind, may_be_addressed_to_the_server_or_the_account_and_to_nobody_else) {
  for (const char* to : {"example.org", "romeo@example.org"}) {
    World world;
    Client client(world, 0, Client::Tls::direct);
    client.log_in().send(bind_iq("", fmt::format("type='set' id='b' to='{}'", to)));
    EXPECT_TRUE(client.received().contains("<jid>")) << to;
  }
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.log_in().send(bind_iq("", "type='set' id='b' to='juliet@example.org'"));
  EXPECT_EQ(client.received(), stream_error("not-authorized"));
}

TEST(Bind, refusal_of_the_server_is_told_and_another_try_allowed) {
  World world;
  world.shard().gatekeeper.refuses_bind = xmpp::StanzaError(xmpp::Condition::resource_constraint);
  Client client(world, 0, Client::Tls::direct);
  client.log_in().send(fake::bind_request);
  EXPECT_TRUE(is_error(client.received(), "iq", "resource-constraint"));
  world.shard().gatekeeper.refuses_bind.reset();
  client.send(fake::bind_request);
  EXPECT_TRUE(client.received().contains("<jid>"));
}

TEST(Bind, a_second_time_is_not_allowed) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send(fake::bind_request);
  EXPECT_TRUE(is_error(client.received(), "iq", "not-allowed"));
  EXPECT_FALSE(client.over());
  EXPECT_TRUE(client.sink().stanzas.empty());
}

TEST(Bind, must_come_in_time) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.log_in();
  world.advance(30s - 1us);
  EXPECT_FALSE(client.over());
  world.advance(1us);
  EXPECT_TRUE(client.received().contains("<connection-timeout"));
}

TEST(Bind, that_takes_long_holds_what_follows) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.log_in();
  world.shard().gatekeeper.slow = true;
  client.send(fake::bind_request + message(1));
  EXPECT_EQ(client.received(), "");
  world.shard().gatekeeper.open_gates();
  world.run();
  EXPECT_TRUE(client.received().contains("<jid>"));
  EXPECT_EQ(client.sink().stanzas.size(), 1u);
}

TEST(Bind, of_a_stream_that_ends_meanwhile_leaves_no_session) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.log_in();
  world.shard().gatekeeper.slow = true;
  client.send(fake::bind_request);
  world.advance(30s);
  EXPECT_TRUE(client.over());
  world.shard().gatekeeper.open_gates();
  world.run();
  EXPECT_TRUE(world.shard().gatekeeper.sinks.empty());
}

class BeforeBind : public testing::TestWithParam<std::string> {};

// RFC 6120 §7.1 and §4.9.3.12.
TEST_P(BeforeBind, nothing_else_is_taken) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.log_in().send(GetParam());
  EXPECT_EQ(client.received(), stream_error("not-authorized"));
  EXPECT_TRUE(client.over());
}

INSTANTIATE_TEST_SUITE_P(
    Rfc6120, BeforeBind,
    testing::Values(
        "<message to='juliet@example.org'><body>hi</body></message>", "<presence/>",
        "<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
        "<iq type='get' id='1' to='example.org'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>",
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>", "<x xmlns='y'/>"));

// ── stanzas ──

TEST(Session, request_is_answered_here_with_nothing) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send("<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
  EXPECT_EQ(client.received(), "<iq to='romeo@example.org/r' type='result' id='s'/>");
  EXPECT_TRUE(client.sink().stanzas.empty());
}

TEST(Session, request_to_somebody_else_is_not_ours) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send(
      "<iq type='set' id='s' to='juliet@example.org'><session "
      "xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
  EXPECT_EQ(client.sink().stanzas.size(), 1u);
}

TEST(Stanzas, arrive_in_order_with_the_language_of_the_stream) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("romeo"));
  client.send(
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
      "to='example.org' version='1.0' xml:lang='it'>" +
      fake::bind_request);
  client.send(
      "<presence/><message id='1' xml:lang='de' to='juliet@example.org'/><iq type='get' id='2'><x "
      "xmlns='y'/></iq>");
  const auto& stanzas = client.sink().stanzas;
  ASSERT_EQ(stanzas.size(), 3u);
  EXPECT_EQ(stanzas[0].kind, xmpp::Kind::presence);
  EXPECT_EQ(stanzas[0].lang, "it");
  EXPECT_EQ(stanzas[1].lang, "de");
  EXPECT_EQ(stanzas[1].to.str(), "juliet@example.org");
  EXPECT_EQ(stanzas[2].id, "2");
}

TEST(Stanzas, are_the_same_however_the_bytes_are_split) {
  for (std::size_t split : {1u, 3u, 64u}) {
    World world;
    Client client(world, 0, Client::Tls::direct);
    client.line->read_size = split;
    client.bind().send(message(1) + "  \n" + message(2) + "<presence/>");
    EXPECT_EQ(client.sink().stanzas.size(), 3u);
  }
}

TEST(Stanzas, from_of_ones_own_is_taken) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  for (const char* from :
       {"romeo@example.org/r", "romeo@example.org", "ROMEO@example.org", "romeo@example.org/other"}) {
    client.send(fmt::format("<presence from='{}'/>", from));
  }
  EXPECT_EQ(client.sink().stanzas.size(), 4u);
}

TEST(Stanzas, from_of_somebody_else_ends_the_stream) {
  for (const char* from :
       {"juliet@example.org", "romeo@other.example", "example.org", "@", "romeo@example.org/r\xe2\x80\x8b"}) {
    World world;
    Client client(world, 0, Client::Tls::direct);
    client.bind().send(fmt::format("<presence from='{}'/>", from));
    EXPECT_EQ(client.received(), stream_error("invalid-from")) << from;
    EXPECT_TRUE(client.sink().stanzas.empty());
    EXPECT_EQ(client.sink().ends, std::vector{End::error});
  }
}

struct Malformed {
  std::string name;
  std::string sent;
  std::string kind;
  std::string condition;
  std::string from;
};
std::ostream& operator<<(std::ostream& out, const Malformed& malformed) {
  return out << malformed.sent;
}
class MalformedStanza : public testing::TestWithParam<Malformed> {};

// RFC 6120 §8.3: the stream goes on.
TEST_P(MalformedStanza, is_answered_to_the_sender) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send(GetParam().sent);
  const std::string answer = client.received();
  EXPECT_TRUE(is_error(answer, GetParam().kind, GetParam().condition)) << answer;
  EXPECT_TRUE(answer.contains(fmt::format("from='{}'", GetParam().from))) << answer;
  EXPECT_TRUE(answer.contains("to='romeo@example.org/r'")) << answer;
  EXPECT_TRUE(client.sink().stanzas.empty());
  client.send("<presence/>");
  EXPECT_EQ(client.sink().stanzas.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc6120, MalformedStanza,
    testing::Values(
        Malformed{"to", "<message to='@' id='1'/>", "message", "jid-malformed", "example.org"},
        Malformed{"iq_without_id", "<iq type='get' to='a@example.org'><x xmlns='y'/></iq>", "iq",
                  "bad-request", "a@example.org"},
        Malformed{"iq_without_type", "<iq id='1'><x xmlns='y'/></iq>", "iq", "bad-request", "example.org"},
        Malformed{"iq_without_child", "<iq id='1' type='get'/>", "iq", "bad-request", "example.org"},
        Malformed{"iq_with_two", "<iq id='1' type='set'><x xmlns='y'/><x xmlns='y'/></iq>", "iq",
                  "bad-request", "example.org"},
        Malformed{"presence_type", "<presence type='here'/>", "presence", "bad-request", "example.org"}),
    [](const auto& info) { return info.param.name; });

TEST(MalformedStanza, errors_and_results_are_never_answered) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send("<message to='@' type='error'/><iq type='result'/><iq type='error' to='@' id='1'/>");
  EXPECT_EQ(client.received(), "");
  EXPECT_FALSE(client.over());
}

struct Foreign {
  std::string name;
  std::string sent;
  std::string condition;
};
std::ostream& operator<<(std::ostream& out, const Foreign& foreign) {
  return out << foreign.sent;
}
class Illegal : public testing::TestWithParam<Foreign> {};

TEST_P(Illegal, ends_a_session_with_the_right_condition) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send(GetParam().sent);
  const std::string answer = client.received();
  EXPECT_TRUE(answer.starts_with(
      fmt::format("<stream:error><{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>", GetParam().condition)))
      << answer;
  EXPECT_TRUE(answer.ends_with("</stream:error></stream:stream>"));
  EXPECT_TRUE(client.over());
  EXPECT_EQ(client.sink().ends, std::vector{End::error});
}

// RFC 6120 §4.9.3.
INSTANTIATE_TEST_SUITE_P(
    Rfc6120, Illegal,
    testing::Values(
        Foreign{"unknown_namespace", "<enable xmlns='urn:xmpp:sm:3'/>", "unsupported-stanza-type"},
        Foreign{"unknown_name", "<query/>", "unsupported-stanza-type"},
        Foreign{"stanza_of_servers", "<message xmlns='jabber:server'/>", "unsupported-stanza-type"},
        Foreign{"starttls", "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "unsupported-stanza-type"},
        Foreign{"auth", "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>",
                "unsupported-stanza-type"},
        Foreign{"another_header", fake::header + "</stream:stream>", "unsupported-stanza-type"},
        Foreign{"text", "hello", "bad-format"},
        Foreign{"not_well_formed", "<message></presence>", "not-well-formed"},
        Foreign{"comment", "<message><!-- x --></message>", "restricted-xml"},
        Foreign{"processing_instruction", "<?php ?>", "restricted-xml"},
        Foreign{"entity", "<message><body>&lol;</body></message>", "restricted-xml"},
        Foreign{"prefix", "<message><x:y/></message>", "bad-namespace-prefix"},
        Foreign{"bytes", "<message><body>\xc0\xaf</body></message>", "unsupported-encoding"}),
    [](const auto& info) { return info.param.name; });

// ── limits, at the bound and one past it ──

std::string padded(std::size_t bytes) {
  const std::string frame = "<message><body></body></message>";
  std::string stanza = frame;
  stanza.insert(15, bytes - frame.size(), 'x');
  return stanza;
}

TEST(Limits, bytes_of_a_stanza) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send(padded(256 * 1024));
  EXPECT_EQ(client.sink().stanzas.size(), 1u);
  EXPECT_EQ(client.received(), "");
  client.send(padded(256 * 1024 + 1));
  const std::string answer = client.received();
  EXPECT_TRUE(answer.contains("<policy-violation xmlns=")) << answer;
  EXPECT_TRUE(answer.contains("<stanza-too-big xmlns='urn:xmpp:errors'/>")) << answer;
}

TEST(Limits, bytes_before_login) {
  const auto header_of = [](std::size_t bytes) {
    const std::string rest =
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        "to='example.org' version='1.0' x=''>";
    std::string header = rest;
    header.insert(rest.size() - 2, bytes - rest.size(), 'x');
    return header;
  };
  World world;
  Client client(world);
  client.send(header_of(8 * 1024));
  EXPECT_TRUE(client.received().starts_with("<stream:features>"));
  Client other(world);
  other.send(header_of(8 * 1024 + 1));
  EXPECT_TRUE(other.received().contains("<policy-violation"));
}

TEST(Limits, depth_before_login_and_after) {
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += i == 0 ? "<message>" : "<x>";
    for (std::size_t i = depth; i > 0; --i) text += i == 1 ? "</message>" : "</x>";
    return text;
  };
  World world;
  Client stranger(world);
  stranger.open().send(nested(7));  // the root is one
  EXPECT_EQ(stranger.received(), stream_error("not-authorized"));
  Client deeper(world);
  deeper.open().send(nested(8));
  EXPECT_TRUE(deeper.received().contains("<policy-violation"));
  Client client(world, 0, Client::Tls::direct);
  client.bind().send(nested(63));
  EXPECT_EQ(client.sink().stanzas.size(), 1u);
  client.send(nested(64));
  EXPECT_TRUE(client.received().contains("<policy-violation"));
}

TEST(Limits, all_bytes_before_login) {
  World world;
  world.config.login_bytes = static_cast<std::uint32_t>(fake::header.size()) + 100;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(std::string(100, ' '));
  EXPECT_FALSE(client.over());
  client.send(" ");
  EXPECT_TRUE(client.received().contains("<policy-violation"));
}

TEST(Limits, bytes_before_login_do_not_count_what_comes_behind_it) {
  World world;
  world.config.login_bytes = static_cast<std::uint32_t>(fake::header.size() + fake::plain("romeo").size());
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("romeo") + fake::header + fake::bind_request + std::string(1000, ' '));
  EXPECT_TRUE(client.received().contains("<jid>"));
}

TEST(Limits, time_before_login) {
  World world;
  Client client(world);
  world.advance(30s - 1us);
  client.open();
  EXPECT_FALSE(client.over());
  world.advance(1us);
  EXPECT_TRUE(client.received().contains("<connection-timeout"));
  EXPECT_TRUE(client.over());
}

TEST(Limits, connections_of_a_machine_before_login) {
  World world(2);
  std::vector<std::unique_ptr<Client>> clients;
  const auto connect = [&](std::size_t shard) {
    clients.push_back(std::make_unique<Client>(world, shard, Client::Tls::direct));
    return clients.back().get();
  };
  for (std::size_t i = 0; i < 100; ++i) EXPECT_FALSE(connect(i % 2)->over()) << i;
  EXPECT_TRUE(connect(0)->line->destroyed);
  clients[0]->open().send(fake::plain("romeo"));  // is a stranger no more
  EXPECT_FALSE(connect(1)->over());
  EXPECT_TRUE(connect(1)->over());
  clients[1]->send(fake::closing);  // is gone
  EXPECT_FALSE(connect(0)->over());
  EXPECT_TRUE(connect(0)->over());
}

// ── flow ──

TEST(Flow, holds_one_stanza_at_a_time) {
  World world;
  world.shard().gatekeeper.flow = Flow::hold;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send(message(1) + message(2));
  client.send(message(3));
  auto& sink = client.sink();
  for (std::size_t n = 1; n <= 3; ++n) {
    EXPECT_EQ(sink.stanzas.size(), n);
    sink.outlet->go_on();
    EXPECT_EQ(sink.stanzas.size(), n) << "not inside go_on()";
    world.run();
  }
  sink.outlet->go_on();  // once too often: nothing was held
  world.run();
  client.send(message(4));
  EXPECT_EQ(sink.stanzas.size(), 4u);
}

TEST(Flow, go_on_inside_receive_counts) {
  World world;
  world.shard().gatekeeper.flow = Flow::hold;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  auto& sink = client.sink();
  sink.on_receive = [&](const xmpp::Stanza&) { sink.outlet->go_on(); };
  client.send(message(1) + message(2));
  EXPECT_EQ(sink.stanzas.size(), 2u);
}

TEST(Flow, a_held_stream_is_not_read) {
  World world;
  world.shard().gatekeeper.flow = Flow::hold;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send(message(1));
  client.send(message(2));
  EXPECT_EQ(client.line->input, message(2));
  EXPECT_TRUE(client.line->pipe->paused());
  client.sink().outlet->go_on();
  world.run();
  EXPECT_EQ(client.line->input, "");
  EXPECT_EQ(client.sink().stanzas.size(), 2u);
}

TEST(Flow, closing_tag_behind_a_held_stanza_waits) {
  World world;
  world.shard().gatekeeper.flow = Flow::hold;
  Client client(world, 0, Client::Tls::direct);
  client.bind().send(message(1) + fake::closing);
  EXPECT_FALSE(client.over());
  client.sink().outlet->go_on();
  world.run();
  EXPECT_TRUE(client.over());
  EXPECT_EQ(client.sink().ends, std::vector{End::closed});
}

TEST(Flow, other_streams_have_their_turn_after_32_stanzas) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  std::string burst;
  for (std::size_t i = 0; i < 100; ++i) burst += "<presence/>";
  client.put(burst);
  client.line->pipe->tell();
  std::vector<std::size_t> seen;
  std::size_t last = 0;
  while (world.step()) {
    const std::size_t now = client.sink().stanzas.size();
    if (now != last) seen.push_back(now - last);
    last = now;
  }
  EXPECT_EQ(seen, (std::vector<std::size_t>{32, 32, 32, 4}));
}

TEST(Flow, a_client_that_does_not_read_its_answers_is_not_read) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  auto& sink = client.sink();
  const std::string answer = padded(32 * 1024);
  sink.on_receive = [&](const xmpp::Stanza&) { sink.outlet->send(answer); };
  client.line->room = 0;
  client.send(message(1) + message(2) + message(3) + message(4) + message(5));
  EXPECT_EQ(sink.stanzas.size(), 3u) << "64 KiB is not yet too much";
  EXPECT_EQ(sink.outlet->queued(), 3 * answer.size());
  client.send(message(6));
  EXPECT_EQ(sink.stanzas.size(), 3u);
  client.take(SIZE_MAX);
  EXPECT_EQ(sink.stanzas.size(), 6u);
}

TEST(Flow, reading_goes_on_when_others_keep_the_queue_from_ever_being_empty) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  auto& sink = client.sink();
  client.line->room = 0;
  sink.outlet->send(padded(70 * 1024));
  client.send(message(1));
  EXPECT_EQ(sink.stanzas.size(), 0u);
  client.take(60 * 1024);  // 10 KiB are left
  EXPECT_EQ(sink.stanzas.size(), 0u);
  sink.outlet->send(message(2));
  world.run();
  EXPECT_EQ(sink.stanzas.size(), 1u);
}

TEST(Flow, a_reader_too_slow_is_given_up) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  auto& sink = client.sink();
  client.line->room = 0;
  const std::string kib64 = padded(64 * 1024);
  for (int i = 0; i < 16; ++i) sink.outlet->send(kib64);
  EXPECT_FALSE(client.over()) << "1 MiB";
  sink.outlet->send("<");
  EXPECT_TRUE(client.over());
  EXPECT_TRUE(sink.ends.empty()) << "never inside send()";
  world.run();
  EXPECT_EQ(sink.ends, std::vector{End::error});
  EXPECT_TRUE(client.received().contains("<resource-constraint"));
}

TEST(Flow, an_empty_bucket_stops_reading_until_it_fills) {
  World world;
  world.config.bytes_per_second = 1000;
  world.config.burst_bytes = 1000;
  world.config.stanza_cost = 0;
  world.config.idle_time = 1h;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  world.advance(10s);  // full
  client.send(padded(1000));
  EXPECT_EQ(client.sink().stanzas.size(), 1u) << "down to nothing, but no debt";
  client.send(padded(500));
  EXPECT_EQ(client.sink().stanzas.size(), 1u);
  world.advance(499ms);
  EXPECT_EQ(client.sink().stanzas.size(), 1u);
  world.advance(1ms);
  EXPECT_EQ(client.sink().stanzas.size(), 2u);
}

TEST(Flow, small_stanzas_cost_more_than_their_bytes) {
  World world;
  world.config.bytes_per_second = 1000;
  world.config.burst_bytes = 1000;
  world.config.stanza_cost = 500;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  world.advance(10s);
  client.send("<presence/><presence/><presence/><presence/>");
  EXPECT_EQ(client.sink().stanzas.size(), 2u);
  world.advance(10s);
  EXPECT_EQ(client.sink().stanzas.size(), 4u);
}

TEST(Flow, no_rate_no_limit) {
  World world;
  world.config.bytes_per_second = 0;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  for (int i = 0; i < 100; ++i) client.send(padded(200 * 1024));
  EXPECT_EQ(client.sink().stanzas.size(), 100u);
}

TEST(Outlet, writes_stanzas_and_ready_made_bytes_in_order) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.bind();
  xmpp::Stanza stanza(xmpp::Kind::presence, xmpp::Type::unavailable);
  stanza.from = *xmpp::Jid::parse("juliet@example.org/b");
  client.sink().outlet->send(stanza);
  client.sink().outlet->send("<message/>");
  world.run();
  EXPECT_EQ(client.received(), "<presence from='juliet@example.org/b' type='unavailable'/><message/>");
}

}  // namespace
}  // namespace hy::stream
