// Which bytes, characters and names XML 1.0 and its namespaces allow; UTF-8 taken strictly.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hy::xml {

inline constexpr std::string_view xml_ns = "http://www.w3.org/XML/1998/namespace";
inline constexpr std::string_view xmlns_ns = "http://www.w3.org/2000/xmlns/";

/// A byte's part in a name. `high` bytes belong to characters that check_name looks at.
enum NameByte : std::uint8_t { no_name = 0, name_start = 1, name_rest = 2, name_colon = 4, name_high = 8 };
extern const std::array<std::uint8_t, 256> name_bytes;
inline std::uint8_t name_byte(char byte) {
  return name_bytes[static_cast<unsigned char>(byte)];
}

inline bool is_space(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

enum class Chars { ok, bad_utf8, bad_char };

/// Whether `text` is well-formed UTF-8 and holds only what XML can carry.
Chars check_chars(std::string_view text);
/// Where the first character is that check_chars would refuse; `text.size()` if there is none.
std::size_t find_bad_char(std::string_view text, Chars& why);
/// XML 1.0 §2.2, production Char.
bool is_char(char32_t c);
/// The character at the front of `text`, which is moved behind it. `no_char` when it is not UTF-8: overlong,
/// surrogate, beyond U+10FFFF, cut short. `text` then moves by one byte.
inline constexpr char32_t no_char = 0xFFFFFFFF;
char32_t next_char(std::string_view& text);
void append_utf8(std::string& out, char32_t c);
/// The same into `out`, which has room for four; returns the length.
std::size_t put_utf8(char* out, char32_t c);

struct NameCheck {
  Chars chars = Chars::ok;        // bad_char: not a name
  std::uint32_t prefix_size = 0;  // without the colon; 0: no prefix
};
/// Namespaces in XML §4: a name, or two joined by one colon.
NameCheck check_name(std::string_view name);
/// A name without a colon.
bool is_local_name(std::string_view name);

// Runs: each returns the first byte in [from, end) that needs a closer look, or `end`.
const char* find_in_text(const char* from, const char* end);               // < & > CR
const char* find_in_value(const char* from, const char* end, char quote);  // quote < & and control characters
const char* find_in_cdata(const char* from, const char* end);              // ] CR

}  // namespace hy::xml
