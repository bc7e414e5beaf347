// Base64 as RFC 4648 §4 has it, and nothing more lenient: a text stands for one sequence of bytes and the
// other way round, so what compares equal decoded was equal before.
#include "sasl/exchange.h"

namespace hy::sasl {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}();

}  // namespace

// RFC 4648 §3.2, §3.3, §3.5: padding is there and only at the end, no foreign character, unused bits are
// zero.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t gathered = 0;
  int bits = 0;
  for (char c : text) {
    const std::int8_t value = values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    gathered = gathered << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(gathered >> bits & 0xFF);
    }
  }
  if ((gathered & ((1U << bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t gathered = 0;
  int bits = 0;
  for (char c : bytes) {
    gathered = gathered << 8 | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += alphabet[gathered >> bits & 63];
    }
  }
  if (bits > 0) text += alphabet[gathered << (6 - bits) & 63];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

}  // namespace hy::sasl
