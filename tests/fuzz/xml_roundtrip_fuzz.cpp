// What can be read is written such that it is read as the same element, standing alone or inside others.
#include <cstdint>
#include <cstdlib>

#include "xml/scanner.h"
#include "xml/writer.h"

using namespace hy::xml;

namespace {

void expect(bool condition) {
  if (!condition) std::abort();
}

// Namespaces are written where they are used, so what comes out may be longer than what went in, but not
// without bound.
constexpr Limits roomy{.bytes = 1U << 30, .depth = 1U << 20, .attributes = 1U << 20, .elements = 1U << 20};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const Element element = parse(text);
  if (!element) return 0;

  const std::string written = to_string(element);
  expect(parse(written, roomy) == element);
  expect(to_string(parse(written, roomy)) == written);
  expect(written.size() <= 8 * (text.size() + Limits().bytes) + 4096);

  // Inside another element, with a prefix from outside for the namespace of its first child.
  const View child = element.view().first_child();
  const Surroundings around{.default_ns = element.ns(), .prefix = "stream", .prefix_ns = child.ns()};
  std::string inside = "<root xmlns='";
  escape_attribute(inside, around.default_ns);
  if (!around.prefix_ns.empty()) {
    inside += "' xmlns:stream='";
    escape_attribute(inside, around.prefix_ns);
  }
  inside += "'>";
  write(inside, element, around);
  inside += "</root>";
  if (element.ns() != "http://www.w3.org/XML/1998/namespace" &&
      child.ns() != "http://www.w3.org/XML/1998/namespace") {
    expect(parse(inside, roomy).view().first_child() == element);
  }

  // Copies of parts, added to another tree and taken out again.
  Element other("other", child.ns());
  for (View each : element.children()) other.add(each);
  other.add(other);
  auto copy = other.children().begin();
  for (View each : element.children()) {
    expect(*copy == each && each.copy() == each);
    ++copy;
  }
  expect(parse(to_string(other), roomy) == other);
  const Element bare = element.without([](View) { return true; });
  expect(bare.children().empty() && bare.text() == element.text());
  return 0;
}
