// The fast path of preparation: what is plain ASCII is checked and lower-cased in one loop. Internal.
//
// "No" is not a refusal: the caller then takes the slow path, which decides. Both must agree on what this
// accepts.
#pragma once

#include <array>
#include <cstring>
#include <string_view>

namespace hy::xmpp::ascii {

/// What each byte becomes; 0 where the fast path ends.
using Table = std::array<char, 256>;

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// RFC 7622 §3.3: the visible characters but eight.
inline constexpr Table local_table = [] {
  Table table{};
  for (char c = 0x21; c < 0x7F; ++c) table[static_cast<unsigned char>(c)] = lower(c);
  for (const char c : std::string_view("\"&'/:<>@")) table[static_cast<unsigned char>(c)] = 0;
  return table;
}();

inline constexpr Table domain_table = [] {
  Table table{};
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = c;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = lower(c);
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = c;
  table['-'] = '-';
  table['.'] = '.';
  return table;
}();

inline constexpr Table opaque_table = [] {
  Table table{};
  for (char c = 0x20; c < 0x7F; ++c) table[static_cast<unsigned char>(c)] = c;
  return table;
}();

/// Writes text.size() bytes to `out`, all of which count only when it returns true.
inline bool map(char* out, std::string_view text, const Table& table) {
  bool plain = true;
  for (const char c : text) {
    const char mapped = table[static_cast<unsigned char>(c)];
    plain &= mapped != 0;
    *out++ = mapped;
  }
  return plain;
}

/// RFC 1034 §3.1, RFC 5890 §2.3.1: a label has 1 to 63 bytes, no hyphen at an end or at places three and
/// four.
inline bool is_plain_label(const char* label, std::size_t size) {
  if (size == 0 || size > 63 || label[0] == '-' || label[size - 1] == '-') return false;
  return size < 4 || label[2] != '-' || label[3] != '-';
}

/// `map` with the domain's table, and all labels plain; 253 bytes in all.
inline bool map_domain(char* out, std::string_view text) {
  if (text.size() > 253) return false;
  bool plain = true;
  std::size_t label = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char mapped = domain_table[static_cast<unsigned char>(text[i])];
    plain &= mapped != 0;
    out[i] = mapped;
    if (mapped == '.') {
      plain &= is_plain_label(out + label, i - label);
      label = i + 1;
    }
  }
  return plain && is_plain_label(out + label, text.size() - label);
}

}  // namespace hy::xmpp::ascii
