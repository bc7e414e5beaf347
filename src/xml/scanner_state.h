// Inside the scanner. Each byte meets the step of the current phase; a step takes as many bytes as belong to
// it and keeps what it has so far, so that the input may be cut anywhere. Text goes straight to the builder,
// unfinished or not; there is no other buffer. Characters and names are judged when their piece is complete.
#pragma once

#include <memory>

#include "xml/chars.h"
#include "xml/namespaces.h"
#include "xml/scanner.h"

namespace hy::xml {

enum class Phase : std::uint8_t {
  start,        // no byte yet
  start_lt,     // the very first byte was '<'
  declaration,  // behind "<?"
  prolog,       // white space before the root
  between,      // directly below the root, between first-level elements
  ended,        // behind the root
  empty_root,   // the root was an empty element: `closed` is due
  lt,           // behind '<'
  bang,         // behind "<!"
  open_name,
  tag,        // behind a name or a value in a start tag
  tag_space,  // the same, behind white space: an attribute may begin
  empty_tag,  // behind '/'
  attribute_name,
  equals,
  quote,
  value,
  close_name,
  close_space,
  content,
  cdata,
  cdata_end,   // behind ']' in a CDATA section
  reference,   // behind '&'
  stray_text,  // text below the root was reported
  failed,
};

/// What exists only while an element is read.
struct Work {
  explicit Work(const RootScope& root) : names(root) {}

  Builder builder;
  Namespaces names;
  std::uint64_t charge = 0;  // bytes of namespaces, see Namespaces::resolve
  std::uint32_t elements = 0;
  std::uint32_t attributes = 0;     // of the current tag
  std::uint32_t at = 0;             // in the builder's text: where the current name begins
  std::uint32_t text_from = 0;      //   … the current run of text
  std::uint32_t piece = 0;          //   … the part of it, or of a value, that was written as it stands
  char32_t number = 0;              // of a character reference
  std::uint8_t name_bits = 0;       // NameByte of all bytes of the current name
  std::uint8_t reference_size = 0;  // bytes of it so far, at most 255
  char reference[5] = {};           // the first of them
  char quote = 0;
  bool high = false;              // the piece holds bytes beyond ASCII
  bool skip_lf = false;           // the last byte was a CR that has been counted as a line end
  bool has_declarations = false;  // the current tag
  bool has_prefixes = false;
  bool in_value = false;  // where the reference stands
};

// Small enough for the allocator's fast path.
static_assert(sizeof(Work) <= 1024);

struct Scanner::State {
  State(Limits l, Mode m) : limits(l), mode(m) {}

  Event next(std::string_view& input);
  Event step(const char*& p, const char* end);
  std::size_t memory() const;

  // scanner.cpp
  Event fail(Fault why);
  bool inside() const { return work && work->builder.depth() > 0 && !header_taken; }
  void begin_unit();
  void rest();
  Event start(const char*& p);
  Event start_lt(const char*& p);
  Event prolog(const char*& p, const char* end);
  Event declaration(const char*& p, const char* end);
  // scanner_tags.cpp: these are one loop
  Event run(const char*& p, const char* end);
  [[gnu::always_inline]] inline Event content(const char*& p, const char* end);
  [[gnu::always_inline]] inline Event lt(const char*& p);
  [[gnu::always_inline]] inline Event open_name(const char*& p, const char* end);
  [[gnu::always_inline]] inline Event tag(const char*& p, const char* end);
  [[gnu::always_inline]] inline Event tag_space(const char*& p, const char* end);
  [[gnu::always_inline]] inline Event begin_attribute();
  [[gnu::always_inline]] inline Event attribute_name(const char*& p, const char* end);
  [[gnu::always_inline]] inline Event value(const char*& p, const char* end);
  [[gnu::always_inline]] inline Event close_name(const char*& p, const char* end);
  [[gnu::always_inline]] inline Event close_space(const char*& p, const char* end);
  Event control(char byte, char line_end);
  // scanner_events.cpp
  void begin_value(char quote);
  Event begin_element();
  Event end_attribute_name(const NameCheck& name);
  Event opened(bool is_empty);
  Event closed();
  // scanner_text.cpp
  Event equals(const char*& p, const char* end);
  Event quote(const char*& p, const char* end);
  Event bang(const char*& p);
  Event cdata(const char*& p, const char* end);
  Event cdata_end(const char*& p);
  Event reference(const char*& p, const char* end);
  Event end_reference();
  Event bad_piece();

  std::unique_ptr<Work> work;
  RootScope root;
  Limits limits;
  std::uint32_t spent = 0;    // bytes of the current header or first-level element
  std::uint32_t matched = 0;  // bytes of what close_name, bang, cdata_end wait for
  Mode mode;
  Phase phase = Phase::start;
  Fault fault = Fault::none;
  bool root_open = false;
  bool header_taken = false;  // what the builder holds is the root's start tag
  bool ready = false;         // an element waits for take()
};

/// A step's way to say that it goes on.
inline constexpr Event go_on = Event::need_more;

inline Fault fault_of(Chars chars) {
  return chars == Chars::bad_utf8 ? Fault::invalid_utf8 : Fault::not_well_formed;
}

/// XML 1.0 §2.8, from behind "<?" up to and with '>'.
Fault check_declaration(std::string_view declaration);

}  // namespace hy::xml
