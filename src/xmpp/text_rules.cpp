#include "xmpp/text_rules.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>

namespace hy::xmpp {
namespace {

constexpr UChar32 none = -1;

/// Walks the code points of UTF-16 in both directions; `none` past the ends. The text is well formed.
struct Walker {
  std::u16string_view text;
  std::size_t at;

  UChar32 previous() {
    if (at == 0) return none;
    UChar32 c = 0;
    U16_PREV(text.data(), 0, at, c);
    return c;
  }
  UChar32 next() {
    if (at >= text.size()) return none;
    UChar32 c = 0;
    U16_NEXT(text.data(), at, text.size(), c);
    return c;
  }
};

bool is_virama(UChar32 c) {
  return c != none && u_getCombiningClass(c) == 9;
}

int joining_type(UChar32 c) {
  return c == none ? U_JT_NON_JOINING : u_getIntPropertyValue(c, UCHAR_JOINING_TYPE);
}

UScriptCode script(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  return c == none ? USCRIPT_UNKNOWN : uscript_getScript(c, &status);
}

bool contains_between(std::u16string_view text, char16_t first, char16_t last) {
  return std::any_of(text.begin(), text.end(), [=](char16_t c) { return c >= first && c <= last; });
}

// RFC 5892 A.1: ZERO WIDTH NON-JOINER stands behind a virama, or breaks the join of two letters that would
// join: (L or D) T* here T* (R or D).
bool non_joiner(Walker back, Walker forth) {
  UChar32 before = back.previous();
  if (is_virama(before)) return true;
  while (joining_type(before) == U_JT_TRANSPARENT) before = back.previous();
  const int left = joining_type(before);
  if (left != U_JT_LEFT_JOINING && left != U_JT_DUAL_JOINING) return false;
  UChar32 after = forth.next();
  while (joining_type(after) == U_JT_TRANSPARENT) after = forth.next();
  const int right = joining_type(after);
  return right == U_JT_RIGHT_JOINING || right == U_JT_DUAL_JOINING;
}

// RFC 5892 A.7: KATAKANA MIDDLE DOT wants one kana or Han character anywhere in the string.
bool has_kana_or_han(std::u16string_view text) {
  Walker walker{text, 0};
  for (UChar32 c = walker.next(); c != none; c = walker.next()) {
    const UScriptCode code = script(c);
    if (code == USCRIPT_HIRAGANA || code == USCRIPT_KATAKANA || code == USCRIPT_HAN) return true;
  }
  return false;
}

}  // namespace

bool context_rule_holds(std::u16string_view text, std::size_t at) {
  // All code points with a rule are in the basic plane: one unit each.
  Walker back{text, at};
  Walker forth{text, at + 1};
  const char16_t c = text[at];
  switch (c) {
    case 0x200C:
      return non_joiner(back, forth);
    case 0x200D:  // A.2: ZERO WIDTH JOINER, behind a virama only
      return is_virama(back.previous());
    case 0x00B7:  // A.3: MIDDLE DOT, between two l
      return back.previous() == 'l' && forth.next() == 'l';
    case 0x0375:  // A.4: GREEK LOWER NUMERAL SIGN, before Greek
      return script(forth.next()) == USCRIPT_GREEK;
    case 0x05F3:  // A.5, A.6: GERESH and GERSHAYIM, behind Hebrew
    case 0x05F4:
      return script(back.previous()) == USCRIPT_HEBREW;
    case 0x30FB:
      return has_kana_or_han(text);
    default:
      break;
  }
  // A.8, A.9: the two rows of Arabic-Indic digits do not mix.
  if (c >= 0x0660 && c <= 0x0669) return !contains_between(text, 0x06F0, 0x06F9);
  if (c >= 0x06F0 && c <= 0x06F9) return !contains_between(text, 0x0660, 0x0669);
  return false;
}

bool bidi_rule_holds(std::u16string_view text) {
  constexpr auto bit = [](int direction) { return 1U << static_cast<unsigned>(direction); };
  constexpr unsigned r = bit(U_RIGHT_TO_LEFT) | bit(U_RIGHT_TO_LEFT_ARABIC);
  constexpr unsigned an = bit(U_ARABIC_NUMBER);
  constexpr unsigned en = bit(U_EUROPEAN_NUMBER);
  constexpr unsigned nsm = bit(U_DIR_NON_SPACING_MARK);
  constexpr unsigned neutral = bit(U_EUROPEAN_NUMBER_SEPARATOR) | bit(U_COMMON_NUMBER_SEPARATOR) |
                               bit(U_EUROPEAN_NUMBER_TERMINATOR) | bit(U_OTHER_NEUTRAL) |
                               bit(U_BOUNDARY_NEUTRAL);
  unsigned first = 0;
  unsigned last = 0;  // non-spacing marks aside
  unsigned seen = 0;
  Walker walker{text, 0};
  for (UChar32 c = walker.next(); c != none; c = walker.next()) {
    const unsigned direction = bit(u_charDirection(c));
    if (seen == 0) first = direction;
    if ((direction & nsm) == 0) last = direction;
    seen |= direction;
  }
  if ((seen & (r | an)) == 0) return true;
  // Conditions 1, 5: with anything from right to left in it, a string that begins otherwise breaks one of the
  // two.
  if ((first & r) == 0) return false;
  // Condition 2.
  if ((seen & ~(r | an | en | nsm | neutral)) != 0) return false;
  // Condition 3.
  if ((last & (r | an | en)) == 0) return false;
  // Condition 4.
  return (seen & an) == 0 || (seen & en) == 0;
}

}  // namespace hy::xmpp
