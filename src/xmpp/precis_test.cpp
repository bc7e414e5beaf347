#include "xmpp/precis.h"

#include <gtest/gtest.h>

namespace hy::xmpp {
namespace {

std::string username(std::string_view text) {
  return username_case_mapped(text).value_or("refused");
}
std::string opaque(std::string_view text) {
  return opaque_string(text).value_or("refused");
}

// RFC 8265 §3.5, table 1: the names that conform.
TEST(UsernameCaseMapped, accepts_the_examples_of_rfc_8265) {
  EXPECT_EQ(username("juliet@example.com"), "juliet@example.com");
  EXPECT_EQ(username("fussball"), "fussball");
  EXPECT_EQ(username("fu\u00DFball"), "fu\u00DFball");
  EXPECT_EQ(username("\u03C0"), "\u03C0");
  EXPECT_EQ(username("\u03A3"), "\u03C3");
  EXPECT_EQ(username("\u03C3"), "\u03C3");
  EXPECT_EQ(username("\u03C2"), "\u03C2");
}

// RFC 8265 §3.5, table 2.
TEST(UsernameCaseMapped, refuses_the_examples_of_rfc_8265) {
  EXPECT_EQ(username("foo bar"), "refused");
  EXPECT_EQ(username(""), "refused");
  EXPECT_EQ(username("henry\u2163"), "refused");
  EXPECT_EQ(username("\u221E"), "refused");
}

TEST(UsernameCaseMapped, lower_case_follows_unicode_with_final_sigma) {
  EXPECT_EQ(username("JULIET"), "juliet");
  EXPECT_EQ(username("\u0416"), "\u0436");
  EXPECT_EQ(username("\u039F\u0394\u039F\u03A3"), "\u03BF\u03B4\u03BF\u03C2");  // ΟΔΟΣ
  EXPECT_EQ(username("\u0130"), "i\u0307");                                     // two code points, stable
}

TEST(UsernameCaseMapped, width_is_mapped) {
  EXPECT_EQ(username("\uFF21\uFF42\uFF11"), "ab1");  // fullwidth A b 1
  EXPECT_EQ(username("\uFF76"), "\u30AB");           // halfwidth katakana KA
  EXPECT_EQ(username("a\u3000b"), "refused");        // ideographic space becomes a space
}

TEST(UsernameCaseMapped, composes_to_nfc) {
  EXPECT_EQ(username("e\u0301"), "\u00E9");
  EXPECT_EQ(username("E\u0301"), "\u00E9");
}

TEST(UsernameCaseMapped, refuses_by_category) {
  EXPECT_EQ(username("a\u2126"), "refused");       // HasCompat: OHM SIGN
  EXPECT_EQ(username("\uFB01"), "refused");        // HasCompat: ligature fi
  EXPECT_EQ(username("a\u01C5"), "refused");       // titlecase letter, with a compatibility mapping
  EXPECT_EQ(username("\u1100\u1161"), "refused");  // OldHangulJamo, though NFC would join them
  EXPECT_EQ(username("a\u00AD"), "refused");       // ignorable: SOFT HYPHEN
  EXPECT_EQ(username("a\uFE0F"), "refused");       // ignorable: variation selector
  EXPECT_EQ(username("a\U000E0001"), "refused");   // ignorable: LANGUAGE TAG
  EXPECT_EQ(username("a\uFDD0"), "refused");       // noncharacter
  EXPECT_EQ(username("a\U0001FFFF"), "refused");   // noncharacter
  EXPECT_EQ(username("a\u0085"), "refused");       // control
  EXPECT_EQ(username(std::string_view("a\0", 2)), "refused");
  EXPECT_EQ(username("a\u0378"), "refused");   // unassigned
  EXPECT_EQ(username("a\uE000"), "refused");   // private use
  EXPECT_EQ(username("a\u202E"), "refused");   // format character
  EXPECT_EQ(username("a\u20AC"), "refused");   // symbol
  EXPECT_EQ(username("a\u2014b"), "refused");  // punctuation
  EXPECT_EQ(username("\u0640"), "refused");    // exception: ARABIC TATWEEL
  EXPECT_EQ(username("\u3031"), "refused");    // exception: kana repeat mark
  EXPECT_EQ(username("\u3007"), "\u3007");     // exception, allowed: IDEOGRAPHIC NUMBER ZERO
}

TEST(UsernameCaseMapped, letters_and_digits_of_many_scripts_pass) {
  for (const std::string_view name :
       {"\u9D3B\u96C1", "\u0938\u093E\u0930\u0938", "\uD55C\uAD6D", "\u10D0\u10D1",
        "\u0437\u0432\u0435\u0440\u044C", "\u0E01\u0E32", "\U00010330"}) {
    EXPECT_EQ(username(name), name);
  }
}

TEST(UsernameCaseMapped, what_composition_makes_is_checked_again) {
  EXPECT_EQ(username("a<\u0338"), "refused");  // composes to U+226E, a symbol
}

TEST(UsernameCaseMapped, bidi_applies) {
  EXPECT_EQ(username("\u05D0\u05D1"), "\u05D0\u05D1");
  EXPECT_EQ(username("a\u05D0"), "refused");
}

TEST(UsernameCaseMapped, malformed_utf8_is_refused) {
  for (const std::string_view text : {"a\x80", "\xC0\x80", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                      "\xF8\x88\x80\x80\x80", "a\xC3", "\xFF"}) {
    EXPECT_EQ(username(text), "refused") << text;
    EXPECT_EQ(opaque(text), "refused") << text;
  }
}

// RFC 8265 §4.3, tables 3 and 4.
TEST(OpaqueString, treats_the_examples_of_rfc_8265) {
  EXPECT_EQ(opaque("correct horse battery staple"), "correct horse battery staple");
  EXPECT_EQ(opaque("Correct Horse Battery Staple"), "Correct Horse Battery Staple");
  EXPECT_EQ(opaque("\u03C0\u00DF\u00E5"), "\u03C0\u00DF\u00E5");
  EXPECT_EQ(opaque("Jack of \u2666s"), "Jack of \u2666s");
  EXPECT_EQ(opaque("foo\u1680bar"), "foo bar");
  EXPECT_EQ(opaque(""), "refused");
  EXPECT_EQ(opaque("my cat is a \tby"), "refused");
}

TEST(OpaqueString, maps_every_other_space_and_nothing_else) {
  EXPECT_EQ(opaque("a\u00A0b\u2003c\u3000d\u202Fe"), "a b c d e");
  EXPECT_EQ(opaque("\u2163 \uFF21"), "\u2163 \uFF21");  // neither compatibility nor width
  EXPECT_EQ(opaque("ABC\u00C9"), "ABC\u00C9");
  EXPECT_EQ(opaque("e\u0301"), "\u00E9");
  EXPECT_EQ(opaque("a\u05D0"), "a\u05D0");  // no rule of direction
}

TEST(OpaqueString, refuses_controls_ignorables_and_unassigned) {
  for (const std::string_view text : {"a\x7F", "a\n", "a\u0085", "a\u200B", "a\u00AD", "\uFEFFa", "a\u0378",
                                      "a\uFFFE", "a\uE000", "a\u1160", "a\u2028"}) {
    EXPECT_EQ(opaque(text), "refused") << text;
  }
}

TEST(Precis, preparation_is_idempotent) {
  for (const std::string_view text : {"\u0130\u0307", "A\u030A\u0301", "\uFF21\u0301", "\u1E9E",
                                      "\u03A3\u03A3", "\u0345\u03A3", "\u1F88"}) {
    const auto once = username_case_mapped(text);
    if (once) EXPECT_EQ(username(*once), *once) << text;
    const auto freely = opaque_string(text);
    ASSERT_TRUE(freely) << text;
    EXPECT_EQ(opaque(*freely), *freely) << text;
  }
}

std::string utf8(char32_t c) {
  const auto tail = [c](int shift) { return static_cast<char>(0x80U | ((c >> shift) & 0x3FU)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0U | (c >> 6)), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0U | (c >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xF0U | (c >> 18)), tail(12), tail(6), tail(0)};
}

TEST(Precis, every_code_point_that_is_accepted_is_stable_behind_a_letter) {
  int names = 0;
  int free = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c == 0xD800) c = 0xE000;
    if (c == 0x40000) c = 0xE0000;  // planes of nothing
    const std::string text = "l" + utf8(c);
    if (const auto once = username_case_mapped(text)) {
      ++names;
      ASSERT_EQ(username(*once), *once) << static_cast<std::uint32_t>(c);
    }
    if (const auto once = opaque_string(text)) {
      ++free;
      ASSERT_EQ(opaque(*once), *once) << static_cast<std::uint32_t>(c);
      ASSERT_NE(derived_property(c), Derived::disallowed);
      ASSERT_NE(derived_property(c), Derived::unassigned);
    }
  }
  EXPECT_GT(names, 100'000);
  EXPECT_GT(free, names);
}

TEST(DerivedProperty, is_that_of_rfc_8264) {
  EXPECT_EQ(derived_property(U'!'), Derived::valid);  // ASCII7
  EXPECT_EQ(derived_property(U' '), Derived::free_only);
  EXPECT_EQ(derived_property(U'\u00DF'), Derived::valid);
  EXPECT_EQ(derived_property(U'\u200C'), Derived::context_join);
  EXPECT_EQ(derived_property(U'\u200D'), Derived::context_join);
  EXPECT_EQ(derived_property(U'\u00B7'), Derived::context_other);
  EXPECT_EQ(derived_property(U'\u0660'), Derived::context_other);
  EXPECT_EQ(derived_property(U'\u06F9'), Derived::context_other);
  EXPECT_EQ(derived_property(U'\u1100'), Derived::disallowed);
  EXPECT_EQ(derived_property(U'\uA960'), Derived::disallowed);
  EXPECT_EQ(derived_property(U'\uAC00'), Derived::valid);
  EXPECT_EQ(derived_property(U'\u0378'), Derived::unassigned);
  EXPECT_EQ(derived_property(U'\uFFFE'), Derived::disallowed);
  EXPECT_EQ(derived_property(U'\u2163'), Derived::free_only);
  EXPECT_EQ(derived_property(U'\u0488'), Derived::free_only);  // Me
  EXPECT_EQ(derived_property(U'\U0001F600'), Derived::free_only);
  EXPECT_EQ(derived_property(char32_t{0xD800}), Derived::disallowed);
}

}  // namespace
}  // namespace hy::xmpp
