// Cuts what a server sends into its top-level elements, without reading more of XML than tags.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace load {

/// Trusts its peer: for load against a server that is known to write well-formed XML without CDATA and
/// comments.
class Splitter {
 public:
  /// Where to put bytes; then call added().
  char* room(std::size_t size);
  void added(std::size_t size) { end_ += size; }
  void feed(std::string_view bytes);

  /// The stream's opening tag, a whole element below it, or its closing tag; nullopt: more bytes are needed.
  /// Valid until the next call of any member.
  std::optional<std::string_view> next();

  /// What follows is a new stream (after TLS or SASL).
  void restart();

 private:
  std::optional<std::string_view> tag_ended();

  std::string buffer_;
  std::size_t end_ = 0;      // of the bytes in it
  std::size_t at_ = 0;       // what was looked at
  std::size_t tag_ = 0;      // where the present tag begins
  std::size_t element_ = 0;  // where the present element begins
  int depth_ = 0;
  bool in_tag_ = false;
  char quote_ = 0;
};

}  // namespace load
