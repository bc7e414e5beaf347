// A stanza that was read is written such that it reads the same; whatever cannot be one can be answered.
#include <cstdint>
#include <cstdlib>

#include "xml/scanner.h"
#include "xml/writer.h"
#include "xmpp/delay.h"
#include "xmpp/forms.h"
#include "xmpp/hints.h"
#include "xmpp/rsm.h"
#include "xmpp/stanza.h"

using namespace hy;
using namespace hy::xmpp;

namespace {

void expect(bool condition) {
  if (!condition) std::abort();
}

constexpr xml::Limits roomy{
    .bytes = 1U << 30, .depth = 1U << 20, .attributes = 1U << 20, .elements = 1U << 20};

std::expected<Stanza, Malformed> read_again(const std::string& written, std::string_view ns) {
  const std::string stream = fmt::format("<s xmlns='{}'>{}</s>", ns, written);
  const xml::Element root = xml::parse(stream, roomy);
  expect(!root.empty() && root.children().size() == 1);
  return read_stanza(root.view().first_child().copy(), ns);
}

bool same(const Stanza& a, const Stanza& b) {
  return a.kind == b.kind && a.type == b.type && a.from == b.from && a.to == b.to && a.id == b.id &&
         a.lang == b.lang && a.root.view() == b.root.view();
}

void comes_back(const Stanza& stanza, std::string_view ns) {
  std::string written;
  write(written, stanza, ns);
  const auto again = read_again(written, ns);
  expect(again && same(*again, stanza));
  std::string twice;
  write(twice, *again, ns);
  expect(twice == written);
}

void answer(const Stanza& stanza, std::string_view ns) {
  if (!may_be_answered_with_error(stanza)) return;
  const Stanza error = make_error(stanza, StanzaError(Condition::bad_request, "why"));
  expect(error.is_error() && !may_be_answered_with_error(error));
  std::string written;
  write(written, error, ns);
  const auto again = read_again(written, ns);
  // An iq without an id stays one.
  expect(again ? same(*again, error) : stanza.kind == Kind::iq && stanza.id.empty());
}

void payloads(Stanza stanza) {
  read_hints(stanza);
  read_delay(stanza.root);
  strip_delays(stanza, stanza.to);
  for (const xml::View child : stanza.root.children()) {
    read_page_request(child);
    if (const auto form = read_form(child)) expect(read_form(form->element()).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const xml::Element element = xml::parse(text);
  const bool is_stanza =
      element.name() == "message" || element.name() == "presence" || element.name() == "iq";
  if (!is_stanza || (element.ns() != client_ns && element.ns() != server_ns)) return 0;
  const std::string ns(element.ns());
  const auto stanza = read_stanza(element, ns);
  answer(stanza ? *stanza : stanza.error().partial, ns);
  if (!stanza) return 0;
  comes_back(*stanza, ns);
  payloads(*stanza);
  return 0;
}
