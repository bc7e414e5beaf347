// Runs of plain bytes, copied and examined in one pass: what nearly all of the input is.
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "xml/buffer.h"
#include "xml/chars.h"

namespace hy::xml {

/// Copies bytes from [p, end) to `out` up to the first '<', '&', `extra` or control character; returns where
/// that is. Sets `high` when one of them is not ASCII: then somebody has to check them.
template <class Text>
[[gnu::always_inline]] inline const char* take_run(Text& out, const char* p, const char* end, char extra,
                                                   bool& high) {
#ifdef __SSE2__
  const __m128i lt = _mm_set1_epi8('<');
  const __m128i amp = _mm_set1_epi8('&');
  const __m128i third = _mm_set1_epi8(extra);
  const __m128i control = _mm_set1_epi8(0x1F);
  while (end - p >= 16) {
    // As many whole blocks as there is room for.
    char* const from = out.room(16);
    char* to = from;
    const char* const last = p + std::min<std::size_t>(static_cast<std::size_t>(end - p), out.free()) - 16;
    unsigned mask = 0;
    unsigned high_mask = 0;
    do {
      const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), block);
      const __m128i stops = _mm_or_si128(
          _mm_or_si128(_mm_cmpeq_epi8(block, lt), _mm_cmpeq_epi8(block, amp)),
          _mm_or_si128(_mm_cmpeq_epi8(block, third), _mm_cmpeq_epi8(_mm_min_epu8(block, control), block)));
      mask = static_cast<unsigned>(_mm_movemask_epi8(stops));
      const auto high_here = static_cast<unsigned>(_mm_movemask_epi8(block));
      if (mask) {
        const int before = __builtin_ctz(mask);
        high_mask |= high_here & ((1U << before) - 1);
        p += before;
        to += before;
        break;
      }
      high_mask |= high_here;
      p += 16;
      to += 16;
    } while (p <= last);
    out.grown(static_cast<std::size_t>(to - from));
    if (high_mask) high = true;
    if (mask) return p;
  }
#endif
  const char* at = p;
  for (; at != end; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte == '<' || byte == '&' || *at == extra || byte < 0x20) break;
    if (byte >= 0x80) high = true;
  }
  out.append(p, static_cast<std::size_t>(at - p));
  return at;
}

/// Copies the bytes of a name to `out` and adds what they are to `bits`; returns where it ends.
template <class Text>
[[gnu::always_inline]] inline const char* take_name(Text& out, const char* p, const char* end,
                                                    std::uint8_t& bits) {
  std::uint8_t all = bits;
  while (p != end) {
    constexpr std::ptrdiff_t block = 32;
    const char* const stop = p + std::min(block, end - p);
    const char* const from = p;
    char* to = out.room(block);
    for (; p != stop; ++p) {
      const std::uint8_t byte = name_byte(*p);
      if (byte == no_name) break;
      all |= byte;
      *to++ = *p;
    }
    out.grown(static_cast<std::size_t>(p - from));
    if (p != stop) break;
  }
  bits = all;
  return p;
}

}  // namespace hy::xml
