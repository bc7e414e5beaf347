#include "scenario/script.h"

namespace hy::scenario {

// Recursive: templates are written by hand and shallow.
std::string difference(xml::View expected, xml::View actual) {
  const auto at = [&](std::string what) { return fmt::format("in <{}>: {}", expected.name(), what); };
  if (expected.name() != actual.name())
    return fmt::format("expected <{}>, got <{}>", expected.name(), actual.name());
  if (expected.ns() != actual.ns())
    return at(fmt::format("expected namespace {}, got {}", expected.ns(), actual.ns()));
  for (const xml::Attribute attribute : expected.attributes()) {
    const auto value = actual.find_attribute(attribute.name, attribute.ns);
    if (!value) return at(fmt::format("no attribute {}", attribute.name));
    if (attribute.value != "*" && *value != attribute.value) {
      return at(fmt::format("{}='{}', expected '{}'", attribute.name, *value, attribute.value));
    }
  }
  for (const xml::Attribute attribute : actual.attributes()) {
    if (!expected.find_attribute(attribute.name, attribute.ns)) {
      return at(fmt::format("unexpected attribute {}='{}'", attribute.name, attribute.value));
    }
  }
  std::vector<xml::View> got;
  for (const xml::View child : actual.children()) got.push_back(child);
  std::size_t next = 0;
  for (const xml::View child : expected.children()) {
    if (child.name() == "any") return "";
    if (next == got.size()) return at(fmt::format("no <{}>", child.name()));
    if (std::string differs = difference(child, got[next++]); !differs.empty()) return at(differs);
  }
  if (next < got.size()) return at(fmt::format("unexpected <{}>", got[next].name()));
  const std::string text = expected.text();
  if (expected.blank() && actual.blank()) return "";
  if (text != "*" && text != actual.text())
    return at(fmt::format("text '{}', expected '{}'", actual.text(), text));
  return "";
}

}  // namespace hy::scenario
