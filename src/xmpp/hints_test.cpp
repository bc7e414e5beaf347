#include "xmpp/hints.h"

#include <gtest/gtest.h>

#include "xml/scanner.h"

namespace hy::xmpp {
namespace {

Hints hints(std::string_view inside, std::string_view type = "chat") {
  return read_hints(*read_stanza(
      xml::parse(fmt::format("<message xmlns='jabber:client' type='{}'>{}</message>", type, inside))));
}

TEST(Hints, are_read_by_name) {
  EXPECT_EQ(hints("<body/>"), Hints());
  EXPECT_EQ(hints("<no-store xmlns='urn:xmpp:hints'/>"), Hints{.no_store = true});
  EXPECT_EQ(hints("<no-permanent-store xmlns='urn:xmpp:hints'/>"), Hints{.no_permanent_store = true});
  EXPECT_EQ(hints("<store xmlns='urn:xmpp:hints'/>"), Hints{.store = true});
  EXPECT_EQ(hints("<body/><no-copy xmlns='urn:xmpp:hints'/><no-store xmlns='urn:xmpp:hints'/>"),
            (Hints{.no_store = true, .no_copy = true}));
}

TEST(Hints, of_other_namespaces_or_deeper_ones_do_not_count) {
  EXPECT_EQ(hints("<no-store/>"), Hints());
  EXPECT_EQ(hints("<no-store xmlns='urn:xmpp:hints:0'/>"), Hints());
  EXPECT_EQ(hints("<a xmlns='urn:a'><no-store xmlns='urn:xmpp:hints'/></a>"), Hints());
  EXPECT_EQ(hints("<what xmlns='urn:xmpp:hints'/>"), Hints());
}

// XEP-0334 §5.
TEST(Hints, in_an_error_are_ignored) {
  EXPECT_EQ(hints("<no-store xmlns='urn:xmpp:hints'/>", "error"), Hints());
}

}  // namespace
}  // namespace hy::xmpp
