#include "xmpp/stanza.h"

#include <gtest/gtest.h>

#include "xml/scanner.h"
#include "xml/writer.h"

namespace hy::xmpp {
namespace {

/// One first-level element, as if the stream's default namespace were `ns`.
std::expected<Stanza, Malformed> read(std::string_view text, std::string_view ns = client_ns) {
  std::string whole = "<s xmlns='" + std::string(ns) + "'>" + std::string(text) + "</s>";
  const xml::Element stream = xml::parse(whole);
  EXPECT_TRUE(stream) << text;
  return read_stanza(stream.view().first_child().copy(), ns);
}

Stanza stanza(std::string_view text, std::string_view ns = client_ns) {
  auto result = read(text, ns);
  if (result) return std::move(*result);
  ADD_FAILURE() << text << ": " << result.error().error.text;
  return {};
}

Malformed malformed(std::string_view text) {
  auto result = read(text);
  if (!result) return std::move(result.error());
  ADD_FAILURE() << text << " was read";
  return {};
}

std::string written(const Stanza& stanza, std::string_view ns = client_ns) {
  std::string out;
  write(out, stanza, ns);
  return out;
}

constexpr std::string_view chat =
    "<message to='juliet@example.com' from='romeo@example.net/orchard' type='chat' id='a1' xml:lang='en'>"
    "<body>hi &amp; bye</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>";

TEST(ReadStanza, takes_the_six_fields_out_of_the_element) {
  const Stanza message = stanza(chat);
  EXPECT_EQ(message.kind, Kind::message);
  EXPECT_EQ(message.type, Type::chat);
  EXPECT_EQ(message.to.str(), "juliet@example.com");
  EXPECT_EQ(message.from.str(), "romeo@example.net/orchard");
  EXPECT_EQ(message.id, "a1");
  EXPECT_EQ(message.lang, "en");
  EXPECT_TRUE(message.root.view().attributes().empty());
  EXPECT_TRUE(message.root.is("message", client_ns));
  EXPECT_EQ(message.payload().text(), "hi & bye");
  EXPECT_TRUE(message.child("active", "http://jabber.org/protocol/chatstates"));
  EXPECT_EQ(written(message), chat);
}

TEST(ReadStanza, unknown_attributes_go_foreign_ones_stay) {
  const Stanza message =
      stanza("<message to='a@b' x='1' xmlns:f='urn:f' f:x='2' f:to='3' xml:space='preserve'/>");
  EXPECT_EQ(message.root.view().find_attribute("x"), std::nullopt);
  EXPECT_EQ(message.root.view().find_attribute("x", "urn:f"), "2");
  EXPECT_EQ(message.root.view().find_attribute("to", "urn:f"), "3");
  const Stanza again = stanza(written(message));
  EXPECT_TRUE(again.root.view() == message.root.view());
  EXPECT_EQ(again.to, message.to);
}

TEST(ReadStanza, addresses_are_prepared) {
  EXPECT_EQ(stanza("<message to='ROMEO@Example.NET/X'/>").to.str(), "romeo@example.net/X");
}

// RFC 6121 §5.2.2.
TEST(ReadStanza, a_message_of_no_or_unknown_type_is_normal) {
  EXPECT_EQ(stanza("<message/>").type, Type::normal);
  EXPECT_EQ(stanza("<message type='normal'/>").type, Type::normal);
  EXPECT_EQ(stanza("<message type='get'/>").type, Type::normal);
  EXPECT_EQ(stanza("<message type=''/>").type, Type::normal);
  EXPECT_EQ(stanza("<message type='Chat'/>").type, Type::normal);
  EXPECT_EQ(stanza("<message type='groupchat'/>").type, Type::groupchat);
  EXPECT_EQ(stanza("<message type='headline'/>").type, Type::headline);
  EXPECT_EQ(stanza("<message type='error'/>").type, Type::error);
  EXPECT_EQ(written(stanza("<message type='normal'/>")), "<message/>");
}

TEST(ReadStanza, a_presence_has_no_type_or_one_of_seven) {
  EXPECT_EQ(stanza("<presence/>").type, Type::none);
  for (const std::string_view type :
       {"unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "error"}) {
    EXPECT_EQ(name(stanza(fmt::format("<presence type='{}'/>", type)).type), type);
  }
  for (const std::string_view type : {"available", "", "chat", "get"}) {
    const Malformed bad = malformed(fmt::format("<presence to='a@b' type='{}'/>", type));
    EXPECT_EQ(bad.error.condition, Condition::bad_request);
    EXPECT_EQ(bad.partial.to.str(), "a@b");
    EXPECT_TRUE(may_be_answered_with_error(bad.partial));
  }
}

// RFC 6120 §8.2.3.
TEST(ReadStanza, an_iq_has_an_id_and_one_of_four_types) {
  EXPECT_EQ(stanza("<iq id='1' type='get'><q xmlns='urn:q'/></iq>").type, Type::get);
  EXPECT_EQ(stanza("<iq id='1' type='set'><q xmlns='urn:q'/></iq>").type, Type::set);
  EXPECT_EQ(stanza("<iq id='1' type='result'/>").type, Type::result);
  EXPECT_EQ(stanza("<iq id='1' type='error'/>").type, Type::error);
  for (const std::string_view text :
       {"<iq type='get'><q xmlns='urn:q'/></iq>", "<iq id='' type='get'><q xmlns='urn:q'/></iq>",
        "<iq id='1'><q xmlns='urn:q'/></iq>", "<iq id='1' type='chat'><q xmlns='urn:q'/></iq>",
        "<iq id='1' type=''><q xmlns='urn:q'/></iq>"}) {
    const Malformed bad = malformed(text);
    EXPECT_EQ(bad.error.condition, Condition::bad_request) << text;
    EXPECT_TRUE(may_be_answered_with_error(bad.partial)) << text;
  }
}

TEST(ReadStanza, a_request_has_exactly_one_child) {
  for (const std::string_view text : {"<iq id='1' type='get'/>", "<iq id='1' type='set'>text</iq>",
                                      "<iq id='1' type='get'><q xmlns='urn:q'/><q xmlns='urn:q'/></iq>",
                                      "<iq id='1' type='set'><a/><b/><c/></iq>"}) {
    EXPECT_EQ(malformed(text).error.condition, Condition::bad_request) << text;
  }
  EXPECT_EQ(stanza("<iq id='1' type='get'>\n <q xmlns='urn:q'/>\n</iq>").payload().ns(), "urn:q");
}

TEST(ReadStanza, a_malformed_answer_is_not_answered) {
  for (const std::string_view text :
       {"<iq type='result'/>", "<iq type='error'/>", "<iq id='1' to='@' type='result'/>",
        "<message to='@' type='error'/>", "<presence to='@' type='error'/>"}) {
    EXPECT_FALSE(may_be_answered_with_error(malformed(text).partial)) << text;
  }
}

TEST(ReadStanza, a_malformed_to_leaves_the_rest_readable) {
  const Malformed bad = malformed("<message from='a@b/c' to='@' id='7' type='chat'><body>x</body></message>");
  EXPECT_EQ(bad.error.condition, Condition::jid_malformed);
  EXPECT_EQ(bad.error.type, ErrorType::modify);
  EXPECT_FALSE(bad.partial.to);
  EXPECT_EQ(bad.partial.from.str(), "a@b/c");
  EXPECT_EQ(bad.partial.id, "7");
  EXPECT_EQ(bad.partial.payload().text(), "x");
  EXPECT_EQ(malformed("<message to=''/>").error.condition, Condition::jid_malformed);
}

TEST(ReadStanza, a_malformed_from_reads_as_none) {
  EXPECT_FALSE(stanza("<message from='@' to='a@b'/>").from);
}

TEST(ReadStanza, what_is_no_stanza_is_refused_not_trusted) {
  EXPECT_EQ(malformed("<foo/>").error.condition, Condition::bad_request);
}

// RFC 6120 §4.8.3.
TEST(Namespaces, content_of_a_server_stream_becomes_that_of_a_client) {
  const Stanza message = stanza(
      "<message to='a@b'><body>x</body><f xmlns='urn:f'><message xmlns='jabber:client'/></f>"
      "</message>",
      server_ns);
  EXPECT_TRUE(message.root.is("message", client_ns));
  EXPECT_EQ(message.child("body", client_ns).text(), "x");
  EXPECT_EQ(written(message),
            "<message to='a@b'><body>x</body><f xmlns='urn:f'><message xmlns='jabber:client'/></f>"
            "</message>");
}

TEST(Namespaces, content_of_a_client_goes_to_a_server_in_its_content_namespace) {
  const Stanza message = stanza("<message to='a@b'><body>x</body><n xmlns=''/></message>");
  const std::string out = written(message, server_ns);
  EXPECT_EQ(out, "<message to='a@b'><body>x</body><n xmlns=''/></message>");
  const Stanza there = stanza(out, server_ns);
  EXPECT_TRUE(there.root.view() == message.root.view());
}

TEST(Namespaces, where_none_is_declared_the_stanza_names_its_own) {
  EXPECT_EQ(written(stanza("<message to='a@b'><body>x</body></message>"), ""),
            "<message xmlns='jabber:client' to='a@b'><body>x</body></message>");
  EXPECT_EQ(written(stanza("<presence xmlns:f='urn:f' f:x='1'/>"), ""),
            written(stanza(written(stanza("<presence xmlns:f='urn:f' f:x='1'/>"), "")), ""));
}

TEST(Write, values_are_escaped) {
  Stanza message(Kind::message, Type::chat);
  message.id = "a'b<c&d\n";
  message.lang = "x'y";
  message.to = *Jid::make("a", "b", "'<&>\"");
  message.add(xml::Element("body", client_ns).with_text("<&>"));
  const std::string out = written(message);
  const Stanza again = stanza(out);
  EXPECT_EQ(again.id, message.id);
  EXPECT_EQ(again.lang, message.lang);
  EXPECT_EQ(again.to, message.to);
  EXPECT_EQ(again.payload().text(), "<&>");
  EXPECT_EQ(written(again), out);
}

TEST(Write, halves_make_the_whole_for_each_recipient) {
  for (const std::string_view text :
       {chat, std::string_view("<presence xmlns:f='urn:f' f:x='1'><show>xa</show></presence>")}) {
    Stanza one = stanza(text);
    std::string inside;
    write_inside(inside, one);
    for (const std::string_view to : {"a@b/c", "example.com"}) {
      std::string out;
      write_open(out, one, *Jid::parse(to), true);
      out += inside;
      write_close(out, one.kind);
      one.to = *Jid::parse(to);
      EXPECT_EQ(out, written(one));
    }
  }
}

TEST(Write, an_empty_stanza_is_one_tag) {
  EXPECT_EQ(written(Stanza(Kind::presence, Type::none)), "<presence/>");
  EXPECT_EQ(written(Stanza(Kind::presence, Type::unavailable)), "<presence type='unavailable'/>");
  EXPECT_EQ(written(Stanza()), "<message/>");
}

TEST(Answer, result_goes_back_with_the_same_id) {
  const Stanza request = stanza(
      "<iq to='example.com' from='a@example.com/x' id='9' type='get' xml:lang='de'><q xmlns='urn:q'/></iq>");
  EXPECT_TRUE(request.is_request());
  EXPECT_EQ(written(make_result(request)),
            "<iq to='a@example.com/x' from='example.com' type='result' id='9'/>");
  EXPECT_EQ(written(make_result(request, xml::Element("q", "urn:q"))),
            "<iq to='a@example.com/x' from='example.com' type='result' id='9'><q xmlns='urn:q'/></iq>");
  Stanza own = request;
  own.to = {};
  EXPECT_EQ(written(make_result(own)), "<iq to='a@example.com/x' type='result' id='9'/>");
}

TEST(Answer, error_brings_the_content_back_first) {
  EXPECT_EQ(
      written(make_error(stanza(chat), Condition::service_unavailable)),
      "<message to='romeo@example.net/orchard' from='juliet@example.com' type='error' id='a1' xml:lang='en'>"
      "<body>hi &amp; bye</body><active xmlns='http://jabber.org/protocol/chatstates'/>"
      "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
      "</message>");
}

TEST(Answer, there_is_only_one_error_in_an_error) {
  const Stanza answer =
      make_error(stanza("<message><error type='auth'/><body/></message>"), Condition::conflict);
  int errors = 0;
  for (const xml::View child : answer.root.children()) errors += child.is("error", client_ns) ? 1 : 0;
  EXPECT_EQ(errors, 1);
  EXPECT_EQ(answer.child("error", client_ns).attribute("type"), "cancel");
  EXPECT_TRUE(answer.child("body", client_ns));
}

TEST(Answer, content_comes_back_up_to_16_kib_of_memory) {
  const auto with_body = [](std::size_t size) {
    Stanza message(Kind::message, Type::chat);
    message.root.add_text(std::string(size, 'x'));
    return message;
  };
  std::size_t most = 0;
  while (with_body(most + 1).root.size() <= max_returned) ++most;
  ASSERT_GT(most, 10'000U);
  EXPECT_EQ(make_error(with_body(most), Condition::conflict).root.text().size(), most);
  EXPECT_EQ(make_error(with_body(most + 1), Condition::conflict).root.text(), "");
  EXPECT_TRUE(make_error(with_body(most + 1), Condition::conflict).child("error", client_ns));
}

TEST(Answer, errors_and_results_are_never_answered) {
  for (const Kind kind : {Kind::message, Kind::presence, Kind::iq}) {
    EXPECT_FALSE(may_be_answered_with_error(Stanza(kind, Type::error)));
  }
  EXPECT_FALSE(may_be_answered_with_error(Stanza(Kind::iq, Type::result)));
  EXPECT_TRUE(may_be_answered_with_error(Stanza(Kind::iq, Type::get)));
  EXPECT_TRUE(may_be_answered_with_error(Stanza(Kind::message, Type::normal)));
  EXPECT_TRUE(may_be_answered_with_error(Stanza(Kind::presence, Type::subscribe)));
}

TEST(Size, counts_what_a_stanza_holds) {
  const Stanza small = stanza("<message/>");
  Stanza large = small;
  large.id = std::string(1000, 'i');
  EXPECT_GE(large.size(), small.size() + 1000);
  large.add(xml::Element("body", client_ns).with_text(std::string(5000, 'x')));
  EXPECT_GE(large.size(), small.size() + 6000);
}

TEST(Reply, is_a_payload_or_an_error) {
  EXPECT_TRUE(Reply(xml::Element("a", "urn:a")).ok());
  EXPECT_TRUE(Reply::empty().ok());
  EXPECT_TRUE(Reply::empty().payload().empty());
  EXPECT_FALSE(Reply(Condition::forbidden).ok());
  EXPECT_EQ(Reply(StanzaError(Condition::gone, "x")).error().text, "x");
}

}  // namespace
}  // namespace hy::xmpp
