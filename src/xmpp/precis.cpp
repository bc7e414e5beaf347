// The order of rules is RFC 8264 §7: width, additional mapping, case, normalization, direction; what the
// string class allows is checked first, as the profiles of RFC 8265 demand it of their input. The output of
// one round can be something that the next would change or refuse, therefore rounds go on until nothing
// changes, four at most.
#include "xmpp/precis.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "xmpp/text_rules.h"

namespace hy::xmpp {
namespace {

enum class StringClass : std::uint8_t { identifier, freeform };

std::u16string_view units(const icu::UnicodeString& text) {
  return {text.getBuffer(), static_cast<std::size_t>(text.length())};
}

const icu::Normalizer2& nfc() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* found = icu::Normalizer2::getNFCInstance(status);
  HY_CHECK(found != nullptr);  // its tables are inside the library
  return *found;
}

std::unexpected<Error> refused(std::string_view why, char32_t code_point) {
  return fail(Error::invalid, fmt::format("U+{:04X} {}", static_cast<std::uint32_t>(code_point), why));
}

Result<icu::UnicodeString> from_utf8(std::string_view text) {
  if (text.size() > INT32_MAX) return fail(Error::invalid, "string too long");
  const auto size = static_cast<std::int32_t>(text.size());  // never fewer than the units that it becomes
  icu::UnicodeString out;
  std::int32_t length = 0;
  UErrorCode status = U_ZERO_ERROR;
  char16_t* buffer = out.getBuffer(size);
  HY_CHECK(buffer != nullptr);
  u_strFromUTF8(buffer, size, &length, text.data(), static_cast<std::int32_t>(text.size()), &status);
  out.releaseBuffer(U_FAILURE(status) ? 0 : length);
  if (U_FAILURE(status)) return fail(Error::invalid, "malformed UTF-8");
  return out;
}

// RFC 8264 §9.6 (F).
std::optional<Derived> exception(UChar32 c) {
  switch (c) {
    case 0x00DF:
    case 0x03C2:
    case 0x06FD:
    case 0x06FE:
    case 0x0F0B:
    case 0x3007:
      return Derived::valid;
    case 0x00B7:
    case 0x0375:
    case 0x05F3:
    case 0x05F4:
    case 0x30FB:
      return Derived::context_other;
    case 0x0640:
    case 0x07FA:
    case 0x302E:
    case 0x302F:
    case 0x3031:
    case 0x3032:
    case 0x3033:
    case 0x3034:
    case 0x3035:
    case 0x303B:
      return Derived::disallowed;
    default:
      break;
  }
  if ((c >= 0x0660 && c <= 0x0669) || (c >= 0x06F0 && c <= 0x06F9)) return Derived::context_other;
  return std::nullopt;
}

bool is_old_hangul_jamo(UChar32 c) {
  const int type = u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE);
  return type == U_HST_LEADING_JAMO || type == U_HST_VOWEL_JAMO || type == U_HST_TRAILING_JAMO;
}

bool is_ignorable(UChar32 c) {
  return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || U_IS_UNICODE_NONCHAR(c);
}

/// NFKC changes it. For a lone code point that is exactly what the quick check's "no" says.
bool has_compat(UChar32 c) {
  return u_getIntPropertyValue(c, UCHAR_NFKC_QUICK_CHECK) == UNORM_NO;
}

Result<void> check_class(const icu::UnicodeString& text, StringClass wanted) {
  const std::u16string_view all = units(text);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t begin = at;
    UChar32 c = 0;
    U16_NEXT(all.data(), at, all.size(), c);
    switch (derived_property(static_cast<char32_t>(c))) {
      case Derived::valid:
        break;
      case Derived::free_only:
        if (wanted == StringClass::identifier) return refused("is not allowed in a name", c);
        break;
      case Derived::context_join:
      case Derived::context_other:
        if (!context_rule_holds(all, begin)) return refused("is not allowed at this place", c);
        break;
      case Derived::disallowed:
        return refused("is not allowed", c);
      case Derived::unassigned:
        return refused("is not assigned", c);
    }
  }
  return {};
}

