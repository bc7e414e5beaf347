// From the first features to <success/>: RFC 6120 §5 and §6, and the move between shards.
#include <gtest/gtest.h>

#include "sasl/scram_client.h"
#include "stream/fakes.h"

namespace hy::stream {
namespace {

using fake::Client;
using fake::World;

const std::string starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const std::string proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const std::string not_authorized =
    "<stream:error><not-authorized "
    "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>";
const std::string policy_violation =
    "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>";

std::string sasl(std::string_view name, std::string_view text = {}) {
  return fmt::format("<{0} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{1}</{0}>", name, text);
}
std::string auth(std::string_view mechanism, std::string_view text = {}) {
  return fmt::format("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{}'>{}</auth>", mechanism,
                     text);
}
std::string failure(std::string_view condition) {
  return fmt::format("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{}/></failure>", condition);
}
std::string text_of(const std::string& element) {
  const std::size_t from = element.find('>') + 1;
  return element.substr(from, element.rfind("</") - from);
}

// ── features and STARTTLS ──

TEST(Features, in_the_clear_are_starttls_alone_where_it_is_required) {
  World world;
  Client client(world);
  client.send(fake::header);
  EXPECT_EQ(client.received(),
            "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
            "</stream:features>");
}

TEST(Features, in_the_clear_have_scram_without_plus_where_tls_is_optional) {
  World world;
  world.config.starttls = Starttls::optional;
  Client client(world);
  client.send(fake::header);
  EXPECT_EQ(client.received(),
            "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
            "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-512</mechanism>"
            "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms>"
            "</stream:features>");
}

TEST(Features, inside_tls_have_plus_plain_and_the_bindings_that_there_are) {
  World world;
  Client client(world);
  client.line->bindings = {{net::Binding::tls_exporter, "exported"},
                           {net::Binding::tls_server_end_point, "hash"}};
  client.open().send(starttls);
  client.received();
  client.handshake();
  client.send(fake::header);
  EXPECT_EQ(
      client.received(),
      "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
      "<mechanism>SCRAM-SHA-512-PLUS</mechanism><mechanism>SCRAM-SHA-256-PLUS</mechanism>"
      "<mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>SCRAM-SHA-512</mechanism>"
      "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism>"
      "</mechanisms><sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"
      "<channel-binding type='tls-exporter'/><channel-binding type='tls-server-end-point'/>"
      "</sasl-channel-binding></stream:features>");
}

TEST(Features, after_login_are_bind_optional_session_limits_and_what_the_server_adds) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("romeo"));
  client.received();
  client.send(fake::header);
  EXPECT_EQ(
      client.received(),
      "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
      "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
      "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>262144</max-bytes><idle-seconds>300</idle-seconds>"
      "</limits><ver xmlns='urn:xmpp:features:rosterver'/></stream:features>");
}

TEST(Starttls, begins_a_new_stream_that_knows_nothing_of_the_old_one) {
  World world;
  Client client(world);
  client.send(
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
      "to='other.example' from='romeo@other.example' version='1.0'>");
  client.received();
  client.send(starttls);
  EXPECT_EQ(client.received(), proceed);
  EXPECT_TRUE(client.line->handshaking);
  client.handshake();
  EXPECT_EQ(client.received(), "") << "the client speaks first";
  client.send("<oops");  // whatever the old parser knew is gone
  EXPECT_TRUE(client.peek().empty());
  client.send("/>");
  EXPECT_TRUE(client.peek().starts_with("<?xml version='1.0'?><stream:stream from='example.org' id="))
      << client.peek();
  EXPECT_FALSE(client.peek().contains("romeo"));
}

TEST(Starttls, with_anything_behind_it_ends_the_stream_and_never_reaches_tls) {
  for (const std::string& behind : {fake::header, std::string("\n<"), std::string("\x16\x03\x01")}) {
    World world;
    Client client(world);
    client.open().send(starttls + behind);
    EXPECT_TRUE(client.received().starts_with(policy_violation));
    EXPECT_TRUE(client.over());
    EXPECT_FALSE(client.line->handshaking);
  }
}

