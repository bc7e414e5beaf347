#include "xmpp/error.h"

#include <gtest/gtest.h>

#include <set>

#include "xml/writer.h"

namespace hy::xmpp {
namespace {

TEST(Condition, names_are_those_of_the_wire) {
  EXPECT_EQ(name(Condition::bad_request), "bad-request");
  EXPECT_EQ(name(Condition::feature_not_implemented), "feature-not-implemented");
  EXPECT_EQ(name(Condition::jid_malformed), "jid-malformed");
  EXPECT_EQ(name(Condition::remote_server_not_found), "remote-server-not-found");
  EXPECT_EQ(name(Condition::service_unavailable), "service-unavailable");
  EXPECT_EQ(name(Condition::undefined_condition), "undefined-condition");
  EXPECT_EQ(name(Condition::unexpected_request), "unexpected-request");
  EXPECT_EQ(name(StreamCondition::bad_format), "bad-format");
  EXPECT_EQ(name(StreamCondition::not_well_formed), "not-well-formed");
  EXPECT_EQ(name(StreamCondition::see_other_host), "see-other-host");
  EXPECT_EQ(name(StreamCondition::unsupported_version), "unsupported-version");
  EXPECT_EQ(name(ErrorType::continue_), "continue");
  EXPECT_EQ(name(ErrorType::auth), "auth");
  EXPECT_EQ(name(ErrorType::wait), "wait");
}

TEST(Condition, no_two_have_the_same_name) {
  std::set<std::string_view> stanza_names;
  for (int i = 0; i <= static_cast<int>(Condition::unexpected_request); ++i) {
    stanza_names.insert(name(static_cast<Condition>(i)));
  }
  EXPECT_EQ(stanza_names.size(), 22U);
  std::set<std::string_view> stream_names;
  for (int i = 0; i <= static_cast<int>(StreamCondition::unsupported_version); ++i) {
    stream_names.insert(name(static_cast<StreamCondition>(i)));
  }
  EXPECT_EQ(stream_names.size(), 25U);
}

// RFC 6120 §8.3.3, one of each type and those that are easily taken for another.
TEST(Condition, usual_type_is_that_of_the_rfc) {
  EXPECT_EQ(usual_type(Condition::bad_request), ErrorType::modify);
  EXPECT_EQ(usual_type(Condition::forbidden), ErrorType::auth);
  EXPECT_EQ(usual_type(Condition::not_allowed), ErrorType::cancel);
  EXPECT_EQ(usual_type(Condition::not_authorized), ErrorType::auth);
  EXPECT_EQ(usual_type(Condition::internal_server_error), ErrorType::cancel);
  EXPECT_EQ(usual_type(Condition::recipient_unavailable), ErrorType::wait);
  EXPECT_EQ(usual_type(Condition::redirect), ErrorType::modify);
  EXPECT_EQ(usual_type(Condition::remote_server_timeout), ErrorType::wait);
  EXPECT_EQ(usual_type(Condition::service_unavailable), ErrorType::cancel);
  EXPECT_EQ(usual_type(Condition::resource_constraint), ErrorType::wait);
  EXPECT_EQ(usual_type(Condition::unexpected_request), ErrorType::wait);
}

TEST(StanzaError, element_holds_condition_text_and_what_the_application_adds) {
  StanzaError error(Condition::not_acceptable, "too < many");
  error.specific = xml::Element("blocked", "urn:xmpp:blocking:errors");
  EXPECT_EQ(xml::to_string(error.element(), "jabber:client"),
            "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>too &lt; many</text>"
            "<blocked xmlns='urn:xmpp:blocking:errors'/></error>");
}

TEST(StanzaError, without_a_text_there_is_no_text_element) {
  const StanzaError error(Condition::policy_violation, ErrorType::wait);
  EXPECT_EQ(xml::to_string(error.element(), "jabber:client"),
            "<error type='wait'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
}

}  // namespace
}  // namespace hy::xmpp
