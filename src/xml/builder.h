// The tape of an Element while it is read: in buffers that are kept from one to the next, and copied out at
// exact size.
#pragma once

#include "xml/buffer.h"
#include "xml/element.h"

namespace hy::xml {

class Builder {
 public:
  using Node = Element::Node;
  using Kind = Element::Kind;

  // While an element is open its `span` is the index of its parent, its `value_size` the size of its prefix
  // with the colon (the prefix lies before the name): so no stack is needed, however deep it goes.

  /// The name, with prefix, is the text from `at` to the end.
  void open(std::uint32_t at, std::uint32_t prefix_size) {
    const std::uint32_t parent = current_;
    current_ = static_cast<std::uint32_t>(nodes.size());
    const std::uint32_t skip = prefix_size ? prefix_size + 1 : 0;
    nodes.push(Node{.kind = Kind::element,
                    .span = parent,
                    .at = at + skip,
                    .size = text_size() - at - skip,
                    .ns_at = 0,
                    .ns_size = 0,
                    .value_size = skip});
    ++depth_;
  }
  void close() {
    Node& node = nodes[current_];
    const auto index = current_;
    current_ = node.span;
    node.span = static_cast<std::uint32_t>(nodes.size()) - index;
    node.value_size = 0;
    --depth_;
  }
  void attribute(std::uint32_t at, std::uint32_t size, std::uint32_t prefix_size, Kind kind) {
    nodes.push(Node{.kind = kind,
                    .span = 1,
                    .at = at,
                    .size = size,
                    .ns_at = 0,
                    .ns_size = prefix_size,
                    .value_size = 0});
  }
  void add_text(std::uint32_t from) {
    if (from == text_size()) return;
    nodes.push(Node{.kind = Kind::text,
                    .span = 1,
                    .at = from,
                    .size = text_size() - from,
                    .ns_at = 0,
                    .ns_size = 0,
                    .value_size = 0});
  }

  std::uint32_t text_size() const { return static_cast<std::uint32_t>(text.size()); }
  std::string_view piece(std::uint32_t at, std::uint32_t size) const { return {text.data() + at, size}; }
  std::string_view since(std::uint32_t at) const { return {text.data() + at, text.size() - at}; }
  /// Elements open now.
  std::uint32_t depth() const { return depth_; }
  std::uint32_t current() const { return current_; }
  /// As written, with prefix.
  std::string_view current_name() const {
    const Node& node = nodes[current_];
    return {text.data() + node.at - node.value_size, node.size + node.value_size};
  }

  void clear() {
    nodes.clear();
    text.clear();
    current_ = depth_ = 0;
  }
  /// The element, at exact size. A root that is still open ends here.
  Element take() {
    if (depth_ == 1) close();
    Element out;
    out.nodes_.assign(nodes.begin(), nodes.end());
    out.text_.assign(text.data(), text.size());
    clear();
    return out;
  }

  Buffer<Node, 14> nodes;
  Buffer<char, 352> text;

 private:
  std::uint32_t current_ = 0;
  std::uint32_t depth_ = 0;
};

}  // namespace hy::xml