// Some clients end each element with a line feed. White space can carry nothing into the stream.
TEST(Starttls, may_end_with_a_line_feed) {
  World world;
  Client client(world);
  client.open().send(starttls + "\r\n");
  EXPECT_EQ(client.received(), proceed);
  client.handshake();
  client.send("\n<?xml version='1.0'?>\n" + fake::header);
  EXPECT_TRUE(client.received().starts_with("<stream:features>"));
}

TEST(Starttls, a_second_time_is_a_failure_that_ends_the_stream) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(starttls);
  EXPECT_EQ(client.received(), "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
  EXPECT_TRUE(client.over());
}

TEST(Starttls, without_a_certificate_is_not_offered_and_refused) {
  World world;
  world.config.starttls = Starttls::off;
  Client client(world);
  client.send(fake::header);
  EXPECT_FALSE(client.received().contains("starttls"));
  client.send(starttls);
  EXPECT_EQ(client.received(), "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
  EXPECT_TRUE(client.over());
}

TEST(Starttls, that_fails_below_us_ends_the_connection) {
  World world;
  Client client(world);
  client.line->can_tls = false;
  client.open().send(starttls);
  EXPECT_TRUE(client.over());
}

TEST(Starttls, handshake_that_breaks_ends_the_stream) {
  World world;
  Client client(world);
  client.open().send(starttls);
  client.break_line();
  EXPECT_TRUE(client.over());
  EXPECT_EQ(world.shard().streams.size(), 0u);
}

// ── before its time ──

class BeforeLogin : public testing::TestWithParam<std::string> {};

// RFC 6120 §4.9.3.12: not processed, not answered, but the end.
TEST_P(BeforeLogin, is_not_authorized_in_the_clear_and_inside_tls) {
  for (auto tls : {Client::Tls::none, Client::Tls::direct}) {
    World world;
    Client client(world, 0, tls);
    client.open().send(GetParam());
    EXPECT_EQ(client.received(), not_authorized);
    EXPECT_TRUE(client.over());
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc6120, BeforeLogin,
                         testing::Values("<message to='juliet@example.org'><body>hi</body></message>",
                                         "<presence/>",
                                         "<iq type='get' id='1'><query xmlns='jabber:iq:auth'/></iq>",
                                         fake::bind_request, "<r xmlns='urn:xmpp:sm:3'/>",
                                         "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
                                         "<x xmlns='y'/>"));

TEST(BeforeLogin, a_stanza_while_a_challenge_is_out_is_not_authorized) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(auth("PLAIN"));
  client.received();
  client.send("<presence/>");
  EXPECT_EQ(client.received(), not_authorized);
}

TEST(BeforeLogin, auth_where_tls_is_required_is_told_so) {
  World world;
  Client client(world);
  client.open().send(fake::plain("romeo"));
  EXPECT_EQ(client.received(), failure("encryption-required"));
  EXPECT_FALSE(client.over());
  client.send(starttls);
  EXPECT_EQ(client.received(), proceed) << "it may still do so";
}

TEST(BeforeLogin, plain_in_the_clear_is_never_taken) {
  World world;
  world.config.starttls = Starttls::optional;
  Client client(world);
  client.open().send(fake::plain("romeo"));
  EXPECT_EQ(client.received(), failure("encryption-required"));
}

// ── SASL ──

TEST(Sasl, plain_logs_in) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("romeo"));
  EXPECT_EQ(client.received(), "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
  const std::vector<std::string> wanted = {"admit romeo@example.org", "verifiers romeo@example.org",
                                           "succeeded romeo@example.org"};
  EXPECT_EQ(world.shard().gatekeeper.log, wanted);
}

