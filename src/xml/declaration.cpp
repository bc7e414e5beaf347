#include "xml/chars.h"
#include "xml/scanner_state.h"

namespace hy::xml {
namespace {

// The pseudo-attributes of an XML declaration, taken from the front of what is left of it.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  bool space() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() != before;
  }
  bool word(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  /// White space, `name`, '=', a quoted value. False when it is not there; then nothing is taken.
  bool attribute(std::string_view name, std::string_view& value) {
    const std::string_view before = rest_;
    if (space() && word(name) && quoted(value)) return true;
    rest_ = before;
    return false;
  }
  bool done() {
    space();
    return rest_ == "?";
  }

 private:
  bool quoted(std::string_view& value) {
    space();
    if (!word("=")) return false;
    space();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) return false;
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) return false;
    value = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return true;
  }
  std::string_view rest_;
};

bool is_utf8(std::string_view encoding) {
  constexpr std::string_view expected = "utf-8";
  return std::ranges::equal(encoding, expected, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

}  // namespace

// XML 1.0 §2.8: version, then encoding, then standalone, the first of them required. Another target than
// "xml" makes it a processing instruction, which RFC 6120 §11.1 excludes; another encoding is named by
// §4.9.3.22.
Fault check_declaration(std::string_view declaration) {
  Reader reader(declaration);
  if (!reader.word("xml")) return Fault::restricted_xml;
  if (declaration.size() > 3 && name_byte(declaration[3]) != no_name) return Fault::restricted_xml;
  std::string_view value;
  if (!reader.attribute("version", value) || value != "1.0") return Fault::not_well_formed;
  if (reader.attribute("encoding", value) && !is_utf8(value)) return Fault::unsupported_encoding;
  if (reader.attribute("standalone", value) && value != "yes" && value != "no") return Fault::not_well_formed;
  return reader.done() ? Fault::none : Fault::not_well_formed;
}

}  // namespace hy::xml
