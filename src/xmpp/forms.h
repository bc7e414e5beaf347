// XEP-0004: data forms, as a value. Tables of results (<reported/> and <item/>) are not part of it.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xml/element.h"
#include "xmpp/error.h"

namespace hy::xmpp {

inline constexpr std::string_view forms_ns = "jabber:x:data";

enum class FormType { form, submit, cancel, result };

/// XEP-0004 §3.3.
enum class FieldType {
  boolean,
  fixed,
  hidden,
  jid_multi,
  jid_single,
  list_multi,
  list_single,
  text_multi,
  text_private,
  text_single,
};

struct Field {
  struct Option {
    std::string label;
    std::string value;
    friend bool operator==(const Option&, const Option&) = default;
  };
  enum class Need { optional, required };

  std::string var;
  FieldType type = FieldType::text_single;
  /// Of a text_multi: its lines. An empty list is a field without <value/>.
  std::vector<std::string> values;
  std::string label;
  std::string desc;
  Need need = Need::optional;
  std::vector<Option> options;

  /// The first value; empty when there is none.
  std::string_view value() const;
  /// All values as the lines of one text.
  std::string text() const;
  /// The value as XML Schema's boolean: 0, 1, false, true; none for anything else.
  std::optional<bool> flag() const;
  friend bool operator==(const Field&, const Field&) = default;
};

struct Form {
  FormType type = FormType::form;
  std::string title;
  std::string instructions;
  std::vector<Field> fields;

  Form() = default;
  explicit Form(FormType t) : type(t) {}
  /// With the hidden field FORM_TYPE of XEP-0068 in front.
  Form(FormType t, std::string_view form_type);

  Form& add(Field field);
  /// A field with one value.
  Form& add(std::string_view var, std::string_view value, FieldType type = FieldType::text_single);

  /// XEP-0068: the value of FORM_TYPE; empty when there is none, or none that counts (§4.3).
  std::string_view form_type() const;
  /// nullptr when there is no such field: the value that is in force stays (XEP-0004 §3.5).
  const Field* find(std::string_view var) const;
  /// The first value of a field; empty when it is absent, too.
  std::string_view value(std::string_view var) const;

  xml::Element element() const;
};

/// From <x xmlns='jabber:x:data'/>. bad_request for an unknown type of form, a field without `var` that is
/// not `fixed`, two fields of the same name. An unknown type of field is text_single.
std::expected<Form, StanzaError> read_form(xml::View x);

}  // namespace hy::xmpp
