#include "xmpp/jid.h"

#include <gtest/gtest.h>

#include <unordered_set>

namespace hy::xmpp {
namespace {

std::string parsed(std::string_view text) {
  const auto jid = Jid::parse(text);
  if (!jid) EXPECT_EQ(jid.error().code, Error::invalid);
  return jid ? jid->str() : "refused";
}

std::string times(std::string_view piece, std::size_t count) {
  std::string out;
  while (count-- > 0) out += piece;
  return out;
}

// RFC 7622 §3.5, table 1.
TEST(Jid, parses_the_examples_of_rfc_7622) {
  for (const std::string_view text :
       {"juliet@example.com", "juliet@example.com/foo", "juliet@example.com/foo bar",
        "juliet@example.com/foo@bar", "foo\\20bar@example.com", "fussball@example.com",
        "fu\u00DFball@example.com", "\u03C0@example.com", "\u03C3@example.com/foo", "\u03C2@example.com/foo",
        "king@example.com/\u265A", "example.com", "example.com/foobar", "a.example.com/b@example.net"}) {
    EXPECT_EQ(parsed(text), text);
  }
  EXPECT_EQ(parsed("\u03A3@example.com/foo"), "\u03C3@example.com/foo");
}

// RFC 7622 §3.5, table 2, but for "juliet@example.com/ foo": no rule of OpaqueString refuses a space in
// front.
TEST(Jid, refuses_the_examples_of_rfc_7622) {
  for (const std::string_view text :
       {"\"juliet\"@example.com", "foo bar@example.com", "@example.com/", "henry\u2163@example.com",
        "\u265A@example.com", "juliet@", "/foobar"}) {
    EXPECT_EQ(parsed(text), "refused") << text;
  }
  EXPECT_EQ(parsed("juliet@example.com/ foo"), "juliet@example.com/ foo");
}

TEST(Jid, splits_into_parts) {
  const Jid jid = *Jid::parse("Romeo@Example.NET/Orchard/a@b");
  EXPECT_EQ(jid.local(), "romeo");
  EXPECT_EQ(jid.domain(), "example.net");
  EXPECT_EQ(jid.resource(), "Orchard/a@b");
  EXPECT_EQ(jid.str(), "romeo@example.net/Orchard/a@b");
  EXPECT_EQ(jid.bare_str(), "romeo@example.net");
  EXPECT_TRUE(jid.is_full());
  EXPECT_FALSE(jid.is_domain());
  EXPECT_EQ(jid.bare().str(), "romeo@example.net");
  EXPECT_TRUE(jid.bare().is_bare());
  EXPECT_EQ(jid.bare().local(), "romeo");
  EXPECT_EQ(jid.bare().resource(), "");
  EXPECT_EQ(jid.domain_only().str(), "example.net");
  EXPECT_TRUE(jid.domain_only().is_domain());
  EXPECT_EQ(jid.bare().with_resource("x")->str(), "romeo@example.net/x");
  EXPECT_EQ(jid.with_resource("x")->str(), "romeo@example.net/x");
  EXPECT_TRUE(jid.same_bare(jid.bare()));
  EXPECT_NE(jid, jid.bare());
}

TEST(Jid, domain_with_resource_is_not_a_domain) {
  const Jid jid = *Jid::parse("example.net/x");
  EXPECT_EQ(jid.local(), "");
  EXPECT_EQ(jid.domain(), "example.net");
  EXPECT_EQ(jid.resource(), "x");
  EXPECT_FALSE(jid.is_domain());
}

TEST(Jid, default_made_is_no_address) {
  const Jid none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.domain(), "");
  EXPECT_EQ(none.resource(), "");
  EXPECT_FALSE(none.with_resource("x"));
  EXPECT_FALSE(none.bare());
  EXPECT_TRUE(*Jid::parse("a"));
}

TEST(Jid, equal_addresses_compare_and_hash_equal) {
  const Jid a = *Jid::parse("\uFF21lice@EXAMPLE.com./r");
  const Jid b = *Jid::make("alice", "example.com", "r");
  EXPECT_EQ(a, b);
  EXPECT_EQ(std::hash<Jid>()(a), std::hash<Jid>()(b));
  EXPECT_LT(*Jid::parse("a@x"), *Jid::parse("b@x"));
  EXPECT_NE(*Jid::parse("a@x/R"), *Jid::parse("a@x/r"));
}

TEST(Jid, empty_parts_are_refused) {
  for (const std::string_view text :
       {"", "@", "/", "@/", "a@", "@b", "a@/c", "b/", "a@b/", "a@@b", ".", "a@.", "a@./r"}) {
    EXPECT_EQ(parsed(text), "refused") << text;
  }
  EXPECT_FALSE(Jid::make("a", ""));
  EXPECT_TRUE(Jid::make("", "b"));
  EXPECT_EQ(Jid::parse("a@b")->with_resource("").has_value(), false);
}

TEST(Jid, the_eight_characters_are_refused_in_a_local_part_also_in_disguise) {
  for (const std::string_view c : {"\"", "&", "'", "/", ":", "<", ">", "@", "\uFF02", "\uFF06", "\uFF07",
                                   "\uFF0F", "\uFF1A", "\uFF1C", "\uFF1E", "\uFF20"}) {
    EXPECT_FALSE(Jid::make("a" + std::string(c) + "b", "example.com")) << c;
    EXPECT_FALSE(prepare_username("a" + std::string(c) + "b")) << c;
    EXPECT_TRUE(Jid::make("a", "example.com", c)) << c;
  }
}

TEST(Jid, other_ascii_is_kept_in_a_local_part) {
  EXPECT_EQ(prepare_username("!#$%()*+,-.;=?[\\]^_`{|}~09AZaz").value(), "!#$%()*+,-.;=?[\\]^_`{|}~09azaz");
  for (const char c : {'\0', '\t', '\n', '\x1F', ' ', '\x7F'}) {
    EXPECT_FALSE(prepare_username(std::string("a") + c)) << int(c);
  }
}

TEST(Jid, parts_hold_1023_bytes_before_preparation) {
  EXPECT_TRUE(Jid::make(times("a", 1023), "x", times("r", 1023)));
  EXPECT_FALSE(Jid::make(times("a", 1024), "x"));
  EXPECT_FALSE(Jid::make("a", "x", times("r", 1024)));
  EXPECT_TRUE(Jid::make(times("\u00E9", 511) + "a", "x", times("\u00E9", 511) + "a"));  // 1,023
  EXPECT_FALSE(Jid::make(times("\u00E9", 512), "x"));                                   // 1,024
  EXPECT_FALSE(Jid::make("a", "x", times("\u00E9", 512)));
  EXPECT_FALSE(Jid::make(times("\uFF21", 342), "x"));  // 1,026, though it would shrink to 342
  EXPECT_TRUE(Jid::make(times("\uFF21", 341), "x"));   // 1,023
  EXPECT_FALSE(prepare_domain(times("a", 1024)));
}

TEST(Jid, parts_hold_1023_bytes_after_preparation) {
  // U+0130 takes two bytes and becomes three.
  EXPECT_EQ(prepare_username(times("\u0130", 341)).value_or("").size(), 1023U);
  EXPECT_FALSE(prepare_username(times("\u0130", 341) + "a"));
  // U+0344 takes two bytes and becomes four in NFC.
  EXPECT_EQ(Jid::make("a", "x", times("\u0344", 255) + "abc")->resource().size(), 1023U);
  EXPECT_FALSE(Jid::make("a", "x", times("\u0344", 255) + "abcd"));
}

TEST(Jid, what_was_prepared_is_not_changed_again) {
  for (const std::string_view text :
       {"\u039F\u0394\u039F\u03A3@B\u00DCCHER.example/\u00A0x", "\u0130@\u03A3.example", "e\u0301@x/e\u0301",
        "a@xn--bcher-kva.example/r", "\u05D0@\u05D0.example", "a@[2001:DB8:0:0::1]/x"}) {
    const auto once = Jid::parse(text);
    ASSERT_TRUE(once) << text;
    EXPECT_EQ(parsed(once->str()), once->str());
  }
}

TEST(Jid, length_of_parts_survives_the_slow_path) {
  const Jid jid = *Jid::parse("\u00C9mile@B\u00FCcher.Example/\u265A");
  EXPECT_EQ(jid.local(), "\u00E9mile");
  EXPECT_EQ(jid.domain(), "b\u00FCcher.example");
  EXPECT_EQ(jid.resource(), "\u265A");
  EXPECT_EQ(jid.bare_str(), "\u00E9mile@b\u00FCcher.example");
}

TEST(Password, is_an_opaque_string) {
  EXPECT_EQ(prepare_password("pass\u00A0word").value(), "pass word");
  EXPECT_EQ(prepare_password(" PassWord ").value(), " PassWord ");
  EXPECT_FALSE(prepare_password(""));
  EXPECT_FALSE(prepare_password("a\tb"));
  EXPECT_TRUE(prepare_password(times("a", 1023)));
  EXPECT_FALSE(prepare_password(times("a", 1024)));
}

}  // namespace
}  // namespace hy::xmpp
