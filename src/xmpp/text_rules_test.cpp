#include "xmpp/text_rules.h"

#include <gtest/gtest.h>

namespace hy::xmpp {
namespace {

TEST(Context, zero_width_non_joiner_stands_behind_a_virama) {
  EXPECT_TRUE(context_rule_holds(u"\u0915\u094D\u200C\u0937", 2));
  EXPECT_FALSE(context_rule_holds(u"\u0915\u200C\u0937", 1));
  EXPECT_FALSE(context_rule_holds(u"\u200C", 0));
  EXPECT_FALSE(context_rule_holds(u"a\u200Cb", 1));
}

TEST(Context, zero_width_non_joiner_breaks_a_join) {
  EXPECT_TRUE(context_rule_holds(u"\u0645\u06CC\u200C\u062E\u0648", 2));  // dual joining on both sides
  EXPECT_TRUE(context_rule_holds(u"\u0645\u064E\u200C\u064E\u062E", 2));  // marks are looked through
  EXPECT_TRUE(context_rule_holds(u"\u0645\u200C\u0627", 1));              // right joining behind
  EXPECT_FALSE(context_rule_holds(u"\u0627\u200C\u0645", 1));             // right joining in front
  EXPECT_FALSE(context_rule_holds(u"\u0645\u200C", 1));
  EXPECT_FALSE(context_rule_holds(u"\u0645\u200Ca", 1));
  EXPECT_FALSE(context_rule_holds(u"\u064E\u200C\u0645", 1));
}

TEST(Context, zero_width_joiner_stands_behind_a_virama_only) {
  EXPECT_TRUE(context_rule_holds(u"\u0915\u094D\u200D\u0937", 2));
  EXPECT_FALSE(context_rule_holds(u"\u0645\u200D\u0645", 1));
  EXPECT_FALSE(context_rule_holds(u"\u200D", 0));
}

TEST(Context, middle_dot_stands_between_two_l) {
  EXPECT_TRUE(context_rule_holds(u"l\u00B7l", 1));
  EXPECT_FALSE(context_rule_holds(u"a\u00B7l", 1));
  EXPECT_FALSE(context_rule_holds(u"l\u00B7a", 1));
  EXPECT_FALSE(context_rule_holds(u"l\u00B7", 1));
  EXPECT_FALSE(context_rule_holds(u"\u00B7l", 0));
}

TEST(Context, keraia_stands_before_greek) {
  EXPECT_TRUE(context_rule_holds(u"\u0375\u03B1", 0));
  EXPECT_FALSE(context_rule_holds(u"\u0375a", 0));
  EXPECT_FALSE(context_rule_holds(u"\u03B1\u0375", 1));
}

TEST(Context, geresh_and_gershayim_stand_behind_hebrew) {
  for (const char16_t mark : {u'\u05F3', u'\u05F4'}) {
    EXPECT_TRUE(context_rule_holds(std::u16string{u'\u05D0', mark}, 1));
    EXPECT_FALSE(context_rule_holds(std::u16string{mark, u'\u05D0'}, 0));
    EXPECT_FALSE(context_rule_holds(std::u16string{u'a', mark}, 1));
  }
}

TEST(Context, katakana_middle_dot_wants_kana_or_han_anywhere) {
  EXPECT_TRUE(context_rule_holds(u"\u30FBa\u30A2", 0));
  EXPECT_TRUE(context_rule_holds(u"\u3042\u30FB", 1));
  EXPECT_TRUE(context_rule_holds(u"\u30FB\U00020000", 0));  // Han beyond the basic plane
  EXPECT_FALSE(context_rule_holds(u"a\u30FBb", 1));
}

TEST(Context, rows_of_arabic_digits_do_not_mix) {
  EXPECT_TRUE(context_rule_holds(u"\u0628\u0661", 1));
  EXPECT_TRUE(context_rule_holds(u"\u0628\u06F1", 1));
  EXPECT_FALSE(context_rule_holds(u"\u0628\u0661\u06F1", 1));
  EXPECT_FALSE(context_rule_holds(u"\u0628\u0661\u06F1", 2));
}

TEST(Context, a_code_point_without_a_rule_has_none_to_hold) {
  EXPECT_FALSE(context_rule_holds(u"abc", 1));
}

TEST(Bidi, left_to_right_text_is_not_looked_at) {
  EXPECT_TRUE(bidi_rule_holds(u""));
  EXPECT_TRUE(bidi_rule_holds(u"1a!"));
  EXPECT_TRUE(bidi_rule_holds(u"\u0300a"));
}

TEST(Bidi, condition_1_first_is_a_letter) {
  EXPECT_TRUE(bidi_rule_holds(u"\u05D01"));
  EXPECT_FALSE(bidi_rule_holds(u"1\u05D0"));
  EXPECT_FALSE(bidi_rule_holds(u"\u0661\u0628"));
}

TEST(Bidi, condition_2_no_left_to_right_letter_inside) {
  EXPECT_FALSE(bidi_rule_holds(u"\u05D0a\u05D0"));
  EXPECT_TRUE(bidi_rule_holds(u"\u05D0-\u05D1"));
}

TEST(Bidi, condition_3_ends_in_letter_or_number_marks_aside) {
  EXPECT_TRUE(bidi_rule_holds(u"\u05D0\u05B0"));
  EXPECT_TRUE(bidi_rule_holds(u"\u05D05"));
  EXPECT_TRUE(bidi_rule_holds(u"\u0628\u0661"));
  EXPECT_FALSE(bidi_rule_holds(u"\u05D0-"));
  EXPECT_FALSE(bidi_rule_holds(u"\u05D0-\u05B0"));
}

TEST(Bidi, condition_4_one_kind_of_number) {
  EXPECT_FALSE(bidi_rule_holds(u"\u0628\u06611"));
  EXPECT_TRUE(bidi_rule_holds(u"\u0628\u0661\u0662"));
}

TEST(Bidi, condition_5_no_right_to_left_after_a_left_to_right_start) {
  EXPECT_FALSE(bidi_rule_holds(u"a\u05D0"));
  EXPECT_FALSE(bidi_rule_holds(u"a\u0661"));
}

TEST(Bidi, condition_6_is_moot_without_right_to_left) {
  EXPECT_TRUE(bidi_rule_holds(u"a-"));
}

}  // namespace
}  // namespace hy::xmpp
