#include "xml/element.h"

#include <gtest/gtest.h>

#include "xml/scanner.h"
#include "xml/writer.h"

namespace hy::xml {
namespace {

Element tree() {
  return Element("message", "jabber:client")
      .with("to", "juliet@capulet.example")
      .with("id", "1")
      .with_child("body", "hi")
      .with(Element("active", "http://jabber.org/protocol/chatstates"))
      .with_text("tail");
}

TEST(Element, a_view_of_nothing_answers_everything_with_nothing) {
  const View none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.name(), "");
  EXPECT_EQ(none.ns(), "");
  EXPECT_FALSE(none.is("", ""));
  EXPECT_EQ(none.attribute("to"), "");
  EXPECT_FALSE(none.find_attribute("to"));
  EXPECT_TRUE(none.attributes().empty());
  EXPECT_TRUE(none.children().empty());
  EXPECT_FALSE(none.child("a", "b"));
  EXPECT_FALSE(none.first_child());
  EXPECT_EQ(none.text(), "");
  EXPECT_TRUE(none.blank());
  EXPECT_TRUE(none.copy().empty());
  EXPECT_EQ(none, Element());
  for (View child : none.children()) FAIL() << child.name();
}

TEST(Element, what_was_built_is_read_back) {
  const Element e = tree();
  EXPECT_TRUE(e.is("message", "jabber:client"));
  EXPECT_EQ(e.attribute("to"), "juliet@capulet.example");
  EXPECT_EQ(e.attribute("from"), "");
  EXPECT_EQ(e.view().find_attribute("from"), std::nullopt);
  EXPECT_EQ(e.view().child_text("body", "jabber:client"), "hi");
  EXPECT_EQ(e.view().first_child().name(), "body");
  EXPECT_EQ(e.child("active", "http://jabber.org/protocol/chatstates").name(), "active");
  EXPECT_FALSE(e.child("active", "jabber:client"));
  EXPECT_EQ(e.text(), "tail");
  EXPECT_FALSE(e.view().blank());
  std::vector<std::string> names;
  for (View child : e.children()) names.emplace_back(child.name());
  EXPECT_EQ(names, (std::vector<std::string>{"body", "active"}));
  EXPECT_EQ(e.children().size(), 2u);
  std::string attributes;
  for (const Attribute a : e.view().attributes())
    attributes += std::string(a.name) + "=" + std::string(a.value) + ";";
  EXPECT_EQ(attributes, "to=juliet@capulet.example;id=1;");
}

TEST(Element, an_empty_attribute_is_told_from_an_absent_one) {
  const Element e = Element("a", "").with("x", "");
  EXPECT_EQ(e.view().find_attribute("x"), "");
  EXPECT_EQ(e.view().find_attribute("y"), std::nullopt);
}

TEST(Element, set_replaces_and_may_come_after_children) {
  Element e = tree();
  e.set("to", "romeo@montague.example")
      .set("type", "chat")
      .set("lang", "de", "urn:x")
      .set("lang", "en", "urn:x");
  EXPECT_EQ(
      to_string(e),
      "<message xmlns='jabber:client' to='romeo@montague.example' id='1' type='chat' xmlns:ns3='urn:x' "
      "ns3:lang='en'><body>hi</body><active xmlns='http://jabber.org/protocol/chatstates'/>tail</message>");
}

TEST(Element, unset_removes_only_that_attribute) {
  Element e = tree();
  e.set("to", "x", "urn:x").unset("to").unset("absent");
  EXPECT_EQ(e.view().find_attribute("to"), std::nullopt);
  EXPECT_EQ(e.view().find_attribute("to", "urn:x"), "x");
  EXPECT_EQ(e.attribute("id"), "1");
  EXPECT_EQ(e.children().size(), 2u);
}

TEST(Element, add_copies_from_anywhere_in_another_tree) {
  const Element from = parse("<a xmlns='u' xmlns:p='v'>t<b x='1' p:y='2'><c/><p:d>deep</p:d></b><e/></a>");
  Element to("root", "other");
  to.add(from.view().first_child());
  to.add(from);
  EXPECT_EQ(to.children().size(), 2u);
  EXPECT_EQ(*to.children().begin(), from.view().first_child());
  EXPECT_EQ(*++to.children().begin(), from.view());
  EXPECT_EQ(to.child("b", "u").child("d", "v").text(), "deep");
  EXPECT_EQ(to.child("b", "u").find_attribute("y", "v"), "2");
}

TEST(Element, add_copies_from_itself) {
  Element e = tree();
  const Element before = e;
  for (int i = 0; i < 5; ++i) e.add(e.view().first_child()).add(e);
  EXPECT_EQ(e.children().size(), 2u + 2 * 5);
  std::size_t place = 0;
  for (View child : e.children()) {
    if (place == 2) EXPECT_EQ(child, before.view().first_child());
    if (place == 3) EXPECT_EQ(child.children().size(), 3u);
    ++place;
  }
  Element f("f", "");
  f.set("name", "value")
      .add_text(f.attribute("name"))
      .set("other", f.attribute("name"))
      .set("name", f.text());
  EXPECT_EQ(to_string(f), "<f name='value' other='value'>value</f>");
}

TEST(Element, adding_nothing_changes_nothing) {
  Element e("a", "");
  e.add(View()).add(Element()).add_text("");
  EXPECT_EQ(to_string(e), "<a/>");
}

TEST(Element, a_copy_is_exact_and_shares_nothing) {
  Element e = tree();
  const Element whole = e;
  const Element part = e.child("body", "jabber:client").copy();
  e = Element();
  EXPECT_EQ(whole, tree());
  EXPECT_EQ(to_string(part), "<body xmlns='jabber:client'>hi</body>");
  EXPECT_LT(part.size(), 140u);
}

TEST(Element, without_drops_direct_children_only) {
  const Element e = parse("<a k='v'>1<b/>2<c><b/></c><b>3</b>4</a>");
  const Element kept = e.without([](View child) { return child.name() == "b"; });
  EXPECT_EQ(to_string(kept), "<a k='v'>12<c><b/></c>4</a>");
  EXPECT_EQ(e.without([](View) { return false; }), e);
}

TEST(Element, characters_that_xml_cannot_carry_are_replaced) {
  Element e = Element("a", "").with("x", std::string_view("\0\x01y", 3)).with_text("\xC0\xAFz\xEF\xBF\xBF");
  EXPECT_EQ(e.attribute("x"), "\uFFFD\uFFFDy");
  EXPECT_EQ(e.text(), "\uFFFD\uFFFDz\uFFFD");
  EXPECT_EQ(parse(to_string(e)), e);
}

TEST(Element, equality_is_by_content) {
  const Element e = parse("<a xmlns='u' x='1' y='2'>one<b/>two</a>");
  EXPECT_EQ(e, parse("<p:a y='2' x='1' xmlns:p='u'>o<![CDATA[n]]>e<b xmlns='u'></b>two</p:a>"));
  Element pieces = Element("a", "u").with("y", "2").with("x", "1").with_text("o").with_text("ne");
  pieces.add(Element("b", "u")).add_text("two");
  EXPECT_EQ(e, pieces);
  for (const char* other :
       {"<a xmlns='v' x='1' y='2'>one<b/>two</a>", "<a xmlns='u' x='1'>one<b/>two</a>",
        "<a xmlns='u' x='1' y='3'>one<b/>two</a>", "<a xmlns='u' x='1' y='2'>one<b/>tw</a>",
        "<a xmlns='u' x='1' y='2'>one<b>two</b></a>", "<a xmlns='u' x='1' z='2'>one<b/>two</a>",
        "<c xmlns='u' x='1' y='2'>one<b/>two</c>", "<a xmlns='u' x='1' y='2'>one<b/><b/>two</a>"}) {
    EXPECT_FALSE(e == parse(other)) << other;
  }
  EXPECT_FALSE(e == Element());
}

TEST(Element, unset_if_removes_many_attributes_at_once) {
  Element e = parse("<a x='1' y='2' xmlns:p='urn:p' p:x='3' z='4'>t<b x='5'/></a>");
  e.unset_if([](const Attribute& a) { return a.ns.empty(); });
  EXPECT_EQ(e.view(), parse("<a xmlns:p='urn:p' p:x='3'>t<b x='5'/></a>").view());
  e.add(e.view().first_child()).set("y", "6");
  EXPECT_EQ(e.view(), parse("<a xmlns:p='urn:p' p:x='3' y='6'>t<b x='5'/><b x='5'/></a>").view());
  e.unset_if([](const Attribute&) { return true; });
  EXPECT_TRUE(e.view().attributes().empty());
  EXPECT_EQ(Element().unset_if([](const Attribute&) { return true; }).size(), Element().size());
}

TEST(Element, replace_ns_moves_every_element_of_one_namespace) {
  Element e = parse(
      "<a xmlns='urn:a' xmlns:p='urn:a' p:x='1'><b><c xmlns='urn:c'><a xmlns='urn:a'/></c></b><n "
      "xmlns=''/></a>");
  e.replace_ns("urn:a", "urn:z");
  EXPECT_EQ(
      to_string(e, "urn:z"),
      to_string(
          parse("<a xmlns='urn:z' xmlns:p='urn:a' p:x='1'><b><c xmlns='urn:c'><a xmlns='urn:z'/></c></b>"
                "<n xmlns=''/></a>"),
          "urn:z"));
  EXPECT_EQ(e.view().first_child().copy().ns(), "urn:z");
  e.replace_ns(e.ns(), e.view().first_child().first_child().ns());  // both lie inside
  EXPECT_EQ(e.ns(), "urn:c");
  const Element before = e;
  EXPECT_EQ(e.replace_ns("urn:none", "urn:x").view(), before.view());
}

TEST(Walk, visits_in_document_order) {
  const Element e = parse("<a>1<b><c/></b>2</a>");
  std::string seen;
  Walk walk(e);
  for (Walk::Step step = walk.next(); step != Walk::Step::end; step = walk.next()) {
    if (step == Walk::Step::text) {
      seen += walk.text();
    } else {
      seen += step == Walk::Step::open ? "<" : "/";
      seen += walk.element().name();
    }
    seen += std::to_string(walk.depth()) + " ";
  }
  EXPECT_EQ(seen, "<a1 11 <b2 <c3 /c3 /b2 21 /a1 ");
  EXPECT_EQ(walk.next(), Walk::Step::end);
  Walk part(e.view().first_child());
  EXPECT_EQ(part.next(), Walk::Step::open);
  EXPECT_EQ(part.element().name(), "b");
}

TEST(Element, depth_costs_no_stack) {
  constexpr std::size_t depth = 1'000'000;
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += "<a>";
  for (std::size_t i = 0; i < depth; ++i) text += "</a>";
  const Limits limits{.bytes = 1U << 30, .depth = depth, .attributes = 1, .elements = depth};
  Element deep = parse(text, limits);
  ASSERT_TRUE(deep);
  deep.add(deep);
  EXPECT_EQ(deep.children().size(), 2U);
  EXPECT_EQ(deep.view().first_child().copy(), deep.view().first_child());
  EXPECT_EQ(parse(to_string(deep), {1U << 30, depth + 1, 1, 2 * depth}), deep);
}

}  // namespace
}  // namespace hy::xml
