// XEP-0059: which page of a long result is wanted, and which one it is.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "xml/element.h"
#include "xmpp/error.h"

namespace hy::xmpp {

inline constexpr std::string_view rsm_ns = "http://jabber.org/protocol/rsm";

struct PageRequest {
  std::optional<std::uint32_t> max;   // items; larger numbers read as the largest; 0 asks for the count alone
  std::optional<std::string> after;   // the page begins behind this item
  std::optional<std::string> before;  // the page ends in front of this item; empty: it is the last page
  std::optional<std::uint64_t> index;

  bool backwards() const { return before.has_value(); }
};

/// From <set xmlns='http://jabber.org/protocol/rsm'/>; "no element" asks for nothing particular. bad_request
/// for what is not a number, and for an index beside an item.
std::expected<PageRequest, StanzaError> read_page_request(xml::View set);

struct Page {
  std::string first;  // ids of the items at its ends; both empty for an empty page
  std::string last;
  std::optional<std::uint64_t> index;  // of `first` in the whole result
  std::optional<std::uint64_t> count;  // of the whole result

  xml::Element element() const;
};

}  // namespace hy::xmpp
