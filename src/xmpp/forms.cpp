#include "xmpp/forms.h"

#include <unordered_set>

namespace hy::xmpp {
namespace {

constexpr std::string_view form_type_var = "FORM_TYPE";

constexpr std::string_view form_types[] = {"form", "submit", "cancel", "result"};
static_assert(std::size(form_types) == static_cast<std::size_t>(FormType::result) + 1);

constexpr std::string_view field_types[] = {"boolean",      "fixed",      "hidden",      "jid-multi",
                                            "jid-single",   "list-multi", "list-single", "text-multi",
                                            "text-private", "text-single"};
static_assert(std::size(field_types) == static_cast<std::size_t>(FieldType::text_single) + 1);

template <class Enum, std::size_t N>
std::optional<Enum> find_name(const std::string_view (&names)[N], std::string_view name) {
  const auto* found = std::ranges::find(names, name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<Enum>(found - std::begin(names));
}

void add_text_child(xml::Element& parent, std::string_view name, std::string_view text) {
  if (!text.empty()) parent.add(xml::Element(name, forms_ns).with_text(text));
}

void add_value(xml::Element& parent, std::string_view value) {
  parent.add(xml::Element("value", forms_ns).with_text(value));
}

// XEP-0004 §3.3: no line breaks in the values of a text-multi; each line is a value.
void add_lines(xml::Element& parent, std::string_view text) {
  for (;;) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    add_value(parent, line);
    if (end == text.size()) return;
    text.remove_prefix(end + 1);
  }
}

xml::Element field_element(const Field& field) {
  xml::Element out("field", forms_ns);
  if (!field.var.empty()) out.set("var", field.var);
  out.set("type", field_types[static_cast<std::size_t>(field.type)]);
  if (!field.label.empty()) out.set("label", field.label);
  add_text_child(out, "desc", field.desc);
  if (field.need == Field::Need::required) out.add(xml::Element("required", forms_ns));
  for (const std::string& value : field.values) {
    if (field.type == FieldType::text_multi) {
      add_lines(out, value);
    } else {
      add_value(out, value);
    }
  }
  for (const Field::Option& option : field.options) {
    xml::Element choice("option", forms_ns);
    if (!option.label.empty()) choice.set("label", option.label);
    add_value(choice, option.value);
    out.add(choice);
  }
  return out;
}

// XEP-0004 §3.2; §3.3: a type that is not known counts as text-single, which is the default as well.
Field read_field(xml::View element) {
  Field field;
  field.var = element.attribute("var");
  field.type = find_name<FieldType>(field_types, element.attribute("type")).value_or(FieldType::text_single);
  field.label = element.attribute("label");
  field.desc = element.child_text("desc", forms_ns);
  if (element.child("required", forms_ns)) field.need = Field::Need::required;
  for (const xml::View child : element.children()) {
    if (child.is("value", forms_ns)) {
      field.values.push_back(child.text());
    } else if (child.is("option", forms_ns)) {
      field.options.push_back({std::string(child.attribute("label")), child.child_text("value", forms_ns)});
    }
  }
  return field;
}

std::unexpected<StanzaError> bad(std::string why) {
  return std::unexpected(StanzaError(Condition::bad_request, std::move(why)));
}

}  // namespace

std::string_view Field::value() const {
  return values.empty() ? std::string_view() : values.front();
}

std::string Field::text() const {
  return fmt::format("{}", fmt::join(values, "\n"));
}

std::optional<bool> Field::flag() const {
  if (value() == "1" || value() == "true") return true;
  if (value() == "0" || value() == "false") return false;
  return std::nullopt;
}

Form::Form(FormType t, std::string_view form_type) : type(t) {
  add(form_type_var, form_type, FieldType::hidden);
}

Form& Form::add(Field field) {
  fields.push_back(std::move(field));
  return *this;
}

Form& Form::add(std::string_view var, std::string_view value, FieldType type) {
  Field field;
  field.var = var;
  field.type = type;
  field.values.emplace_back(value);
  return add(std::move(field));
}

// XEP-0068 §4.3: but in a submission, where types may be left out, it counts only when it is hidden.
std::string_view Form::form_type() const {
  const Field* field = find(form_type_var);
  if (field == nullptr || (type != FormType::submit && field->type != FieldType::hidden)) return {};
  return field->value();
}

const Field* Form::find(std::string_view var) const {
  for (const Field& field : fields) {
    if (field.var == var) return &field;
  }
  return nullptr;
}

std::string_view Form::value(std::string_view var) const {
  const Field* field = find(var);
  return field == nullptr ? std::string_view() : field->value();
}

xml::Element Form::element() const {
  xml::Element out("x", forms_ns);
  out.set("type", form_types[static_cast<std::size_t>(type)]);
  add_text_child(out, "title", title);
  add_text_child(out, "instructions", instructions);
  for (const Field& field : fields) out.add(field_element(field));
  return out;
}

std::expected<Form, StanzaError> read_form(xml::View x) {
  if (!x.is("x", forms_ns)) return bad("no data form");
  const auto type = find_name<FormType>(form_types, x.attribute("type"));
  if (!type) return bad("unknown type of data form");
  Form form(*type);
  form.title = x.child_text("title", forms_ns);
  form.instructions = x.child_text("instructions", forms_ns);
  std::unordered_set<std::string_view> seen;  // views of the element, which does not change meanwhile
  for (const xml::View child : x.children()) {
    if (!child.is("field", forms_ns)) continue;
    Field field = read_field(child);
    if (field.var.empty()) {
      if (field.type != FieldType::fixed) return bad("a field without a name");
    } else if (!seen.insert(child.attribute("var")).second) {
      return bad("two fields of the same name");
    }
    form.fields.push_back(std::move(field));
  }
  return form;
}

}  // namespace hy::xmpp