// RFC 8265 §3.3.1: fullwidth and halfwidth forms become what they decompose to. All of them are in two
// places.
void map_width(icu::UnicodeString& text) {
  constexpr auto may_be_wide = [](char16_t c) { return c == 0x3000 || (c >= 0xFF01 && c <= 0xFFEE); };
  const std::u16string_view all = units(text);
  if (std::none_of(all.begin(), all.end(), may_be_wide)) return;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  HY_CHECK(nfkc != nullptr);
  icu::UnicodeString out;
  icu::UnicodeString narrow;
  for (const char16_t c : all) {
    const int type = may_be_wide(c) ? u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE) : U_DT_NONE;
    if ((type == U_DT_WIDE || type == U_DT_NARROW) && nfkc->getRawDecomposition(c, narrow)) {
      out.append(narrow);
    } else {
      out.append(c);
    }
  }
  text = out;
}

// RFC 8265 §4.2.2 (2): any space becomes U+0020.
void map_spaces(icu::UnicodeString& text) {
  for (std::int32_t i = 0; i < text.length(); ++i) {
    const char16_t c = text.charAt(i);  // no space lies outside the basic plane
    if (c > 0x7F && u_charType(c) == U_SPACE_SEPARATOR) text.setCharAt(i, u' ');
  }
}

void normalize(icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  if (nfc().isNormalized(text, status)) return;
  icu::UnicodeString out;
  nfc().normalize(text, out, status);
  text = out;
}

Result<void> username_round(icu::UnicodeString& text) {
  map_width(text);
  HY_TRY_VOID(check_class(text, StringClass::identifier));
  text.toLower(icu::Locale::getRoot());
  normalize(text);
  if (!bidi_rule_holds(units(text))) return fail(Error::invalid, "mixes writing directions");
  return {};
}

Result<void> opaque_round(icu::UnicodeString& text) {
  HY_TRY_VOID(check_class(text, StringClass::freeform));
  map_spaces(text);
  normalize(text);
  return {};
}

// RFC 8264 §7: rounds until the string is stable, three after the first at most; what is not stable then is
// refused.
Result<std::string> stable(std::string_view input, Result<void> (*round)(icu::UnicodeString&)) {
  HY_TRY(text, from_utf8(input));
  constexpr int rounds = 4;
  for (int i = 0; i < rounds; ++i) {
    const icu::UnicodeString before = text;
    HY_TRY_VOID(round(text));
    if (text.isEmpty()) return fail(Error::invalid, "empty");
    if (text == before) {
      std::string out;
      text.toUTF8String(out);
      return out;
    }
  }
  return fail(Error::invalid, "not stable under preparation");
}

}  // namespace

// RFC 8264 §8; letters in brackets are its categories of §9.
Derived derived_property(char32_t code_point) {
  const auto c = static_cast<UChar32>(code_point);
  if (c > 0x20 && c < 0x7F) return Derived::valid;  // ASCII7 (K); no exception among them
  if (const auto found = exception(c)) return *found;
  const auto type = u_charType(c);
  if (type == U_UNASSIGNED && !U_IS_UNICODE_NONCHAR(c)) return Derived::unassigned;  // (J)
  if (c == 0x200C || c == 0x200D) return Derived::context_join;                      // JoinControl (H)
  if (type == U_OTHER_LETTER && is_old_hangul_jamo(c)) return Derived::disallowed;   // OldHangulJamo (I)
  if (is_ignorable(c)) return Derived::disallowed;                                   // PrecisIgnorable (M)
  if (type == U_CONTROL_CHAR) return Derived::disallowed;                            // Controls (L)
  if (has_compat(c)) return Derived::free_only;                                      // HasCompat (Q)
  constexpr unsigned letter_digits = U_GC_LL_MASK | U_GC_LU_MASK | U_GC_LO_MASK | U_GC_ND_MASK |
                                     U_GC_LM_MASK | U_GC_MN_MASK | U_GC_MC_MASK;  // (A)
  constexpr unsigned others =
      U_GC_LT_MASK | U_GC_NL_MASK | U_GC_NO_MASK | U_GC_ME_MASK;  // OtherLetterDigits (R)
  constexpr unsigned marks =
      U_GC_ZS_MASK | U_GC_S_MASK | U_GC_P_MASK;  // Spaces (N), Symbols (O), Punctuation (P)
  const unsigned bit = U_MASK(type);
  if ((bit & letter_digits) != 0) return Derived::valid;
  if ((bit & (others | marks)) != 0) return Derived::free_only;
  return Derived::disallowed;
}

Result<std::string> username_case_mapped(std::string_view text) {
  return stable(text, username_round);
}

Result<std::string> opaque_string(std::string_view text) {
  return stable(text, opaque_round);
}

}  // namespace hy::xmpp
