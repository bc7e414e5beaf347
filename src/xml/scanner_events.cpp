// What happens when a name, a tag or an element is complete.
#include "xml/scanner_state.h"

namespace hy::xml {
namespace {

constexpr std::string_view declared = "xmlns";

}  // namespace

Event Scanner::State::begin_element() {
  Work& w = *work;
  const std::uint32_t depth = w.builder.depth() + (root_open ? 1 : 0);
  if (depth >= limits.depth) return fail(Fault::too_deep);
  if (w.elements >= limits.elements) return fail(Fault::too_many_elements);
  ++w.elements;
  if (w.builder.depth()) w.builder.add_text(w.text_from);
  w.at = w.builder.text_size();
  w.name_bits = 0;
  w.attributes = 0;
  w.has_declarations = w.has_prefixes = false;
  phase = Phase::open_name;
  return go_on;
}

// Namespaces in XML §3: xmlns and xmlns:prefix declare; of these the tape keeps the prefix as their name.
Event Scanner::State::end_attribute_name(const NameCheck& name) {
  if (name.chars != Chars::ok) return fail(fault_of(name.chars));
  Work& w = *work;
  const std::uint32_t size = w.builder.text_size() - w.at;
  const std::uint32_t front = name.prefix_size ? name.prefix_size : size;
  if (front != declared.size() || w.builder.piece(w.at, front) != declared) {
    w.builder.attribute(w.at, size, name.prefix_size, Builder::Kind::attribute);
    w.has_prefixes |= name.prefix_size != 0;
    return go_on;
  }
  w.has_declarations = true;
  if (name.prefix_size) {
    const std::uint32_t skip = name.prefix_size + 1;
    w.builder.attribute(w.at + skip, size - skip, 0, Builder::Kind::declaration);
  } else {
    w.builder.text.shrink(w.at);
    w.builder.attribute(w.at, 0, 0, Builder::Kind::declaration);
  }
  return go_on;
}

void Scanner::State::begin_value(char quote) {
  work->quote = quote;
  work->piece = work->builder.text_size();
  work->skip_lf = false;
  phase = Phase::value;
}

// A start tag is complete.
Event Scanner::State::opened(bool is_empty) {
  Work& w = *work;
  const Fault found = w.names.resolve(w.builder, w.has_declarations, w.has_prefixes, w.charge);
  if (found != Fault::none) return fail(found);
  if (w.charge > limits.bytes) return fail(Fault::too_big);
  if (mode == Mode::stream && !root_open) {
    w.names.save(w.builder, root);
    root_open = header_taken = ready = true;
    phase = is_empty ? Phase::empty_root : Phase::between;
    return Event::opened;
  }
  if (is_empty) return closed();
  w.text_from = w.piece = w.builder.text_size();
  w.skip_lf = false;
  phase = Phase::content;
  return go_on;
}

// An element is complete.
Event Scanner::State::closed() {
  Work& w = *work;
  w.names.leave(w.builder, w.builder.current());
  w.builder.close();
  if (w.builder.depth() > 0) {
    w.text_from = w.piece = w.builder.text_size();
    w.skip_lf = false;
    phase = Phase::content;
    return go_on;
  }
  ready = true;
  phase = mode == Mode::stream ? Phase::between : Phase::ended;
  return Event::element;
}

}  // namespace hy::xml
