#include <algorithm>

#include "xml/chars.h"
#include "xml/scanner_state.h"

namespace hy::xml {
namespace {

constexpr std::string_view cdata_start = "[CDATA[";

// XML 1.0 §4.6.
char predefined(std::string_view name) {
  if (name == "amp") return '&';
  if (name == "lt") return '<';
  if (name == "gt") return '>';
  if (name == "apos") return '\'';
  if (name == "quot") return '"';
  return 0;
}

int digit(char byte, bool hex) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (hex && byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (hex && byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

}  // namespace

// The part since the last reference or section is judged alone: what two of them leave side by side was not
// one character on the wire.
Event Scanner::State::bad_piece() {
  work->high = false;
  const Chars found = check_chars(work->builder.since(work->piece));
  if (found == Chars::ok) return go_on;
  return fail(fault_of(found));
}

// XML 1.0 §3.1: Eq, with white space around it, where the loop has not seen it closed up.
Event Scanner::State::equals(const char*& p, const char* end) {
  while (p != end && is_space(*p)) ++p;
  if (p == end) return go_on;
  if (*p++ != '=') return fail(Fault::not_well_formed);
  phase = Phase::quote;
  return go_on;
}

Event Scanner::State::quote(const char*& p, const char* end) {
  while (p != end && is_space(*p)) ++p;
  if (p == end) return go_on;
  if (*p != '\'' && *p != '"') return fail(Fault::not_well_formed);
  begin_value(*p++);
  return go_on;
}

// RFC 6120 §11.1: no comments, no DTD. A CDATA section is text.
Event Scanner::State::bang(const char*& p) {
  const char byte = *p++;
  if (matched == 0 && (byte == '-' || byte == 'D')) return fail(Fault::restricted_xml);
  if (byte != cdata_start[matched] || (!inside() && !root_open)) return fail(Fault::not_well_formed);
  if (++matched < cdata_start.size()) return go_on;
  if (!inside()) {
    phase = Phase::stray_text;
    return Event::text;
  }
  work->piece = work->builder.text_size();
  work->skip_lf = false;
  phase = Phase::cdata;
  return go_on;
}

Event Scanner::State::cdata(const char*& p, const char* end) {
  Builder& builder = work->builder;
  while (p != end) {
    if (work->skip_lf) {
      work->skip_lf = false;
      if (*p == '\n') {
        ++p;
        continue;
      }
    }
    const char* const stop = find_in_cdata(p, end);
    builder.text.append(p, static_cast<std::size_t>(stop - p));
    p = stop;
    if (p == end) break;
    if (*p++ == ']') {
      matched = 1;
      phase = Phase::cdata_end;
      return go_on;
    }
    builder.text.push('\n');
    work->skip_lf = true;
  }
  return go_on;
}

// Behind `matched` brackets, one or two; a third one leaves two.
Event Scanner::State::cdata_end(const char*& p) {
  Builder& builder = work->builder;
  if (*p == ']' && matched == 1) {
    ++p;
    matched = 2;
  } else if (*p == ']') {
    ++p;
    builder.text.push(']');
  } else if (*p == '>' && matched == 2) {
    ++p;
    if (const Event event = bad_piece(); event != go_on) return event;
    work->piece = builder.text_size();
    phase = Phase::content;
  } else {
    for (; matched > 0; --matched) builder.text.push(']');
    phase = Phase::cdata;
  }
  return go_on;
}

// XML 1.0 §4.1: a character by its number, or one of the five names. Any other name is an entity (RFC 6120
// §11.1).
Event Scanner::State::reference(const char*& p, const char* end) {
  Work& w = *work;
  while (p != end) {
    const char byte = *p++;
    if (w.reference_size == 0) {
      if (byte != '#' && !(name_byte(byte) & (name_start | name_high))) return fail(Fault::not_well_formed);
      w.number = 0;
    } else if (byte == ';') {
      return end_reference();
    } else if (w.reference[0] != '#') {
      if (name_byte(byte) == no_name) return fail(Fault::not_well_formed);
    } else if (w.reference_size > 1 || byte != 'x') {
      const bool hex = w.reference_size > 1 && w.reference[1] == 'x';
      const int d = digit(byte, hex);
      if (d < 0) return fail(Fault::not_well_formed);
      w.number = std::min<char32_t>(w.number * (hex ? 16 : 10) + static_cast<char32_t>(d), 0x110000);
    }
    if (w.reference_size < sizeof w.reference) w.reference[w.reference_size] = byte;
    if (w.reference_size < 255) ++w.reference_size;
  }
  return go_on;
}

Event Scanner::State::end_reference() {
  Work& w = *work;
  if (w.reference[0] == '#') {
    const bool has_digits = w.reference_size > (w.reference[1] == 'x' ? 2 : 1);
    if (!has_digits || !is_char(w.number)) return fail(Fault::not_well_formed);
    char bytes[4];
    w.builder.text.append(bytes, put_utf8(bytes, w.number));
  } else {
    const std::size_t size = w.reference_size;
    const char c = size <= 4 ? predefined({w.reference, size}) : char{0};
    if (!c) return fail(Fault::restricted_xml);
    w.builder.text.push(c);
  }
  w.piece = w.builder.text_size();
  phase = w.in_value ? Phase::value : Phase::content;
  return go_on;
}

}  // namespace hy::xml
