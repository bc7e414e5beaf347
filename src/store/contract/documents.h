// Contract: documents, their order, versions and removal; and that two editors of one cannot lose a change.
#pragma once

#include "store/contract/backend.h"
#include "store/document_writer.h"

namespace hy::store::contract {

template <class Backend>
class DocumentsContract : public Suite<Backend> {
 protected:
  std::vector<std::string> names(std::string_view owner, std::string prefix, std::size_t limit = 100) {
    std::vector<std::string> names;
    for (const Document& document :
         this->read(this->shard().documents->list(jid(owner), std::move(prefix), limit))) {
      EXPECT_EQ(document.owner, jid(owner));
      names.push_back(document.name);
    }
    return names;
  }
  DocumentWriter& writer() {
    if (!writer_) writer_.emplace(this->desk(), *this->shard().documents);
    return *writer_;
  }
  std::shared_ptr<std::optional<Result<DocumentWriter::Edit>>> edit(std::string_view owner,
                                                                    std::string name) {
    return this->start_read(writer().edit(jid(owner), std::move(name)));
  }

 private:
  std::optional<DocumentWriter> writer_;
};

TYPED_TEST_SUITE_P(DocumentsContract);

using Strings = std::vector<std::string>;

TYPED_TEST_P(DocumentsContract, an_absent_document_is_no_error) {
  EXPECT_EQ(this->find("juliet@example.org", "vcard"), std::nullopt);
  EXPECT_EQ(this->names("juliet@example.org", ""), Strings{});
}

TYPED_TEST_P(DocumentsContract, any_bytes_come_back) {
  std::string value("\0\xff<vCard/>", 10);
  this->put("juliet@example.org", "vcard", value, 7);
  this->put("juliet@example.org", "empty", "");
  this->put("juliet@example.org", "large", std::string(1 << 20, 'x'));
  this->restart();
  EXPECT_EQ(this->find("juliet@example.org", "vcard"), std::nullopt);  // was never handed over
  this->put("juliet@example.org", "vcard", value, 7);
  this->put("juliet@example.org", "empty", "");
  this->put("juliet@example.org", "large", std::string(1 << 20, 'x'));
  this->settle();
  this->restart();
  EXPECT_EQ(this->find("juliet@example.org", "vcard"),
            (Document{jid("juliet@example.org"), "vcard", value, 7}));
  EXPECT_EQ(this->find("juliet@example.org", "empty")->value, "");
  EXPECT_EQ(this->find("juliet@example.org", "large")->value.size(), 1u << 20);
}

TYPED_TEST_P(DocumentsContract, a_domain_has_documents_too) {
  this->put("example.org", "motd", "hello");
  EXPECT_EQ(this->find("example.org", "motd")->value, "hello");
  EXPECT_EQ(this->find("juliet@example.org", "motd"), std::nullopt);
}

TYPED_TEST_P(DocumentsContract, a_list_is_in_order_of_names_under_a_prefix) {
  for (auto name : {"private/b", "vcard", "private/a", "private", "private0", "privat", "\xff"}) {
    this->put("juliet@example.org", name, "x");
  }
  this->put("romeo@example.org", "private/c", "x");
  EXPECT_EQ(this->names("juliet@example.org", "private/"), (Strings{"private/a", "private/b"}));
  EXPECT_EQ(this->names("juliet@example.org", "private"),
            (Strings{"private", "private/a", "private/b", "private0"}));
  EXPECT_EQ(this->names("juliet@example.org", "private", 2), (Strings{"private", "private/a"}));
  EXPECT_EQ(this->names("juliet@example.org", "\xff"), Strings{"\xff"});
  EXPECT_EQ(this->names("juliet@example.org", "", 0), Strings{});
  EXPECT_EQ(this->names("juliet@example.org", "").size(), 7u);
}

TYPED_TEST_P(DocumentsContract, erase_takes_one_and_erase_all_takes_the_owners) {
  Owner juliet = jid("juliet@example.org");
  for (auto name : {"a", "ab", "b"}) this->put("juliet@example.org", name, "x");
  this->put("juliet@example.or", "a", "x");
  this->put("juliet@example.orga", "a", "x");
  this->put(account("juliet@example.org"));
  this->settle();
  this->desk().put(juliet, EraseDocument{juliet, "a"});
  this->desk().put(juliet, EraseDocument{juliet, "none"});
  EXPECT_EQ(this->names("juliet@example.org", ""), (Strings{"ab", "b"}));
  this->desk().put(juliet, EraseDocuments{juliet});
  this->put("juliet@example.org", "c", "put behind it in the same batch");
  EXPECT_EQ(this->names("juliet@example.org", ""), Strings{"c"});
  this->restart();
  EXPECT_EQ(this->names("juliet@example.org", ""), Strings{"c"});
  EXPECT_TRUE(this->find("juliet@example.or", "a"));
  EXPECT_TRUE(this->find("juliet@example.orga", "a"));
  EXPECT_TRUE(this->find("juliet@example.org"));  // the account is another store's
}

TYPED_TEST_P(DocumentsContract, deleting_an_account_and_all_that_is_its) {
  Owner juliet = jid("juliet@example.org");
  this->put(account("juliet@example.org"));
  this->put("juliet@example.org", "vcard", "x");
  this->put("juliet@example.org", "private/a", "x");
  this->settle();
  for (Write& write : erase_owner(juliet)) this->desk().put(juliet, std::move(write));
  this->settle();
  this->restart();
  EXPECT_EQ(this->find("juliet@example.org"), std::nullopt);
  EXPECT_EQ(this->names("juliet@example.org", ""), Strings{});
}

TYPED_TEST_P(DocumentsContract, versions_grow_by_one_with_each_edit) {
  for (std::uint64_t version = 1; version <= 3; ++version) {
    auto edit = this->edit("juliet@example.org", "vcard");
    this->settle();
    ASSERT_TRUE(**edit);
    EXPECT_TRUE((**edit)->put("value"));
    EXPECT_EQ((**edit)->current()->version, version);
  }
  EXPECT_EQ(this->find("juliet@example.org", "vcard")->version, 3u);
}

TYPED_TEST_P(DocumentsContract, the_second_of_two_editors_is_told) {
  auto first = this->edit("juliet@example.org", "vcard");
  auto second = this->edit("juliet@example.org", "vcard");
  auto other = this->edit("juliet@example.org", "other");
  ASSERT_TRUE(first->has_value() && second->has_value() && other->has_value());
  EXPECT_TRUE((**first)->put("first"));
  Result<Position> refused = (**second)->put("second");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Error::conflict);
  EXPECT_FALSE((**second)->erase());
  EXPECT_TRUE((**other)->put("other"));
  // Also when what the first has put is durable meanwhile, and when it was closed.
  this->settle();
  first->reset();
  EXPECT_FALSE((**second)->put("second"));
  EXPECT_EQ(this->find("juliet@example.org", "vcard")->value, "first");
}

