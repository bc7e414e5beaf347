#include <gtest/gtest.h>

#include <fstream>

#include "server/commands.h"
#include "server/testing/folder.h"
#include "server/testing/memory_users.h"

namespace hy::server {
namespace {

/// Hands every call on to users that outlive it.
class Borrowed final : public Users {
 public:
  explicit Borrowed(Users& users) : users_(users) {}
  Result<void> add(NewUser user) override { return users_.add(std::move(user)); }
  Result<void> remove(xmpp::Jid jid) override { return users_.remove(jid); }
  Result<void> set_password(xmpp::Jid jid, std::string password) override {
    return users_.set_password(jid, std::move(password));
  }
  Result<std::vector<User>> list(std::string domain, xmpp::Jid after, std::size_t limit) override {
    return users_.list(std::move(domain), after, limit);
  }
  Result<User> show(xmpp::Jid jid) override { return users_.show(jid); }
  Result<std::vector<std::string>> domains() override { return users_.domains(); }

 private:
  Users& users_;
};

struct UserCommandsTest : ::testing::Test {
  testing::Folder folder;
  testing::MemoryUsers users;
  Place place{.config = "", .data = folder.path() + "/data"};
  Wiring wiring{.start = {},
                .open_store = [this](const Config&, const DataDir&) -> Result<std::unique_ptr<Users>> {
                  return std::make_unique<Borrowed>(users);
                },
                .check_certificates = {}};

  static std::string printed(auto command) {
    ::testing::internal::CaptureStdout();
    auto done = command();
    std::string text = ::testing::internal::GetCapturedStdout();
    EXPECT_TRUE(done) << done.error().context;
    return text;
  }
};

TEST_F(UserCommandsTest, lists_all_pages_of_all_domains) {
  users.served = {"a.example", "b.example"};
  for (const std::size_t count : {0, 499, 500, 501, 1000, 1001}) {
    users.all.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const auto jid =
          *xmpp::Jid::parse(fmt::format("user{:04}@{}", i, i % 2 == 0 ? "a.example" : "b.example"));
      ASSERT_TRUE(users.add({.jid = jid, .password = "x", .role = Role::user}));
    }
    const std::string all = printed([this] { return list_users(wiring, place, ""); });
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(all, '\n')), count);
    const std::string one = printed([this] { return list_users(wiring, place, "b.example"); });
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(one, '\n')), count / 2);
  }
}

TEST_F(UserCommandsTest, a_random_password_is_printed_and_is_the_one_set) {
  const std::string first =
      printed([this] { return add_user(wiring, place, "Zoe@localhost", Secret::random, Role::admin); });
  EXPECT_EQ(users.all["zoe@localhost"].password + "\n", first);
  EXPECT_EQ(users.all["zoe@localhost"].user.role, Role::admin);
  const std::string second =
      printed([this] { return change_password(wiring, place, "zoe@localhost", Secret::random); });
  EXPECT_EQ(users.all["zoe@localhost"].password + "\n", second);
  EXPECT_NE(first, second);
}

TEST_F(UserCommandsTest, a_failing_store_is_told_at_every_call) {
  ASSERT_TRUE(users.add({.jid = *xmpp::Jid::parse("a@localhost"), .password = "x", .role = Role::user}));
  const std::vector<std::function<Result<void>()>> commands = {
      [this] { return add_user(wiring, place, "b@localhost", Secret::random, Role::user); },
      [this] { return change_password(wiring, place, "a@localhost", Secret::random); },
      [this] { return list_users(wiring, place, ""); },
      [this] { return show_user(wiring, place, "a@localhost"); },
      [this] { return remove_user(wiring, place, "a@localhost"); }};
  ::testing::internal::CaptureStdout();
  for (const auto& command : commands) {
    int failing = 1;
    while (true) {
      users.calls = 0;
      users.failing = failing++;
      auto done = command();
      if (users.calls < users.failing) {
        EXPECT_TRUE(done);
        break;
      }
      ASSERT_FALSE(done);
      EXPECT_EQ(done.error().code, Error::io);
    }
    EXPECT_GT(failing, 2);
  }
  ::testing::internal::GetCapturedStdout();
}

TEST_F(UserCommandsTest, a_place_names_its_configuration_and_the_data_directory_wins_over_it) {
  const std::string file = folder.path() + "/h.toml";
  std::ofstream(file) << "data_dir = \"elsewhere\"\n[[domain]]\nname = \"a.example\"\n";
  auto config = load({.config = file, .data = ""});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->data_dir, folder.path() + "/elsewhere");
  EXPECT_EQ(load({.config = file, .data = "here"})->data_dir, "here");
  EXPECT_FALSE(load({.config = folder.path() + "/none.toml", .data = ""}));
  EXPECT_EQ(load({.config = "", .data = "here"})->domains.front().name, "localhost");
}

}  // namespace
}  // namespace hy::server
