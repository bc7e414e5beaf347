// Bytes of an XML stream in, elements out. A strict subset of XML, as RFC 6120 §11 allows it and no more:
// UTF-8 only, no DTD, comment, processing instruction or entity but the five predefined ones and character
// references.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "xml/element.h"

namespace hy::xml {

/// Counted as bytes arrive; past one of them the scan fails with Fault::too_big (or too_deep, …).
struct Limits {
  /// Of one first-level element or one header, as on the wire; and, counted apart, of the namespaces that
  /// writing the element has to repeat because one declaration serves many places: so what is written is
  /// never much longer than what was read.
  std::uint32_t bytes = 256 * 1024;
  std::uint32_t depth = 64;       // of nesting, the stream's root being 1
  std::uint32_t attributes = 64;  // of one element, namespace declarations included
  std::uint32_t elements = 2000;  // in one first-level element
};

enum class Fault {
  none,
  not_well_formed,       // RFC 6120 §4.9.3.13
  restricted_xml,        // comment, processing instruction, DTD, entity reference (§4.9.3.18)
  unsupported_encoding,  // the XML declaration names another than UTF-8, or there is a BOM of UTF-16
                         // (§4.9.3.22)
  bad_namespace_prefix,  // a prefix that is not declared (§4.9.3.2)
  invalid_utf8,          // overlong, surrogate, past U+10FFFF (also §4.9.3.22)
  too_big,
  too_deep,
  too_many_attributes,
  too_many_elements,
};

enum class Event {
  need_more,  // all input is consumed
  opened,     // the root's start tag: take() gives it, without children
  element,    // a first-level element is complete: take() gives it
  text,    // something other than white space directly below the root (the stream says bad-format); for ever
  closed,  // the root's end tag; only white space may follow
  failed,  // fault() says why; for ever
};

/// Incremental: the events do not depend on how the input was split. Between elements it holds under 200
/// bytes.
class Scanner {
 public:
  enum class Mode {
    stream,    // one long root: its start tag is an event, then each first-level element
    document,  // one root element is the whole message (a WebSocket frame, a BOSH body): `element` once, then
               // only white space may follow; need_more after that means "complete so far"
  };
  explicit Scanner(Limits limits = {}, Mode mode = Mode::stream);
  ~Scanner();
  Scanner(Scanner&&) noexcept;
  Scanner& operator=(Scanner&&) noexcept;

  /// Reads from the front of `input` and moves it forward, up to the next event.
  Event next(std::string_view& input);
  /// The element of the last `opened` or `element` event, once and before the next call of next().
  Element take();
  Fault fault() const;
  void set_limits(Limits limits);
  /// Begins a new document, forgetting all of the old one: a stream restart.
  void reset();
  /// Bytes held now, for accounting.
  std::size_t memory() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One whole document. For tests, stored elements and messages that arrive complete.
/// Empty on a fault or when `text` does not end with the root; `fault`, if given, tells which.
Element parse(std::string_view text, Limits limits = {}, Fault* fault = nullptr);

}  // namespace hy::xml
