// Order, a stalled shard, a disk that does not answer.
#include <gtest/gtest.h>

#include "simulation/device.h"
#include "simulation/witness.h"

namespace hy::simulation {
namespace {

class Town {
 public:
  explicit Town(std::uint64_t seed, bool late_doors = false)
      : late_(seed), scene_(options(seed, late_doors)) {}

  std::unique_ptr<Device> on_line(const xmpp::Jid& account, std::string resource = "r") {
    scene_.add_account(account);
    auto device = std::make_unique<Device>(scene_.world(), account, std::move(resource));
    device->log_in();
    for (int i = 0; i < 20 && !device->bound(); ++i) {
      scene_.settle();
      device->read();
      scene_.advance(5ms);
    }
    EXPECT_TRUE(device->bound());
    return device;
  }

  /// An account that lives on this shard.
  xmpp::Jid on_shard(std::size_t shard, std::string_view prefix) {
    for (;;) {
      xmpp::Jid jid = *xmpp::Jid::parse(fmt::format("{}{}@localhost", prefix, number_++));
      if (static_cast<std::size_t>(route::home_shard(jid, 3)) == shard) return jid;
    }
  }

  Witness witness;

 private:
  scenario::SceneOptions options(std::uint64_t seed, bool late_doors) {
    scenario::SceneOptions options{.seed = seed, .shards = 3};
    options.config.limits.rate_bytes_per_s = 0;
    options.config.limits.queue_bytes = 128 * 1024 * 1024;
    if (late_doors) options.read_delay = [this] { return std::chrono::microseconds(late_.below(20'000)); };
    options.trace = &witness;
    return options;
  }
  sim::SeededRandom late_;
  int number_ = 0;

 public:
  scenario::Scene scene_;
};

std::string chat(const xmpp::Jid& to, std::string_view id, std::size_t text = 10) {
  return fmt::format("<message to='{}' type='chat' id='{}'><body>{}</body></message>", to.str(), id,
                     std::string(text, 'x'));
}

// Eight senders on three shards, mixed kinds, to people on line and to people whose accounts are loaded late
// (they are away, so that the errors come back): between one sender and one recipient nothing overtakes.
TEST(Order, of_one_sender_to_one_recipient_is_kept) {
  constexpr int senders = 8;
  constexpr int each = 10'000;
  Town town(42, true);
  std::vector<std::unique_ptr<Device>> recipients, all;
  for (int i = 0; i < 4; ++i) recipients.push_back(town.on_line(town.on_shard(i % 3, "to")));
  for (int i = 0; i < senders; ++i) all.push_back(town.on_line(town.on_shard(i % 3, "by")));
  std::vector<xmpp::Jid> away;
  for (int i = 0; i < 30; ++i) {
    away.push_back(town.on_shard(i % 3, "away"));
    town.scene_.add_account(away.back());
  }
  sim::SeededRandom dice(7);
  for (int n = 0; n < each; ++n) {
    for (int s = 0; s < senders; ++s) {
      const std::string id = fmt::format("{}.{}", s, n);
      const xmpp::Jid& to = recipients[dice.below(recipients.size())]->jid;
      switch (dice.below(8)) {
        case 0:
          all[s]->send(fmt::format("<message to='{}' type='headline' id='{}'/>", to.str(), id));
          break;
        case 1:
          all[s]->send(fmt::format("<message to='{}' id='{}'/>", to.bare().str(), id));
          break;
        case 2:
          all[s]->send(chat(away[dice.below(away.size())], id));
          break;
        case 3:
          all[s]->send(fmt::format("<presence to='{}'/>", to.str()));
          break;
        case 4:
          all[s]->send(fmt::format(
              "<iq type='set' id='{}'><query xmlns='jabber:iq:private'><a xmlns='urn:a'>{}</a></query></iq>",
              id, n));
          break;
        default:
          all[s]->send(chat(to, id));
      }
    }
    if (n % 50 == 0) town.scene_.advance(1ms);
  }
  const auto busy = [&] {
    std::size_t left = 0;
    for (auto& device : all) left += device->unsent();
    for (std::size_t i = 0; i < 3; ++i) left += town.scene_.core().shard(i).pipeline().under_way();
    return left > 0;
  };
  for (int calm = 0, i = 0; calm < 5 && i < 20'000; ++i, calm = busy() ? 0 : calm + 1) {
    town.scene_.advance(5ms);
    for (auto& device : recipients) device->read();
    for (auto& device : all) device->read();
  }
  std::size_t heard = 0;
  const auto check = [&](Device& device) {
    device.read();
    EXPECT_FALSE(device.over());
    std::map<xmpp::Jid, int> last;
    for (const Device::Heard& message : device.messages) {
      const int n = std::atoi(message.id.substr(message.id.find('.') + 1).c_str());
      int& before = last.try_emplace(message.from, -1).first->second;
      ASSERT_GT(n, before) << "overtaken: " << message.id << " from " << message.from.str();
      before = n;
      ++heard;
    }
  };
  for (auto& device : recipients) check(*device);
  for (auto& device : all) check(*device);
  // Six of eight kinds are messages, and each is delivered or comes back.
  EXPECT_GT(heard, senders * each * 7 / 10);
  town.witness.judge(town.scene_);
  EXPECT_EQ(town.witness.broken(), std::vector<std::string>());
}

// Shard 2 does not run. What the others hold for it stays within the credit of each pair and what a session
// may have unanswered; its correspondents are not read any more; shards 0 and 1 go on as before.
TEST(Stall, of_one_shard_costs_the_others_nothing) {
  Town town(5);
  auto deaf = town.on_line(town.on_shard(2, "deaf"));
  std::vector<std::unique_ptr<Device>> writers;
  for (int i = 0; i < 12; ++i) writers.push_back(town.on_line(town.on_shard(i % 2, "writer")));
  auto romeo = town.on_line(town.on_shard(0, "romeo"));
  auto juliet = town.on_line(town.on_shard(1, "juliet"));
  // Connections live on their accounts' shards from login on, so the stalled loop serves nobody but the deaf.
  town.scene_.world().stall(town.scene_.loop(2), 1h);
  const std::size_t big = 100'000;
  for (int n = 0; n < 60; ++n) {
    for (auto& writer : writers) writer->send(chat(deaf->jid, fmt::format("w{}", n), big));
  }
  for (int n = 0; n < 2000; ++n) romeo->send(chat(juliet->jid, fmt::format("r{}", n)));
  town.scene_.settle();
  juliet->read();
  EXPECT_EQ(juliet->messages.size(), 2000u);  // no time has passed
  for (std::size_t from : {0, 1}) {
    const route::Post& post = town.scene_.core().shard(from).post();
    EXPECT_LE(post.waiting(ShardId(2)), 6u);  // one a writer
    EXPECT_LT(post.credit(ShardId(2)), route::Post::pair_credit);
  }
  std::size_t unsent = 0;
  for (auto& writer : writers) unsent += writer->unsent();
  // Of 72 MB, each writer got at most what may be unanswered, one that waits, and what its connection holds.
  EXPECT_GT(unsent, 12 * (60 * big - 3 * 1024 * 1024));

  town.scene_.world().stall(town.scene_.loop(2), 0s);
  for (int i = 0; i < 5000 && deaf->messages.size() < 12u * 60u; ++i) {
    town.scene_.advance(1ms);
    deaf->read();
  }
  EXPECT_EQ(deaf->messages.size(), 12u * 60u);
  town.witness.judge(town.scene_);
  EXPECT_EQ(town.witness.broken(), std::vector<std::string>());
}

// While nothing becomes durable a set is not answered, and what does not write goes on.
TEST(Stall, of_the_disk_holds_back_the_answers_of_what_it_should_keep) {
  Town town(6);
  auto romeo = town.on_line(town.on_shard(0, "romeo"));
  auto juliet = town.on_line(town.on_shard(1, "juliet"));
  town.scene_.hold_committer(true);
  romeo->send("<iq type='set' id='set'><vCard xmlns='vcard-temp'><FN>Romeo</FN></vCard></iq>");
  romeo->send(chat(juliet->jid, "1"));
  romeo->send("<iq type='get' id='ping' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
  town.scene_.settle();
  romeo->read();
  juliet->read();
  EXPECT_EQ(romeo->answers["set"], 0);
  EXPECT_EQ(romeo->answers["ping"], 1);
  EXPECT_EQ(juliet->messages.size(), 1u);
  // A get of what was set waits for it too.
  romeo->send("<iq type='get' id='get'><vCard xmlns='vcard-temp'/></iq>");
  town.scene_.settle();
  romeo->read();
  EXPECT_EQ(romeo->answers["get"], 0);
  town.scene_.hold_committer(false);
  town.scene_.settle();
  romeo->read();
  EXPECT_EQ(romeo->answers["set"], 1);
  EXPECT_EQ(romeo->answers["get"], 1);
  EXPECT_TRUE(romeo->transcript.contains("<FN>Romeo</FN>"));
  town.witness.judge(town.scene_);
  EXPECT_EQ(town.witness.broken(), std::vector<std::string>());
}

}  // namespace
}  // namespace hy::simulation