TEST(Sasl, plain_takes_an_empty_challenge_when_nothing_came_with_auth) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(auth("PLAIN"));
  EXPECT_EQ(client.received(), "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
  client.send(sasl("response", text_of(fake::plain("romeo"))));
  EXPECT_EQ(client.received(), "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
}

TEST(Sasl, scram_logs_in_without_tls_where_that_is_allowed_and_proves_the_server) {
  World world;
  world.config.starttls = Starttls::optional;
  Client client(world);
  client.open();
  sasl::ScramClient scram(sasl::Hash::sha1, {.username = "romeo", .password = "secret", .nonce = "abc"});
  client.send(auth("SCRAM-SHA-1", sasl::encode_base64(scram.first())));
  const std::string challenge = client.received();
  ASSERT_TRUE(challenge.starts_with("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>")) << challenge;
  const auto final = scram.final(*sasl::decode_base64(text_of(challenge)));
  ASSERT_TRUE(final);
  client.send(sasl("response", sasl::encode_base64(*final)));
  const std::string success = client.received();
  ASSERT_TRUE(success.starts_with("<success")) << success;
  EXPECT_TRUE(scram.trusts(*sasl::decode_base64(text_of(success))));
}

TEST(Sasl, scram_plus_binds_to_the_channel) {
  World world;
  Client client(world);
  client.line->bindings = {{net::Binding::tls_exporter, "exported"}};
  client.open().send(starttls);
  client.handshake();
  client.open();
  sasl::ScramClient scram(sasl::Hash::sha256, {.username = "romeo",
                                               .password = "secret",
                                               .nonce = "abc",
                                               .gs2_header = "p=tls-exporter,,",
                                               .binding = "exported"});
  client.send(auth("SCRAM-SHA-256-PLUS", sasl::encode_base64(scram.first())));
  const auto final = scram.final(*sasl::decode_base64(text_of(client.received())));
  ASSERT_TRUE(final);
  client.send(sasl("response", sasl::encode_base64(*final)));
  EXPECT_TRUE(client.received().starts_with("<success"));
}

struct Attempt {
  std::string name;
  std::string sent;
  std::string condition;
};
class Refused : public testing::TestWithParam<Attempt> {};

// RFC 6120 §6.5. The stream goes on, and the right password still gets in.
TEST_P(Refused, with_the_condition_that_says_why) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(GetParam().sent);
  std::string answer = client.received();
  if (GetParam().sent.contains("><")) answer.erase(0, answer.find("<failure"));  // behind a challenge
  EXPECT_EQ(answer, failure(GetParam().condition));
  EXPECT_FALSE(client.over());
  client.send(fake::plain("romeo"));
  EXPECT_TRUE(client.received().starts_with("<success"));
}

std::ostream& operator<<(std::ostream& out, const Attempt& attempt) {
  return out << attempt.sent;
}

INSTANTIATE_TEST_SUITE_P(
    Rfc6120, Refused,
    testing::Values(
        Attempt{"wrong_password", fake::plain("romeo", "wrong"), "not-authorized"},
        Attempt{"unknown_user", fake::plain("tybalt"), "not-authorized"},
        Attempt{"not_base64", auth("PLAIN", "!!!"), "incorrect-encoding"},
        Attempt{"base64_with_spaces", auth("PLAIN", " AGE= "), "incorrect-encoding"},
        Attempt{"two_equals", auth("PLAIN", "=="), "incorrect-encoding"},
        Attempt{"one_equals_is_empty_and_no_plain_message", auth("PLAIN", "="), "malformed-request"},
        Attempt{"no_plain_message", auth("PLAIN", "YQ=="), "malformed-request"},
        Attempt{"unknown_mechanism", auth("DIGEST-MD5", "="), "invalid-mechanism"},
        Attempt{"no_mechanism", "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</auth>",
                "invalid-mechanism"},
        Attempt{"plus_without_binding", auth("SCRAM-SHA-1-PLUS", "="), "invalid-mechanism"},
        Attempt{"foreign_authzid",
                auth("PLAIN", sasl::encode_base64(std::string("juliet@example.org\0romeo\0secret", 31))),
                "invalid-authzid"},
        Attempt{"response_without_auth", sasl("response", "="), "malformed-request"},
        Attempt{"abort_without_auth", sasl("abort"), "malformed-request"},
        Attempt{"success_from_a_client", sasl("success"), "malformed-request"},
        Attempt{"element_inside_auth",
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'><x/></auth>",
                "malformed-request"},
        Attempt{"abort_of_a_challenge", auth("PLAIN") + sasl("abort"), "aborted"},
        Attempt{"auth_during_a_challenge", auth("PLAIN") + auth("PLAIN"), "malformed-request"},
        Attempt{"bad_base64_in_a_response", auth("PLAIN") + sasl("response", "x"), "incorrect-encoding"}),
    [](const auto& info) { return info.param.name; });

