#include "xml/namespaces.h"

#include "xml/chars.h"

namespace hy::xml {
namespace {

// The hash of bytes behind those of `hash`. It begins with an address, which no peer knows, so that nobody
// can aim at collisions; what comes out of the tables does not depend on it.
std::uint64_t mix(std::uint64_t hash, std::string_view bytes) {
  while (!bytes.empty()) {
    std::uint64_t word = bytes.size();
    const std::size_t size = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), size);
    const auto product = static_cast<unsigned __int128>(hash ^ word) * 0x9E3779B97F4A7C15U;
    hash = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    bytes.remove_prefix(size);
  }
  return hash;
}

}  // namespace

// ── the root's scope ──

std::pair<std::string_view, std::string_view> RootScope::piece(std::uint32_t at) const {
  std::uint32_t sizes[2];
  std::memcpy(sizes, bytes_.get() + at, sizeof sizes);
  const char* const first = bytes_.get() + at + sizeof sizes;
  return {{first, sizes[0]}, {first + sizes[0], sizes[1]}};
}

std::uint32_t RootScope::after(std::uint32_t at) const {
  if (at >= size_) return size_;
  const auto [prefix, ns] = piece(at);
  return at + static_cast<std::uint32_t>(2 * sizeof(std::uint32_t) + prefix.size() + ns.size());
}

void RootScope::begin(std::string_view name) {
  size_ = 0;
  add(name, {});
}

void RootScope::add(std::string_view prefix, std::string_view ns) {
  const std::uint32_t sizes[2] = {static_cast<std::uint32_t>(prefix.size()),
                                  static_cast<std::uint32_t>(ns.size())};
  std::unique_ptr<char[]> bytes(new char[size_ + sizeof sizes + sizes[0] + sizes[1]]);
  if (size_) std::memcpy(bytes.get(), bytes_.get(), size_);
  std::memcpy(bytes.get() + size_, sizes, sizeof sizes);
  size_ += sizeof sizes;
  for (const std::string_view piece : {prefix, ns}) {
    piece.copy(bytes.get() + size_, piece.size());
    size_ += static_cast<std::uint32_t>(piece.size());
  }
  bytes_ = std::move(bytes);
}

// ── bindings ──

Namespaces::Namespaces(const RootScope& root) : root_(&root) {
  root.each([&](std::uint32_t at) {
    const auto [prefix, ns] = root.piece(at);
    bindings_.push({.owner = none,
                    .at = at,
                    .prefix_size = static_cast<std::uint32_t>(prefix.size()),
                    .ns_at = none,
                    .ns_size = static_cast<std::uint32_t>(ns.size()),
                    .before = 0});
  });
}

void Namespaces::begin_element() {
  xml_at_ = none;
  for (Binding& binding : bindings_) {
    if (binding.owner == none) binding.ns_at = none;
  }
}

void Namespaces::save(const Builder& builder, RootScope& root) const {
  root.begin(builder.current_name());
  for (std::size_t i = 0; i < bindings_.size(); ++i) {
    root.add(prefix_of(builder, bindings_[i]), ns_of(builder, bindings_[i]));
  }
}

// Namespaces in XML §3: "xml" is bound for ever, to its namespace and to no other; nothing may be bound to
// the namespace of "xmlns", nor that prefix at all; §5: only the default namespace can be taken away.
Fault Namespaces::declare(const Builder& builder, const Builder::Node& node) {
  const std::string_view prefix = builder.piece(node.at, node.size);
  const std::string_view ns = builder.piece(node.at + node.size, node.value_size);
  if (prefix == "xml") return ns == xml_ns ? Fault::none : Fault::not_well_formed;
  if (prefix == "xmlns" || ns == xml_ns || ns == xmlns_ns) return Fault::not_well_formed;
  if (ns.empty() && !prefix.empty()) return Fault::not_well_formed;
  remember(builder, {.owner = builder.current(),
                     .at = node.at,
                     .prefix_size = node.size,
                     .ns_at = node.at + node.size,
                     .ns_size = node.value_size,
                     .before = 0});
  return Fault::none;
}

