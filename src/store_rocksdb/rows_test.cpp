#include "store_rocksdb/rows.h"

#include <gtest/gtest.h>

#include <limits>

#include "store_rocksdb/pack.h"

namespace hy::store_rocksdb {
namespace {

using store::Account;
using store::Document;
using store::Owner;

Owner jid(std::string_view text) {
  return *Owner::parse(text);
}

Account account() {
  Account made;
  made.owner = jid("a@x");
  made.verifiers.sha1 = {"salt", 4096, "stored", "server"};
  made.verifiers.sha512 = {std::string(300, 's'), std::numeric_limits<std::uint32_t>::max(), "",
                           std::string(1, '\0')};
  made.status = Account::Status::disabled;
  made.admin = true;
  made.created = WallTime(Duration(-1));
  return made;
}

TEST(Pack, numbers_come_back_at_their_bounds) {
  for (std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128},
                              std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max()}) {
    std::string bytes = Pack().varint(value).u64(value).take();
    Unpack in(bytes);
    EXPECT_EQ(in.varint(), value);
    EXPECT_EQ(in.u64(), value);
    EXPECT_TRUE(in.done());
  }
  EXPECT_EQ(Pack().varint(127).take().size(), 1u);
  EXPECT_EQ(Pack().varint(128).take().size(), 2u);
}

TEST(Pack, a_number_too_long_or_cut_is_damage) {
  for (const std::string& bytes : {std::string(9, '\xff') + "\x02", std::string(10, '\x80') + "\x01",
                                   std::string("\x80"), std::string(), std::string("\x05oops")}) {
    Unpack in(bytes);
    in.text();
    EXPECT_FALSE(in.ok());
    EXPECT_EQ(in.u8(), 0);
    EXPECT_EQ(in.rest(), "");
    EXPECT_FALSE(in.done());
  }
}

TEST(Rows, come_back) {
  EXPECT_EQ(unpack_account(jid("a@x"), pack(account())), account());
  Document document{jid("a@x"), "name", std::string("\0x", 2), std::uint64_t{1} << 40};
  EXPECT_EQ(unpack_document(jid("a@x"), "name", pack(document)), document);
  EXPECT_EQ(unpack_number("floor", pack_number(7)), std::uint64_t{7});
}

TEST(Rows, every_cut_is_an_error) {
  std::string bytes = pack(account());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Result<Account> cut = unpack_account(jid("a@x"), std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().code, Error::corrupt);
  }
  EXPECT_FALSE(unpack_account(jid("a@x"), bytes + "x"));
  EXPECT_FALSE(unpack_document(jid("a@x"), "n", ""));
  EXPECT_FALSE(unpack_document(jid("a@x"), "n", "\x01\x80"));
  EXPECT_FALSE(unpack_number("floor", pack_number(7).substr(1)));
  EXPECT_FALSE(unpack_number("floor", pack_number(7) + "x"));
}

TEST(Rows, an_unknown_format_or_value_is_an_error) {
  auto with = [](std::size_t at, char value) {
    std::string bytes = pack(account());
    bytes[at] = value;
    return unpack_account(jid("a@x"), bytes);
  };
  EXPECT_TRUE(with(0, 1));
  EXPECT_FALSE(with(0, 0));
  EXPECT_FALSE(with(0, 2));
  EXPECT_TRUE(with(1, 0));
  EXPECT_FALSE(with(1, 2));
  EXPECT_FALSE(with(2, 2));
  EXPECT_FALSE(unpack_document(jid("a@x"), "n", "\x02\x01x"));
  EXPECT_FALSE(unpack_number("floor", std::string("\x02") + std::string(8, '\0')));
}

TEST(Rows, no_byte_crashes_the_reader) {
  std::string good = pack(account());
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(value);
      Result<Account> read = unpack_account(jid("a@x"), bytes);
      if (read) EXPECT_EQ(unpack_account(jid("a@x"), pack(*read)), *read);
    }
  }
}

}  // namespace
}  // namespace hy::store_rocksdb
