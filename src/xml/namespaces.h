// The namespaces in scope while a document is read (Namespaces in XML 1.0).
#pragma once

#include <memory>
#include <string_view>

#include "xml/builder.h"
#include "xml/scanner.h"

namespace hy::xml {

/// What must be remembered of a stream's root while its elements come and go: its name as written and the
/// namespaces that it declares, in one small block.
class RootScope {
 public:
  RootScope() = default;
  std::string_view name() const { return empty() ? std::string_view() : piece(0).first; }
  bool empty() const { return size_ == 0; }
  std::size_t allocated() const { return size_; }

  void begin(std::string_view name);
  void add(std::string_view prefix, std::string_view ns);
  /// Calls `f(at)` for each declaration, in order.
  template <class F>
  void each(F f) const {
    for (std::uint32_t at = after(0); at < size_; at = after(at)) f(at);
  }
  /// The prefix and namespace at a place that `each` gave.
  std::pair<std::string_view, std::string_view> piece(std::uint32_t at) const;

 private:
  std::uint32_t after(std::uint32_t at) const;
  std::unique_ptr<char[]> bytes_;  // of each: two sizes, then the bytes
  std::uint32_t size_ = 0;
};

class Namespaces {
 public:
  explicit Namespaces(const RootScope& root);

  /// A new first-level element begins: nothing of the last one's text can be shared.
  void begin_element();
  /// The start tag of the builder's current element is complete: takes the declarations out of the tape,
  /// gives the element and its attributes their namespaces, finds duplicates. `charge` grows by the bytes
  /// that declaring the namespaces at each place of use would take beyond what was read.
  Fault resolve(Builder& builder, bool has_declarations, bool has_prefixes, std::uint64_t& charge);
  /// The builder's current element is about to close.
  void leave(const Builder& builder, std::uint32_t element);
  /// Keeps what the root, now current in the builder, has declared.
  void save(const Builder& builder, RootScope& root) const;

  std::size_t allocated() const { return bindings_.allocated() + index_.capacity() * sizeof(std::uint32_t); }

 private:
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  struct Binding {
    std::uint32_t owner;  // the element that declares it; none: the stream's root
    std::uint32_t at;     // of the prefix in the builder's text, or of the piece in the root's scope
    std::uint32_t prefix_size;
    std::uint32_t ns_at;  // in the builder's text; none: not copied there yet
    std::uint32_t ns_size;
    std::uint32_t before;  // in the same slot of the index: another binding's place and 1, or 0
  };

  std::string_view prefix_of(const Builder& builder, const Binding& binding) const {
    return binding.owner == none ? root_->piece(binding.at).first
                                 : builder.piece(binding.at, binding.prefix_size);
  }
  std::string_view ns_of(const Builder& builder, const Binding& binding) const {
    return binding.owner == none ? root_->piece(binding.at).second
                                 : builder.piece(binding.ns_at, binding.ns_size);
  }
  static constexpr std::size_t few = 16;
  std::uint32_t& slot(std::string_view prefix);
  void remember(const Builder& builder, const Binding& binding);
  Fault declare(const Builder& builder, const Builder::Node& node);
  Binding* find(const Builder& builder, std::string_view prefix);
  void use(Builder& builder, Binding& binding, Builder::Node& node);
  void use_xml(Builder& builder, Builder::Node& node);
  Fault resolve_element(Builder& builder, bool has_declarations, std::uint64_t& charge);
  Fault resolve_attribute(Builder& builder, std::uint32_t index, std::uint64_t& charge);

  const RootScope* root_;
  std::uint32_t xml_at_ = none;  // where xml_ns was copied to
  Buffer<Binding, 5> bindings_;
  std::vector<std::uint32_t> index_;  // from a prefix to its last binding; empty while there are few
};

/// Whether two of the nodes from `first` on (attributes, declarations) have the same name. Linear in their
/// number.
bool has_duplicates(const Builder& builder, std::uint32_t first);

}  // namespace hy::xml
