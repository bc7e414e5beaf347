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

}  // namespace
}  // namespace hy::scenario