// Among a few bindings the last of a prefix is looked for from the back. When there are more, which honest
// peers do not send, an index makes the search short whatever they are.
Namespaces::Binding* Namespaces::find(const Builder& builder, std::string_view prefix) {
  if (!index_.empty()) {
    for (std::uint32_t i = slot(prefix); i > 0; i = bindings_[i - 1].before) {
      if (prefix_of(builder, bindings_[i - 1]) == prefix) return &bindings_[i - 1];
    }
    return nullptr;
  }
  for (std::size_t i = bindings_.size(); i-- > 0;) {
    Binding& binding = bindings_[i];
    if (binding.prefix_size == prefix.size() && prefix_of(builder, binding) == prefix) return &binding;
  }
  return nullptr;
}

std::uint32_t& Namespaces::slot(std::string_view prefix) {
  return index_[mix(reinterpret_cast<std::uintptr_t>(this) | 1, prefix) & (index_.size() - 1)];
}

void Namespaces::leave(const Builder& builder, std::uint32_t element) {
  while (!bindings_.empty() && bindings_.back().owner == element) {
    if (!index_.empty()) slot(prefix_of(builder, bindings_.back())) = bindings_.back().before;
    bindings_.pop();
  }
}

void Namespaces::remember(const Builder& builder, const Binding& binding) {
  bindings_.push(binding);
  if (bindings_.size() <= few) return;
  std::size_t next = bindings_.size() - 1;
  if (index_.empty()) {
    index_.resize(1024);
    next = 0;
  }
  for (; next < bindings_.size(); ++next) {
    std::uint32_t& last = slot(prefix_of(builder, bindings_[next]));
    bindings_[next].before = last;
    last = static_cast<std::uint32_t>(next + 1);
  }
}

void Namespaces::use(Builder& builder, Binding& binding, Builder::Node& node) {
  if (binding.ns_size == 0) {
    node.ns_at = node.ns_size = 0;
    return;
  }
  if (binding.ns_at == none) {
    binding.ns_at = builder.text_size();
    const std::string_view ns = root_->piece(binding.at).second;
    builder.text.append(ns.data(), ns.size());
  }
  node.ns_at = binding.ns_at;
  node.ns_size = binding.ns_size;
}

void Namespaces::use_xml(Builder& builder, Builder::Node& node) {
  if (xml_at_ == none) {
    xml_at_ = builder.text_size();
    builder.text.append(xml_ns.data(), xml_ns.size());
  }
  node.ns_at = xml_at_;
  node.ns_size = static_cast<std::uint32_t>(xml_ns.size());
}

Fault Namespaces::resolve_element(Builder& builder, bool has_declarations, std::uint64_t& charge) {
  const std::uint32_t current = builder.current();
  Builder::Node& node = builder.nodes[current];
  const Builder::Node* const parent = builder.depth() > 1 ? &builder.nodes[node.span] : nullptr;
  if (parent && !has_declarations && node.value_size == 0 && parent->value_size == 0) {
    node.ns_at = parent->ns_at;
    node.ns_size = parent->ns_size;
    return Fault::none;
  }
  const std::uint32_t prefix_size = node.value_size ? node.value_size - 1 : 0;
  const std::string_view prefix = builder.piece(node.at - node.value_size, prefix_size);
  if (prefix == "xml") {
    use_xml(builder, node);
    return Fault::none;
  }
  Binding* const binding = find(builder, prefix);
  if (!binding) return prefix.empty() ? Fault::none : Fault::bad_namespace_prefix;
  use(builder, *binding, node);
  if (binding->owner != current && !(parent && parent->ns_at == node.ns_at)) charge += node.ns_size;
  return Fault::none;
}

