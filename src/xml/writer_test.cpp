#include "xml/writer.h"

#include <gtest/gtest.h>

#include <random>

#include "xml/scanner.h"

namespace hy::xml {
namespace {

TEST(Writer, escapes_only_what_must_be) {
  const Element e = Element("a", "").with("x", "<>&'\"\t\n\r ").with_text("a<b>c&d'e\"f\tg\nh\ri]]>j]>k>");
  EXPECT_EQ(to_string(e),
            "<a x='&lt;>&amp;&apos;\"&#9;&#10;&#13; '>a&lt;b>c&amp;d'e\"f\tg\nh&#13;i]]&gt;j]&gt;k></a>");
  EXPECT_EQ(parse(to_string(e)), e);
}

TEST(Writer, brackets_in_one_piece_and_the_rest_in_the_next) {
  const Element e = Element("a", "").with_text("]").with_text("]").with_text(">");
  EXPECT_EQ(to_string(e), "<a>]]&gt;</a>");
  EXPECT_EQ(parse(to_string(e)), e);
}

TEST(Writer, escape_functions_stand_alone) {
  std::string out = "x";
  escape_text(out, std::string_view("a<\0b\xFF\r", 6));
  escape_attribute(out, "'\t\xEF\xBF\xBF\"");
  EXPECT_EQ(out, "xa&lt;\uFFFDb\uFFFD&#13;&apos;&#9;\uFFFD\"");
}

TEST(Writer, namespaces_are_declared_where_they_change) {
  const char* const text =
      "<a xmlns='u'><b/><c xmlns='v'><d/><e xmlns='u'/></c><f xmlns=''><g/><h xmlns='u'/></f><i/></a>";
  EXPECT_EQ(to_string(parse(text)), text);
  EXPECT_EQ(to_string(parse("<a xmlns='u'><b xmlns=''/></a>"), "u"), "<a><b xmlns=''/></a>");
  EXPECT_EQ(to_string(Element("a", ""), "u"), "<a xmlns=''/>");
  EXPECT_EQ(to_string(Element("a", "it's <&>")), "<a xmlns='it&apos;s &lt;&amp;>'/>");
}

TEST(Writer, attributes_get_prefixes_anew) {
  const Element e =
      parse("<a xmlns:p='u' xmlns:q='v' p:x='1' y='2' q:x='3' p:z='4' xml:lang='de'><b p:x='5'/></a>");
  EXPECT_EQ(to_string(e),
            "<a xmlns:ns0='u' ns0:x='1' y='2' xmlns:ns2='v' ns2:x='3' ns0:z='4' xml:lang='de'>"
            "<b xmlns:ns0='u' ns0:x='5'/></a>");
  EXPECT_EQ(parse(to_string(e)), e);
}

TEST(Writer, a_prefix_from_outside_is_used) {
  const Element e = parse(
      "<features xmlns='s' xmlns:s='s' s:x='1'><mechanisms xmlns='m'><features "
      "xmlns='s'>x</features></mechanisms></features>");
  std::string out;
  write(out, e, {.default_ns = "jabber:client", .prefix = "stream", .prefix_ns = "s"});
  EXPECT_EQ(
      out,
      "<stream:features stream:x='1'><mechanisms xmlns='m'><stream:features>x</stream:features></mechanisms>"
      "</stream:features>");
  // Where it is the default as well, no prefix is needed.
  out.clear();
  write(out, Element("a", "s").with_text("x"), {.default_ns = "s", .prefix = "stream", .prefix_ns = "s"});
  EXPECT_EQ(out, "<a>x</a>");
}

TEST(Writer, an_alias_stands_for_the_default) {
  const Element e = parse(
      "<message xmlns='jabber:client'><body>x</body><f xmlns='u'><message "
      "xmlns='jabber:client'/></f></message>");
  std::string out;
  write(out, e, {.default_ns = "jabber:server", .alias_ns = "jabber:client"});
  EXPECT_EQ(out, "<message><body>x</body><f xmlns='u'><message xmlns='jabber:server'/></f></message>");
}

TEST(Writer, inside_only) {
  const Element e = parse("<a xmlns='u' x='1'>t<b/><c xmlns='v'/>t</a>");
  std::string out;
  write_inside(out, e, "u");
  EXPECT_EQ(out, "t<b/><c xmlns='v'/>t");
  out.clear();
  write_inside(out, e);
  EXPECT_EQ(out, "t<b xmlns='u'/><c xmlns='v'/>t");
  out.clear();
  write_inside(out, Element("a", "").with("x", "1"));
  write_inside(out, View());
  write(out, View());
  EXPECT_EQ(out, "");
  write(out, e.view().first_child(), "u");
  EXPECT_EQ(out, "<b/>");
}

// Elements of every shape, from a few names, namespaces and texts.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}
  Element make(int depth) {
    Element e(pick({"a", "b", "\xC3\xA9"}),
              pick({"", "u", "v", "jabber:client", "http://www.w3.org/XML/1998/namespace"}));
    for (int i = number(4); i > 0; --i)
      e.set(pick({"x", "y", "lang"}), text(),
            pick({"", "", "u", "v", "http://www.w3.org/XML/1998/namespace"}));
    for (int i = number(4); i > 0; --i) {
      if (depth > 0 && number(2)) {
        e.add(make(depth - 1));
      } else {
        e.add_text(text());
      }
      if (number(8) == 0) e.add(e.view().first_child());
      if (number(8) == 0) e.unset(pick({"x", "y"}));
    }
    return e;
  }

 private:
  int number(unsigned below) { return static_cast<int>(random_() % below); }
  std::string_view pick(std::initializer_list<std::string_view> from) {
    return from.begin()[random_() % from.size()];
  }
  std::string_view text() {
    return pick({"", "t", "<&>'\"", "]]>", "]", ">", "\r\n\t ", "\xE9\xB8\xBF", "\x01",
                 "long enough for blocks of sixteen"});
  }
  std::mt19937 random_;
};

TEST(Writer, whatever_is_written_is_read_as_the_same) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const Element e = Maker(seed).make(5);
    for (const char* around : {"", "u"}) {
      const std::string text = to_string(e, around);
      const std::string wrapped = "<w xmlns='" + std::string(around) + "'>" + text + "</w>";
      ASSERT_EQ(parse(wrapped).view().first_child(), e) << text;
      ASSERT_EQ(to_string(parse(wrapped).view().first_child().copy(), around),
                to_string(parse(wrapped).view().first_child(), around));
    }
  }
}

}  // namespace
}  // namespace hy::xml
