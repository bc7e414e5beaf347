#include "xmpp/stanza.h"

#include "xml/chars.h"
#include "xml/writer.h"

namespace hy::xmpp {
namespace {

constexpr std::string_view kinds[] = {"message", "presence", "iq"};

struct TypeName {
  Type type;
  std::string_view name;
};

// RFC 6121 §5.2.2.
constexpr TypeName message_types[] = {{Type::normal, "normal"},
                                      {Type::chat, "chat"},
                                      {Type::groupchat, "groupchat"},
                                      {Type::headline, "headline"},
                                      {Type::error, "error"}};
// RFC 6121 §4.7.1.
constexpr TypeName presence_types[] = {{Type::unavailable, "unavailable"},
                                       {Type::subscribe, "subscribe"},
                                       {Type::subscribed, "subscribed"},
                                       {Type::unsubscribe, "unsubscribe"},
                                       {Type::unsubscribed, "unsubscribed"},
                                       {Type::probe, "probe"},
                                       {Type::error, "error"}};
// RFC 6120 §8.2.3.
constexpr TypeName iq_types[] = {
    {Type::get, "get"}, {Type::set, "set"}, {Type::result, "result"}, {Type::error, "error"}};

std::span<const TypeName> types_of(Kind kind) {
  switch (kind) {
    case Kind::message:
      return message_types;
    case Kind::presence:
      return presence_types;
    case Kind::iq:
      return iq_types;
  }
  return {};
}

std::optional<Type> find_type(Kind kind, std::string_view name) {
  for (const TypeName& row : types_of(kind)) {
    if (row.name == name) return row.type;
  }
  return std::nullopt;
}

std::optional<Kind> find_kind(std::string_view name) {
  for (const Kind kind : {Kind::message, Kind::presence, Kind::iq}) {
    if (kinds[static_cast<std::size_t>(kind)] == name) return kind;
  }
  return std::nullopt;
}

/// The first fault counts.
void note(std::optional<StanzaError>& fault, Condition condition, std::string_view why) {
  if (!fault) fault.emplace(condition, std::string(why));
}

// RFC 6121 §5.2.2: an unknown message type counts as normal. §4.7.1: no type of presence is "available". RFC
// 6120 §8.2.3: an iq has one of four.
void read_type(Stanza& stanza, std::optional<std::string_view> value, std::optional<StanzaError>& fault) {
  if (const auto known = value ? find_type(stanza.kind, *value) : std::nullopt) {
    stanza.type = *known;
  } else if (stanza.kind == Kind::message) {
    stanza.type = Type::normal;
  } else if (stanza.kind == Kind::iq || value) {
    note(fault, Condition::bad_request, fmt::format("unknown type of {}", name(stanza.kind)));
  }
}

// RFC 6120 §8.2.3: an iq has an id, a request exactly one child.
void check_iq(const Stanza& stanza, std::optional<StanzaError>& fault) {
  if (stanza.kind != Kind::iq) return;
  if (stanza.id.empty()) note(fault, Condition::bad_request, "an iq needs an id");
  if (!stanza.is_request()) return;
  const xml::Children children = stanza.root.children();
  const auto first = children.begin();
  if (first == children.end() || std::next(first) != children.end()) {
    note(fault, Condition::bad_request, "an iq of type get or set needs exactly one child");
  }
}

std::size_t heap_size(const std::string& text) {
  return text.capacity() > std::string().capacity() ? text.capacity() + 1 : 0;
}

void write_field(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += ' ';
  out += name;
  out += "='";
  xml::escape_attribute(out, value);
  out += '\'';
}

/// The rare stanza with attributes of other namespaces: the writer knows how to make prefixes for them.
void write_open_with_foreign(std::string& out, const Stanza& stanza, const Jid& to, bool has_inside,
                             std::string_view ns) {
  xml::Element tag{name(stanza.kind), client_ns};
  const auto set = [&tag](std::string_view name, std::string_view value, std::string_view ns = {}) {
    if (!value.empty()) tag.set(name, value, ns);
  };
  set("to", to.str());
  set("from", stanza.from.str());
  set("type", name(stanza.type));
  set("id", stanza.id);
  set("lang", stanza.lang, xml::xml_ns);
  for (const xml::Attribute attribute : stanza.root.view().attributes()) {
    tag.set(attribute.name, attribute.value, attribute.ns);
  }
  const std::string written = xml::to_string(tag, ns.empty() ? ns : client_ns);
  out.append(written, 0, written.size() - 2);  // all but "/>"
  out += has_inside ? ">" : "/>";
}

bool has_inside(const xml::Element& root) {
  return !root.children().empty() || !root.text().empty();
}

}  // namespace

std::string_view name(Kind kind) {
  return kinds[static_cast<std::size_t>(kind)];
}

std::string_view name(Type type) {
  if (type == Type::none || type == Type::normal) return {};
  for (const Kind kind : {Kind::message, Kind::presence, Kind::iq}) {
    for (const TypeName& row : types_of(kind)) {
      if (row.type == type) return row.name;
    }
  }
  return {};
}

Stanza::Stanza(Kind k, Type t) : kind(k), type(t), root(name(k), client_ns) {}

Stanza& Stanza::add(xml::View child) {
  if (root.empty()) root = xml::Element(name(kind), client_ns);
  root.add(child);
  return *this;
}

std::size_t Stanza::size() const {
  return sizeof(*this) + heap_size(from.str()) + heap_size(to.str()) + heap_size(id) + heap_size(lang) +
         root.size();
}

// RFC 6120 §8.1: the common attributes. A `from` that is no address reads as none: on a client's stream the
// server writes it anew (§8.1.2.1), on a server's its absence is improper-addressing (§4.9.3.7).
std::expected<Stanza, Malformed> read_stanza(xml::Element element, std::string_view ns) {
  Stanza stanza;
  std::optional<StanzaError> fault;
  if (const auto kind = find_kind(element.name())) {
    stanza.kind = *kind;
  } else {
    note(fault, Condition::bad_request, "neither message, presence nor iq");
  }
  std::optional<std::string_view> type;
  for (const xml::Attribute attribute : element.view().attributes()) {
    if (attribute.ns == xml::xml_ns && attribute.name == "lang") {
      stanza.lang = attribute.value;
    } else if (!attribute.ns.empty()) {
      continue;
    } else if (attribute.name == "to") {
      if (auto to = Jid::parse(attribute.value)) {
        stanza.to = std::move(*to);
      } else {
        note(fault, Condition::jid_malformed, "the address in 'to' is none");
      }
    } else if (attribute.name == "from") {
      if (auto from = Jid::parse(attribute.value)) stanza.from = std::move(*from);
    } else if (attribute.name == "id") {
      stanza.id = attribute.value;
    } else if (attribute.name == "type") {
      type = attribute.value;
    }
  }
  read_type(stanza, type, fault);
  element.unset_if([](const xml::Attribute& attribute) {
    return attribute.ns.empty() || (attribute.ns == xml::xml_ns && attribute.name == "lang");
  });
  if (ns != client_ns) element.replace_ns(ns, client_ns);
  stanza.root = std::move(element);
  check_iq(stanza, fault);
  if (fault) return std::unexpected(Malformed{std::move(*fault), std::move(stanza)});
  return stanza;
}

void write_open(std::string& out, const Stanza& stanza, const Jid& to, bool has_inside, std::string_view ns) {
  if (!stanza.root.view().attributes().empty())
    return write_open_with_foreign(out, stanza, to, has_inside, ns);
  out += '<';
  out += name(stanza.kind);
  if (ns.empty()) write_field(out, "xmlns", client_ns);
  write_field(out, "to", to.str());
  write_field(out, "from", stanza.from.str());
  write_field(out, "type", name(stanza.type));
  write_field(out, "id", stanza.id);
  write_field(out, "xml:lang", stanza.lang);
  out += has_inside ? ">" : "/>";
}

// RFC 6120 §4.8.3: what is in the content namespace has no prefix and no xmlns, and so is in that of the next
// stream.
void write_inside(std::string& out, const Stanza& stanza) {
  xml::write_inside(out, stanza.root, client_ns);
}

void write_close(std::string& out, Kind kind) {
  out += "</";
  out += name(kind);
  out += '>';
}

void write(std::string& out, const Stanza& stanza, std::string_view ns) {
  const bool inside = has_inside(stanza.root);
  write_open(out, stanza, stanza.to, inside, ns);
  if (!inside) return;
  write_inside(out, stanza);
  write_close(out, stanza.kind);
}

Stanza make_result(const Stanza& request, const xml::Element& payload) {
  Stanza result(Kind::iq, Type::result);
  result.from = request.to;
  result.to = request.from;
  result.id = request.id;
  if (payload) result.add(payload);
  return result;
}

Stanza make_error(const Stanza& stanza, const StanzaError& error) {
  Stanza answer(stanza.kind, Type::error);
  answer.from = stanza.to;
  answer.to = stanza.from;
  answer.id = stanza.id;
  answer.lang = stanza.lang;  // of what is sent back
  if (stanza.root && stanza.root.size() <= max_returned) {
    answer.root = stanza.root.without([](xml::View child) { return child.is("error", client_ns); });
  }
  answer.add(error.element());
  return answer;
}

// RFC 6120 §8.3.1: never to an error, §8.2.3: nor to a result.
bool may_be_answered_with_error(const Stanza& stanza) {
  return stanza.type != Type::error && stanza.type != Type::result;
}

}  // namespace hy::xmpp
