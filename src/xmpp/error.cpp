#include "xmpp/error.h"

#include "xml/chars.h"

namespace hy::xmpp {
namespace {

constexpr std::string_view content_ns = "jabber:client";

struct ConditionRow {
  std::string_view name;
  ErrorType type;
};

// RFC 6120 §8.3.3.1 to §8.3.3.22, in the order of the enumerators.
constexpr ConditionRow conditions[] = {
    {"bad-request", ErrorType::modify},
    {"conflict", ErrorType::cancel},
    {"feature-not-implemented", ErrorType::cancel},
    {"forbidden", ErrorType::auth},
    {"gone", ErrorType::cancel},
    {"internal-server-error", ErrorType::cancel},
    {"item-not-found", ErrorType::cancel},
    {"jid-malformed", ErrorType::modify},
    {"not-acceptable", ErrorType::modify},
    {"not-allowed", ErrorType::cancel},
    {"not-authorized", ErrorType::auth},
    {"policy-violation", ErrorType::modify},
    {"recipient-unavailable", ErrorType::wait},
    {"redirect", ErrorType::modify},
    {"registration-required", ErrorType::auth},
    {"remote-server-not-found", ErrorType::cancel},
    {"remote-server-timeout", ErrorType::wait},
    {"resource-constraint", ErrorType::wait},
    {"service-unavailable", ErrorType::cancel},
    {"subscription-required", ErrorType::auth},
    {"undefined-condition", ErrorType::cancel},  // any; the application knows better
    {"unexpected-request", ErrorType::wait},
};
static_assert(std::size(conditions) == static_cast<std::size_t>(Condition::unexpected_request) + 1);

constexpr std::string_view error_types[] = {"auth", "cancel", "continue", "modify", "wait"};
static_assert(std::size(error_types) == static_cast<std::size_t>(ErrorType::wait) + 1);

// RFC 6120 §4.9.3.1 to §4.9.3.25, in the order of the enumerators.
constexpr std::string_view stream_conditions[] = {
    "bad-format",
    "bad-namespace-prefix",
    "conflict",
    "connection-timeout",
    "host-gone",
    "host-unknown",
    "improper-addressing",
    "internal-server-error",
    "invalid-from",
    "invalid-namespace",
    "invalid-xml",
    "not-authorized",
    "not-well-formed",
    "policy-violation",
    "remote-connection-failed",
    "reset",
    "resource-constraint",
    "restricted-xml",
    "see-other-host",
    "system-shutdown",
    "undefined-condition",
    "unsupported-encoding",
    "unsupported-feature",
    "unsupported-stanza-type",
    "unsupported-version",
};
static_assert(std::size(stream_conditions) ==
              static_cast<std::size_t>(StreamCondition::unsupported_version) + 1);

}  // namespace

std::string_view name(Condition condition) {
  return conditions[static_cast<std::size_t>(condition)].name;
}

std::string_view name(ErrorType type) {
  return error_types[static_cast<std::size_t>(type)];
}

std::string_view name(StreamCondition condition) {
  return stream_conditions[static_cast<std::size_t>(condition)];
}

ErrorType usual_type(Condition condition) {
  return conditions[static_cast<std::size_t>(condition)].type;
}

// RFC 6120 §8.3.2: the defined condition, then the text, then what the application adds.
xml::Element StanzaError::element() const {
  xml::Element error{"error", content_ns};
  error.set("type", name(type));
  error.add(xml::Element{name(condition), stanzas_ns});
  if (!text.empty()) {
    xml::Element words{"text", stanzas_ns};
    words.set("lang", "en", xml::xml_ns).add_text(text);
    error.add(words);
  }
  if (specific) error.add(specific);
  return error;
}

}  // namespace hy::xmpp
