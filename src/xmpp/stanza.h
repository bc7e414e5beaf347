// A message, presence or iq as a value: six fields and its children. What XEPs put inside is not a member of
// it.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "xml/element.h"
#include "xmpp/error.h"
#include "xmpp/jid.h"

namespace hy::xmpp {

inline constexpr std::string_view client_ns = "jabber:client";
inline constexpr std::string_view server_ns = "jabber:server";

enum class Kind { message, presence, iq };

/// The types of all three kinds; `none` is a presence without type (available). A message without a type, or
/// with one that nobody knows, is `normal` (RFC 6121 §5.2.2).
enum class Type {
  none,
  // message
  normal,
  chat,
  groupchat,
  headline,
  // presence
  unavailable,
  subscribe,
  subscribed,
  unsubscribe,
  unsubscribed,
  probe,
  // iq
  get,
  set,
  result,
  // all
  error,
};

std::string_view name(Kind kind);
/// As on the wire; empty for `none` and `normal` (not written).
std::string_view name(Type type);

struct Stanza {
  Kind kind = Kind::message;
  Type type = Type::none;
  Jid from;  // none when default-made
  Jid to;    // none when default-made
  std::string id;
  std::string lang;
  /// <message/>, <presence/> or <iq/> in jabber:client, with the children and with foreign (namespaced)
  /// attributes only: the six fields above are not repeated in it.
  xml::Element root;

  /// A stanza without children.
  Stanza() = default;
  Stanza(Kind k, Type t);

  /// The first child element; an iq get or set has exactly one.
  xml::View payload() const { return root.view().first_child(); }
  xml::View child(std::string_view name, std::string_view ns) const { return root.child(name, ns); }
  Stanza& add(xml::View child);
  bool is_request() const { return kind == Kind::iq && (type == Type::get || type == Type::set); }
  bool is_error() const { return type == Type::error; }
  /// Bytes of memory, for accounting.
  std::size_t size() const;
};

using StanzaPtr = std::shared_ptr<const Stanza>;

/// What a first-level element of a stream is: a stanza, or why it cannot be one.
/// `jid_malformed` (to), `bad_request` (an iq without id, of unknown type, a get or set without exactly one
/// child; a presence of unknown type). On failure `partial` has what could be read, so that an error can be
/// sent (`to` is empty when it was malformed). The element must be message, presence or iq of `ns` (checked
/// by the caller).
struct Malformed {
  StanzaError error;
  Stanza partial;
};
std::expected<Stanza, Malformed> read_stanza(xml::Element element, std::string_view ns = client_ns);

/// Appends the stanza as it goes out on a stream whose content namespace is `ns`. Empty: where it will stand
/// no default namespace is declared (a WebSocket message), so that it says jabber:client itself.
void write(std::string& out, const Stanza& stanza, std::string_view ns = client_ns);
/// The halves, for fan-out: the inside is serialised once and is the same for all streams; only the opening
/// tag differs by recipient. What is in jabber:client needs no xmlns, therefore is in the content namespace
/// of each.
void write_open(std::string& out, const Stanza& stanza, const Jid& to, bool has_inside,
                std::string_view ns = client_ns);
void write_inside(std::string& out, const Stanza& stanza);
void write_close(std::string& out, Kind kind);

/// Up to this many bytes of memory an error brings the original content back.
inline constexpr std::size_t max_returned = 16 * 1024;

/// The answer to a get or set: from and to exchanged, same id.
Stanza make_result(const Stanza& request, const xml::Element& payload = {});
/// The error for any stanza: from and to exchanged, same id and kind, the original children first (RFC 6120
/// §8.3.1), left out when they are larger than `max_returned`. Never call it for a stanza of type error or an
/// iq result.
Stanza make_error(const Stanza& stanza, const StanzaError& error);
/// Whether an error may be sent in answer at all (RFC 6120 §8.3.1).
bool may_be_answered_with_error(const Stanza& stanza);

/// What a handler of a get or set returns: a payload (possibly none) or a StanzaError. Silence is not a
/// value.
class Reply {
 public:
  /*implicit*/ Reply(xml::Element payload) : payload_(std::move(payload)) {}
  /*implicit*/ Reply(StanzaError error) : error_(std::move(error)) {}
  /*implicit*/ Reply(Condition condition) : error_(StanzaError(condition)) {}
  /// A result without payload.
  static Reply empty() { return Reply(xml::Element()); }

  bool ok() const { return !error_; }
  const StanzaError& error() const { return *error_; }
  xml::Element& payload() { return payload_; }

 private:
  xml::Element payload_;
  std::optional<StanzaError> error_;
};

}  // namespace hy::xmpp
