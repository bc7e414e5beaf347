#include "xmpp/idna.h"

#include <gtest/gtest.h>

#include "xmpp/jid.h"

namespace hy::xmpp {
namespace {

std::string domain(std::string_view text) {
  return prepare_domain(text).value_or("refused");
}

std::string times(std::string_view piece, std::size_t count) {
  std::string out;
  while (count-- > 0) out += piece;
  return out;
}

TEST(Domain, is_stored_in_lower_case_unicode) {
  EXPECT_EQ(domain("Example.COM"), "example.com");
  EXPECT_EQ(domain("B\u00DCCHER.example"), "b\u00FCcher.example");
  EXPECT_EQ(domain("bu\u0308cher.example"), "b\u00FCcher.example");
  EXPECT_EQ(domain("xn--bcher-kva.example"), "b\u00FCcher.example");
  EXPECT_EQ(domain("XN--BCHER-KVA.example"), "b\u00FCcher.example");
  EXPECT_EQ(domain("\u9D3B\u96C1.\u4E2D\u56FD"), "\u9D3B\u96C1.\u4E2D\u56FD");
}

TEST(Domain, sharp_s_and_final_sigma_are_letters_of_their_own) {
  EXPECT_EQ(domain("fa\u00DF.example"), "fa\u00DF.example");
  EXPECT_EQ(domain("xn--fa-hia.example"), "fa\u00DF.example");
  EXPECT_EQ(domain("\u03B2\u03CC\u03BB\u03BF\u03C2.example"), "\u03B2\u03CC\u03BB\u03BF\u03C2.example");
}

TEST(Domain, has_an_ascii_form_for_certificates_and_dns) {
  EXPECT_EQ(ascii_domain("example.com"), "example.com");
  EXPECT_EQ(ascii_domain("b\u00FCcher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(ascii_domain("fa\u00DF.example"), "xn--fa-hia.example");
  EXPECT_EQ(ascii_domain("[::1]"), "[::1]");
  EXPECT_FALSE(ascii_domain("a..b"));
  EXPECT_EQ(prepare_domain(*ascii_domain("b\u00FCcher.example")), "b\u00FCcher.example");
}

TEST(Domain, one_trailing_dot_is_stripped) {
  EXPECT_EQ(domain("example.com."), "example.com");
  EXPECT_EQ(domain("b\u00FCcher.example."), "b\u00FCcher.example");
  EXPECT_EQ(domain("example\u3002com\u3002"), "example.com");  // ideographic full stops
  EXPECT_EQ(domain("example.com.."), "refused");
  EXPECT_EQ(domain("b\u00FCcher.."), "refused");
  EXPECT_EQ(domain("example.com\u3002."), "refused");
  EXPECT_EQ(domain("."), "refused");
  EXPECT_EQ(domain("\u3002"), "refused");
}

TEST(Domain, labels_have_1_to_63_bytes_in_ascii) {
  EXPECT_NE(domain(times("a", 63) + ".x"), "refused");
  EXPECT_EQ(domain(times("a", 64) + ".x"), "refused");
  EXPECT_EQ(domain("a..x"), "refused");
  EXPECT_EQ(domain(".x"), "refused");
  // "xn--" and the digits of Punycode count: 55 a and one ü make 63 bytes.
  EXPECT_NE(domain(times("a", 55) + "\u00FC"), "refused");
  EXPECT_EQ(domain(times("a", 56) + "\u00FC"), "refused");
}

TEST(Domain, a_name_has_253_bytes_in_ascii) {
  const std::string most = times(times("a", 49) + ".", 5);  // 250
  EXPECT_NE(domain(most + "abc"), "refused");
  EXPECT_NE(domain(most + "abc."), "refused");
  EXPECT_EQ(domain(most + "abcd"), "refused");
  EXPECT_EQ(domain("\u00FC." + most + "abc"), "refused");
}

TEST(Domain, hyphens_stand_inside) {
  EXPECT_EQ(domain("a-b.x"), "a-b.x");
  EXPECT_EQ(domain("-a.x"), "refused");
  EXPECT_EQ(domain("a-.x"), "refused");
  EXPECT_EQ(domain("ab--c.x"), "refused");
  EXPECT_EQ(domain("a--b.x"), "a--b.x");
  EXPECT_EQ(domain("-\u00FC.x"), "refused");
  EXPECT_EQ(domain("xn--a.x"), "refused");  // no Punycode
  EXPECT_EQ(domain("xn--.x"), "refused");
  EXPECT_EQ(domain("xn--abc-.x"), "refused");  // nothing in it that needs Punycode
}

TEST(Domain, only_letters_digits_hyphens) {
  for (const std::string_view text :
       {"a_b", "a b", "a@b", "a/b", "a:5222", "a%b", "\u2665.example", "\U0001F600.example", "\u2163.\u2665",
        "a\uFF0Fb", "a\uFF20b", "a\u0378", "a\u202E", "\u00FC_x", "a\\b"}) {
    EXPECT_EQ(domain(text), "refused") << text;
  }
  EXPECT_EQ(domain(std::string_view("a\0b", 3)), "refused");
  EXPECT_EQ(domain("\u2163.example"), "iv.example");  // UTS #46 maps it
}

TEST(Domain, context_and_direction_are_checked) {
  EXPECT_EQ(domain("l\u00B7l.example"), "l\u00B7l.example");
  EXPECT_EQ(domain("a\u00B7b.example"), "refused");
  EXPECT_EQ(domain("\u0915\u094D\u200D\u0937.example"), "\u0915\u094D\u200D\u0937.example");
  EXPECT_EQ(domain("a\u200Db.example"), "refused");
  EXPECT_EQ(domain("\u05D0\u05D1.example"), "\u05D0\u05D1.example");
  EXPECT_EQ(domain("\u05D0a.example"), "refused");
}

TEST(Domain, malformed_utf8_is_refused) {
  EXPECT_EQ(domain("a\xFF.example"), "refused");
  EXPECT_EQ(domain("\xC0\xAE.example"), "refused");
}

TEST(Domain, ip_literals_have_one_spelling) {
  EXPECT_EQ(domain("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(domain("[::1]"), "[::1]");
  EXPECT_EQ(domain("[2001:DB8:0:0:0:0:0:1]"), "[2001:db8::1]");
  EXPECT_EQ(domain("[::ffff:192.0.2.1]"), "[::ffff:192.0.2.1]");
  for (const std::string_view text : {"[", "[]", "[::1", "::1", "[::1]x", "[::1].", "[fe80::1%eth0]",
                                      "[192.0.2.1]", "[1:2:3:4:5:6:7:8:9]", "[::g]"}) {
    EXPECT_EQ(domain(text), "refused") << text;
  }
  EXPECT_EQ(domain(std::string_view("[::1\0]", 6)), "refused");
  EXPECT_EQ(Jid::parse("a@[::1]/r")->domain(), "[::1]");
}

}  // namespace
}  // namespace hy::xmpp
