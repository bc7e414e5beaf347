// Logging in by each mechanism that is offered, wherever the account lives; and what our header says.
#include <gtest/gtest.h>

#include "route/pipeline.h"
#include "sasl/exchange.h"
#include "sasl/scram_client.h"
#include "scenario/scene.h"
#include "xml/writer.h"

namespace hy::scenario {
namespace {

constexpr std::string_view sasl_ns = "urn:ietf:params:xml:ns:xmpp-sasl";

struct Mechanism {
  std::string name;
  sasl::Hash hash;
  std::string binding = {};  // of the -PLUS forms
  net::Binding kind = net::Binding::tls_exporter;
};

std::ostream& operator<<(std::ostream& out, const Mechanism& mechanism) {
  return out << mechanism.name << " " << mechanism.binding;
}

class Login : public testing::TestWithParam<Mechanism> {
 protected:
  explicit Login(std::size_t shards = 3) : scene_({.seed = 7, .shards = shards}) {}

  static std::string header(std::string_view more = "") {
    return fmt::format(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' "
        "version='1.0'{}>",
        more);
  }
  std::unique_ptr<Client> secured(std::string_view more = "") {
    auto client = scene_.connect();
    client->send(header());
    client->send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    scene_.settle();
    client->inbox().clear();
    client->peer().start_tls();
    client->restart();
    client->send(header(more));
    scene_.settle();
    EXPECT_EQ(client->inbox().size(), 1u);
    client->inbox().clear();
    return client;
  }
  /// What came, and nothing else; its bytes.
  std::string step(Client& client, std::string_view sent, std::string_view expected) {
    client.send(sent);
    scene_.settle();
    if (client.inbox().size() != 1 || client.inbox()[0].name() != expected) {
      ADD_FAILURE() << "expected " << expected << ", got "
                    << (client.inbox().empty() ? "nothing" : xml::to_string(client.inbox()[0]));
      return "";
    }
    const std::optional<std::string> bytes = sasl::decode_base64(client.inbox()[0].view().text());
    client.inbox().clear();
    return bytes.value_or("");
  }
  static std::string auth(std::string_view mechanism, std::string_view bytes) {
    return fmt::format("<auth xmlns='{}' mechanism='{}'>{}</auth>", sasl_ns, mechanism,
                       sasl::encode_base64(bytes));
  }
  static std::string response(std::string_view bytes) {
    return fmt::format("<response xmlns='{}'>{}</response>", sasl_ns, sasl::encode_base64(bytes));
  }
  static sasl::ScramClient::Login credentials(Client& client, const Mechanism& mechanism,
                                              std::string_view name, std::string_view password) {
    sasl::ScramClient::Login login{
        .username = std::string(name), .password = std::string(password), .nonce = "fyko"};
    if (!mechanism.binding.empty()) {
      login.gs2_header = fmt::format("p={},,", mechanism.binding);
      login.binding = client.peer().binding(mechanism.kind);
    }
    return login;
  }

  Scene scene_;
};

TEST_P(Login, succeeds_wherever_the_account_lives) {
  for (const char* name : {"romeo", "juliet", "tybalt", "mercutio", "benvolio"}) {
    scene_.add_account(*xmpp::Jid::make(name, "localhost"));
    auto client = secured();
    sasl::ScramClient scram(GetParam().hash, credentials(*client, GetParam(), name, "secret"));
    const std::string challenge = step(*client, auth(GetParam().name, scram.first()), "challenge");
    const std::optional<std::string> final = scram.final(challenge);
    ASSERT_TRUE(final) << challenge;
    EXPECT_TRUE(scram.trusts(step(*client, response(*final), "success"))) << name;
  }
}

TEST_P(Login, fails_with_a_wrong_password_or_another_connection_s_binding) {
  scene_.add_account(*xmpp::Jid::parse("romeo@localhost"));
  auto client = secured();
  sasl::ScramClient wrong(GetParam().hash, credentials(*client, GetParam(), "romeo", "guess"));
  const std::string first = step(*client, auth(GetParam().name, wrong.first()), "challenge");
  step(*client, response(*wrong.final(first)), "failure");
  if (GetParam().binding.empty()) return;
  sasl::ScramClient::Login login = credentials(*client, GetParam(), "romeo", "secret");
  login.binding += "x";
  sasl::ScramClient between(GetParam().hash, login);
  const std::string second = step(*client, auth(GetParam().name, between.first()), "challenge");
  step(*client, response(*between.final(second)), "failure");
}

// RFC 5802 §6: the client could bind and thinks that we cannot, while we offered it: somebody took the offer
// away.
TEST_F(Login, with_the_y_flag_is_a_downgrade) {
  scene_.add_account(*xmpp::Jid::parse("romeo@localhost"));
  auto client = secured();
  step(*client, auth("SCRAM-SHA-256", "y,,n=romeo,r=fyko"), "failure");
}

std::string test_name(const testing::TestParamInfo<Mechanism>& mechanism) {
  std::string name = mechanism.param.name + "_" + mechanism.param.binding;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Scram, Login,
    testing::Values(
        Mechanism{"SCRAM-SHA-1", sasl::Hash::sha1}, Mechanism{"SCRAM-SHA-256", sasl::Hash::sha256},
        Mechanism{"SCRAM-SHA-512", sasl::Hash::sha512},
        Mechanism{"SCRAM-SHA-1-PLUS", sasl::Hash::sha1, "tls-server-end-point",
                  net::Binding::tls_server_end_point},
        Mechanism{"SCRAM-SHA-256-PLUS", sasl::Hash::sha256, "tls-exporter", net::Binding::tls_exporter},
        Mechanism{"SCRAM-SHA-512-PLUS", sasl::Hash::sha512, "tls-exporter", net::Binding::tls_exporter}),
    test_name);

// RFC 6120 §4.7: from, to as the client named itself, a new id each time, version and language.
TEST_F(Login, is_greeted_by_a_header_of_its_own) {
  scene_.add_account(*xmpp::Jid::parse("romeo@localhost"));
  auto first = secured(" from='romeo@localhost' xml:lang='it'");
  auto second = secured();
  for (Client* client : {first.get(), second.get()}) {
    EXPECT_EQ(client->header().attribute("from"), "localhost");
    EXPECT_EQ(client->header().attribute("version"), "1.0");
    EXPECT_GE(client->header().attribute("id").size(), 32u);  // 128 bits
  }
  EXPECT_EQ(first->header().attribute("to"), "romeo@localhost");
  EXPECT_FALSE(second->header().view().find_attribute("to"));
  EXPECT_NE(first->header().attribute("id"), second->header().attribute("id"));
}

// The scenarios mean to cross shards: their people do not all live on one.
TEST(Shards, part_the_people_of_the_scenarios) {
  for (const std::size_t shards : {3u, 5u}) {
    EXPECT_NE(route::home_shard(*xmpp::Jid::parse("romeo@localhost"), shards),
              route::home_shard(*xmpp::Jid::parse("juliet@localhost"), shards))
        << shards;
  }
}

}  // namespace
}  // namespace hy::scenario
