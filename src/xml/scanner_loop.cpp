// The steps that nearly every byte meets, in one function: run() and all that is inlined into it.
#include "xml/run.h"
#include "xml/scanner_state.h"

namespace hy::xml {
namespace {

void skip_space(const char*& p, const char* end) {
  while (p != end && is_space(*p)) ++p;
}

bool begins_name(char byte) {
  return name_byte(byte) & (name_start | name_high);
}

// The name whose bytes are complete. Its first byte was seen to begin a name, if ASCII; most names have no
// other kind.
NameCheck judge_name(const Work& work) {
  if (!(work.name_bits & (name_colon | name_high))) return {};
  return check_name(work.builder.since(work.at));
}

// The LF of a CR LF, which was taken for one line end when the CR came. True when it was skipped.
bool skip_lf(Work& work, const char*& p) {
  if (!work.skip_lf) [[likely]] {
    return false;
  }
  work.skip_lf = false;
  if (*p != '\n') return false;
  ++p;
  return true;
}

}  // namespace

Event Scanner::State::run(const char*& at, const char* end) {
  const char* p = at;  // not seen by anything that is not inlined, so it stays in a register
  Event event = go_on;
  while (p != end && event == go_on) {
    switch (phase) {
      case Phase::content:
        event = content(p, end);
        break;
      case Phase::lt:
        event = lt(p);
        break;
      case Phase::open_name:
        event = open_name(p, end);
        break;
      case Phase::tag:
        event = tag(p, end);
        break;
      case Phase::tag_space:
        event = tag_space(p, end);
        break;
      case Phase::attribute_name:
        event = attribute_name(p, end);
        break;
      case Phase::value:
        event = value(p, end);
        break;
      case Phase::close_name:
        event = close_name(p, end);
        break;
      case Phase::close_space:
        event = close_space(p, end);
        break;
      default: {
        const char* here = p;
        event = step(here, end);
        p = here;
      }
    }
  }
  at = p;
  return event;
}

// deviates: XML 1.0 §2.4 wants the '>' of "]]>" escaped. Smack does not, and nothing in a strict reader
// depends on it; a user who types these three characters is not to lose the connection. The writer escapes
// it.
Event Scanner::State::content(const char*& p, const char* end) {
  Work& w = *work;
  while (p != end) {
    if (skip_lf(w, p)) continue;
    p = take_run(w.builder.text, p, end, '<', w.high);
    if (p == end) break;
    const char byte = *p++;
    if (byte == '<' || byte == '&') {
      if (w.high) {
        if (const Event event = bad_piece(); event != go_on) return event;
      }
      w.in_value = false;
      w.reference_size = 0;
      phase = byte == '<' ? Phase::lt : Phase::reference;
      return go_on;
    }
    if (const Event event = control(byte, '\n'); event != go_on) return event;
  }
  return go_on;
}

// XML 1.0 §2.11: CR LF and CR are line ends as LF is. §2.2: TAB is the only other control character; §3.3.3:
// it becomes a space where line ends do.
Event Scanner::State::control(char byte, char line_end) {
  if (byte != '\t' && byte != '\n' && byte != '\r') return fail(Fault::not_well_formed);
  work->skip_lf = byte == '\r';
  work->builder.text.push(byte == '\t' && line_end == '\n' ? '\t' : line_end);
  return go_on;
}

Event Scanner::State::lt(const char*& p) {
  const char byte = *p;
  if (begins_name(byte)) return begin_element();
  ++p;
  matched = 0;
  if (byte == '/' && (inside() || root_open)) {
    if (inside()) work->builder.add_text(work->text_from);
    phase = Phase::close_name;
    return go_on;
  }
  if (byte == '!') {
    phase = Phase::bang;
    return go_on;
  }
  return fail(byte == '?' ? Fault::restricted_xml : Fault::not_well_formed);
}

Event Scanner::State::open_name(const char*& p, const char* end) {
  p = take_name(work->builder.text, p, end, work->name_bits);
  if (p == end) return go_on;
  const NameCheck name = judge_name(*work);
  if (name.chars != Chars::ok) return fail(fault_of(name.chars));
  work->builder.open(work->at, name.prefix_size);
  phase = Phase::tag;
  return tag(p, end);
}

// White space, the end of the tag, and nothing else.
Event Scanner::State::tag(const char*& p, const char* end) {
  const char byte = *p;
  if (byte == '>') {
    ++p;
    return opened(false);
  }
  if (byte == '/') {
    ++p;
    phase = Phase::empty_tag;
    return go_on;
  }
  if (!is_space(byte)) return fail(Fault::not_well_formed);
  ++p;
  phase = Phase::tag_space;
  return p != end && begins_name(*p) ? begin_attribute() : go_on;
}

Event Scanner::State::tag_space(const char*& p, const char* end) {
  skip_space(p, end);
  if (p == end) return go_on;
  return begins_name(*p) ? begin_attribute() : tag(p, end);
}

Event Scanner::State::begin_attribute() {
  if (++work->attributes > limits.attributes) return fail(Fault::too_many_attributes);
  work->at = work->builder.text_size();
  work->name_bits = 0;
  phase = Phase::attribute_name;
  return go_on;
}

Event Scanner::State::attribute_name(const char*& p, const char* end) {
  p = take_name(work->builder.text, p, end, work->name_bits);
  if (p == end) return go_on;
  if (const Event event = end_attribute_name(judge_name(*work)); event != go_on) return event;
  phase = Phase::equals;
  if (end - p >= 2 && p[0] == '=' && (p[1] == '\'' || p[1] == '"')) {
    begin_value(p[1]);
    p += 2;
  }
  return go_on;
}

// XML 1.0 §3.3.3: a line end and a TAB become a space each; §2.3: no '<'.
Event Scanner::State::value(const char*& p, const char* end) {
  Work& w = *work;
  while (p != end) {
    if (skip_lf(w, p)) continue;
    p = take_run(w.builder.text, p, end, w.quote, w.high);
    if (p == end) break;
    const char byte = *p++;
    if (byte == w.quote || byte == '&') {
      if (w.high) {
        if (const Event event = bad_piece(); event != go_on) return event;
      }
      if (byte == '&') {
        w.in_value = true;
        w.reference_size = 0;
        phase = Phase::reference;
        return go_on;
      }
      Builder::Node& node = w.builder.nodes.back();
      node.value_size = w.builder.text_size() - (node.at + node.size);
      phase = Phase::tag;
      return p == end ? go_on : tag(p, end);
    }
    if (byte == '<') return fail(Fault::not_well_formed);
    if (const Event event = control(byte, ' '); event != go_on) return event;
  }
  return go_on;
}

// XML 1.0 §3, element type match: the name as it was written, prefix included.
Event Scanner::State::close_name(const char*& p, const char* end) {
  const std::string_view name = inside() ? work->builder.current_name() : root.name();
  const auto size = std::min(static_cast<std::size_t>(end - p), name.size() - matched);
  if (std::memcmp(p, name.data() + matched, size) != 0) return fail(Fault::not_well_formed);
  p += size;
  matched += static_cast<std::uint32_t>(size);
  if (matched != name.size()) return go_on;
  phase = Phase::close_space;
  return close_space(p, end);
}

Event Scanner::State::close_space(const char*& p, const char* end) {
  skip_space(p, end);
  if (p == end) return go_on;
  if (*p++ != '>') return fail(Fault::not_well_formed);
  if (inside()) return closed();
  phase = Phase::ended;
  root_open = false;
  return Event::closed;
}

}  // namespace hy::xml
