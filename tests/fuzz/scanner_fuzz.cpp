// The scanner against itself and against expat.
//
// Cut anywhere, the input gives the same events. What is accepted, expat accepts too and builds the same
// tree; what expat refuses is refused. What the scanner refuses on purpose (restricted_xml, limits,
// encodings) is not compared, nor is "]]>" in text, which we take, nor are names beyond ASCII, for which
// expat follows an older edition of XML.
#include <expat.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "xml/scanner.h"
#include "xml/writer.h"

using namespace hy::xml;

namespace {

void expect(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

// ── the scanner against itself ──

struct Transcript {
  std::string events;  // one letter each
  std::vector<Element> elements;
  Fault fault = Fault::none;
  bool operator==(const Transcript& other) const {
    return events == other.events && fault == other.fault && elements == other.elements;
  }
};

// `cut` gives the size of the next read.
template <class F>
Transcript scan(std::string_view text, Scanner::Mode mode, Limits limits, F cut) {
  Transcript out;
  Scanner scanner(limits, mode);
  while (!text.empty()) {
    const std::size_t size = std::min<std::size_t>(text.size(), cut());
    // A copy of exact size, so that a step beyond it is seen.
    const std::vector<char> exact(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
    std::string_view input(exact.data(), exact.size());
    text.remove_prefix(size);
    while (true) {
      const Event event = scanner.next(input);
      if (event == Event::need_more) break;
      out.events += "nOEtCF"[static_cast<int>(event)];
      if (event == Event::opened || event == Event::element) out.elements.push_back(scanner.take());
      if (event == Event::failed || event == Event::text) {
        out.fault = scanner.fault();
        return out;
      }
    }
    expect(input.empty(), "need_more means that all is consumed");
  }
  return out;
}

void compare_cuts(std::string_view text, Scanner::Mode mode, Limits limits) {
  const Transcript whole = scan(text, mode, limits, [&] { return text.size(); });
  expect(scan(text, mode, limits, [] { return 1; }) == whole, "single bytes give the same events");
  std::uint32_t state = static_cast<std::uint32_t>(text.size()) * 2654435761U + 12345;
  const auto random = [&] {
    state = state * 1664525 + 1013904223;
    return 1 + (state >> 24) % 11;
  };
  expect(scan(text, mode, limits, random) == whole, "any cuts give the same events");
}

// ── expat ──

struct Other {
  std::vector<Element> open;
  Element root;
  bool sane = true;
};

constexpr char separator = '\x01';

std::pair<std::string_view, std::string_view> split(std::string_view name) {
  const std::size_t at = name.find(separator);
  if (at == std::string_view::npos) return {{}, name};
  return {name.substr(0, at), name.substr(at + 1)};
}

void XMLCALL start(void* user, const char* name, const char** attributes) {
  auto& other = *static_cast<Other*>(user);
  const auto [ns, local] = split(name);
  Element element(local, ns);
  for (; *attributes; attributes += 2) {
    const auto [attribute_ns, attribute] = split(attributes[0]);
    element.set(attribute, attributes[1], attribute_ns);
  }
  other.open.push_back(std::move(element));
}

void XMLCALL end(void* user, const char*) {
  auto& other = *static_cast<Other*>(user);
  Element done = std::move(other.open.back());
  other.open.pop_back();
  if (other.open.empty()) {
    other.root = std::move(done);
  } else {
    other.open.back().add(done);
  }
}

void XMLCALL text(void* user, const char* bytes, int size) {
  static_cast<Other*>(user)->open.back().add_text({bytes, static_cast<std::size_t>(size)});
}

bool ascii_names(View root) {
  const auto high = [](std::string_view name) {
    return std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  };
  Walk walk(root);
  for (Walk::Step step = walk.next(); step != Walk::Step::end; step = walk.next()) {
    if (step != Walk::Step::open) continue;
    if (high(walk.element().name())) return false;
    for (const Attribute a : walk.element().attributes()) {
      if (high(a.name)) return false;
    }
  }
  return true;
}

// A byte beyond ASCII outside of quotes and text: it may be in a prefix, which the tree no longer shows.
bool high_in_tags(std::string_view text) {
  bool tag = false;
  char quote = 0;
  for (const char c : text) {
    if (quote) {
      if (c == quote) quote = 0;
    } else if (tag && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '<') {
      tag = true;
    } else if (c == '>') {
      tag = false;
    } else if (tag && static_cast<unsigned char>(c) >= 0x80) {
      return true;
    }
  }
  return false;
}

void compare_with_expat(std::string_view document) {
  Fault fault = Fault::none;
  const Element ours = parse(
      document, {.bytes = 1U << 30, .depth = 1U << 20, .attributes = 1U << 20, .elements = 1U << 20}, &fault);
  Other other;
  XML_Parser parser = XML_ParserCreateNS("UTF-8", separator);
  XML_SetUserData(parser, &other);
  XML_SetElementHandler(parser, start, end);
  XML_SetCharacterDataHandler(parser, text);
  const bool accepted =
      XML_Parse(parser, document.data(), static_cast<int>(document.size()), 1) == XML_STATUS_OK;
  const bool known_difference =
      accepted != static_cast<bool>(ours) &&
      (high_in_tags(document) || !ascii_names(ours) || document.find("]]>") != std::string_view::npos);
  if (ours && !known_difference) {
    if (!accepted) std::fprintf(stderr, "expat: %s\n", XML_ErrorString(XML_GetErrorCode(parser)));
    expect(accepted, "expat accepts what we accept");
    expect(ours == other.root, "expat builds the same tree");
  }
  // Refused as not well-formed, though expat takes it: only marks of byte order and UTF-16 without one, an
  // XML declaration of another version, a comment or instruction behind the root.
  if (!ours && accepted && !known_difference && fault != Fault::restricted_xml &&
      fault != Fault::unsupported_encoding) {
    expect(document.starts_with("\xEF\xBB\xBF") || document.starts_with("<?xml") ||
               document.find("<!--") != std::string_view::npos ||
               document.find("<?") != std::string_view::npos ||
               document.substr(0, 2).find('\0') != std::string_view::npos,
           "we accept what expat accepts");
  }
  XML_ParserFree(parser);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view document(reinterpret_cast<const char*>(bytes), size);
  const Limits tight{.bytes = 300, .depth = 5, .attributes = 6, .elements = 12};
  for (const Scanner::Mode mode : {Scanner::Mode::document, Scanner::Mode::stream}) {
    compare_cuts(document, mode, Limits());
    compare_cuts(document, mode, tight);
  }
  compare_with_expat(document);
  return 0;
}
