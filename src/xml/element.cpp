#include "xml/element.h"

#include <algorithm>
#include <limits>

#include "base/result.h"
#include "xml/chars.h"

namespace hy::xml {
namespace {

constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// `text` with U+FFFD for every character that XML cannot carry.
std::string cleaned(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (true) {
    Chars why = Chars::ok;
    const std::size_t good = find_bad_char(text, why);
    out.append(text.substr(0, good));
    text.remove_prefix(good);
    if (text.empty()) return out;
    next_char(text);
    append_utf8(out, 0xFFFD);
  }
}

/// Offsets of shared namespaces, from one text to another. Sorted: however many there are, a look-up stays
/// cheap.
class Moved {
 public:
  std::uint32_t* find(std::uint32_t from) {
    const auto at = std::ranges::lower_bound(pairs_, from, {}, &Pair::from);
    return at != pairs_.end() && at->from == from ? &at->to : nullptr;
  }
  void add(std::uint32_t from, std::uint32_t to) {
    pairs_.insert(std::ranges::lower_bound(pairs_, from, {}, &Pair::from), Pair{from, to});
  }

 private:
  struct Pair {
    std::uint32_t from, to;
  };
  std::vector<Pair> pairs_;
};

}  // namespace

// ── reading ──

std::uint32_t Element::find_attribute(std::uint32_t owner, std::string_view name, std::string_view ns) const {
  for (std::uint32_t i = owner + 1; i < nodes_.size() && nodes_[i].kind == Element::Kind::attribute; ++i) {
    if (name_of(nodes_[i]) == name && ns_of(nodes_[i]) == ns) return i;
  }
  return none;
}

std::string_view View::attribute(std::string_view name) const {
  return find_attribute(name).value_or("");
}

std::optional<std::string_view> View::find_attribute(std::string_view name, std::string_view ns) const {
  if (!owner_) return std::nullopt;
  const std::uint32_t found = owner_->find_attribute(index_, name, ns);
  if (found == none) return std::nullopt;
  return owner_->value_of(owner_->nodes_[found]);
}

Attributes View::attributes() const {
  if (!owner_) return {};
  const auto& nodes = owner_->nodes_;
  std::uint32_t end = index_ + 1;
  while (end < nodes.size() && nodes[end].kind == Element::Kind::attribute) ++end;
  return {View(owner_, index_ + 1), View(owner_, end)};
}

Attribute Attributes::Iterator::operator*() const {
  const Element& owner = *at_.owner_;
  const Element::Node& node = owner.nodes_[at_.index_];
  return {owner.name_of(node), owner.ns_of(node), owner.value_of(node)};
}

void Children::Iterator::skip_to_element() {
  const auto& nodes = at_.owner_->nodes_;
  while (at_.index_ != end_ && nodes[at_.index_].kind != Element::Kind::element) ++at_.index_;
}

Children::Iterator& Children::Iterator::operator++() {
  at_.index_ += at_.owner_->nodes_[at_.index_].span;
  skip_to_element();
  return *this;
}

Children::Iterator Children::begin() const {
  if (!parent_) return {};
  Iterator first(View(parent_.owner_, parent_.index_ + 1), end().at_.index_);
  first.skip_to_element();
  return first;
}

Children::Iterator Children::end() const {
  if (!parent_) return {};
  const std::uint32_t end = parent_.index_ + parent_.owner_->nodes_[parent_.index_].span;
  return {View(parent_.owner_, end), end};
}

std::size_t Children::size() const {
  return static_cast<std::size_t>(std::distance(begin(), end()));
}

View View::child(std::string_view name, std::string_view ns) const {
  for (View child : children()) {
    if (child.is(name, ns)) return child;
  }
  return {};
}

View View::first_child() const {
  const Children all = children();
  return all.empty() ? View() : *all.begin();
}

std::string View::child_text(std::string_view name, std::string_view ns) const {
  return child(name, ns).text();
}

std::string View::text() const {
  std::string joined;
  if (!owner_) return joined;
  const auto& nodes = owner_->nodes_;
  for (std::uint32_t i = index_ + 1; i < index_ + nodes[index_].span; i += nodes[i].span) {
    if (nodes[i].kind == Element::Kind::text) joined.append(owner_->name_of(nodes[i]));
  }
  return joined;
}

bool View::blank() const {
  if (!owner_) return true;
  const auto& nodes = owner_->nodes_;
  for (std::uint32_t i = index_ + 1; i < index_ + nodes[index_].span; i += nodes[i].span) {
    if (nodes[i].kind != Element::Kind::text) continue;
    if (!std::ranges::all_of(owner_->name_of(nodes[i]), is_space)) return false;
  }
  return true;
}

Element View::copy() const {
  Element out;
  if (!owner_) return out;
  if (index_ == 0) return *owner_;
  out.splice(*owner_, index_);
  out.nodes_.shrink_to_fit();
  out.text_.shrink_to_fit();
  return out;
}

std::size_t Element::size() const {
  const std::size_t text = text_.capacity() > std::string().capacity() ? text_.capacity() + 1 : 0;
  return sizeof(Element) + nodes_.capacity() * sizeof(Node) + text;
}

// ── building ──

bool Element::holds(std::string_view text) const {
  return !text.empty() && text.data() >= text_.data() && text.data() <= text_.data() + text_.size();
}

// std::string::append is safe for bytes of its own.
std::uint32_t Element::put(std::string_view text) {
  HY_CHECK(text.size() <= none - text_.size());
  const auto at = static_cast<std::uint32_t>(text_.size());
  if (check_chars(text) == Chars::ok) {
    text_.append(text);
  } else {
    text_.append(cleaned(text));
  }
  return at;
}

std::uint32_t Element::put_ns(std::string_view ns) {
  if (ns.empty()) return 0;
  if (!nodes_.empty() && ns_of(nodes_[0]) == ns) return nodes_[0].ns_at;
  return put(ns);
}

void Element::append_node(const Node& node) {
  HY_CHECK(nodes_.size() < (1U << 30) - 1);
  nodes_.push_back(node);
}

Element::Element(std::string_view name, std::string_view ns) {
  HY_CHECK(is_local_name(name) && ns != xmlns_ns);
  Node root{.kind = Kind::element,
            .span = 1,
            .at = put(name),
            .size = 0,
            .ns_at = 0,
            .ns_size = 0,
            .value_size = 0};
  root.size = static_cast<std::uint32_t>(text_.size());
  root.ns_at = put_ns(ns);
  root.ns_size = static_cast<std::uint32_t>(text_.size()) - root.size;
  append_node(root);
}

Element& Element::set(std::string_view name, std::string_view value, std::string_view ns) {
  HY_CHECK(!empty() && is_local_name(name) && ns != xmlns_ns && (name != "xmlns" || !ns.empty()));
  if (holds(name) || holds(value) || holds(ns)) {
    return set(std::string(name), std::string(value), std::string(ns));
  }
  const std::uint32_t found = find_attribute(0, name, ns);
  Node node{.kind = Kind::attribute,
            .span = 1,
            .at = put(name),
            .size = 0,
            .ns_at = 0,
            .ns_size = 0,
            .value_size = 0};
  node.size = static_cast<std::uint32_t>(text_.size()) - node.at;
  const std::uint32_t value_at = put(value);
  node.value_size = static_cast<std::uint32_t>(text_.size()) - value_at;
  if (found != none) {
    node.ns_at = nodes_[found].ns_at;
    node.ns_size = nodes_[found].ns_size;
    nodes_[found] = node;
    return *this;
  }
  const auto before = static_cast<std::uint32_t>(text_.size());
  node.ns_at = put_ns(ns);
  node.ns_size = ns.empty()            ? 0
                 : node.ns_at < before ? nodes_[0].ns_size
                                       : static_cast<std::uint32_t>(text_.size()) - before;
  std::uint32_t at = 1;
  while (at < nodes_.size() && nodes_[at].kind == Element::Kind::attribute) ++at;
  append_node(node);
  std::rotate(nodes_.begin() + at, nodes_.end() - 1, nodes_.end());
  ++nodes_[0].span;
  return *this;
}

Element& Element::unset(std::string_view name, std::string_view ns) {
  const std::uint32_t found = empty() ? none : find_attribute(0, name, ns);
  if (found == none) return *this;
  nodes_.erase(nodes_.begin() + found);
  --nodes_[0].span;
  return *this;
}

Element& Element::replace_ns(std::string_view from, std::string_view to) {
  HY_CHECK(!from.empty() && !to.empty() && to != xmlns_ns);
  if (holds(from) || holds(to)) return replace_ns(std::string(from), std::string(to));
  std::uint32_t at = none;
  std::uint32_t size = 0;
  for (Node& node : nodes_) {
    if (node.kind != Kind::element || ns_of(node) != from) continue;
    if (at == none) {
      at = put(to);
      size = static_cast<std::uint32_t>(text_.size()) - at;
    }
    node.ns_at = at;
    node.ns_size = size;
  }
  return *this;
}

Element& Element::add(View child) {
  HY_CHECK(!empty());
  if (child) splice(*child.owner_, child.index_);
  return *this;
}

Element& Element::add_text(std::string_view text) {
  HY_CHECK(!empty());
  if (text.empty()) return *this;
  Node node{
      .kind = Kind::text, .span = 1, .at = put(text), .size = 0, .ns_at = 0, .ns_size = 0, .value_size = 0};
  node.size = static_cast<std::uint32_t>(text_.size()) - node.at;
  append_node(node);
  ++nodes_[0].span;
  return *this;
}

// Appends a subtree; `from` may be *this, so everything is reached by index. The text of a subtree is one
// stretch, from its name to whatever follows it; only namespaces that it shares with what is around it lie
// outside and are fetched one by one.
void Element::splice(const Element& from, std::uint32_t index) {
  const std::uint32_t span = from.nodes_[index].span;
  const std::uint32_t next = index + span;
  const std::uint32_t begin = index == 0 ? 0 : from.nodes_[index].at;
  const auto end =
      next == from.nodes_.size() ? static_cast<std::uint32_t>(from.text_.size()) : from.nodes_[next].at;
  HY_CHECK(end - begin <= none - text_.size());
  const auto base = static_cast<std::uint32_t>(text_.size());
  text_.append(from.text_, begin, end - begin);
  Moved moved;
  for (std::uint32_t i = index; i < next; ++i) {
    Node node = from.nodes_[i];
    node.at = node.at - begin + base;
    if (node.ns_size == 0) {
      node.ns_at = 0;
    } else if (node.ns_at >= begin && node.ns_at < end) {
      node.ns_at = node.ns_at - begin + base;
    } else if (const std::uint32_t* known = moved.find(node.ns_at)) {
      node.ns_at = *known;
    } else {
      const std::uint32_t copied = put_ns(from.ns_of(node));
      moved.add(node.ns_at, copied);
      node.ns_at = copied;
    }
    append_node(node);
  }
  if (nodes_.size() > span) nodes_[0].span += span;
}

Element Element::without_nodes(const std::vector<std::uint32_t>& unwanted) const {
  Element out(name(), ns());
  for (const Attribute a : view().attributes()) out.set(a.name, a.value, a.ns);
  auto skipped = unwanted.begin();
  for (std::uint32_t i = 1; i < nodes_.size(); i += nodes_[i].span) {
    if (nodes_[i].kind == Element::Kind::text) {
      out.add_text(name_of(nodes_[i]));
    } else if (nodes_[i].kind == Element::Kind::element) {
      if (skipped != unwanted.end() && *skipped == i) {
        ++skipped;
      } else {
        out.splice(*this, i);
      }
    }
  }
  return out;
}

Element&& Element::with(std::string_view name, std::string_view value) && {
  return std::move(set(name, value));
}

Element&& Element::with(View child) && {
  return std::move(add(child));
}

Element&& Element::with_text(std::string_view text) && {
  return std::move(add_text(text));
}

Element&& Element::with_child(std::string_view name, std::string_view text) && {
  return std::move(add(Element(name, ns()).with_text(text)));
}

}  // namespace hy::xml
