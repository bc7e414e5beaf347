#include "stream/header.h"

#include <algorithm>
#include <cctype>
#include <charconv>
namespace hy::stream {
namespace {

using enum xmpp::StreamCondition;

// RFC 6120 §4.7.5: two numbers, compared as such. Without a version the client means 0.9. What is newer
// than 1.0 is answered 1.0, which the client then has to live with.
bool is_version_1_or_later(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return false;
  const auto number = [](std::string_view digits) -> std::optional<std::uint32_t> {
    std::uint32_t value = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const auto major = number(text.substr(0, dot));
  return major && number(text.substr(dot + 1)) && *major >= 1;
}

// RFC 5646 §2.1, by its alphabet and length only: a default that is no language tag is no default.
bool is_language(std::string_view text) {
  return !text.empty() && text.size() <= 35 &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

// RFC 6120 §4.8: both namespaces; jabber:server is as wrong here as any other. A client that opens with a
// stanza or a page request has the wrong one too.
std::optional<xmpp::StreamError> check_root(const Root& root) {
  if (root.element.ns() != stream_ns) return invalid_namespace;
  if (root.element.name() != "stream") return {{bad_format, "the root is no stream"}};
  if (!root.closed && root.content_ns != xmpp::client_ns) return invalid_namespace;
  return std::nullopt;
}

// RFC 6120 §4.7.2, §4.9.3.6, §4.9.3.7: `to` is a domain of ours; after login, that of the account.
std::optional<xmpp::StreamError> check_to(xml::View root, const Gatekeeper& gatekeeper,
                                          const xmpp::Jid& account, std::string& to) {
  const auto named = root.find_attribute("to");
  if (!named) return {{improper_addressing, "no 'to'"}};
  Result<std::string> domain = xmpp::prepare_domain(*named);
  if (!domain) return {{improper_addressing, "'to' is not a domain"}};
  if (!gatekeeper.serves(*domain)) return host_unknown;
  if (account && account.domain() != *domain) return host_unknown;
  to = std::move(*domain);
  return std::nullopt;
}

// RFC 6120 §4.7.1, §4.9.3.9: before login `from` is a courtesy that proves nothing; after it, it must be the
// account.
std::optional<xmpp::StreamError> check_from(xml::View root, const xmpp::Jid& account, xmpp::Jid& from) {
  const auto named = root.find_attribute("from");
  if (!named) return std::nullopt;
  Result<xmpp::Jid> jid = xmpp::Jid::parse(*named);
  if (account && (!jid || !jid->same_bare(account))) return invalid_from;
  if (jid) from = jid->bare();
  return std::nullopt;
}

}  // namespace

ClientHeader read_header(const Root& opened, const Gatekeeper& gatekeeper, const xmpp::Jid& account) {
  ClientHeader read;
  const xml::View root = opened.element;
  read.error = check_root(opened);
  if (root.ns() != stream_ns) return read;  // nothing in it is meant for us
  if (const auto lang = root.find_attribute("lang", xml_ns); lang && is_language(*lang)) read.lang = *lang;
  auto to = check_to(root, gatekeeper, account, read.to);
  if (!read.error) read.error = std::move(to);
  auto from = check_from(root, account, read.from);
  if (!read.error) read.error = std::move(from);
  if (!read.error && !is_version_1_or_later(root.attribute("version"))) read.error = unsupported_version;
  return read;
}

}  // namespace hy::stream
