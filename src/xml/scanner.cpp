#include "xml/scanner.h"

#include "base/result.h"
#include "xml/chars.h"
#include "xml/scanner_state.h"

namespace hy::xml {

Scanner::Scanner(Limits limits, Mode mode) : state_(std::make_unique<State>(limits, mode)) {}
Scanner::~Scanner() = default;
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;

Event Scanner::next(std::string_view& input) {
  return state_->next(input);
}
Fault Scanner::fault() const {
  return state_->fault;
}
void Scanner::set_limits(Limits limits) {
  state_->limits = limits;
}
void Scanner::reset() {
  state_ = std::make_unique<State>(state_->limits, state_->mode);
}
std::size_t Scanner::memory() const {
  return sizeof(Scanner) + state_->memory();
}

Element Scanner::take() {
  HY_CHECK(state_->ready);
  state_->ready = false;
  return state_->work->builder.take();
}

std::size_t Scanner::State::memory() const {
  std::size_t sum = sizeof(State) + root.allocated();
  if (work) {
    sum += sizeof(Work) + work->names.allocated() + work->builder.nodes.allocated() +
           work->builder.text.allocated();
  }
  return sum;
}

Event Scanner::State::fail(Fault why) {
  fault = why;
  phase = Phase::failed;
  work.reset();
  return Event::failed;
}

// A header or a first-level element begins; its bytes count from here.
void Scanner::State::begin_unit() {
  spent = 0;
  if (header_taken) work.reset();
  header_taken = false;
  if (!work) {
    work = std::make_unique<Work>(root);
    return;
  }
  work->builder.clear();
  work->names.begin_element();
  work->charge = work->elements = 0;
}

// Nothing is half read: nothing needs to be kept but the root's scope.
void Scanner::State::rest() {
  work.reset();
  header_taken = false;
}

Event Scanner::State::next(std::string_view& input) {
  ready = false;
  if (phase == Phase::failed) return Event::failed;
  if (phase == Phase::stray_text) return Event::text;
  if (phase == Phase::empty_root) {
    phase = Phase::ended;
    return Event::closed;
  }
  if (phase == Phase::start && !input.empty() && !work) begin_unit();
  if (phase == Phase::between || phase == Phase::ended) {
    while (!input.empty() && is_space(input.front())) input.remove_prefix(1);
    if (input.empty()) {
      rest();
      return Event::need_more;
    }
    if (phase == Phase::ended) return fail(Fault::not_well_formed);
    // RFC 6120 §4.4: between first-level elements only white space; it costs nothing.
    const char byte = input.front();
    if (byte != '<') {
      if (static_cast<unsigned char>(byte) < 0x20) return fail(Fault::not_well_formed);
      phase = Phase::stray_text;
      return Event::text;
    }
    begin_unit();
    phase = Phase::prolog;
  }
  const std::size_t window =
      std::min<std::size_t>(input.size(), limits.bytes > spent ? limits.bytes - spent : 0);
  const char* p = input.data();
  const Event event = run(p, input.data() + window);
  const auto read = static_cast<std::size_t>(p - input.data());
  spent += static_cast<std::uint32_t>(read);
  input.remove_prefix(read);
  if (event == Event::need_more && !input.empty()) return fail(Fault::too_big);
  return event;
}

Event Scanner::State::step(const char*& p, const char* end) {
  switch (phase) {
    case Phase::start:
      return start(p);
    case Phase::start_lt:
      return start_lt(p);
    case Phase::declaration:
      return declaration(p, end);
    case Phase::prolog:
      return prolog(p, end);
    case Phase::empty_tag:
      return *p++ == '>' ? opened(true) : fail(Fault::not_well_formed);
    case Phase::equals:
      return equals(p, end);
    case Phase::quote:
      return quote(p, end);
    case Phase::bang:
      return bang(p);
    case Phase::cdata:
      return cdata(p, end);
    case Phase::cdata_end:
      return cdata_end(p);
    case Phase::reference:
      return reference(p, end);
    default:
      return fail(Fault::not_well_formed);
  }
}

// RFC 6120 §11.6: UTF-8 only. U+FEFF is no mark of byte order here but a character, and none may stand before
// the root.
Event Scanner::State::start(const char*& p) {
  if (*p == '\xFE' || *p == '\xFF') return fail(Fault::unsupported_encoding);
  phase = Phase::prolog;
  if (*p == '<') {
    phase = Phase::start_lt;
    ++p;
  }
  return go_on;
}

// XML 1.0 §2.8: a declaration stands at the very start or nowhere.
Event Scanner::State::start_lt(const char*& p) {
  phase = Phase::lt;
  if (*p == '?') {
    phase = Phase::declaration;
    ++p;
  }
  return go_on;
}

Event Scanner::State::prolog(const char*& p, const char* end) {
  while (p != end && is_space(*p)) ++p;
  if (p == end) return go_on;
  if (*p != '<') return fail(Fault::not_well_formed);
  ++p;
  phase = Phase::lt;
  return go_on;
}

Event Scanner::State::declaration(const char*& p, const char* end) {
  Builder& builder = work->builder;
  const char* const from = p;
  while (p != end && *p != '>') ++p;
  builder.text.append(from, static_cast<std::size_t>(p - from));
  if (p == end) return go_on;
  ++p;
  const Fault found = check_declaration(builder.since(0));
  if (found != Fault::none) return fail(found);
  builder.clear();
  phase = Phase::prolog;
  return go_on;
}

Element parse(std::string_view text, Limits limits, Fault* fault) {
  Scanner scanner(limits, Scanner::Mode::document);
  Element element;
  Event event = scanner.next(text);
  if (event == Event::element) {
    element = scanner.take();
    event = scanner.next(text);
  }
  const bool whole = event == Event::need_more && !element.empty();
  if (fault) *fault = whole ? Fault::none : event == Event::failed ? scanner.fault() : Fault::not_well_formed;
  return whole ? std::move(element) : Element();
}

}  // namespace hy::xml
