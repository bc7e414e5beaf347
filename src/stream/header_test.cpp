// Stream headers: RFC 6120 §4.7, §4.8 and the conditions of §4.9.3 that they can end with.
#include <gtest/gtest.h>

#include "stream/fakes.h"

namespace hy::stream {
namespace {

using fake::Client;
using fake::World;

std::string error(std::string_view condition, std::string_view text = {}) {
  std::string inside = fmt::format("<{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>", condition);
  if (!text.empty()) {
    inside += fmt::format("<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>{}</text>", text);
  }
  return "<stream:error>" + inside + "</stream:error></stream:stream>";
}

std::string attributes(std::string_view rest) {
  return fmt::format(
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' {}>", rest);
}

struct Case {
  std::string name;
  std::string header;
  std::string answer;  // behind our header
};

std::ostream& operator<<(std::ostream& out, const Case& wrong) {
  return out << wrong.header;
}

class WrongHeader : public testing::TestWithParam<Case> {};

TEST_P(WrongHeader, is_answered_with_a_header_the_error_and_the_end) {
  World world;
  Client client(world);
  client.send(GetParam().header);
  const std::string all = client.peek();
  EXPECT_TRUE(all.starts_with("<?xml version='1.0'?><stream:stream from='example.org'")) << all;
  EXPECT_EQ(client.received(), GetParam().answer);
  EXPECT_TRUE(client.line->closed);
  EXPECT_EQ(world.shard().streams.size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc6120, WrongHeader,
    testing::Values(
        Case{"stream_namespace",
             "<stream:stream xmlns='jabber:client' xmlns:stream='http://wrong/' to='example.org' "
             "version='1.0'>",
             error("invalid-namespace")},
        Case{"no_stream_namespace", "<stream xmlns='jabber:client' to='example.org' version='1.0'>",
             error("invalid-namespace")},
        Case{"content_namespace_of_servers",
             "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' "
             "to='example.org' version='1.0'>",
             error("invalid-namespace")},
        Case{"no_content_namespace",
             "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' to='example.org' version='1.0'>",
             error("invalid-namespace")},
        Case{"a_stanza_first", "<iq xmlns='jabber:client' type='result' id='1'/>",
             error("invalid-namespace")},
        Case{"another_root",
             "<stream:flow xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
             "to='example.org' version='1.0'>",
             error("bad-format", "the root is no stream")},
        Case{"no_version", attributes("to='example.org'"), error("unsupported-version")},
        Case{"version_0_9", attributes("to='example.org' version='0.9'"), error("unsupported-version")},
        Case{"version_1", attributes("to='example.org' version='1'"), error("unsupported-version")},
        Case{"version_words", attributes("to='example.org' version='one.zero'"),
             error("unsupported-version")},
        Case{"version_negative", attributes("to='example.org' version='-1.0'"), error("unsupported-version")},
        Case{"version_huge", attributes("to='example.org' version='99999999999.0'"),
             error("unsupported-version")},
        Case{"no_to", attributes("version='1.0'"), error("improper-addressing", "no 'to'")},
        Case{"malformed_to", attributes("to='@' version='1.0'"),
             error("improper-addressing", "'to' is not a domain")},
        Case{"empty_to", attributes("to='' version='1.0'"),
             error("improper-addressing", "'to' is not a domain")},
        Case{"unknown_to", attributes("to='elsewhere.example' version='1.0'"), error("host-unknown")},
        Case{"a_page_request", "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", error("not-well-formed")},
        Case{"tls_hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8), error("not-well-formed")},
        Case{"a_comment", "<!-- hello --><stream:stream>", error("restricted-xml")},
        Case{"a_dtd", "<!DOCTYPE stream><stream:stream>", error("restricted-xml")},
        Case{"latin_1", "<?xml version='1.0' encoding='ISO-8859-1'?>" + fake::header,
             error("unsupported-encoding")},
        Case{"undeclared_prefix", "<stream:stream xmlns='jabber:client' to='example.org' version='1.0'>",
             error("bad-namespace-prefix")},
        Case{"not_utf_8", "<stream:stream to='\xff'>", error("unsupported-encoding", "not UTF-8")}),
    [](const auto& info) { return info.param.name; });

TEST(Header, of_a_known_domain_is_the_from_of_our_header_even_when_something_else_is_wrong) {
  World world;
  Client client(world);
  client.send(attributes("to='OTHER.example' version='0.9'"));
  EXPECT_TRUE(client.peek().starts_with("<?xml version='1.0'?><stream:stream from='other.example' id='"))
      << client.peek();
}

TEST(Header, unknown_domain_is_never_echoed) {
  World world;
  Client client(world);
  client.send(attributes("to='evil.example' version='1.0'"));
  EXPECT_FALSE(client.peek().contains("evil"));
}

TEST(Header, is_answered_with_all_that_rfc_6120_4_7_wants) {
  World world;
  Client client(world);
  client.send(attributes("to='example.org' from='romeo@example.org/x' version='1.0' xml:lang='de'"));
  const std::string all = client.peek();
  const std::size_t id = all.find(" id='") + 5;
  EXPECT_EQ(all.substr(0, id),
            "<?xml version='1.0'?><stream:stream from='example.org' to='romeo@example.org' id='");
  EXPECT_EQ(all.find('\'', id) - id, 32u) << "128 bits";
  EXPECT_TRUE(all.substr(id + 32).starts_with(
      "' version='1.0' xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
      "<stream:features>"))
      << all;
}

TEST(Header, has_no_to_without_a_from_and_no_version_above_ours) {
  World world;
  Client client(world);
  client.send(attributes("to='example.org' version='2.7'"));
  EXPECT_FALSE(client.peek().contains(" to='"));
  EXPECT_TRUE(client.peek().contains(" version='1.0' "));
  EXPECT_TRUE(client.peek().contains("<stream:features>"));
}

TEST(Header, ids_differ) {
  World world;
  Client a(world), b(world);
  a.send(fake::header);
  b.send(fake::header);
  EXPECT_NE(a.peek(), b.peek());
}

TEST(Header, of_smack_without_declaration_with_the_old_id_is_taken) {
  World world;
  Client client(world);
  client.send(
      attributes("to='example.org' from='romeo@example.org' id='abc' xml:lang='en-US' version='1.0'"));
  EXPECT_TRUE(client.received().starts_with("<stream:features>"));
}

TEST(Header, may_follow_a_declaration_and_use_another_prefix) {
  World world;
  Client client(world);
  client.send(
      "<?xml version='1.0' encoding='utf-8'?>\n<s:stream xmlns='jabber:client' "
      "xmlns:s='http://etherx.jabber.org/streams' to='example.org' version='1.0'>");
  EXPECT_TRUE(client.received().starts_with("<stream:features>"));
}

TEST(Header, malformed_from_before_login_is_ignored) {
  World world;
  Client client(world);
  client.send(attributes("to='example.org' from='@@' version='1.0'"));
  EXPECT_FALSE(client.peek().contains(" to='"));
  EXPECT_TRUE(client.received().starts_with("<stream:features>"));
}

TEST(Header, that_closes_itself_is_answered_and_closed) {
  World world;
  Client client(world);
  client.send(
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.org' "
      "version='1.0'/>");
  EXPECT_TRUE(client.peek().ends_with("</stream:features></stream:stream>")) << client.peek();
  EXPECT_TRUE(client.line->closed);
}

struct After {
  std::string name;
  std::string rest;
  std::string answer;
};
std::ostream& operator<<(std::ostream& out, const After& after) {
  return out << after.rest;
}
class HeaderAfterLogin : public testing::TestWithParam<After> {};

// RFC 6120 §4.9.3.9 and §6.4.6.
TEST_P(HeaderAfterLogin, is_held_against_the_account) {
  World world;
  Client client(world, 0, Client::Tls::direct);
  client.open().send(fake::plain("romeo"));
  client.received();
  client.send(attributes(GetParam().rest));
  EXPECT_TRUE(client.peek().starts_with("<?xml version='1.0'?><stream:stream from='example.org'"))
      << client.peek();
  EXPECT_TRUE(client.received().starts_with(GetParam().answer));
}

INSTANTIATE_TEST_SUITE_P(
    Rfc6120, HeaderAfterLogin,
    testing::Values(
        After{"own_bare", "to='example.org' from='romeo@example.org' version='1.0'", "<stream:features>"},
        After{"own_full", "to='example.org' from='Romeo@Example.org/x' version='1.0'", "<stream:features>"},
        After{"none", "to='example.org' version='1.0'", "<stream:features>"},
        After{"somebody_else", "to='example.org' from='juliet@example.org' version='1.0'",
              error("invalid-from")},
        After{"malformed", "to='example.org' from='@' version='1.0'", error("invalid-from")},
        After{"another_domain_of_ours", "to='other.example' version='1.0'", error("host-unknown")},
        After{"no_to", "version='1.0'", error("improper-addressing", "no 'to'")}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace hy::stream