TEST(Sasl, line_feeds_between_login_and_the_next_header_do_no_harm) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("romeo") + "\n");
  EXPECT_TRUE(client.received().starts_with("<success"));
  client.send(" \t\r\n");
  client.send("<?xml version='1.0'?>" + fake::header + "\n" + fake::bind_request);
  EXPECT_TRUE(client.received().contains("<jid>"));
}

TEST(Sasl, own_authzid_is_taken) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  const std::string message("romeo@example.org\0romeo\0secret", 30);
  client.open().send(auth("PLAIN", sasl::encode_base64(message)));
  EXPECT_TRUE(client.received().starts_with("<success"));
}

TEST(Sasl, the_fifth_failure_ends_the_stream) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open();
  for (int i = 0; i < 4; ++i) client.send(fake::plain("romeo", "wrong"));
  EXPECT_FALSE(client.over());
  client.received();
  client.send(fake::plain("romeo", "wrong"));
  EXPECT_TRUE(client.received().starts_with(failure("not-authorized") + policy_violation));
  EXPECT_TRUE(client.over());
  EXPECT_EQ(std::ranges::count(world.shard().gatekeeper.log, "failed romeo@example.org"), 5);
}

TEST(Sasl, only_guesses_are_reported_as_failures_of_an_account) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(auth("PLAIN") + sasl("abort") + auth("X", "="));
  EXPECT_TRUE(world.shard().gatekeeper.log.empty());
}

TEST(Sasl, who_guessed_too_often_is_not_looked_up_and_told_to_come_later) {
  World world;
  world.shard().gatekeeper.throttled = true;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("romeo"));
  EXPECT_EQ(client.received(), failure("temporary-auth-failure"));
  EXPECT_EQ(world.shard().gatekeeper.log, std::vector<std::string>{"admit romeo@example.org"});
  EXPECT_EQ(world.shard().worker.submitted, 0u);
}

TEST(Sasl, a_full_pool_and_a_broken_store_are_temporary) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open();
  world.shard().worker.full = true;
  client.send(fake::plain("romeo"));
  EXPECT_EQ(client.received(), failure("temporary-auth-failure"));
  world.shard().worker.full = false;
  world.shard().gatekeeper.store_fails = true;
  client.send(fake::plain("romeo"));
  EXPECT_EQ(client.received(), failure("temporary-auth-failure"));
  world.shard().gatekeeper.store_fails = false;
  client.send(fake::plain("romeo"));
  EXPECT_TRUE(client.received().starts_with("<success"));
}

TEST(Sasl, unknown_users_cost_the_same_hash) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("tybalt"));
  EXPECT_EQ(world.shard().worker.submitted, 1u);
}

TEST(Sasl, an_exception_below_ends_that_stream_alone) {
  World world;
  Client other(world, 0, Client::Tls::direct);
  other.open();
  Client client(world, 0, Client::Tls::direct);
  client.open();
  world.shard().gatekeeper.throws = true;
  client.send(fake::plain("romeo"));
  EXPECT_TRUE(client.received().starts_with(
      "<stream:error><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"));
  EXPECT_TRUE(client.over());
  EXPECT_FALSE(other.over());
  world.shard().gatekeeper.throws = false;
  other.send(fake::plain("romeo"));
  EXPECT_TRUE(other.received().starts_with("<success"));
}

TEST(Sasl, what_comes_while_the_account_is_judged_waits) {
  World world;
  world.shard().gatekeeper.slow = true;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("romeo") + fake::header);
  client.send("<iq type='set' id='b'>");
  client.send("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>");
  EXPECT_EQ(client.received(), "");
  world.shard().gatekeeper.open_gates();
  world.run();
  EXPECT_TRUE(client.received().starts_with("<success"));
  world.shard().gatekeeper.open_gates();
  world.run();
  EXPECT_TRUE(client.received().contains("<jid>romeo@example.org/r</jid>"));
}

TEST(Sasl, a_stream_that_ends_while_the_account_is_judged_is_gone) {
  World world;
  world.shard().gatekeeper.slow = true;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("romeo"));
  world.advance(30s);
  EXPECT_TRUE(client.received().contains("connection-timeout"));
  EXPECT_EQ(world.shard().streams.size(), 0u);
  world.shard().gatekeeper.open_gates();
  world.run();
}

TEST(Sasl, nobody_logs_in_twice) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.log_in().send(fake::plain("romeo"));
  EXPECT_EQ(client.received(), not_authorized);
}

