#include "xmpp/rsm.h"

#include <limits>

#include "base/result.h"

namespace hy::xmpp {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(blank), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(blank) + 1);
}

/// XML Schema's numbers have no end: one that does not fit is the largest that does.
template <class Number>
std::expected<std::optional<Number>, StanzaError> read_number(xml::View set, std::string_view name) {
  const xml::View element = set.child(name, rsm_ns);
  if (!element) return std::nullopt;
  const std::string text = element.text();
  const std::string_view digits = trimmed(text);
  Number number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool complete = end == digits.data() + digits.size();
  if (error == std::errc::result_out_of_range && complete) return std::numeric_limits<Number>::max();
  if (error != std::errc() || !complete) {
    return std::unexpected(StanzaError(Condition::bad_request, fmt::format("<{}/> is not a number", name)));
  }
  return number;
}

std::optional<std::string> read_id(xml::View set, std::string_view name) {
  const xml::View element = set.child(name, rsm_ns);
  if (!element) return std::nullopt;
  return element.text();
}

}  // namespace

// XEP-0059 §2. An empty <after/> is what stands before the first item, which is the default (§2.2); an empty
// <before/> asks for the last page (§2.5).
std::expected<PageRequest, StanzaError> read_page_request(xml::View set) {
  PageRequest request;
  if (!set) return request;
  HY_TRY(max, read_number<std::uint32_t>(set, "max"));
  HY_TRY(index, read_number<std::uint64_t>(set, "index"));
  request.max = max;
  request.index = index;
  request.after = read_id(set, "after");
  request.before = read_id(set, "before");
  if (request.after && request.after->empty()) request.after.reset();
  if (request.index && (request.after || request.before)) {
    return std::unexpected(StanzaError(Condition::bad_request, "a page by index and by item"));
  }
  return request;
}

// XEP-0059 §2.2: an empty page has neither first nor last.
xml::Element Page::element() const {
  xml::Element set("set", rsm_ns);
  if (!first.empty() && !last.empty()) {
    xml::Element begin("first", rsm_ns);
    if (index) begin.set("index", std::to_string(*index));
    set.add(begin.add_text(first));
    set.add(xml::Element("last", rsm_ns).with_text(last));
  }
  if (count) set.add(xml::Element("count", rsm_ns).with_text(std::to_string(*count)));
  return set;
}

}  // namespace hy::xmpp
