// An XML element and all below it, stored flat: one array of nodes in document order, one buffer of text.
//
// There is no tree of pointers: copying is two block copies, destroying frees two blocks, and nothing
// recurses however deep the input was. What is read from the wire and what features build is the same type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hy::xml {

class Element;
class Children;
class Attributes;

/// A place in an Element. Cheap to copy; valid as long as that Element is neither changed, moved nor
/// destroyed. A default-made View is "no element": false, and every question has an empty answer.
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
  /// All of them, in order; namespace declarations are not among them.
  Attributes attributes() const;

  /// The child elements, in order; text between them is skipped.
  Children children() const;
  /// The first child element so named; "no element" if there is none.
  View child(std::string_view name, std::string_view ns) const;
  /// The first child element, whatever its name.
  View first_child() const;
  /// The text directly inside, pieces joined. Child elements contribute nothing.
  std::string text() const;
  std::string child_text(std::string_view name, std::string_view ns) const;
  /// True when nothing but white space is directly inside, child elements aside.
  bool blank() const;

  /// A copy of this element and what is below, standing alone.
  Element copy() const;

 private:
  friend class Element;
  friend class Children;
  friend class Attributes;
  friend class Walk;
  friend class Writer;
  View(const Element* owner, std::uint32_t index) : owner_(owner), index_(index) {}
  const Element* owner_ = nullptr;
  std::uint32_t index_ = 0;
};

/// Equal names, attributes (in any order), text and children (in order). How text is cut into pieces does not
/// matter.
bool operator==(View a, View b);

class Element {
 public:
  /// Empty: "no element". Only assignable.
  Element() = default;
  /// The name must be a legal name without prefix (checked).
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

  // Building. Arguments may lie inside this very element. Characters that XML cannot carry become U+FFFD, so
  // that what is written can always be read.
  /// Adds an attribute of the root, or replaces its value. The name must be legal (checked).
  Element& set(std::string_view name, std::string_view value, std::string_view ns = {});
  /// Removes an attribute of the root, if it is there.
  Element& unset(std::string_view name, std::string_view ns = {});
  /// Removes the attributes of the root for which `unwanted(const Attribute&)` is true, in one pass.
  template <class F>
  Element& unset_if(F unwanted);
  /// Moves every element of namespace `from`, the root included, to namespace `to`. Neither is empty
  /// (checked).
  Element& replace_ns(std::string_view from, std::string_view to);
  /// Appends a copy of `child`; "no element" adds nothing.
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
  friend class Writer;
  friend class Builder;  // the scanner's way in

  enum class Kind : std::uint32_t { element, attribute, text, declaration };  // the last while a tag is read

  // Document order: an element, its attributes, then what is inside. Text lies in text_ in the same order,
  // but for namespaces, which are stored once and shared, and for values set anew.
  struct Node {
    Kind kind : 2;
    std::uint32_t span : 30;  // nodes from this one to the end of what is below it: 1 for all but elements
    std::uint32_t at;         // in text_: the name, or the text itself
    std::uint32_t size;
    std::uint32_t ns_at;
    std::uint32_t ns_size;
    std::uint32_t value_size;  // of an attribute, right behind its name
  };

  std::string_view name_of(const Node& node) const { return {text_.data() + node.at, node.size}; }
  std::string_view ns_of(const Node& node) const { return {text_.data() + node.ns_at, node.ns_size}; }
  std::string_view value_of(const Node& node) const {
    return {text_.data() + node.at + node.size, node.value_size};
  }
  std::uint32_t find_attribute(std::uint32_t owner, std::string_view name, std::string_view ns) const;
  std::uint32_t put(std::string_view text);
  std::uint32_t put_ns(std::string_view ns);
  void splice(const Element& from, std::uint32_t index);
  void append_node(const Node& node);
  bool holds(std::string_view text) const;
  Element without_nodes(const std::vector<std::uint32_t>& unwanted) const;

