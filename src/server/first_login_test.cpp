#include "server/first_login.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "server/login_help.h"
#include "server/password.h"
#include "server/testing/folder.h"
#include "server/testing/memory_users.h"

namespace hy::server {
namespace {

struct FirstLoginTest : ::testing::Test {
  testing::Folder folder;
  testing::MemoryUsers users;
  SystemRandom random;

  auto logins() { return first_logins(folder.path(), "localhost", users, random); }
};

TEST_F(FirstLoginTest, makes_three_accounts_with_passwords_of_their_own) {
  auto made = logins();
  ASSERT_TRUE(made) << made.error().context;
  ASSERT_EQ(made->size(), 3U);
  std::set<std::string> passwords;
  for (const FirstLogin& login : *made) {
    EXPECT_EQ(users.all[login.jid.str()].password, login.password);
    passwords.insert(login.password);
  }
  EXPECT_EQ(passwords.size(), 3U);
  EXPECT_EQ(users.all["admin@localhost"].user.role, Role::admin);
  EXPECT_EQ(users.all["alice@localhost"].user.role, Role::user);
  struct stat found{};
  ASSERT_EQ(::stat((folder.path() + "/first-login.txt").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600U);
}

TEST_F(FirstLoginTest, the_second_start_tells_the_same) {
  auto first = logins();
  auto second = logins();
  ASSERT_TRUE(first && second);
  ASSERT_EQ(second->size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*first)[i].jid, (*second)[i].jid);
    EXPECT_EQ((*first)[i].password, (*second)[i].password);
    EXPECT_EQ((*first)[i].role, (*second)[i].role);
  }
}

TEST_F(FirstLoginTest, an_account_that_was_removed_does_not_come_back) {
  ASSERT_TRUE(logins());
  ASSERT_TRUE(users.remove(*xmpp::Jid::parse("bob@localhost")));
  auto second = logins();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->size(), 2U);
  EXPECT_FALSE(users.all.contains("bob@localhost"));
}

TEST_F(FirstLoginTest, with_the_file_deleted_nothing_is_made_or_told) {
  ASSERT_TRUE(logins());
  std::filesystem::remove(folder.path() + "/first-login.txt");
  auto second = logins();
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->empty());
  EXPECT_EQ(users.all.size(), 3U);
}

TEST_F(FirstLoginTest, a_server_with_accounts_of_its_own_gets_none) {
  ASSERT_TRUE(users.add({.jid = *xmpp::Jid::parse("zoe@localhost"), .password = "x", .role = Role::user}));
  auto made = logins();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->empty());
  EXPECT_EQ(users.all.size(), 1U);
}

TEST_F(FirstLoginTest, whatever_call_fails_the_next_start_finishes_the_work) {
  for (int failing = 1; failing <= 4; ++failing) {
    const testing::Folder fresh;
    testing::MemoryUsers broken;
    broken.failing = failing;
    EXPECT_FALSE(first_logins(fresh.path(), "localhost", broken, random)) << failing;
    broken.failing = 0;
    auto made = first_logins(fresh.path(), "localhost", broken, random);
    ASSERT_TRUE(made) << failing;
    ASSERT_EQ(made->size(), 3U) << failing;
    for (const FirstLogin& login : *made) EXPECT_EQ(broken.all[login.jid.str()].password, login.password);
  }
}

TEST_F(FirstLoginTest, the_help_names_accounts_ports_and_passwords) {
  auto made = logins();
  ASSERT_TRUE(made);
  const std::vector<Listening> listening = {{Service::c2s, {"127.0.0.1", 15222}},
                                            {Service::c2s_tls, {"127.0.0.1", 15223}}};
  const std::string help = login_help(*made, listening, "data");
  for (const FirstLogin& login : *made) {
    EXPECT_NE(help.find(login.jid.str()), std::string::npos);
    EXPECT_NE(help.find(login.password), std::string::npos);
  }
  EXPECT_NE(help.find("port 15222 (STARTTLS)"), std::string::npos);
  EXPECT_NE(help.find("port 15223 (direct TLS)"), std::string::npos);
  EXPECT_NE(login_help({}, listening, "data").find("hongyan user add"), std::string::npos);
}

TEST(RandomPassword, is_eighty_bits_in_groups_that_are_easy_to_type) {
  SystemRandom random;
  std::set<std::string> seen;
  std::set<char> letters;
  for (int i = 0; i < 200; ++i) {
    const std::string password = random_password(random);
    EXPECT_EQ(password.size(), 19U);
    for (std::size_t at = 0; at < password.size(); ++at) {
      if (at % 5 == 4) {
        EXPECT_EQ(password[at], '-');
      } else {
        letters.insert(password[at]);
      }
    }
    seen.insert(password);
  }
  EXPECT_EQ(seen.size(), 200U);
  EXPECT_EQ(letters.size(), 32U);
  for (const char confused : {'i', 'l', 'o', 'u'}) EXPECT_FALSE(letters.contains(confused));
}

}  // namespace
}  // namespace hy::server
