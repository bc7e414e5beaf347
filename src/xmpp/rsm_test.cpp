#include "xmpp/rsm.h"

#include <gtest/gtest.h>

#include <limits>

#include "xml/scanner.h"
#include "xml/writer.h"

namespace hy::xmpp {
namespace {

std::expected<PageRequest, StanzaError> read(std::string_view inside) {
  return read_page_request(
      xml::parse(fmt::format("<set xmlns='http://jabber.org/protocol/rsm'>{}</set>", inside)));
}

TEST(PageRequest, nothing_asks_for_nothing_particular) {
  for (const auto& request : {read_page_request(xml::View()), read("")}) {
    ASSERT_TRUE(request);
    EXPECT_EQ(request->max, std::nullopt);
    EXPECT_EQ(request->after, std::nullopt);
    EXPECT_EQ(request->index, std::nullopt);
    EXPECT_FALSE(request->backwards());
  }
}

TEST(PageRequest, pages_forwards_and_backwards) {
  const auto next = read("<max>10</max><after>peterpan@neverland.lit</after>");
  EXPECT_EQ(next->max, 10U);
  EXPECT_EQ(next->after, "peterpan@neverland.lit");
  EXPECT_FALSE(next->backwards());
  const auto previous = read("<max>10</max><before>peter@pixyland.org</before>");
  EXPECT_EQ(previous->before, "peter@pixyland.org");
  EXPECT_TRUE(previous->backwards());
  const auto between = read("<after>a</after><before>b</before>");
  EXPECT_EQ(between->after, "a");
  EXPECT_EQ(between->before, "b");
}

TEST(PageRequest, empty_before_is_the_last_page_empty_after_the_first) {
  EXPECT_EQ(read("<max>10</max><before/>")->before, "");
  EXPECT_TRUE(read("<before/>")->backwards());
  EXPECT_EQ(read("<after/>")->after, std::nullopt);
}

TEST(PageRequest, numbers_have_no_end_but_ours) {
  EXPECT_EQ(read("<max>0</max>")->max, 0U);
  EXPECT_EQ(read("<max> 7\n</max>")->max, 7U);
  EXPECT_EQ(read("<max>4294967295</max>")->max, 4'294'967'295U);
  EXPECT_EQ(read("<max>4294967296</max>")->max, 4'294'967'295U);
  EXPECT_EQ(read("<max>99999999999999999999999999</max>")->max, 4'294'967'295U);
  EXPECT_EQ(read("<index>371</index>")->index, 371U);
  EXPECT_EQ(read("<index>18446744073709551616</index>")->index, std::numeric_limits<std::uint64_t>::max());
}

TEST(PageRequest, what_is_no_number_is_a_bad_request) {
  for (const std::string_view text :
       {"<max/>", "<max>ten</max>", "<max>-1</max>", "<max>+1</max>", "<max>1.5</max>", "<max>1 2</max>",
        "<max>99999999999999x</max>", "<index>x</index>", "<index>1</index><after>a</after>",
        "<index>1</index><before/>"}) {
    const auto request = read(text);
    ASSERT_FALSE(request) << text;
    EXPECT_EQ(request.error().condition, Condition::bad_request);
  }
}

TEST(Page, names_its_ends_and_place) {
  EXPECT_EQ(xml::to_string(Page{"a", "b", 10, 800}.element()),
            "<set xmlns='http://jabber.org/protocol/rsm'><first index='10'>a</first><last>b</last>"
            "<count>800</count></set>");
  EXPECT_EQ(xml::to_string(Page{"a", "a", {}, {}}.element()),
            "<set xmlns='http://jabber.org/protocol/rsm'><first>a</first><last>a</last></set>");
}

TEST(Page, empty_has_no_ends) {
  EXPECT_EQ(xml::to_string(Page{{}, {}, 5, 790}.element()),
            "<set xmlns='http://jabber.org/protocol/rsm'><count>790</count></set>");
  EXPECT_EQ(xml::to_string(Page{}.element()), "<set xmlns='http://jabber.org/protocol/rsm'/>");
}

}  // namespace
}  // namespace hy::xmpp
