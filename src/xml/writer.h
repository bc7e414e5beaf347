// The only place that makes XML out of elements. Escapes only what must be; makes prefixes anew.
#pragma once

#include <string>
#include <string_view>

#include "xml/element.h"

namespace hy::xml {

/// Appends the element to `out`. `default_ns` is the default namespace in force where it will stand, so that an
/// element of that namespace needs no xmlns.
void write(std::string& out, View element, std::string_view default_ns = {});
std::string to_string(View element, std::string_view default_ns = {});

/// Appends the children and text of `element`, as they stand inside it.
void write_inside(std::string& out, View element, std::string_view default_ns = {});

/// Appends `text` with & < > and, in attribute values, quotes and TAB LF CR as references. A CR in text becomes a
/// reference too, so that it survives the next parser.
void escape_text(std::string& out, std::string_view text);
void escape_attribute(std::string& out, std::string_view value);

}  // namespace hy::xml