  std::vector<Node> nodes_;
  std::string text_;
};

/// The child elements of a View, for a range-for.
class Children {
 public:
  class Iterator {
   public:
    using value_type = View;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using reference = View;
    using pointer = const View*;
    Iterator() = default;
    View operator*() const { return at_; }
    Iterator& operator++();
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(const Iterator& other) const { return at_.index_ == other.at_.index_; }

   private:
    friend class Children;
    Iterator(View at, std::uint32_t end) : at_(at), end_(end) {}
    void skip_to_element();
    View at_;
    std::uint32_t end_ = 0;
  };

  Iterator begin() const;
  Iterator end() const;
  bool empty() const { return begin() == end(); }
  /// Counted by walking over them.
  std::size_t size() const;

 private:
  friend class View;
  explicit Children(View parent) : parent_(parent) {}
  View parent_;
};

struct Attribute {
  std::string_view name;
  std::string_view ns;
  std::string_view value;
};

/// The attributes of a View, for a range-for.
class Attributes {
 public:
  class Iterator {
   public:
    using value_type = Attribute;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using reference = Attribute;
    using pointer = const Attribute*;
    Iterator() = default;
    Attribute operator*() const;
    Iterator& operator++() {
      ++at_.index_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(const Iterator& other) const { return at_.index_ == other.at_.index_; }

   private:
    friend class Attributes;
    explicit Iterator(View at) : at_(at) {}
    View at_;
  };

  Iterator begin() const { return begin_; }
  Iterator end() const { return end_; }
  bool empty() const { return begin_ == end_; }

 private:
  friend class View;
  Attributes() = default;
  Attributes(View begin, View end) : begin_(begin), end_(end) {}
  Iterator begin_;
  Iterator end_;
};

/// Visits an element and all below it in document order, without recursion:
///
///     for (Walk walk(view); walk.next() != Walk::Step::end;) …
class Walk {
 public:
  enum class Step { open, text, close, end };
  explicit Walk(View root);
  Step next();
  /// After open and close: which. After text: the element that it is directly inside.
  View element() const { return View(root_.owner_, open_.back()); }
  /// After `text`: one piece of it, never empty.
  std::string_view text() const { return text_; }
  /// Elements open around and including element(): 1 for the root.
  std::size_t depth() const { return open_.size(); }

 private:
  View root_;
  std::uint32_t next_ = 0;
  bool closed_ = false;  // the last step was a close: its element leaves open_ with the next step
  std::vector<std::uint32_t> open_;
  std::string_view text_;
};

// ── short bodies ──

inline std::string_view View::name() const {
  return owner_ ? owner_->name_of(owner_->nodes_[index_]) : std::string_view();
}

inline std::string_view View::ns() const {
  return owner_ ? owner_->ns_of(owner_->nodes_[index_]) : std::string_view();
}

inline bool View::is(std::string_view name, std::string_view ns) const {
  return owner_ && this->name() == name && this->ns() == ns;
}

inline Children View::children() const {
  return Children(*this);
}
inline Children Element::children() const {
  return view().children();
}

template <class F>
Element& Element::unset_if(F unwanted) {
  if (empty()) return *this;
  std::uint32_t kept = 1;
  std::uint32_t end = 1;
  for (; end < nodes_.size() && nodes_[end].kind == Kind::attribute; ++end) {
    const Node node = nodes_[end];
    if (!unwanted(Attribute{name_of(node), ns_of(node), value_of(node)})) nodes_[kept++] = node;
  }
  nodes_.erase(nodes_.begin() + kept, nodes_.begin() + end);
  nodes_[0].span -= end - kept;
  return *this;
}

template <class F>
Element Element::without(F unwanted) const {
  std::vector<std::uint32_t> gone;
  for (View child : children()) {
    if (unwanted(child)) gone.push_back(child.index_);
  }
  return gone.empty() ? *this : without_nodes(gone);
}

}  // namespace hy::xml