Fault Namespaces::resolve_attribute(Builder& builder, std::uint32_t index, std::uint64_t& charge) {
  Builder::Node& node = builder.nodes[index];
  const std::uint32_t prefix_size = node.ns_size;
  node.ns_size = 0;
  if (prefix_size == 0) return Fault::none;
  const std::string_view prefix = builder.piece(node.at, prefix_size);
  node.at += prefix_size + 1;
  node.size -= prefix_size + 1;
  if (prefix == "xml") {
    use_xml(builder, node);
    return Fault::none;
  }
  Binding* const binding = find(builder, prefix);
  if (!binding) return Fault::bad_namespace_prefix;
  use(builder, *binding, node);
  if (binding->owner != builder.current()) charge += node.ns_size;
  return Fault::none;
}

Fault Namespaces::resolve(Builder& builder, bool has_declarations, bool has_prefixes, std::uint64_t& charge) {
  const std::uint32_t first = builder.current() + 1;
  const auto last = static_cast<std::uint32_t>(builder.nodes.size());
  if (has_declarations) {
    for (std::uint32_t i = first; i < last; ++i) {
      if (builder.nodes[i].kind != Builder::Kind::declaration) continue;
      if (const Fault fault = declare(builder, builder.nodes[i]); fault != Fault::none) return fault;
    }
  }
  if (const Fault fault = resolve_element(builder, has_declarations, charge); fault != Fault::none)
    return fault;
  if (has_prefixes) {
    for (std::uint32_t i = first; i < last; ++i) {
      if (builder.nodes[i].kind == Builder::Kind::declaration) continue;
      if (const Fault fault = resolve_attribute(builder, i, charge); fault != Fault::none) return fault;
    }
  }
  if (last - first > 1 && has_duplicates(builder, first)) return Fault::not_well_formed;
  if (has_declarations) {
    std::uint32_t to = first;
    for (std::uint32_t i = first; i < last; ++i) {
      if (builder.nodes[i].kind != Builder::Kind::declaration) builder.nodes[to++] = builder.nodes[i];
    }
    builder.nodes.shrink(to);
  }
  return Fault::none;
}

// ── duplicates ──

namespace {

bool same_name(const Builder& builder, const Builder::Node& a, const Builder::Node& b) {
  if (a.size != b.size || a.ns_size != b.ns_size || a.kind != b.kind) return false;
  if (a.size > 0 && builder.text[a.at] != builder.text[b.at]) return false;
  return builder.piece(a.at, a.size) == builder.piece(b.at, b.size) &&
         builder.piece(a.ns_at, a.ns_size) == builder.piece(b.ns_at, b.ns_size);
}

}  // namespace

// XML 1.0 §3.1, unique attribute names; Namespaces in XML §6.3: also by expanded name. A few are compared
// with each other, more go into a table.
bool has_duplicates(const Builder& builder, std::uint32_t first) {
  const auto last = static_cast<std::uint32_t>(builder.nodes.size());
  if (last - first <= 8) {
    for (std::uint32_t i = first + 1; i < last; ++i) {
      for (std::uint32_t j = first; j < i; ++j) {
        if (same_name(builder, builder.nodes[i], builder.nodes[j])) return true;
      }
    }
    return false;
  }
  std::size_t slots = 32;
  while (slots < 2 * std::size_t{last - first}) slots *= 2;
  std::vector<std::uint32_t> table(slots, 0);  // index of a node, 0: free
  const std::uint64_t seed = reinterpret_cast<std::uintptr_t>(&builder) | 1;
  for (std::uint32_t i = first; i < last; ++i) {
    const Builder::Node& node = builder.nodes[i];
    const std::uint64_t hash =
        mix(mix(seed, builder.piece(node.at, node.size)), builder.piece(node.ns_at, node.ns_size));
    std::size_t slot = hash & (slots - 1);
    for (; table[slot]; slot = (slot + 1) & (slots - 1)) {
      if (same_name(builder, node, builder.nodes[table[slot]])) return true;
    }
    table[slot] = i;
  }
  return false;
}

}  // namespace hy::xml
