#include "xml/scanner.h"

#include <gtest/gtest.h>

#include "xml/writer.h"

namespace hy::xml {
namespace {

constexpr std::string_view header =
    "<?xml version='1.0'?><stream:stream to='example.org' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";

Fault fault_of(std::string_view document, Limits limits = {}) {
  Fault fault = Fault::none;
  const Element element = parse(document, limits, &fault);
  EXPECT_EQ(element.empty(), fault != Fault::none) << document;
  return fault;
}

std::string text_of(std::string_view document) {
  return parse(document).text();
}
std::string value_of(std::string_view document) {
  return std::string(parse(document).attribute("x"));
}

// ── events ──

TEST(Scanner, a_stream_gives_its_header_then_its_elements) {
  Scanner scanner;
  const std::string whole = std::string(header) +
                            " <message><body>a &amp; b</body></message>\n"
                            "<stream:error/></stream:stream>\n";
  std::string_view input = whole;
  ASSERT_EQ(scanner.next(input), Event::opened);
  const Element root = scanner.take();
  EXPECT_TRUE(root.is("stream", "http://etherx.jabber.org/streams"));
  EXPECT_EQ(root.attribute("to"), "example.org");
  EXPECT_TRUE(root.children().empty());
  ASSERT_EQ(scanner.next(input), Event::element);
  EXPECT_EQ(to_string(scanner.take(), "jabber:client"), "<message><body>a &amp; b</body></message>");
  ASSERT_EQ(scanner.next(input), Event::element);
  EXPECT_TRUE(scanner.take().is("error", "http://etherx.jabber.org/streams"));
  EXPECT_EQ(scanner.next(input), Event::closed);
  EXPECT_EQ(scanner.next(input), Event::need_more);
  EXPECT_TRUE(input.empty());
  EXPECT_EQ(scanner.fault(), Fault::none);
}

TEST(Scanner, next_stops_right_behind_an_event) {
  Scanner scanner;
  std::string_view input = "<s> <a/><b/>";
  scanner.next(input);
  EXPECT_EQ(input, " <a/><b/>");
  scanner.next(input);
  EXPECT_EQ(input, "<b/>");
}

TEST(Scanner, an_element_not_taken_is_dropped) {
  Scanner scanner;
  std::string_view input = "<s><a/><b/>";
  scanner.next(input);
  scanner.next(input);
  ASSERT_EQ(scanner.next(input), Event::element);
  EXPECT_EQ(scanner.take().name(), "b");
}

TEST(Scanner, an_empty_root_is_opened_and_closed) {
  Scanner scanner;
  std::string_view input = "<s a='1'/> ";
  ASSERT_EQ(scanner.next(input), Event::opened);
  EXPECT_EQ(scanner.take().attribute("a"), "1");
  EXPECT_EQ(scanner.next(input), Event::closed);
  EXPECT_EQ(scanner.next(input), Event::need_more);
}

TEST(Scanner, only_white_space_follows_the_end) {
  for (const char* more : {"x", "<", "<a/>", "<!-- x -->", "<?x?>", "</s>", "&amp;"}) {
    Scanner scanner;
    const std::string whole = "<s></s> \r\n\t" + std::string(more);
    std::string_view input = whole;
    EXPECT_EQ(scanner.next(input), Event::opened);
    EXPECT_EQ(scanner.next(input), Event::closed);
    EXPECT_EQ(scanner.next(input), Event::failed) << more;
    EXPECT_EQ(scanner.fault(), Fault::not_well_formed);
    EXPECT_EQ(fault_of("<s></s> " + std::string(more)), Fault::not_well_formed);
  }
}

TEST(Scanner, text_below_the_root_is_an_event_and_the_end) {
  for (const char* stray : {"x", "  x", "&amp;", "&#32;", "<![CDATA[]]>", "\xE9\xB8\xBF"}) {
    Scanner scanner;
    const std::string whole = "<s><a/>" + std::string(stray) + "<b/>";
    std::string_view input = whole;
    EXPECT_EQ(scanner.next(input), Event::opened);
    EXPECT_EQ(scanner.next(input), Event::element);
    EXPECT_EQ(scanner.next(input), Event::text) << stray;
    EXPECT_EQ(scanner.next(input), Event::text) << stray;
  }
}

TEST(Scanner, failed_is_for_ever) {
  Scanner scanner;
  std::string_view input = "<s><a></b>";
  scanner.next(input);
  EXPECT_EQ(scanner.next(input), Event::failed);
  std::string_view good = "<a/>";
  EXPECT_EQ(scanner.next(good), Event::failed);
  EXPECT_EQ(scanner.fault(), Fault::not_well_formed);
}

TEST(Scanner, reset_begins_a_new_document) {
  Scanner scanner;
  std::string_view input = "<s xmlns:p='u'><a>half";
  scanner.next(input);
  scanner.next(input);
  scanner.reset();
  input = "<?xml version='1.0'?><t><p:b/>";
  EXPECT_EQ(scanner.next(input), Event::opened);
  EXPECT_EQ(scanner.take().name(), "t");
  EXPECT_EQ(scanner.next(input), Event::failed);
  EXPECT_EQ(scanner.fault(), Fault::bad_namespace_prefix);
}

TEST(Scanner, a_document_is_one_element) {
  Scanner scanner({}, Scanner::Mode::document);
  std::string_view input = "<?xml version='1.0'?><a xmlns='u'>x<b/></a> ";
  ASSERT_EQ(scanner.next(input), Event::element);
  EXPECT_EQ(to_string(scanner.take()), "<a xmlns='u'>x<b/></a>");
  EXPECT_EQ(scanner.next(input), Event::need_more);
}

TEST(Scanner, parse_wants_the_whole_root) {
  for (const char* part :
       {"", " ", "<", "<a", "<a ", "<a/", "<a>", "<a><b/>", "<a></a", "<?xml version='1.0'?>"}) {
    EXPECT_EQ(fault_of(part), Fault::not_well_formed) << part;
  }
}

// ── memory ──

TEST(Scanner, at_rest_it_holds_little) {
  Scanner scanner;
  std::string_view input = header;
  scanner.next(input);
  scanner.take();
  scanner.next(input);
  EXPECT_LT(scanner.memory(), 200U);
  const std::string big = "<message><body>" + std::string(100'000, 'x') + "</body></message>";
  input = big;
  ASSERT_EQ(scanner.next(input), Event::element);
  EXPECT_GT(scanner.memory(), 100'000U);
  scanner.take();
  scanner.next(input);
  EXPECT_LT(scanner.memory(), 200U);
}

TEST(Scanner, elements_are_of_exact_size) {
  const Element element =
      parse("<message to='juliet@capulet.example'><body>Art thou not Romeo?</body></message>");
  EXPECT_EQ(element.size(), Element(element).size());
  EXPECT_LT(element.size(), 250U);
}

// ── the declaration ──

TEST(Scanner, the_declaration_is_optional_and_exact) {
  for (const char* good :
       {"<?xml version='1.0'?><a/>", "<?xml version=\"1.0\" encoding='UTF-8'?>\n<a/>",
        "<?xml\tversion = '1.0' ?><a/>", "<?xml version='1.0' encoding='utf-8' standalone='yes'?><a/>",
        "<?xml version='1.0' standalone='no'?><a/>", "<?xml version='1.0' encoding='Utf-8'\r\n?><a/>"}) {
    EXPECT_EQ(fault_of(good), Fault::none) << good;
  }
  for (const char* bad :
       {"<?xml?><a/>", "<?xml ?><a/>", "<?xml version='1.1'?><a/>", "<?xml version='1.0'><a/>",
        "<?xml version=1.0?><a/>", "<?xml version='1.0\"?><a/>", "<?xml encoding='UTF-8'?><a/>",
        "<?xml version='1.0'encoding='UTF-8'?><a/>", "<?xml version='1.0' standalone='maybe'?><a/>",
        "<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>",
        "<?xml version='1.0' version='1.0'?><a/>", "<?xml version='1.0' x='y'?><a/>",
        "<?xmlversion='1.0'?><a/>"}) {
    EXPECT_NE(fault_of(bad), Fault::none) << bad;
  }
}

TEST(Scanner, the_declaration_stands_at_the_very_start) {
  for (const char* bad : {" <?xml version='1.0'?><a/>", "<a><?xml version='1.0'?></a>",
                          "<?xml version='1.0'?><?xml version='1.0'?><a/>"}) {
    EXPECT_EQ(fault_of(bad), Fault::restricted_xml) << bad;
  }
  EXPECT_EQ(fault_of(" \r\n\t<a/>"), Fault::none);
}

TEST(Scanner, other_encodings_are_refused) {
  EXPECT_EQ(fault_of("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), Fault::unsupported_encoding);
  EXPECT_EQ(fault_of("<?xml version='1.0' encoding='UTF-16'?><a/>"), Fault::unsupported_encoding);
  EXPECT_EQ(fault_of("<?xml version='1.0' encoding='UTF-8x'?><a/>"), Fault::unsupported_encoding);
  EXPECT_EQ(fault_of("<?xml version='1.0' encoding=''?><a/>"), Fault::unsupported_encoding);
  EXPECT_EQ(fault_of(std::string_view("\xFF\xFE<\0", 4)), Fault::unsupported_encoding);
  EXPECT_EQ(fault_of(std::string_view("\xFE\xFF\0<", 4)), Fault::unsupported_encoding);
  EXPECT_EQ(fault_of("\xEF\xBB\xBF<a/>"), Fault::not_well_formed);
}

// ── what XMPP excludes ──

TEST(Scanner, comments_instructions_doctypes_and_entities_are_restricted) {
  for (const char* bad : {"<!-- x --><a/>", "<a><!-- x --></a>", "<!DOCTYPE a><a/>", "<?php x?><a/>",
                          "<a><?x?></a>", "<?xml-stylesheet href='x'?><a/>", "<a>&nbsp;</a>", "<a>&ampx;</a>",
                          "<a>&am;</a>", "<a>&AMP;</a>", "<a x='&nbsp;'/>", "<a>&quotation;</a>"}) {
    EXPECT_EQ(fault_of(bad), Fault::restricted_xml) << bad;
  }
}

TEST(Scanner, a_comment_or_doctype_is_refused_as_soon_as_it_shows) {
  for (const char* bad : {"<!-", "<s><!-", "<s><a><!-", "<!D", "<s><!D", "<s><?", "<s><a>x<?"}) {
    Scanner scanner;
    std::string_view input = bad;
    Event event = scanner.next(input);
    while (event == Event::opened || event == Event::closed) event = scanner.next(input);
    EXPECT_EQ(event, Event::failed) << bad;
    EXPECT_EQ(scanner.fault(), Fault::restricted_xml) << bad;
  }
}

// ── well-formedness ──

TEST(Scanner, tags_follow_the_grammar) {
  for (const char* good :
       {"<a/>", "<a />", "<a></a>", "<a></a \r\n\t>", "<a x='1'/>", "<a x = \"1\" />",
        "<a\nx='1'\ty='2'\r>z</a>", "<a x=''/>", "<a x='\"' y=\"'\"/>", "<a x='>'/>", "<a.b-c_1/>", "<_/>"}) {
    EXPECT_EQ(fault_of(good), Fault::none) << good;
  }
  for (const char* bad : {"x",
                          "<>",
                          "< a/>",
                          "<a",
                          "<a/ >",
                          "<a / >",
                          "<a x/>",
                          "<a x=/>",
                          "<a x=1/>",
                          "<a x='1/>",
                          "<a x='1'y='2'/>",
                          "<a x='1' 'y'/>",
                          "<a =''/>",
                          "<a></b>",
                          "<a></ab>",
                          "<ab></a>",
                          "<a></ a>",
                          "<a></a/>",
                          "<a></a x='1'>",
                          "<a><b></a></b>",
                          "</a>",
                          "<a/></a>",
                          "<1/>",
                          "<-a/>",
                          "<.a/>",
                          "<a 1='x'/>",
                          "<a><</a>",
                          "<a x='<'/>",
                          "<a>&</a>",
                          "<a>& </a>",
                          "<a>&;</a>",
                          "<a>&1;</a>",
                          "<a>&amp</a>",
                          "<a>&a b;</a>",
                          "<a x='&'/>",
                          "<a><![cdata[x]]></a>",
                          "<a><![CDATA[x]]</a>",
                          "<![CDATA[x]]><a/>",
                          "<a>\x01</a>",
                          "<a x='\x01'/>",
                          "<a\x01/>",
                          "<a\0/>",
                          "<!x>",
                          "<a><!></a>"}) {
    EXPECT_EQ(fault_of(bad), Fault::not_well_formed) << bad;
  }
  EXPECT_EQ(fault_of(std::string_view("<a>\0</a>", 8)), Fault::not_well_formed);
}

TEST(Scanner, names_are_names) {
  for (const char* good : {"<\xC3\xA9/>", "<a\xC2\xB7/>", "<\xE9\xB8\xBF \xE9\x9B\x81='1'/>",
                           "<\xF0\x90\x80\x80/>", "<a\xE2\x80\xBF/>", "<p:\xC3\xA9 xmlns:p='u'/>"}) {
    EXPECT_EQ(fault_of(good), Fault::none) << good;
  }
  for (const char* bad : {"<\xC2\xB7/>", "<a\xC3\x97/>", "<\xC3\xB7/>", "<a\xCD\xBE/>", "<a\xE2\x80\x80/>",
                          "<\xF3\xB0\x80\x80/>", "<a \xC2\xB7='1'/>"}) {
    EXPECT_EQ(fault_of(bad), Fault::not_well_formed) << bad;
  }
  EXPECT_EQ(fault_of("<\xC3/>"), Fault::invalid_utf8);
  EXPECT_EQ(fault_of("<a \xC0\x80='x'/>"), Fault::invalid_utf8);
}

TEST(Scanner, text_and_sections_are_one) {
  EXPECT_EQ(text_of("<a>x<![CDATA[<&]]]]>y<![CDATA[]]>]]&gt;z</a>"), "x<&]]y]]>z");
  EXPECT_EQ(text_of("<a>]]></a>"), "]]>");  // what Smack sends
  EXPECT_EQ(text_of("<a><![CDATA[]]]></a>"), "]");
  EXPECT_EQ(text_of("<a><![CDATA[]]]]]></a>"), "]]]");
  EXPECT_EQ(text_of("<a><![CDATA[]>]]x]]></a>"), "]>]]x");
  EXPECT_EQ(text_of("<a>]]<![CDATA[>]]></a>"), "]]>");
  EXPECT_EQ(text_of("<a>&#93;]></a>"), "]]>");
  EXPECT_EQ(text_of("<a>]]&gt; ]] > ]></a>"), "]]> ]] > ]>");
  EXPECT_EQ(text_of("<a>1<b>2</b>3</a>"), "13");
}

TEST(Scanner, references) {
  EXPECT_EQ(text_of("<a>&amp;&lt;&gt;&apos;&quot;</a>"), "&<>'\"");
  EXPECT_EQ(text_of("<a>&#65;&#x41;&#x1F600;&#00000000000000000065;&#x10FFFF;</a>"),
            "AA\U0001F600A\U0010FFFF");
  EXPECT_EQ(text_of("<a>&#9;&#10;&#13;&#xd;&#xE000;&#xFFFD;</a>"), "\t\n\r\r\uE000\uFFFD");
  EXPECT_EQ(value_of("<a x='&lt;&#39;&quot;'/>"), "<'\"");
  for (const char* bad : {"&#0;", "&#1;", "&#x1F;", "&#xD800;", "&#xDFFF;", "&#xFFFE;", "&#xFFFF;",
                          "&#x110000;", "&#x100000041;", "&#99999999999999999999;", "&#;", "&#x;", "&#xG;",
                          "&#X41;", "&#4 1;", "&#-1;", "&#6A;"}) {
    EXPECT_EQ(fault_of("<a>" + std::string(bad) + "</a>"), Fault::not_well_formed) << bad;
    EXPECT_EQ(fault_of("<a x='" + std::string(bad) + "'/>"), Fault::not_well_formed) << bad;
  }
}

TEST(Scanner, line_ends_in_text_become_lf) {
  EXPECT_EQ(text_of("<a>1\r\n2\r3\n4\r\r\n5\n\r6\r</a>"), "1\n2\n3\n4\n\n5\n\n6\n");
  EXPECT_EQ(text_of("<a>\r&#10;\r<![CDATA[\n\r\n\r]]>\n</a>"), "\n\n\n\n\n\n\n");
}

TEST(Scanner, white_space_in_values_becomes_spaces_unless_by_reference) {
  EXPECT_EQ(value_of("<a x='1\t2\n3\r4\r\n5\n\r6  7'/>"), "1 2 3 4 5  6  7");
  EXPECT_EQ(value_of("<a x='&#9;&#10;&#13;&#xD;&#xA;'/>"), "\t\n\r\r\n");
  EXPECT_EQ(value_of("<a x='\r&#10;'/>"), " \n");
}

// ── characters ──

TEST(Scanner, utf8_is_strict) {
  for (const char* good : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xEF\xBF\xBD", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xEF\xB7\x90", "\x7F"}) {
    EXPECT_EQ(text_of("<a>" + std::string(good) + "</a>"), good);
    EXPECT_EQ(value_of("<a x='" + std::string(good) + "'/>"), good);
    EXPECT_EQ(text_of("<a><![CDATA[" + std::string(good) + "]]></a>"), good);
  }
  for (const char* bad : {"\x80",
                          "\xBF",
                          "\xC0\x80",
                          "\xC1\xBF",
                          "\xC2",
                          "\xC2\x41",
                          "\xC2\xC2",
                          "\xE0\x80\x80",
                          "\xE0\x9F\xBF",
                          "\xE0\xA0",
                          "\xE1\x80\x41",
                          "\xED\xA0\x80",
                          "\xED\xBF\xBF",
                          "\xF0\x80\x80\x80",
                          "\xF0\x8F\xBF\xBF",
                          "\xF0\x90\x80",
                          "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80",
                          "\xF8\x88\x80\x80\x80",
                          "\xFE",
                          "\xFF"}) {
    for (const auto& [before, after] :
         std::initializer_list<std::pair<std::string, std::string>>{{"<a>", "</a>"},
                                                                    {"<a x='", "'/>"},
                                                                    {"<a><![CDATA[", "]]></a>"},
                                                                    {"<a>0123456789abcdef", "x</a>"}}) {
      EXPECT_EQ(fault_of(before + bad + after), Fault::invalid_utf8) << testing::PrintToString(bad);
    }
  }
}

TEST(Scanner, the_parts_of_a_character_stand_together) {
  for (const char* bad :
       {"<a>\xE9&#65;\xB8\xBF</a>", "<a>\xE9<![CDATA[\xB8\xBF]]></a>", "<a><![CDATA[\xE9]]>\xB8\xBF</a>",
        "<a x='\xE9&amp;\xB8\xBF'/>", "<a>\xE9<b/>\xB8\xBF</a>", "<a>\xE9\r\xB8\xBF</a>"}) {
    EXPECT_EQ(fault_of(bad), Fault::invalid_utf8) << bad;
  }
}

TEST(Scanner, characters_that_are_none_are_refused) {
  for (const char* bad : {"\x01", "\x08", "\x0B", "\x0C", "\x0E", "\x1F", "\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    EXPECT_EQ(fault_of("<a>" + std::string(bad) + "</a>"), Fault::not_well_formed);
    EXPECT_EQ(fault_of("<a x='" + std::string(bad) + "'/>"), Fault::not_well_formed);
    EXPECT_EQ(fault_of("<a><![CDATA[" + std::string(bad) + "]]></a>"), Fault::not_well_formed);
  }
}

// ── limits ──

TEST(Scanner, bytes_of_an_element_are_limited_to_the_byte) {
  for (const char* exact : {"<s><a x='1234567890'/>", "<s><a>1234567890</a>", "<s><a1234567890/>",
                            "<s><a><b/><b/></a>", "<s><a>&#0000000065;</a>", "<s><a            />"}) {
    const std::string text = exact;
    const auto size = static_cast<std::uint32_t>(text.size() - 3);
    for (const std::uint32_t limit : {size, size - 1}) {
      Scanner scanner;
      std::string_view input = text;
      scanner.next(input);
      scanner.set_limits({.bytes = limit});
      EXPECT_EQ(scanner.next(input), limit == size ? Event::element : Event::failed) << exact;
      if (limit < size) EXPECT_EQ(scanner.fault(), Fault::too_big);
    }
  }
}

TEST(Scanner, the_end_tag_is_limited_too) {
  Scanner scanner({.bytes = 10});
  std::string_view input = "<s></s      >";
  scanner.next(input);
  EXPECT_EQ(scanner.next(input), Event::closed);
  Scanner other({.bytes = 10});
  input = "<s></s       >";
  other.next(input);
  EXPECT_EQ(other.next(input), Event::failed);
}

TEST(Scanner, bytes_of_the_header_are_limited_to_the_byte) {
  for (const std::string_view text : {std::string_view(" \n<s x='1'>"), header}) {
    for (const bool fits : {true, false}) {
      Scanner scanner({.bytes = static_cast<std::uint32_t>(text.size() - (fits ? 0 : 1))});
      std::string_view input = text;
      EXPECT_EQ(scanner.next(input), fits ? Event::opened : Event::failed);
      EXPECT_EQ(scanner.fault(), fits ? Fault::none : Fault::too_big);
    }
  }
}

TEST(Scanner, an_endless_token_fails_at_the_limit_and_is_not_kept) {
  for (const char* start :
       {"<s><a x='", "<s><a>", "<s><", "<s><a ", "<s><a>&#0", "<s><a><![CDATA[", "<s><a></a", "<"}) {
    Scanner scanner({.bytes = 1000});
    std::string_view input = start;
    Event event = scanner.next(input);
    if (event == Event::opened) event = scanner.next(input);
    const std::string more(100, std::string_view(start).back() == '0'   ? '0'
                                : std::string_view(start).back() == ' ' ? ' '
                                                                        : 'a');
    std::size_t sent = 0;
    while (event == Event::need_more && sent < 2000) {
      input = more;
      event = scanner.next(input);
      EXPECT_LT(scanner.memory(), 5000U);
      sent += more.size();
    }
    EXPECT_EQ(event, Event::failed) << start;
    if (std::string_view(start) != "<s><a></a") EXPECT_EQ(scanner.fault(), Fault::too_big) << start;
    EXPECT_LE(sent, 1000U);
  }
}

TEST(Scanner, white_space_between_elements_costs_nothing) {
  Scanner scanner({.bytes = 10});
  std::string_view input = "<s>";
  scanner.next(input);
  const std::string space(1000, ' ');
  for (int i = 0; i < 10; ++i) {
    input = space;
    EXPECT_EQ(scanner.next(input), Event::need_more);
    EXPECT_LT(scanner.memory(), 200U);
    input = "<a>12</a>";
    EXPECT_EQ(scanner.next(input), Event::element);
  }
}

TEST(Scanner, depth_is_limited) {
  EXPECT_EQ(fault_of("<a><b><c/></b><b/></a>", {.depth = 3}), Fault::none);
  EXPECT_EQ(fault_of("<a><b><c/></b><b/></a>", {.depth = 2}), Fault::too_deep);
  for (const bool fits : {true, false}) {
    Scanner scanner({.depth = fits ? 3U : 2U});
    std::string_view input = "<s><b><c/></b>";
    EXPECT_EQ(scanner.next(input), Event::opened);
    EXPECT_EQ(scanner.next(input), fits ? Event::element : Event::failed);
    EXPECT_EQ(scanner.fault(), fits ? Fault::none : Fault::too_deep);
  }
}

TEST(Scanner, attributes_are_limited_declarations_included) {
  EXPECT_EQ(fault_of("<a x='1' xmlns:p='u' y='2'><b x='' y='' z=''/></a>", {.attributes = 3}), Fault::none);
  EXPECT_EQ(fault_of("<a x='1' xmlns:p='u' y='2'/>", {.attributes = 2}), Fault::too_many_attributes);
  EXPECT_EQ(fault_of("<a><b x='1' y='2'/></a>", {.attributes = 1}), Fault::too_many_attributes);
}

TEST(Scanner, elements_are_limited) {
  EXPECT_EQ(fault_of("<a><b/><b/></a>", {.elements = 3}), Fault::none);
  EXPECT_EQ(fault_of("<a><b/><b/></a>", {.elements = 2}), Fault::too_many_elements);
  Scanner scanner({.elements = 2});
  std::string_view input = "<s><a><b/></a><a><b/></a><a><b/><b/></a>";
  EXPECT_EQ(scanner.next(input), Event::opened);
  EXPECT_EQ(scanner.next(input), Event::element);
  EXPECT_EQ(scanner.next(input), Event::element);
  EXPECT_EQ(scanner.next(input), Event::failed);
  EXPECT_EQ(scanner.fault(), Fault::too_many_elements);
}

// A namespace is written where it is used. What one long declaration and many uses would take counts as read.
TEST(Scanner, a_namespace_used_in_many_places_counts_in_each) {
  const auto document = [](std::size_t uses) {
    std::string text = "<a xmlns:p='" + std::string(100, 'u') + "'>";
    for (std::size_t i = 0; i < uses; ++i) text += i % 2 ? "<b p:x=''/>" : "<p:b/>";
    return text + "</a>";
  };
  EXPECT_EQ(fault_of(document(10), {.bytes = 1000}), Fault::none);
  EXPECT_EQ(fault_of(document(11), {.bytes = 1000}), Fault::too_big);
  const Element most = parse(document(10), {.bytes = 1000});
  EXPECT_LT(to_string(most).size(), 2000U);
  EXPECT_EQ(fault_of("<p:a xmlns:p='0123456789'><p:b><p:b/></p:b></p:a>", {.bytes = 60}), Fault::none);
}

TEST(Scanner, limits_may_change_on_the_way) {
  Scanner scanner({.bytes = 20});
  std::string_view input = "<s><a>1234";
  EXPECT_EQ(scanner.next(input), Event::opened);
  EXPECT_EQ(scanner.next(input), Event::need_more);
  scanner.set_limits({.bytes = 5});
  input = "5";
  EXPECT_EQ(scanner.next(input), Event::failed);
}

TEST(Scanner, nesting_does_not_recurse) {
  constexpr std::uint32_t depth = 300'000;
  Scanner scanner({.bytes = 1U << 30, .depth = depth + 1, .attributes = 1, .elements = depth});
  std::string_view input = "<s>";
  scanner.next(input);
  for (std::uint32_t i = 0; i < depth; ++i) {
    input = "<a x='1'>";
    ASSERT_EQ(scanner.next(input), Event::need_more);
  }
  Event event = Event::need_more;
  for (std::uint32_t i = 0; i < depth; ++i) {
    input = "</a>";
    event = scanner.next(input);
  }
  ASSERT_EQ(event, Event::element);
  const Element deep = scanner.take();
  EXPECT_EQ(deep, Element(deep));
  EXPECT_EQ(to_string(deep).size(), depth * 13U - 3U);  // the innermost is an empty tag
}

}  // namespace
}  // namespace hy::xml
