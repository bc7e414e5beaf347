// However the input is cut into reads, the events are the same.
#include <gtest/gtest.h>

#include <random>

#include "xml/scanner.h"
#include "xml/writer.h"

namespace hy::xml {
namespace {

using Cuts = std::function<std::size_t()>;  // the size of the next read

// Every event in words, elements as written.
std::string transcript(std::string_view text, Scanner::Mode mode, Limits limits, const Cuts& cuts) {
  std::string out;
  Scanner scanner(limits, mode);
  while (!text.empty()) {
    // A copy of exact size: reading beyond it is seen by the sanitizer.
    const std::vector<char> read(text.begin(),
                                 text.begin() + static_cast<std::ptrdiff_t>(std::min(text.size(), cuts())));
    text.remove_prefix(read.size());
    std::string_view input(read.data(), read.size());
    for (Event event = scanner.next(input); event != Event::need_more; event = scanner.next(input)) {
      switch (event) {
        case Event::opened:
          out += "opened " + to_string(scanner.take()) + "\n";
          break;
        case Event::element:
          out += "element " + to_string(scanner.take()) + "\n";
          break;
        case Event::closed:
          out += "closed\n";
          break;
        case Event::text:
          return out + "text\n";
        default:
          return out + "failed " + std::to_string(static_cast<int>(scanner.fault())) + "\n";
      }
    }
  }
  return out;
}

const std::vector<std::string>& documents() {
  static const std::vector<std::string> all = {
      "<?xml version='1.0' encoding=\"UTF-8\"?>\r\n<stream:stream to='example.org' xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams' version = '1.0'>\n <message to='a@b' "
      "xml:lang='de'><body>x &amp; "
      "y</body></message> <stream:error ><a xmlns='u'/></stream:error\t></stream:stream > ",
      "<a x='1\r\n2\r\r\n3&#13;\n\t&lt;&#x41;'>1\r\n2\r&#10;\r\n<![CDATA[\r\n]]]>]]>]]&gt;\r<b/>\r</a>",
      "<\xC3\xA9:\xE9\xB8\xBF "
      "xmlns:\xC3\xA9='\xE9\x9B\x81'>\xF0\x9F\x98\x80\xE9\xB8\xBF&#x1F600;<![CDATA[\xF4\x8F\xBF\xBF]]></"
      "\xC3\xA9:\xE9\xB8\xBF>",
      "<a xmlns:p='u' xmlns:q='u' x1='' x2='' x3='' x4='' x5='' x6='' p:x='' q:x=''/>",
      "<a>\xE9\xB8<b/></a>",
      "<a x='\xED\xA0\x80'/>",
      "<a>\xEF\xBF\xBE</a>",
      "<a><b>]]]></b></a>",
      "<s><a/>  text<b/></s>",
      "<s><a/><![CDATA[x]]></s>",
      "<s/>  x",
      "<s><a></b></s>",
      "<s><!-- comment --></s>",
      "<s><a>&nbsp;</a></s>",
      "<?xml version='1.0' encoding='latin1'?><s/>",
      "<?xml-stylesheet?><s/>",
      "<s><a b='1' b='2'/></s>",
      "<s><a><b><c><d><e/></d></c></b></a></s>",
      "<s><a xmlns:p='0123456789012345678901234567890123456789'><p:b/><c/><p:b/></a></s>",
      "<s><a 1='2'/></s>",
      "<p:s xmlns:p='u'><p:a/></p:s>",
      "\xFF\xFE<",
  };
  return all;
}

const std::vector<Limits>& all_limits() {
  static const std::vector<Limits> all = {Limits(),
                                          {.bytes = 60, .depth = 64, .attributes = 64, .elements = 2000},
                                          {.bytes = 1000, .depth = 3, .attributes = 4, .elements = 3}};
  return all;
}

template <class F>
void for_each_case(F f) {
  for (const std::string& document : documents()) {
    for (const Limits& limits : all_limits()) {
      for (const Scanner::Mode mode : {Scanner::Mode::stream, Scanner::Mode::document})
        f(document, mode, limits);
    }
  }
}

std::string whole(std::string_view document, Scanner::Mode mode, Limits limits) {
  return transcript(document, mode, limits, [] { return std::size_t{1} << 20; });
}

TEST(Split, documents_are_of_every_outcome) {
  std::string all;
  for_each_case([&](const auto& document, auto mode, auto limits) { all += whole(document, mode, limits); });
  for (const char* outcome : {"opened", "element", "closed", "text", "failed 1\n", "failed 2\n", "failed 3\n",
                              "failed 5\n", "failed 6\n", "failed 7\n", "failed 8\n", "failed 9\n"}) {
    EXPECT_NE(all.find(outcome), std::string::npos) << outcome;
  }
}

TEST(Split, single_bytes) {
  for_each_case([](const auto& document, auto mode, auto limits) {
    EXPECT_EQ(transcript(document, mode, limits, [] { return std::size_t{1}; }),
              whole(document, mode, limits))
        << document;
  });
}

TEST(Split, every_cut_in_two) {
  for_each_case([](const auto& document, auto mode, auto limits) {
    const std::string expected = whole(document, mode, limits);
    for (std::size_t at = 1; at < document.size(); ++at) {
      bool first = true;
      const Cuts cuts = [&] { return std::exchange(first, false) ? at : document.size(); };
      ASSERT_EQ(transcript(document, mode, limits, cuts), expected)
          << document.substr(0, at) << " | " << document.substr(at);
    }
  });
}

TEST(Split, random_cuts) {
  std::mt19937 random(20260707);
  for (int round = 0; round < 20; ++round) {
    for_each_case([&](const auto& document, auto mode, auto limits) {
      ASSERT_EQ(transcript(document, mode, limits, [&] { return std::size_t{1} + random() % 9; }),
                whole(document, mode, limits))
          << document;
    });
  }
}

}  // namespace
}  // namespace hy::xml
