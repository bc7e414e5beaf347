// The only place that makes XML out of elements. Escapes only what must be; makes prefixes anew.
#pragma once

#include <string>
#include <string_view>

#include "xml/element.h"

namespace hy::xml {

/// What is in force where an element will stand.
struct Surroundings {
  /// The default namespace: an element of it needs no xmlns.
  std::string_view default_ns;
  /// One prefix that is declared outside, and its namespace: elements and attributes of that namespace are
  /// written with it ("stream", for <stream:features/>). Not "ns" and a number: such are made here for
  /// attributes.
  std::string_view prefix = {};
  std::string_view prefix_ns = {};
  /// Elements of this namespace are written as if they were of `default_ns`: what clients say in
  /// jabber:client goes to other servers in jabber:server.
  std::string_view alias_ns = {};
};

/// Appends the element to `out`.
void write(std::string& out, View element, std::string_view default_ns = {});
void write(std::string& out, View element, const Surroundings& around);
std::string to_string(View element, std::string_view default_ns = {});

/// Appends the children and text of `element`, as they stand inside it.
void write_inside(std::string& out, View element, std::string_view default_ns = {});
void write_inside(std::string& out, View element, const Surroundings& around);

/// Appends `text` with & and <, a > that could end "]]>", and CR as references (a CR would be read as LF
/// otherwise). A character that XML cannot carry becomes U+FFFD.
void escape_text(std::string& out, std::string_view text);
/// The same for a value that stands in single quotes: & < ' TAB LF CR.
void escape_attribute(std::string& out, std::string_view value);

}  // namespace hy::xml
