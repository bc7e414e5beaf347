#include "stream/framing.h"

#include "xml/writer.h"

namespace hy::stream {
namespace {

void attribute(std::string& out, std::string_view name, std::string_view value) {
  out.append(" ").append(name).append("='");
  xml::escape_attribute(out, value);
  out += '\'';
}

// RFC 6120 §4.9.2: the condition first, then text, then what the application adds.
void error_inside(std::string& out, const xmpp::StreamError& error) {
  xml::write(out, xml::Element{xmpp::name(error.condition), xmpp::streams_ns}, xmpp::client_ns);
  if (!error.text.empty()) {
    xml::Element text{"text", xmpp::streams_ns};
    text.set("lang", "en", xml_ns).add_text(error.text);
    xml::write(out, text, xmpp::client_ns);
  }
  if (error.specific) xml::write(out, error.specific, xmpp::client_ns);
}

}  // namespace

Framing::Framing(Kind, xml::Limits limits) : scanner_(limits, xml::Scanner::Mode::stream) {}

void Framing::restart(xml::Limits limits) {
  scanner_.set_limits(limits);
  scanner_.reset();
  fresh_ = true;
}

// Some clients end each element with a line feed. What came so behind the last element of the old stream
// stands in front of the new one, where XML would not allow it before a declaration; it is white space
// between elements (RFC 6120 §11.7) and goes.
xml::Event Framing::next(std::string_view& input) {
  if (fresh_) {
    const std::size_t begin = input.find_first_not_of(" \t\r\n");
    input.remove_prefix(std::min(begin, input.size()));
    if (input.empty()) return xml::Event::need_more;
    fresh_ = false;
  }
  return scanner_.next(input);
}

// RFC 6120 §4.8.2: the content namespace is declared in the header, and a declaration is no attribute that
// one could ask for. So the scanner is asked what it makes of an element without a prefix, before it sees the
// client's first.
Root Framing::take_root() {
  Root root{.element = scanner_.take(), .content_ns = {}};
  std::string_view probe = "<x/>";
  if (scanner_.next(probe) == xml::Event::element) {
    root.content_ns = scanner_.take().ns();
  } else {
    root.closed = true;
  }
  return root;
}

// RFC 6120 §4.7: `from` is always there, `id` is new each time, `to` answers a `from`. The prefix is
// `stream`, which §4.8.5 lets peers insist on, and clients that do not resolve namespaces do.
void Framing::open(std::string& out, const Header& header) const {
  out += "<?xml version='1.0'?><stream:stream";
  attribute(out, "from", header.from);
  if (!header.to.empty()) attribute(out, "to", header.to);
  attribute(out, "id", header.id);
  attribute(out, "version", "1.0");
  attribute(out, "xml:lang", "en");
  attribute(out, "xmlns", xmpp::client_ns);
  attribute(out, "xmlns:stream", stream_ns);
  out += '>';
}

void Framing::close(std::string& out) const {
  out += "</stream:stream>";
}

void Framing::features(std::string& out, std::span<const xml::Element> features) const {
  out += "<stream:features>";
  for (const xml::Element& feature : features) xml::write(out, feature, xmpp::client_ns);
  out += "</stream:features>";
}

void Framing::error(std::string& out, const xmpp::StreamError& error) const {
  out += "<stream:error>";
  error_inside(out, error);
  out += "</stream:error>";
}

void Framing::element(std::string& out, xml::View element) const {
  xml::write(out, element, xmpp::client_ns);
}
void Framing::stanza(std::string& out, const xmpp::Stanza& stanza) const {
  xmpp::write(out, stanza);
}
void Framing::stanza(std::string& out, std::string_view bytes) const {
  out += bytes;
}

xmpp::StreamError error_of(xml::Fault fault) {
  using enum xmpp::StreamCondition;
  switch (fault) {
    case xml::Fault::none:
      break;
    case xml::Fault::not_well_formed:
      return not_well_formed;
    case xml::Fault::restricted_xml:
      return restricted_xml;
    case xml::Fault::unsupported_encoding:
      return unsupported_encoding;
    case xml::Fault::bad_namespace_prefix:
      return bad_namespace_prefix;
    case xml::Fault::invalid_utf8:
      return {unsupported_encoding, "not UTF-8"};  // RFC 6120 §4.9.3.22 counts it here
    case xml::Fault::too_big: {
      xmpp::StreamError error{policy_violation, "element too large"};
      error.specific = xml::Element{"stanza-too-big", "urn:xmpp:errors"};
      return error;
    }
    case xml::Fault::too_deep:
      return {policy_violation, "nested too deeply"};
    case xml::Fault::too_many_attributes:
      return {policy_violation, "too many attributes"};
    case xml::Fault::too_many_elements:
      return {policy_violation, "too many elements"};
  }
  return internal_server_error;
}

}  // namespace hy::stream
