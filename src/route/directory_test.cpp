#include "route/directory.h"

#include <gtest/gtest.h>

namespace hy::route {
namespace {

/// A store that answers when told to.
class LateAccounts final : public store::Accounts {
 public:
  Task<Result<std::optional<store::Account>>> find(store::Owner owner) override {
    Completion<std::optional<store::Account>> answer;
    asked.emplace_back(owner.str(), answer);
    Result<std::optional<store::Account>> result = co_await answer.wait();
    co_return result;
  }
  Task<Result<std::vector<store::Account>>> list(std::string, store::Owner, std::size_t) override {
    co_return std::vector<store::Account>();
  }
  void answer(std::size_t index, Result<std::optional<store::Account>> value) {
    asked[index].second.set(std::move(value));
  }

  std::vector<std::pair<std::string, Completion<std::optional<store::Account>>>> asked;
};

class DirectoryTest : public testing::Test {
 protected:
  ~DirectoryTest() override { scope_.close(); }
  void knock(std::string_view jid, std::string name) {
    directory_.knock(*xmpp::Jid::parse(jid), [this, name](Result<AccountPtr> account) {
      log_ += name + (account ? ((*account)->exists() ? "+" : "-") : "!");
    });
  }
  static store::Account account(std::string_view jid) {
    store::Account record;
    record.owner = *xmpp::Jid::parse(jid);
    return record;
  }

  Hub hub_;
  LateAccounts accounts_;
  Scope scope_;
  Directory directory_{hub_, accounts_, scope_, 2};
  std::string log_;
};

TEST_F(DirectoryTest, who_knocks_waits_in_order_and_the_store_is_asked_once) {
  knock("a@x", "1");
  knock("a@x", "2");
  EXPECT_EQ(accounts_.asked.size(), 1u);
  EXPECT_EQ(log_, "");
  accounts_.answer(0, account("a@x"));
  EXPECT_EQ(log_, "1+2+");
  knock("a@x", "3");
  EXPECT_EQ(log_, "1+2+3+");
  EXPECT_EQ(accounts_.asked.size(), 1u);
}

TEST_F(DirectoryTest, who_knocks_while_the_door_opens_queues_behind_those_who_waited) {
  const xmpp::Jid jid = *xmpp::Jid::parse("a@x");
  directory_.knock(jid, [this](Result<AccountPtr>) {
    log_ += "1";
    knock("a@x", "3");
  });
  knock("a@x", "2");
  accounts_.answer(0, account("a@x"));
  EXPECT_EQ(log_, "12+3+");
}

TEST_F(DirectoryTest, an_account_that_does_not_exist_is_remembered_as_that) {
  knock("nobody@x", "1");
  accounts_.answer(0, std::nullopt);
  knock("nobody@x", "2");
  EXPECT_EQ(log_, "1-2-");
  EXPECT_EQ(accounts_.asked.size(), 1u);
}

TEST_F(DirectoryTest, when_the_store_fails_all_who_wait_are_told_and_the_next_asks_again) {
  knock("a@x", "1");
  knock("a@x", "2");
  accounts_.answer(0, fail(Error::io, "disk"));
  EXPECT_EQ(log_, "1!2!");
  knock("a@x", "3");
  EXPECT_EQ(accounts_.asked.size(), 2u);
  accounts_.answer(1, account("a@x"));
  EXPECT_EQ(log_, "1!2!3+");
}

TEST_F(DirectoryTest, accounts_without_work_go_in_the_order_of_their_last_use) {
  for (int i = 0; i < 2; ++i) {
    knock(fmt::format("a{}@x", i), "k");
    accounts_.answer(i, account(fmt::format("a{}@x", i)));
  }
  knock("a0@x", "k");  // a1 is now the one unused longest
  knock("a2@x", "k");
  accounts_.answer(2, account("a2@x"));
  EXPECT_EQ(directory_.size(), 2u);
  EXPECT_TRUE(directory_.find(*xmpp::Jid::parse("a0@x")));
  EXPECT_FALSE(directory_.find(*xmpp::Jid::parse("a1@x")));
}

TEST_F(DirectoryTest, an_account_that_a_task_holds_stays) {
  AccountPtr held;
  directory_.knock(*xmpp::Jid::parse("a0@x"), [&](Result<AccountPtr> account) { held = *account; });
  accounts_.answer(0, account("a0@x"));
  for (int i = 1; i < 4; ++i) {
    knock(fmt::format("a{}@x", i), "k");
    accounts_.answer(i, account(fmt::format("a{}@x", i)));
  }
  EXPECT_EQ(directory_.find(*xmpp::Jid::parse("a0@x")), held);
  EXPECT_EQ(directory_.size(), 2u);
}

TEST_F(DirectoryTest, closing_the_scope_ends_the_wait_with_cancelled) {
  knock("a@x", "1");
  scope_.close();
  EXPECT_EQ(log_, "1!");
}

}  // namespace
}  // namespace hy::route
