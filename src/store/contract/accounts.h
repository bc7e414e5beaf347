// Contract: accounts, and their order in a domain.
#pragma once

#include "store/contract/backend.h"

namespace hy::store::contract {

template <class Backend>
class AccountsContract : public Suite<Backend> {
 protected:
  std::vector<std::string> page(std::string domain, std::string_view after, std::size_t limit) {
    auto found = this->read(
        this->shard().accounts->list(std::move(domain), after.empty() ? Owner() : jid(after), limit));
    std::vector<std::string> names;
    for (const Account& account : found) names.push_back(account.owner.str());
    return names;
  }
};

TYPED_TEST_SUITE_P(AccountsContract);

using Names = std::vector<std::string>;

TYPED_TEST_P(AccountsContract, an_absent_account_is_no_error) {
  EXPECT_EQ(this->find("nobody@example.org"), std::nullopt);
}

TYPED_TEST_P(AccountsContract, every_field_comes_back) {
  Account account = contract::account("juliet@example.org");
  account.status = Account::Status::disabled;
  account.admin = true;
  account.verifiers.sha1 = {};
  account.verifiers.sha256.salt = std::string(64 * 1024, 'x');
  this->put(account);
  EXPECT_EQ(this->find("juliet@example.org"), account);
  this->restart();
  EXPECT_EQ(this->find("juliet@example.org"), account);
}

TYPED_TEST_P(AccountsContract, a_later_put_replaces) {
  this->put(account("juliet@example.org", "one"));
  this->settle();
  this->put(account("juliet@example.org", "two"));
  this->put(account("juliet@example.org", "three"));
  EXPECT_EQ(this->find("juliet@example.org")->verifiers.sha1.salt, "three");
  EXPECT_EQ(this->page("example.org", "", 10), Names{"juliet@example.org"});
}

TYPED_TEST_P(AccountsContract, erase_removes_it_from_the_list_too) {
  this->put(account("juliet@example.org"));
  this->put(account("romeo@example.org"));
  this->settle();
  this->desk().put(jid("juliet@example.org"), EraseAccount{jid("juliet@example.org")});
  this->desk().put(jid("nobody@example.org"), EraseAccount{jid("nobody@example.org")});
  EXPECT_EQ(this->find("juliet@example.org"), std::nullopt);
  EXPECT_EQ(this->page("example.org", "", 10), Names{"romeo@example.org"});
  this->put(account("juliet@example.org"));
  EXPECT_TRUE(this->find("juliet@example.org"));
}

TYPED_TEST_P(AccountsContract, writes_of_one_batch_apply_in_order) {
  this->put(account("a@example.org"));
  this->desk().put(jid("a@example.org"), EraseAccount{jid("a@example.org")});
  this->desk().put(jid("b@example.org"), EraseAccount{jid("b@example.org")});
  this->put(account("b@example.org"));
  EXPECT_EQ(this->find("a@example.org"), std::nullopt);
  EXPECT_TRUE(this->find("b@example.org"));
}

TYPED_TEST_P(AccountsContract, a_list_is_in_order_of_addresses_and_pages) {
  // '!' is less than '@': by the whole address, "ab!" comes before "ab".
  for (auto name : {"ab", "b", "ab!", "a", "abc"}) this->put(account(std::string(name) + "@example.org"));
  Names all{"a@example.org", "ab!@example.org", "ab@example.org", "abc@example.org", "b@example.org"};
  EXPECT_EQ(this->page("example.org", "", 10), all);
  EXPECT_EQ(this->page("example.org", "", 5), all);
  EXPECT_EQ(this->page("example.org", "", 2), Names(all.begin(), all.begin() + 2));
  EXPECT_EQ(this->page("example.org", "ab!@example.org", 2), Names(all.begin() + 2, all.begin() + 4));
  EXPECT_EQ(this->page("example.org", "aa@example.org", 1), Names{all[1]});  // `after` need not exist
  EXPECT_EQ(this->page("example.org", "b@example.org", 10), Names{});
  EXPECT_EQ(this->page("example.org", "", 0), Names{});
}

TYPED_TEST_P(AccountsContract, a_list_keeps_to_its_domain) {
  for (auto owner :
       {"a@example.org", "z@example.or", "a@example.org.uk", "a@sub.example.org", "a@example.orga"}) {
    this->put(account(owner));
  }
  EXPECT_EQ(this->page("example.org", "", 10), Names{"a@example.org"});
  EXPECT_EQ(this->page("example.or", "", 10), Names{"z@example.or"});
  EXPECT_EQ(this->page("example", "", 10), Names{});
  EXPECT_EQ(this->page("", "", 10), Names{});
}

TYPED_TEST_P(AccountsContract, long_addresses_do_not_meet) {
  std::string local(1023, 'a');
  Names owners{local + "@bb.example", local.substr(1) + "@bb.example", local + "@b.example"};
  for (const std::string& owner : owners) this->put(account(owner, owner.substr(1000)));
  for (const std::string& owner : owners) EXPECT_EQ(this->find(owner), account(owner, owner.substr(1000)));
}

REGISTER_TYPED_TEST_SUITE_P(AccountsContract, an_absent_account_is_no_error, every_field_comes_back,
                            a_later_put_replaces, erase_removes_it_from_the_list_too,
                            writes_of_one_batch_apply_in_order, a_list_is_in_order_of_addresses_and_pages,
                            a_list_keeps_to_its_domain, long_addresses_do_not_meet);

}  // namespace hy::store::contract
