#include "scenario/scene.h"

#include <gtest/gtest.h>

#include "xml/writer.h"

namespace hy::scenario {
namespace {

xmpp::Jid jid(std::string_view text) {
  return *xmpp::Jid::parse(text);
}

TEST(Scene, two_people_chat_whichever_shards_they_live_on) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Scene scene({.seed = seed});
    scene.add_account(jid("romeo@localhost"));
    scene.add_account(jid("juliet@localhost"));
    auto romeo = scene.connect();
    auto juliet = scene.connect();
    EXPECT_EQ(scene.log_in(*romeo, jid("romeo@localhost"), "orchard").str(), "romeo@localhost/orchard");
    scene.log_in(*juliet, jid("juliet@localhost"), "balcony");
    juliet->send("<presence/>");
    scene.settle();
    ASSERT_EQ(juliet->inbox().size(), 1u);  // her own presence
    juliet->inbox().clear();
    romeo->send(
        "<message to='juliet@localhost' type='chat' id='1'><body>Art thou not Romeo?</body></message>");
    scene.settle();
    ASSERT_EQ(juliet->inbox().size(), 1u) << seed;
    EXPECT_EQ(xml::to_string(juliet->inbox()[0], "jabber:client"),
              "<message to='juliet@localhost' from='romeo@localhost/orchard' type='chat' id='1'>"
              "<body>Art thou not Romeo?</body></message>");
    EXPECT_TRUE(romeo->inbox().empty());
  }
}

// DESIGN: a hundred connections of one machine that have not logged in; who has logged in counts no more, and
// other machines notice nothing.
TEST(Scene, a_machine_may_have_a_hundred_connections_before_login) {
  Scene scene;
  scene.add_account(jid("romeo@localhost"));
  std::vector<std::unique_ptr<Client>> waiting;
  for (int i = 0; i < 100; ++i) waiting.push_back(scene.connect());
  scene.settle();
  for (auto& client : waiting) EXPECT_FALSE(client->over());
  auto one_too_many = scene.connect();
  scene.settle();
  EXPECT_TRUE(one_too_many->over());
  Client elsewhere(scene.world(), "198.51.100.7");
  scene.settle();
  EXPECT_FALSE(elsewhere.over());
  scene.log_in(*waiting[0], jid("romeo@localhost"), "orchard");
  auto next = scene.connect();
  scene.settle();
  EXPECT_FALSE(next->over());
  auto again = scene.connect();
  scene.settle();
  EXPECT_TRUE(again->over());
}

// DESIGN §7: as many sessions of one account as is configured; the next is told so at its bind, the others
// notice nothing, and a resource that is there may still be taken over.
TEST(Scene, an_account_has_as_many_sessions_as_is_configured) {
  SceneOptions options;
  options.config.limits.sessions_per_account = 3;
  Scene scene(std::move(options));
  scene.add_account(jid("romeo@localhost"));
  scene.add_account(jid("juliet@localhost"));
  std::vector<std::unique_ptr<Client>> clients;
  for (const char* resource : {"a", "b", "c"}) {
    clients.push_back(scene.connect());
    scene.log_in(*clients.back(), jid("romeo@localhost"), resource);
  }
  auto one_too_many = scene.connect();
  EXPECT_THROW(scene.log_in(*one_too_many, jid("romeo@localhost"), "d"), std::runtime_error);
  ASSERT_FALSE(one_too_many->inbox().empty());
  EXPECT_TRUE(one_too_many->inbox()
                  .back()
                  .child("error", "jabber:client")
                  .child("resource-constraint", xmpp::stanzas_ns));
  EXPECT_FALSE(one_too_many->over());
  for (auto& client : clients) {
    EXPECT_TRUE(client->inbox().empty());
    EXPECT_FALSE(client->over());
  }
  auto juliet = scene.connect();
  scene.log_in(*juliet, jid("juliet@localhost"), "d");
  auto takes_over = scene.connect();
  EXPECT_EQ(scene.log_in(*takes_over, jid("romeo@localhost"), "b").str(), "romeo@localhost/b");
  clients[0]->send("</stream:stream>");
  scene.settle();
  one_too_many->send(
      "<iq type='set' id='again'><bind "
      "xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>d</resource></bind></iq>");
  scene.settle();
  ASSERT_FALSE(one_too_many->inbox().empty());
  EXPECT_EQ(one_too_many->inbox().back().attribute("type"), "result");
}

Task<void> make_anew(route::Users& users, xmpp::Jid account, int* done) {
  Result<void> removed = co_await users.remove(account);
  *done += removed ? 1 : 0;
  Result<void> created = co_await users.create(account, "secret");
  *done += created ? 1 : 0;
}

// An address that is given to somebody else has nothing of who had it before.
TEST(Scene, an_account_made_anew_has_nothing_of_the_old_one) {
  Scene scene({.seed = 1, .shards = 1});
  scene.add_account(jid("romeo@localhost"));
  auto old = scene.connect();
  scene.log_in(*old, jid("romeo@localhost"), "a");
  old->send(
      "<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost'/></query></iq>");
  scene.settle();
  ASSERT_EQ(old->inbox().size(), 1u);
  int done = 0;
  route::Shard& shard = scene.core().shard(0);
  shard.loop().post([&] { shard.scope().spawn(make_anew(shard.users(), jid("romeo@localhost"), &done)); });
  scene.settle();
  ASSERT_EQ(done, 2);
  auto fresh = scene.connect();
  scene.log_in(*fresh, jid("romeo@localhost"), "a");
  fresh->send("<iq type='get' id='2'><query xmlns='jabber:iq:roster'/></iq>");
  scene.settle();
  ASSERT_EQ(fresh->inbox().size(), 1u);
  EXPECT_EQ(xml::to_string(fresh->inbox()[0], "jabber:client"),
            "<iq to='romeo@localhost/a' type='result' id='2'><query xmlns='jabber:iq:roster'/></iq>");
}

}  // namespace
}  // namespace hy::scenario
