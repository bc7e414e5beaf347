#include "splitter.h"

#include <gtest/gtest.h>

#include <vector>

namespace load {
namespace {

constexpr std::string_view stream =
    "<?xml version='1.0'?><stream:stream from='a>b' "
    "id=\"1'2\"><stream:features><a/><b>t</b></stream:features>\n"
    "<presence/> <message to='x'><body>1 &gt; 0 > 0</body></message></stream:stream>";

std::vector<std::string> split(std::size_t step) {
  Splitter splitter;
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    splitter.feed(stream.substr(at, step));
    while (auto part = splitter.next()) parts.emplace_back(*part);
  }
  return parts;
}

TEST(Splitter, gives_the_same_elements_for_any_split) {
  const std::vector<std::string> wanted = {
      "<stream:stream from='a>b' id=\"1'2\">",
      "<stream:features><a/><b>t</b></stream:features>",
      "<presence/>",
      "<message to='x'><body>1 &gt; 0 > 0</body></message>",
      "</stream:stream>",
  };
  for (std::size_t step = 1; step <= stream.size(); ++step) EXPECT_EQ(split(step), wanted) << step;
}

TEST(Splitter, begins_anew_behind_success) {
  Splitter splitter;
  splitter.feed("<stream:stream><success/><?xml version='1.0'?><stream:stream><stream:features/>");
  EXPECT_EQ(splitter.next(), "<stream:stream>");
  EXPECT_EQ(splitter.next(), "<success/>");
  splitter.restart();
  EXPECT_EQ(splitter.next(), "<stream:stream>");
  EXPECT_EQ(splitter.next(), "<stream:features/>");
  EXPECT_EQ(splitter.next(), std::nullopt);
}

TEST(Splitter, keeps_a_half_element_when_it_makes_room) {
  Splitter splitter;
  splitter.feed("<stream:stream>");
  EXPECT_EQ(splitter.next(), "<stream:stream>");
  const std::string body(50000, 'x');
  const std::string message = "<message><body>" + body + "</body></message>";
  for (int i = 0; i < 20; ++i) {
    splitter.feed(message.substr(0, 40000));
    EXPECT_EQ(splitter.next(), std::nullopt);
    splitter.feed(message.substr(40000));
    EXPECT_EQ(splitter.next(), message);
  }
}

}  // namespace
}  // namespace load
