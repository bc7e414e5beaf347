#include "xmpp/delay.h"

#include <gtest/gtest.h>

#include "xml/scanner.h"
#include "xml/writer.h"
#include "xmpp/datetime.h"

namespace hy::xmpp {
namespace {

Stanza message(std::string_view inside) {
  return *read_stanza(xml::parse(fmt::format("<message xmlns='jabber:client'>{}</message>", inside)));
}

std::string stripped(std::string_view inside, std::string_view us = "capulet.com") {
  Stanza stanza = message(inside);
  const bool some = strip_delays(stanza, *Jid::parse(us));
  std::string out;
  write_inside(out, stanza);
  EXPECT_EQ(some, out != inside) << inside;
  return out;
}

// XEP-0203 §3.
TEST(Delay, is_written_and_read) {
  const Delay delay{*parse_utc("2002-09-10T23:08:25Z"), *Jid::parse("capulet.com"), "Offline Storage"};
  EXPECT_EQ(xml::to_string(delay.element()),
            "<delay xmlns='urn:xmpp:delay' from='capulet.com' stamp='2002-09-10T23:08:25Z'>Offline "
            "Storage</delay>");
  Stanza stanza = message("<body>x</body>");
  stanza.add(delay.element());
  const auto again = read_delay(stanza.root);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->stamp, delay.stamp);
  EXPECT_EQ(again->from, delay.from);
  EXPECT_EQ(again->reason, delay.reason);
}

TEST(Delay, from_and_reason_may_be_absent) {
  EXPECT_EQ(xml::to_string(Delay{*parse_utc("2002-09-10T23:08:25Z"), {}, {}}.element()),
            "<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>");
}

TEST(Delay, the_first_readable_stamp_counts) {
  const Stanza stanza = message(
      "<delay xmlns='urn:xmpp:delay'/><delay xmlns='urn:xmpp:delay' stamp='yesterday'/>"
      "<delay xmlns='urn:other' stamp='2001-01-01T00:00:00Z'/>"
      "<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z' from='@'/>"
      "<delay xmlns='urn:xmpp:delay' stamp='2003-09-10T23:08:25Z'/>");
  const auto delay = read_delay(stanza.root);
  ASSERT_TRUE(delay);
  EXPECT_EQ(utc(delay->stamp), "2002-09-10T23:08:25Z");
  EXPECT_FALSE(delay->from);
  EXPECT_FALSE(read_delay(message("<body/>").root));
}

// XEP-0203 §5.
TEST(StripDelays, removes_what_claims_to_be_from_us) {
  EXPECT_EQ(
      stripped(
          "<body>x</body><delay xmlns='urn:xmpp:delay' from='capulet.com' stamp='s'/><a xmlns='urn:a'/>"),
      "<body>x</body><a xmlns='urn:a'/>");
  EXPECT_EQ(stripped("<delay xmlns='urn:xmpp:delay' from='CAPULET.com./x' stamp='s'/>"), "");
  EXPECT_EQ(stripped("<delay xmlns='urn:xmpp:delay' from='r@c.capulet.com/nick'/>", "r@c.capulet.com"), "");
  EXPECT_EQ(stripped("<x xmlns='jabber:x:delay' from='capulet.com' stamp='s'/>"), "");
}

TEST(StripDelays, removes_what_names_no_address) {
  EXPECT_EQ(stripped("<delay xmlns='urn:xmpp:delay' from='@' stamp='s'/>"), "");
  EXPECT_EQ(stripped("<delay xmlns='urn:xmpp:delay' from='' stamp='s'/>"), "");
}

TEST(StripDelays, leaves_the_others) {
  for (const std::string_view inside :
       {"<body>x</body>", "<delay xmlns='urn:xmpp:delay' stamp='s'/>",
        "<delay xmlns='urn:xmpp:delay' from='juliet@capulet.com/balcony' stamp='s'/>",
        "<delay xmlns='urn:xmpp:delay' from='sub.capulet.com' stamp='s'/>",
        "<delay xmlns='urn:other' from='capulet.com'/>",
        "<f xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' from='capulet.com'/></f>"}) {
    EXPECT_EQ(stripped(inside), inside);
  }
}

}  // namespace
}  // namespace hy::xmpp
