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

}  // namespace
}  // namespace hy::scenario
