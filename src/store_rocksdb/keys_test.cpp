#include "store_rocksdb/keys.h"

#include <gtest/gtest.h>

#include "store_rocksdb/pack.h"

namespace hy::store_rocksdb::keys {
namespace {

store::Owner jid(std::string_view text) {
  return *store::Owner::parse(text);
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (unsigned char c : bytes) out += fmt::format("{:02x}", c);
  return out;
}

// What is on disk: a change here needs a migration.
TEST(Keys, are_these_bytes) {
  EXPECT_EQ(hex(account(jid("a@x"))), hex(Pack().u64(owner_hash("a@x")).rest("a@x").take()) + "0061");
  EXPECT_EQ(hex(document(jid("a@x"), "n")), hex(Pack().u64(owner_hash("a@x")).rest("a@x").take()) + "00646e");
  EXPECT_EQ(hex(schema()), "000000000000000001");
  EXPECT_EQ(hex(floor(0x0102)), "0000000000000000020102");
  EXPECT_EQ(hex(by_domain("x", "a@x")), "0000000000000000037800614078");
  EXPECT_EQ(owner_hash(""), 0xefd01f60ba992926u);
  EXPECT_EQ(owner_hash("juliet@example.org"), 5719935995775304938u);
}

TEST(Keys, of_one_owner_lie_together_also_beside_one_with_the_same_hash) {
  std::string first = documents(jid("a@x")), last = documents_end(jid("a@x"));
  for (std::string_view name : {"", "n", "\xff\xff\xff"}) {
    EXPECT_GE(document(jid("a@x"), name), first);
    EXPECT_LT(document(jid("a@x"), name), last);
  }
  EXPECT_LT(account(jid("a@x")), first);
  // As if their hashes were equal: what is behind the hash decides.
  auto tail = [](const std::string& key) { return key.substr(prefix_size); };
  EXPECT_GT(tail(document(jid("a@xy"), "")), tail(last));
  EXPECT_GT(tail(account(jid("a@xy"))), tail(last));
}

TEST(Keys, of_the_store_meet_no_owners) {
  EXPECT_LT(by_domain_end("\xff"), Pack().u64(0).u8(' ').take());
}

TEST(Keys, of_a_domain_end_before_a_longer_one) {
  EXPECT_LT(by_domain("x", "\xff"), by_domain_end("x"));
  EXPECT_GT(by_domain("x.y", ""), by_domain_end("x"));
}

TEST(Keys, behind_is_the_first_that_does_not_begin_so) {
  EXPECT_EQ(behind("a"), "b");
  EXPECT_EQ(behind("a\xff\xff"), "b");
  EXPECT_EQ(behind(std::string("\0", 1)), "\x01");
  EXPECT_DEATH(behind("\xff"), "empty");
}

}  // namespace
}  // namespace hy::store_rocksdb::keys
