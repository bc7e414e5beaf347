// An XML element and all below it, stored flat: one array of nodes in document order, one buffer of text.
//
// There is no tree of pointers: copying is two block copies, destroying frees two blocks, and nothing recurses however
// deep the input was. What is read from the wire and what features build is the same type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hy::xml {

class Element;
class Children;
class Attributes;

/// A place in an Element. Cheap to copy; valid as long as that Element is neither changed nor destroyed.
/// A default-made View is "no element": false, and every question has an empty answer.
class View {
 public:
  View() = default;
  explicit operator bool() const { return owner_ != nullptr; }

  std::string_view name() const;
  std::string_view ns() const;
  bool is(std::string_view name, std::string_view ns) const;

  /// The value of an attribute without a namespace; empty when absent.
  std::string_view attribute(std::string_view name) const;
  /// The same, but absent is told from empty.
  std::optional<std::string_view> find_attribute(std::string_view name, std::string_view ns = {}) const;
  Attributes attributes() const;

  /// The child elements, in order; text between them is skipped.
  Children children() const;
  /// The first child element so named; "no element" if there is none.
  View child(std::string_view name, std::string_view ns) const;
  /// The first child element, whatever its name.
  View first_child() const;
  /// The text directly inside, pieces joined. Child elements contribute nothing.
  std::string text() const;
  std::string child_text(std::string_view name, std::string_view ns) const { return child(name, ns).text(); }
  /// True when nothing but white space is directly inside, child elements aside.
  bool blank() const;

  /// A copy of this element and what is below, standing alone.
  Element copy() const;

 private:
  friend class Element;
  friend class Children;
  friend class Attributes;
  friend class Walk;
  View(const Element* owner, std::uint32_t index) : owner_(owner), index_(index) {}
  const Element* owner_ = nullptr;
  std::uint32_t index_ = 0;
};

class Element {
 public:
  /// Empty: "no element". Only assignable.
  Element() = default;
  Element(std::string_view name, std::string_view ns);

  bool empty() const { return nodes_.empty(); }
  explicit operator bool() const { return !empty(); }
  View view() const { return empty() ? View() : View(this, 0); }
  operator View() const { return view(); }

  // Reading, as on the view of the root.
  std::string_view name() const { return view().name(); }
  std::string_view ns() const { return view().ns(); }
  bool is(std::string_view name, std::string_view ns) const { return view().is(name, ns); }
  std::string_view attribute(std::string_view name) const { return view().attribute(name); }
  View child(std::string_view name, std::string_view ns) const { return view().child(name, ns); }
  Children children() const;
  std::string text() const { return view().text(); }

  // Building. Attributes of the root come before its text and children (checked).
  Element& set(std::string_view name, std::string_view value, std::string_view ns = {});
  Element& add(View child);
  Element& add_text(std::string_view text);
  // The same for chains: xml::Element{"time", ns}.with("utc", now).with(child).with_text("x")
  Element&& with(std::string_view name, std::string_view value) &&;
  Element&& with(View child) &&;
  Element&& with_text(std::string_view text) &&;
  /// A child <name/> of the root's own namespace, with text.
  Element&& with_child(std::string_view name, std::string_view text) &&;

  /// The same root without the direct children for which `unwanted(View)` is true. Text stays.
  template <class F>
  Element without(F unwanted) const;

  /// Bytes of memory behind this element, for accounting.
  std::size_t size() const;

 private:
  friend class View;
  friend class Children;
  friend class Attributes;
  friend class Walk;
  friend class Builder;  // the scanner's way in

  // The implementer of element.cpp settles the node layout.
  struct Node {};
  std::vector<Node> nodes_;
  std::string text_;
};

}  // namespace hy::xml
