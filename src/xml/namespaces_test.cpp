#include <gtest/gtest.h>

#include "xml/scanner.h"
#include "xml/writer.h"

namespace hy::xml {
namespace {

Fault fault_of(std::string_view document, Limits limits = {}) {
  Fault fault = Fault::none;
  parse(document, limits, &fault);
  return fault;
}

constexpr std::string_view xml_uri = "http://www.w3.org/XML/1998/namespace";

TEST(Namespaces, the_default_reaches_elements_but_not_attributes) {
  const Element e = parse("<a xmlns='u' x='1'><b/><c xmlns=''><d/></c><e xmlns='v'><f/></e><g/></a>");
  EXPECT_EQ(e.ns(), "u");
  EXPECT_EQ(e.attribute("x"), "1");
  EXPECT_FALSE(e.view().find_attribute("x", "u"));
  EXPECT_TRUE(e.child("b", "u"));
  EXPECT_TRUE(e.child("c", "").child("d", ""));
  EXPECT_TRUE(e.child("e", "v").child("f", "v"));
  EXPECT_TRUE(e.child("g", "u"));
}

TEST(Namespaces, prefixes_are_scoped_and_may_be_declared_behind_their_use) {
  const Element e = parse(
      "<p:a p:x='1' xmlns:p='u'><p:b xmlns:p='v' p:x='2'><p:c/></p:b><p:d/><p:e xmlns:q='w' q:x=''/></p:a>");
  EXPECT_EQ(e.ns(), "u");
  EXPECT_EQ(e.view().find_attribute("x", "u"), "1");
  EXPECT_EQ(e.child("b", "v").find_attribute("x", "v"), "2");
  EXPECT_TRUE(e.child("b", "v").child("c", "v"));
  EXPECT_TRUE(e.child("d", "u"));
  EXPECT_EQ(e.child("e", "u").find_attribute("x", "w"), "");
  EXPECT_EQ(fault_of("<a><p:b xmlns:p='u'/><p:c/></a>"), Fault::bad_namespace_prefix);
}

TEST(Namespaces, an_element_by_default_and_its_child_by_prefix) {
  const Element e = parse("<p:a xmlns='u' xmlns:p='v'><b><p:c><d/></p:c></b></p:a>");
  EXPECT_TRUE(e.is("a", "v"));
  EXPECT_TRUE(e.child("b", "u").child("c", "v").child("d", "u"));
}

TEST(Namespaces, undeclared_prefixes_are_refused) {
  for (const char* bad : {"<p:a/>", "<a p:x='1'/>", "<a xmlns:q='u'><p:b/></a>", "<xmlns:a/>",
                          "<a><b xmlns:p='u'/><c p:x=''/></a>"}) {
    EXPECT_EQ(fault_of(bad), Fault::bad_namespace_prefix) << bad;
  }
}

TEST(Namespaces, xml_is_bound_for_ever) {
  const Element e = parse("<a xml:lang='de' xml:space='preserve'><xml:b/></a>");
  EXPECT_EQ(e.view().find_attribute("lang", xml_uri), "de");
  EXPECT_TRUE(e.child("b", xml_uri));
  EXPECT_EQ(to_string(e), "<a xml:lang='de' xml:space='preserve'><xml:b/></a>");
  EXPECT_EQ(fault_of("<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>"), Fault::none);
}

TEST(Namespaces, reserved_names_are_not_rebound) {
  for (const char* bad :
       {"<a xmlns:xml='u'/>", "<a xmlns:xml=''/>", "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns='http://www.w3.org/XML/1998/namespace'/>", "<a xmlns:xmlns='u'/>",
        "<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>", "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns='http://www.w3.org/2000/xmlns/'/>", "<a xmlns:p=''/>",
        "<a xmlns:p='u'><b xmlns:p=''/></a>"}) {
    EXPECT_EQ(fault_of(bad), Fault::not_well_formed) << bad;
  }
  EXPECT_EQ(fault_of("<a xmlns='u'><b xmlns=''/></a>"), Fault::none);
}

TEST(Namespaces, a_name_has_one_colon_at_most_and_something_on_both_sides) {
  for (const char* bad : {"<:a/>", "<a:/>", "<p:q:a xmlns:p='u'/>", "<a :x='1'/>", "<a x:='1'/>",
                          "<a xmlns:='u'/>", "<a xmlns:p:q='u'/>", "<p:1 xmlns:p='u'/>",
                          "<p:-a xmlns:p='u'/>", "<1:a/>", "<:/>", "<a xmlns:1='u'/>"}) {
    EXPECT_EQ(fault_of(bad), Fault::not_well_formed) << bad;
  }
}

TEST(Namespaces, end_tags_are_compared_as_written) {
  EXPECT_EQ(fault_of("<p:a xmlns:p='u' xmlns:q='u'></q:a>"), Fault::not_well_formed);
  EXPECT_EQ(fault_of("<p:a xmlns:p='u' xmlns='u'></a>"), Fault::not_well_formed);
  EXPECT_EQ(fault_of("<p:a xmlns:p='u'></p:a>"), Fault::none);
}

TEST(Namespaces, duplicate_attributes_are_refused_also_by_expanded_name) {
  for (const char* bad :
       {"<a x='1' x='2'/>", "<a xmlns='u' xmlns='u'/>", "<a xmlns:p='u' xmlns:p='u'/>",
        "<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>", "<a xmlns:p='u' p:x='1' p:x='2'/>",
        "<a xmlns:p='u'><b xmlns:q='u' q:x='' p:x=''/></a>", "<a xml:lang='1' xml:lang='2'/>"}) {
    EXPECT_EQ(fault_of(bad), Fault::not_well_formed) << bad;
  }
  for (const char* good :
       {"<a xmlns:p='u' xmlns:q='v' p:x='1' q:x='2' x='3'/>", "<a xmlns='u' xmlns:p='u' x='1' p:x='2'/>",
        "<a p='1' xmlns:p='u'/>", "<a lang='1' xml:lang='2'/>"}) {
    EXPECT_EQ(fault_of(good), Fault::none) << good;
  }
}

TEST(Namespaces, duplicates_are_found_among_many) {
  for (const std::size_t count : {2U, 7U, 8U, 9U, 10U, 40U, 64U}) {
    std::string text = "<a xmlns:p='u' xmlns:q='u'";
    for (std::size_t i = 2; i < count; ++i) text += (i % 2 ? " p:x" : " x") + std::to_string(i) + "=''";
    EXPECT_EQ(fault_of(text + "/>"), Fault::none) << count;
    EXPECT_EQ(fault_of(text + " p:y='' q:y=''/>", {.attributes = 100}), Fault::not_well_formed) << count;
    EXPECT_EQ(fault_of(text + " x='' y='' x=''/>", {.attributes = 100}), Fault::not_well_formed) << count;
    EXPECT_EQ(fault_of(text + " xmlns:p='u'/>", {.attributes = 100}), Fault::not_well_formed) << count;
  }
}

TEST(Namespaces, duplicates_cost_linear_time) {
  std::string text = "<a";
  for (int i = 0; i < 200'000; ++i) text += " x" + std::to_string(i) + "=''";
  const auto limits = Limits{.bytes = 1U << 30, .depth = 1, .attributes = 1U << 30, .elements = 1};
  EXPECT_EQ(fault_of(text + "/>", limits), Fault::none);
  EXPECT_EQ(fault_of(text + " x7=''/>", limits), Fault::not_well_formed);
}

// More bindings than are searched one by one, shadowed and given up again.
TEST(Namespaces, many_bindings) {
  std::string text = "<a xmlns:p0='u0'>";
  constexpr int depth = 50;
  for (int i = 1; i <= depth; ++i) {
    const std::string n = std::to_string(i);
    text += "<p" + n + ":b xmlns:p" + n + "='u" + n + "' xmlns:same='s" + n + "' same:x='" + n + "'>";
  }
  for (int i = depth; i >= 1; --i) {
    const std::string n = std::to_string(i);
    text += "<same:c p" + n + ":y='' p0:y=''/></p" + n + ":b>";
  }
  text += "<p0:d/></a>";
  const Element e = parse(text);
  ASSERT_TRUE(e);
  EXPECT_TRUE(e.child("d", "u0"));
  View at = e.view().first_child();
  for (int i = 1; i <= depth; ++i, at = at.first_child()) {
    const std::string n = std::to_string(i);
    EXPECT_TRUE(at.is("b", "u" + n));
    EXPECT_EQ(at.find_attribute("x", "s" + n), n);
    const View c = at.child("c", "s" + n);
    EXPECT_EQ(c.find_attribute("y", "u" + n), "");
    EXPECT_EQ(c.find_attribute("y", "u0"), "");
  }
  EXPECT_EQ(fault_of(text.substr(0, text.size() - 4) + "<p1:d/></a>"), Fault::bad_namespace_prefix);
  EXPECT_EQ(fault_of(text.substr(0, text.size() - 4) + "<same:d/></a>"), Fault::bad_namespace_prefix);
}

TEST(Namespaces, what_the_root_declares_reaches_every_element_of_a_stream) {
  Scanner scanner;
  std::string_view input = "<p:s xmlns='u' xmlns:p='v'><a p:x='1'><p:b/><c xmlns='w'/></a><p:d/><a/></p:s>";
  ASSERT_EQ(scanner.next(input), Event::opened);
  EXPECT_EQ(to_string(scanner.take()), "<s xmlns='v'/>");
  for (const char* expected : {"<a xmlns='u' xmlns:ns0='v' ns0:x='1'><b xmlns='v'/><c xmlns='w'/></a>",
                               "<d xmlns='v'/>", "<a xmlns='u'/>"}) {
    ASSERT_EQ(scanner.next(input), Event::element);
    EXPECT_EQ(to_string(scanner.take()), expected);
  }
  EXPECT_EQ(scanner.next(input), Event::closed);
}

}  // namespace
}  // namespace hy::xml