TYPED_TEST_P(DocumentsContract, an_editor_may_put_again_and_a_new_one_sees_it) {
  auto edit = this->edit("juliet@example.org", "vcard");
  EXPECT_TRUE((**edit)->put("one"));
  EXPECT_TRUE((**edit)->put("two"));
  auto next = this->edit("juliet@example.org", "vcard");
  this->settle();
  ASSERT_TRUE(next->has_value());
  EXPECT_EQ((**next)->current()->value, "two");
  EXPECT_EQ((**next)->current()->version, 2u);
}

TYPED_TEST_P(DocumentsContract, erased_and_put_again_is_not_the_document_that_was_read) {
  this->put("juliet@example.org", "vcard", "old", 1);
  this->settle();
  auto late = this->edit("juliet@example.org", "vcard");
  auto quick = this->edit("juliet@example.org", "vcard");
  EXPECT_TRUE((**quick)->erase());
  EXPECT_TRUE((**quick)->put("new"));
  EXPECT_EQ((**quick)->current()->version, (**late)->current()->version);
  EXPECT_FALSE((**late)->put("lost update"));
}

TYPED_TEST_P(DocumentsContract, a_deleted_users_documents_are_not_put_back) {
  this->put("juliet@example.org", "vcard", "x");
  this->settle();
  auto edit = this->edit("juliet@example.org", "vcard");
  auto romeo = this->edit("romeo@example.org", "vcard");
  this->writer().erase_all(jid("juliet@example.org"));
  EXPECT_FALSE((**edit)->put("ghost"));
  EXPECT_TRUE((**romeo)->put("x"));
  EXPECT_EQ(this->find("juliet@example.org", "vcard"), std::nullopt);
}

TYPED_TEST_P(DocumentsContract, erasing_what_is_not_there_writes_nothing) {
  auto edit = this->edit("juliet@example.org", "vcard");
  Position before = this->desk().latest();
  EXPECT_EQ((**edit)->erase(), before);
  EXPECT_EQ(this->desk().latest(), before);
}

REGISTER_TYPED_TEST_SUITE_P(DocumentsContract, an_absent_document_is_no_error, any_bytes_come_back,
                            a_domain_has_documents_too, a_list_is_in_order_of_names_under_a_prefix,
                            erase_takes_one_and_erase_all_takes_the_owners,
                            deleting_an_account_and_all_that_is_its, versions_grow_by_one_with_each_edit,
                            the_second_of_two_editors_is_told, an_editor_may_put_again_and_a_new_one_sees_it,
                            erased_and_put_again_is_not_the_document_that_was_read,
                            a_deleted_users_documents_are_not_put_back,
                            erasing_what_is_not_there_writes_nothing);

}  // namespace hy::store::contract
