#include "xml/chars.h"

#include <algorithm>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace hy::xml {
namespace {

constexpr std::array<std::uint8_t, 256> make_name_bytes() {
  std::array<std::uint8_t, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[c] = name_start;
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = name_start;
  for (int c = '0'; c <= '9'; ++c) table[c] = name_rest;
  table['_'] = name_start;
  table['-'] = table['.'] = name_rest;
  table[':'] = name_colon;
  for (int c = 0x80; c <= 0xFF; ++c) table[c] = name_high;
  return table;
}

struct Range {
  char32_t first, last;
};

// XML 1.0 (fifth edition) §2.3, NameStartChar beyond ASCII.
constexpr Range name_start_ranges[] = {{0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},
                                       {0x370, 0x37D},   {0x37F, 0x1FFF},  {0x200C, 0x200D},
                                       {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF},
                                       {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};
// NameChar, what it adds.
constexpr Range name_rest_ranges[] = {{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

template <std::size_t N>
bool in(const Range (&ranges)[N], char32_t c) {
  return std::ranges::any_of(ranges, [c](Range r) { return r.first <= c && c <= r.last; });
}

std::uint8_t name_class(char32_t c) {
  if (c < 0x80) return name_bytes[c];
  if (in(name_start_ranges, c)) return name_start;
  return in(name_rest_ranges, c) ? name_rest : no_name;
}

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

char32_t low_bits(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]) & 0x3F;
}

#ifdef __SSE2__
// Calls `test` on 16 bytes at a time; it returns a vector that is non-zero where a byte stops the run.
template <class Test>
const char* find_block(const char* from, const char* end, Test test) {
  while (end - from >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    if (const int mask = _mm_movemask_epi8(test(block)))
      return from + __builtin_ctz(static_cast<unsigned>(mask));
    from += 16;
  }
  return from;
}
__m128i equal(__m128i block, char c) {
  return _mm_cmpeq_epi8(block, _mm_set1_epi8(c));
}
#endif

}  // namespace

constinit const std::array<std::uint8_t, 256> name_bytes = make_name_bytes();

bool is_char(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c <= 0xD7FF || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

// RFC 3629 §4: exactly the byte sequences of its table; the shortest form, no surrogates.
char32_t next_char(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  char32_t c = no_char;
  std::size_t size = 1;
  if (lead < 0x80) {
    c = lead;
  } else if (lead >= 0xC2 && lead <= 0xDF) {
    if (continues(text, 1)) c = (lead & 0x1Fu) << 6 | low_bits(text, 1), size = 2;
  } else if ((lead & 0xF0) == 0xE0) {
    if (continues(text, 1) && continues(text, 2)) {
      const char32_t got = (lead & 0x0Fu) << 12 | low_bits(text, 1) << 6 | low_bits(text, 2);
      if (got >= 0x800 && (got < 0xD800 || got > 0xDFFF)) c = got, size = 3;
    }
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    if (continues(text, 1) && continues(text, 2) && continues(text, 3)) {
      const char32_t got =
          (lead & 0x07u) << 18 | low_bits(text, 1) << 12 | low_bits(text, 2) << 6 | low_bits(text, 3);
      if (got >= 0x10000 && got <= 0x10FFFF) c = got, size = 4;
    }
  }
  text.remove_prefix(size);
  return c;
}

std::size_t find_bad_char(std::string_view text, Chars& why) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  while (true) {
#ifdef __SSE2__
    // Signed comparison: below a space are the control characters and every byte of 0x80 and above.
    at = find_block(at, end, [](__m128i block) { return _mm_cmplt_epi8(block, _mm_set1_epi8(0x20)); });
#endif
    while (at != end && static_cast<signed char>(*at) >= 0x20) ++at;
    if (at == end) return text.size();
    // Over to single characters, as long as they are not ASCII: such text seldom comes alone.
    do {
      std::string_view rest(at, static_cast<std::size_t>(end - at));
      const char32_t c = next_char(rest);
      if (c == no_char || !is_char(c)) {
        why = c == no_char ? Chars::bad_utf8 : Chars::bad_char;
        return static_cast<std::size_t>(at - begin);
      }
      at = rest.data();
    } while (at != end && static_cast<signed char>(*at) < 0x20);
  }
}

Chars check_chars(std::string_view text) {
  Chars why = Chars::ok;
  find_bad_char(text, why);
  return why;
}

std::size_t put_utf8(char* out, char32_t c) {
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  const std::size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (std::size_t i = size - 1; i > 0; --i, c >>= 6) out[i] = static_cast<char>(0x80 | (c & 0x3F));
  out[0] = static_cast<char>((0xF00 >> size & 0xFF) | c);
  return size;
}

void append_utf8(std::string& out, char32_t c) {
  char bytes[4];
  out.append(bytes, put_utf8(bytes, c));
}

NameCheck check_name(std::string_view name) {
  NameCheck found;
  // "xml:lang" and its like.
  const std::size_t colon = name.find(':');
  if (colon != std::string_view::npos && colon + 1 < name.size() && name_byte(name[0]) == name_start &&
      name_byte(name[colon + 1]) == name_start &&
      std::ranges::all_of(name,
                          [](char c) { return name_byte(c) & (name_start | name_rest | name_colon); }) &&
      name.find(':', colon + 1) == std::string_view::npos) {
    found.prefix_size = static_cast<std::uint32_t>(colon);
    return found;
  }
  bool starts = true;
  const char* const begin = name.data();
  if (name.empty()) found.chars = Chars::bad_char;
  while (!name.empty() && found.chars == Chars::ok) {
    const char* const at = name.data();
    const char32_t c = next_char(name);
    if (c == no_char) {
      found.chars = Chars::bad_utf8;
    } else if (c == ':') {
      // One colon at most, and a name on both sides of it.
      if (starts || found.prefix_size || name.empty()) found.chars = Chars::bad_char;
      found.prefix_size = static_cast<std::uint32_t>(at - begin);
      starts = true;
    } else {
      const std::uint8_t kind = name_class(c);
      if (kind == no_name || (starts && kind != name_start)) found.chars = Chars::bad_char;
      starts = false;
    }
  }
  return found;
}

bool is_local_name(std::string_view name) {
  const NameCheck found = check_name(name);
  return found.chars == Chars::ok && found.prefix_size == 0;
}

const char* find_in_text(const char* from, const char* end) {
#ifdef __SSE2__
  from = find_block(from, end, [](__m128i b) {
    return _mm_or_si128(_mm_or_si128(equal(b, '<'), equal(b, '&')),
                        _mm_or_si128(equal(b, '>'), equal(b, '\r')));
  });
#endif
  while (from != end && *from != '<' && *from != '&' && *from != '>' && *from != '\r') ++from;
  return from;
}

const char* find_in_value(const char* from, const char* end, char quote) {
#ifdef __SSE2__
  from = find_block(from, end, [quote](__m128i b) {
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(b, _mm_set1_epi8(0x1F)), b);
    return _mm_or_si128(_mm_or_si128(equal(b, '<'), equal(b, '&')), _mm_or_si128(equal(b, quote), control));
  });
#endif
  while (from != end && *from != quote && *from != '<' && *from != '&' &&
         static_cast<unsigned char>(*from) >= 0x20) {
    ++from;
  }
  return from;
}

const char* find_in_cdata(const char* from, const char* end) {
#ifdef __SSE2__
  from = find_block(from, end, [](__m128i b) { return _mm_or_si128(equal(b, ']'), equal(b, '\r')); });
#endif
  while (from != end && *from != ']' && *from != '\r') ++from;
  return from;
}

}  // namespace hy::xml
