#include "route/choose.h"

#include <gtest/gtest.h>

namespace hy::route {
namespace {

using xmpp::Kind;
using xmpp::Type;
using Otherwise = Choice::Otherwise;

class Device final : public Session {
 public:
  Device(AccountPtr account, xmpp::Jid jid) : Session(std::move(account), std::move(jid), nullptr) {}
  void end(xmpp::StreamError) override {}
};

class Choose : public testing::Test {
 protected:
  Choose() : account_(std::make_shared<Account>(*xmpp::Jid::parse("juliet@example.com"))) {}
  ~Choose() override { account_->sessions.clear(); }

  void add(std::string_view resource, std::optional<int> priority) {
    auto device = std::make_shared<Device>(account_, *account_->jid.with_resource(resource));
    if (priority) {
      device->presence = std::make_shared<const xmpp::Stanza>(xmpp::Stanza(Kind::presence, Type::none));
      device->priority = *priority;
    }
    account_->sessions.push_back(std::move(device));
  }

  /// Resources joined by a space, or the word for what else happens.
  std::string to(std::string_view address, Kind kind, Type type) {
    xmpp::Stanza stanza(kind, type);
    if (!address.empty()) stanza.to = *xmpp::Jid::parse(address);
    const Choice choice = choose(*account_, stanza);
    std::string text;
    for (const SessionPtr& session : choice.sessions) {
      if (!text.empty()) text += ' ';
      text += session->jid.resource();
    }
    switch (choice.otherwise) {
      case Otherwise::none:
        return text;
      case Otherwise::ignore:
        return "(ignored)";
      case Otherwise::store:
        return "(stored)";
      case Otherwise::refuse:
        return "(refused)";
    }
    return text;
  }
  std::string to_bare(Type type) { return to("juliet@example.com", Kind::message, type); }
  std::string to_gone(Type type) { return to("juliet@example.com/gone", Kind::message, type); }
  std::string to_negative(Type type) { return to("juliet@example.com/negative", Kind::message, type); }

  AccountPtr account_;
};

// RFC 6121 §8.5.4, row by row.

TEST_F(Choose, without_resources) {
  EXPECT_EQ(to_bare(Type::normal), "(stored)");
  EXPECT_EQ(to_bare(Type::chat), "(stored)");
  EXPECT_EQ(to_bare(Type::groupchat), "(refused)");
  EXPECT_EQ(to_bare(Type::headline), "(ignored)");
  EXPECT_EQ(to_bare(Type::error), "(ignored)");
  EXPECT_EQ(to_gone(Type::normal), "(refused)");
  EXPECT_EQ(to_gone(Type::chat), "(stored)");
  EXPECT_EQ(to_gone(Type::groupchat), "(refused)");
  EXPECT_EQ(to_gone(Type::headline), "(ignored)");
  EXPECT_EQ(to_gone(Type::error), "(ignored)");
}

TEST_F(Choose, with_negative_priorities_only) {
  add("negative", -1);
  EXPECT_EQ(to_bare(Type::normal), "(stored)");
  EXPECT_EQ(to_bare(Type::chat), "(stored)");
  EXPECT_EQ(to_bare(Type::headline), "(ignored)");
  EXPECT_EQ(to_bare(Type::groupchat), "(refused)");
  for (Type type : {Type::normal, Type::chat, Type::groupchat, Type::headline, Type::error}) {
    EXPECT_EQ(to_negative(type), "negative");
  }
  EXPECT_EQ(to_gone(Type::chat), "(stored)");
}

TEST_F(Choose, messages_go_to_the_most_available) {
  add("low", 0);
  add("negative", -5);
  add("high", 5);
  add("too", 5);
  EXPECT_EQ(to_bare(Type::normal), "high too");
  EXPECT_EQ(to_bare(Type::chat), "high too");
  EXPECT_EQ(to_bare(Type::groupchat), "(refused)");
  EXPECT_EQ(to_bare(Type::headline), "low high too");
  EXPECT_EQ(to_bare(Type::error), "(ignored)");
  EXPECT_EQ(to_gone(Type::chat), "high too");
  EXPECT_EQ(to_gone(Type::normal), "(refused)");
  EXPECT_EQ(to("", Kind::message, Type::chat), "high too");
}

TEST_F(Choose, a_bound_session_is_reachable_before_its_presence) {
  add("silent", std::nullopt);
  EXPECT_EQ(to("juliet@example.com/silent", Kind::message, Type::normal), "silent");
  EXPECT_EQ(to("juliet@example.com/silent", Kind::iq, Type::get), "silent");
  EXPECT_EQ(to_bare(Type::chat), "(stored)");
}

TEST_F(Choose, presence_goes_to_all_available) {
  add("one", 1);
  add("negative", -1);
  add("silent", std::nullopt);
  EXPECT_EQ(to("juliet@example.com", Kind::presence, Type::none), "one negative");
  EXPECT_EQ(to("juliet@example.com", Kind::presence, Type::unavailable), "one negative");
  EXPECT_EQ(to("juliet@example.com/gone", Kind::presence, Type::none), "(ignored)");
}

TEST_F(Choose, requests_to_who_is_gone_are_refused_and_answers_dropped) {
  add("one", 1);
  EXPECT_EQ(to("juliet@example.com/gone", Kind::iq, Type::get), "(refused)");
  EXPECT_EQ(to("juliet@example.com/gone", Kind::iq, Type::set), "(refused)");
  EXPECT_EQ(to("juliet@example.com/gone", Kind::iq, Type::result), "(ignored)");
  EXPECT_EQ(to("juliet@example.com/gone", Kind::iq, Type::error), "(ignored)");
  EXPECT_EQ(to("juliet@example.com/one", Kind::iq, Type::get), "one");
}

}  // namespace
}  // namespace hy::route
