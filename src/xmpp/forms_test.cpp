#include "xmpp/forms.h"

#include <gtest/gtest.h>

#include "xml/scanner.h"
#include "xml/writer.h"

namespace hy::xmpp {
namespace {

std::expected<Form, StanzaError> read(std::string_view text) {
  return read_form(xml::parse(text));
}

Condition refused(std::string_view text) {
  const auto form = read(text);
  return form ? Condition::undefined_condition : form.error().condition;
}

// XEP-0004 §5.1, shortened.
TEST(Form, a_form_is_written) {
  Form form(FormType::form, "jabber:bot");
  form.title = "Bot Configuration";
  form.instructions = "Fill out this form!";
  Field flag;
  flag.var = "public";
  flag.type = FieldType::boolean;
  flag.label = "Public bot?";
  flag.need = Field::Need::required;
  form.add(flag);
  Field list;
  list.var = "maxsubs";
  list.type = FieldType::list_single;
  list.desc = "How many";
  list.values = {"20"};
  list.options = {{"10", "10"}, {"", "none"}};
  form.add(list);
  EXPECT_EQ(xml::to_string(form.element()),
            "<x xmlns='jabber:x:data' type='form'><title>Bot Configuration</title>"
            "<instructions>Fill out this form!</instructions>"
            "<field var='FORM_TYPE' type='hidden'><value>jabber:bot</value></field>"
            "<field var='public' type='boolean' label='Public bot?'><required/></field>"
            "<field var='maxsubs' type='list-single'><desc>How many</desc><value>20</value>"
            "<option label='10'><value>10</value></option><option><value>none</value></option></field></x>");
}

TEST(Form, what_is_written_reads_the_same) {
  Form form(FormType::result, "urn:x");
  form.add("a", "1").add("b", "x@y", FieldType::jid_single);
  Field list;
  list.var = "c";
  list.type = FieldType::list_multi;
  list.label = "L";
  list.desc = "D";
  list.need = Field::Need::required;
  list.values = {"1", ""};
  list.options = {{"one", "1"}, {"two", "2"}};
  form.add(list);
  const auto again = read_form(form.element());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->type, form.type);
  EXPECT_EQ(again->fields, form.fields);
  EXPECT_EQ(again->form_type(), "urn:x");
}

// XEP-0004 §5.1: types are often left out of a submission.
TEST(Form, a_submission_is_read) {
  const auto form = read(
      "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>jabber:bot</value></field>"
      "<field var='description'><value>one</value><value>two</value></field><field "
      "var='public'><value>0</value></field>"
      "<field var='empty'/><field var='blank'><value/></field><other xmlns='urn:o'/></x>");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->type, FormType::submit);
  EXPECT_EQ(form->form_type(), "jabber:bot");
  EXPECT_EQ(form->find("description")->text(), "one\ntwo");
  EXPECT_EQ(form->value("description"), "one");
  EXPECT_EQ(form->find("public")->flag(), false);
  EXPECT_TRUE(form->find("empty")->values.empty());
  EXPECT_EQ(form->find("blank")->values.size(), 1U);
  EXPECT_EQ(form->value("blank"), "");
  EXPECT_EQ(form->find("absent"), nullptr);
  EXPECT_EQ(form->value("absent"), "");
  EXPECT_EQ(form->fields.size(), 5U);
}

// XEP-0068 §4.3.
TEST(Form, form_type_counts_when_it_is_hidden_or_submitted) {
  const std::string field = "<field var='FORM_TYPE'><value>urn:x</value></field></x>";
  EXPECT_EQ(read("<x xmlns='jabber:x:data' type='form'>" + field)->form_type(), "");
  EXPECT_EQ(read("<x xmlns='jabber:x:data' type='result'>" + field)->form_type(), "");
  EXPECT_EQ(read("<x xmlns='jabber:x:data' type='submit'>" + field)->form_type(), "urn:x");
  EXPECT_EQ(read("<x xmlns='jabber:x:data' type='submit'/>")->form_type(), "");
}

TEST(Form, flags_have_four_spellings) {
  const auto flag = [](std::string value) {
    Field field;
    field.values = {std::move(value)};
    return field.flag();
  };
  EXPECT_EQ(flag("1"), true);
  EXPECT_EQ(flag("true"), true);
  EXPECT_EQ(flag("0"), false);
  EXPECT_EQ(flag("false"), false);
  EXPECT_EQ(flag("True"), std::nullopt);
  EXPECT_EQ(flag(""), std::nullopt);
  EXPECT_EQ(Field().flag(), std::nullopt);
}

TEST(Form, lines_of_a_text_are_values) {
  Form form(FormType::result);
  form.add("t", "one\r\ntwo\n\nfour", FieldType::text_multi);
  form.add("s", "one\ntwo");
  const auto again = read_form(form.element());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->find("t")->values, (std::vector<std::string>{"one", "two", "", "four"}));
  EXPECT_EQ(again->find("s")->value(), "one\ntwo");
}

TEST(Form, fixed_fields_need_no_name_and_unknown_types_are_text) {
  const auto form = read(
      "<x xmlns='jabber:x:data' type='form'><field type='fixed'><value>A</value></field>"
      "<field type='fixed'><value>B</value></field><field var='v' type='urn:what'/></x>");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->fields.size(), 3U);
  EXPECT_EQ(form->find("v")->type, FieldType::text_single);
}

TEST(Form, what_is_no_form_is_refused) {
  EXPECT_EQ(refused("<x xmlns='jabber:x:data'/>"), Condition::bad_request);
  EXPECT_EQ(refused("<x xmlns='jabber:x:data' type='error'/>"), Condition::bad_request);
  EXPECT_EQ(refused("<x xmlns='urn:x' type='submit'/>"), Condition::bad_request);
  EXPECT_EQ(read_form(xml::View()).error().condition, Condition::bad_request);
  EXPECT_EQ(refused("<x xmlns='jabber:x:data' type='submit'><field><value>1</value></field></x>"),
            Condition::bad_request);
  EXPECT_EQ(
      refused("<x xmlns='jabber:x:data' type='submit'><field var='a'/><field var='b'/><field var='a'/></x>"),
      Condition::bad_request);
  EXPECT_TRUE(read("<x xmlns='jabber:x:data' type='cancel'/>"));
}

}  // namespace
}  // namespace hy::xmpp
