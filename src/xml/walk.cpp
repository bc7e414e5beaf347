#include "xml/element.h"

namespace hy::xml {

Walk::Walk(View root) : root_(root), next_(root.index_) {}

Walk::Step Walk::next() {
  if (!root_) return Step::end;
  const auto& nodes = root_.owner_->nodes_;
  if (closed_) {
    closed_ = false;
    open_.pop_back();
  }
  if (open_.empty() && next_ != root_.index_) return Step::end;
  if (!open_.empty()) {
    if (next_ == open_.back() + nodes[open_.back()].span) {
      closed_ = true;
      return Step::close;
    }
    if (nodes[next_].kind == Element::Kind::text) {
      text_ = root_.owner_->name_of(nodes[next_++]);
      return Step::text;
    }
  }
  open_.push_back(next_++);
  while (next_ < nodes.size() && nodes[next_].kind == Element::Kind::attribute) ++next_;
  return Step::open;
}

namespace {

bool same_tag(View a, View b) {
  if (!a.is(b.name(), b.ns())) return false;
  const Attributes first = a.attributes();
  const Attributes second = b.attributes();
  if (std::distance(first.begin(), first.end()) != std::distance(second.begin(), second.end())) return false;
  for (const Attribute x : first) {
    if (b.find_attribute(x.name, x.ns) != x.value) return false;
  }
  return true;
}

// The pieces of text up to the next tag, joined.
Walk::Step next_tag(Walk& walk, std::string& text) {
  text.clear();
  Walk::Step step = walk.next();
  for (; step == Walk::Step::text; step = walk.next()) text += walk.text();
  return step;
}

}  // namespace

bool operator==(View a, View b) {
  if (!a || !b) return !a && !b;
  Walk left(a);
  Walk right(b);
  std::string left_text;
  std::string right_text;
  while (true) {
    const Walk::Step step = next_tag(left, left_text);
    if (next_tag(right, right_text) != step || left_text != right_text) return false;
    if (step == Walk::Step::end) return true;
    if (step == Walk::Step::open && !same_tag(left.element(), right.element())) return false;
  }
}

}  // namespace hy::xml