// ── the move ──

TEST(Move, happens_before_the_account_is_judged_and_loses_no_byte) {
  const std::string everything =
      fake::plain("juliet") + fake::header + fake::bind_request + "<presence id='p'/>" + fake::closing;
  for (std::size_t split : {0u, 1u, 2u, 7u, 200u}) {
    World world(3);
    Client client(world, 1, Client::Tls::direct);
    if (split != 0) client.line->read_size = split;
    client.open();
    client.send(everything);
    const std::string all = client.peek();
    EXPECT_TRUE(all.starts_with("<success")) << all;
    EXPECT_TRUE(all.contains("<jid>juliet@example.org/r</jid>")) << all;
    EXPECT_TRUE(all.ends_with("</stream:stream>"));
    EXPECT_EQ(world.shard(1).gatekeeper.log, std::vector<std::string>{"move 2"});
    const std::vector<std::string> there = {"admit juliet@example.org", "verifiers juliet@example.org",
                                            "succeeded juliet@example.org", "bind juliet@example.org/r"};
    EXPECT_EQ(world.shard(2).gatekeeper.log, there);
    ASSERT_EQ(client.sink(2).stanzas.size(), 1u);
    EXPECT_EQ(client.sink(2).stanzas[0].id, "p");
    EXPECT_EQ(client.sink(2).ends, std::vector{End::closed});
    EXPECT_EQ(world.shard(1).streams.size() + world.shard(2).streams.size(), 0u);
  }
}

TEST(Move, takes_a_scram_exchange_along) {
  World world(2);
  Client client(world, 0, Client::Tls::direct);
  client.open();
  sasl::ScramClient scram(sasl::Hash::sha512, {.username = "juliet", .password = "secret", .nonce = "abc"});
  client.send(auth("SCRAM-SHA-512", sasl::encode_base64(scram.first())));
  EXPECT_EQ(world.shard(1).streams.size(), 1u);
  const auto final = scram.final(*sasl::decode_base64(text_of(client.received())));
  ASSERT_TRUE(final);
  client.send(sasl("response", sasl::encode_base64(*final)));
  EXPECT_TRUE(client.received().starts_with("<success"));
}

TEST(Move, and_back_when_the_next_attempt_names_another_account) {
  World world(2);
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("juliet", "wrong") + fake::plain("romeo"));
  EXPECT_TRUE(client.received().starts_with(failure("not-authorized") + "<success"));
  EXPECT_EQ(world.shard(0).streams.size(), 1u);
  EXPECT_EQ(world.shard(1).streams.size(), 0u);
}

TEST(Move, of_a_connection_that_was_paused_meanwhile_goes_on_reading) {
  World world(2);
  Client client(world, 0, Client::Tls::direct);
  world.shard(0).gatekeeper.slow = true;
  client.open().send(fake::plain("romeo", "wrong") + fake::plain("juliet"));
  client.send(fake::header);  // finds the stream busy
  EXPECT_TRUE(client.line->pipe->paused());
  world.shard(0).gatekeeper.open_gates();
  world.run();
  EXPECT_EQ(world.shard(1).streams.size(), 1u);
  client.send(fake::bind_request);
  EXPECT_TRUE(client.received().contains("<jid>juliet@example.org/r</jid>"));
}

TEST(Move, keeps_the_deadline) {
  World world(2);
  world.shard(1).gatekeeper.slow = true;
  Client client(world, 0, Client::Tls::direct);
  client.open();
  world.advance(20s);
  client.send(fake::plain("juliet"));
  world.advance(10s);
  EXPECT_TRUE(client.received().contains("connection-timeout"));
  EXPECT_EQ(world.shard(0).loop.timers() + world.shard(1).loop.timers(), 0u);
}

TEST(Move, to_a_shard_that_shuts_down_ends_there) {
  World world(2);
  Client client(world, 0, Client::Tls::direct);
  client.open();
  world.shard(1).streams.shut_down(xmpp::StreamCondition::system_shutdown, [] {});
  client.send(fake::plain("juliet"));
  EXPECT_TRUE(client.received().contains("<system-shutdown"));
  EXPECT_TRUE(client.over());
}

}  // namespace
}  // namespace hy::stream
