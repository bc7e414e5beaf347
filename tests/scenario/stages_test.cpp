// The stages of the trip that no feature uses yet, driven by a feature made for it: their order, what each
// may do, and that a request which changes something holds its stream while one that reads does not.
#include <gtest/gtest.h>

#include "base/scope.h"
#include "scenario/scene.h"
#include "xml/writer.h"

namespace hy::scenario {
namespace {

using route::Passage;
using xmpp::StanzaPtr;

constexpr std::string_view ns = "urn:stages";

/// Writes down who was called; obeys <refuse at='…'/>, <throw at='…'/>, <hold/>, <edit/> and <wake/> in
/// messages.
struct Stages {
  std::string log;
  Completion<> gate;

  void note(std::string_view stage, route::Side side) {
    log += fmt::format("{}{} ", stage, side == route::Side::sender ? ">" : "<");
  }
  std::optional<xmpp::StanzaError> guard(const Passage& passage, const xmpp::Stanza& stanza) {
    if (stanza.kind != xmpp::Kind::message || stanza.is_error()) return std::nullopt;
    note("guard", passage.side);
    const std::string_view here = passage.side == route::Side::sender ? "sender" : "recipient";
    if (stanza.child("throw", ns).attribute("at") == here) throw std::runtime_error("a guard that throws");
    if (stanza.child("refuse", ns).attribute("at") != here) return std::nullopt;
    return xmpp::StanzaError(xmpp::Condition::policy_violation);
  }
  Task<xmpp::Reply> wait(route::IqPtr iq) {
    Result<> opened = co_await gate.wait();
    if (!opened) co_return xmpp::Condition::internal_server_error;
    co_return xml::Element("done", iq->payload.ns());
  }
  Task<xmpp::Reply> fail(route::IqPtr) {
    Result<> opened = co_await gate.wait();
    throw std::runtime_error(opened ? "a handler that throws" : "cancelled");
  }

  void install(route::Hub& hub, const route::Services& services) {
    for (const route::Side side : {route::Side::sender, route::Side::recipient}) {
      hub.guard(side, [this](const Passage& p, const xmpp::Stanza& s) { return guard(p, s); });
      hub.mark(side, [this](const Passage& p, route::Editable& stanza) {
        if (stanza.read().kind != xmpp::Kind::message) return;
        note("mark", p.side);
        stanza.edit().add(xml::Element(p.side == route::Side::sender ? "signed" : "marked", ns));
      });
      hub.record(side, [this](const Passage& p, const StanzaPtr& stanza) {
        if (stanza->kind == xmpp::Kind::message) note("record", p.side);
      });
      hub.echo(side, [this, &services](const Passage& p, const StanzaPtr& stanza,
                                       std::span<const route::SessionPtr> chosen) {
        if (stanza->kind != xmpp::Kind::message) return;
        note("echo", p.side);
        // A copy for the sessions that were not chosen, or did not send it.
        for (const route::SessionPtr& session : p.account.sessions) {
          if (session.get() == p.session || std::ranges::find(chosen, session) != chosen.end()) continue;
          xmpp::Stanza copy = *stanza;
          copy.add(xml::Element("copy", ns));
          services.emitter.emit(session, std::make_shared<const xmpp::Stanza>(std::move(copy)));
        }
      });
    }
    hub.undelivered([this](const Passage& p, const StanzaPtr& stanza) -> std::optional<xmpp::StanzaError> {
      note("undelivered", p.side);
      if (!stanza->child("wake", ns)) return std::nullopt;
      return xmpp::StanzaError(xmpp::Condition::recipient_unavailable);
    });
    hub.push([this](const Passage& p, const StanzaPtr&, std::span<const route::SessionPtr>) {
      note("push", p.side);
    });
    hub.egress([this](route::Session& session, route::Editable& stanza) {
      if (stanza.read().kind != xmpp::Kind::message) return route::Exit::pass;
      log += "egress ";
      if (stanza.read().child("throw", ns).attribute("at") == session.jid.resource()) {
        throw std::runtime_error("an egress that throws");
      }
      if (stanza.read().child("edit", ns)) {
        stanza.edit().add(xml::Element("edited", ns).with("for", session.jid.resource()));
      }
      return stanza.read().child("hold", ns) ? route::Exit::held : route::Exit::pass;
    });
    hub.get(route::Target::account, route::Who::self, ns,
            [this](route::IqPtr iq) { return wait(std::move(iq)); });
    hub.set(route::Target::account, route::Who::self, ns,
            [this](route::IqPtr iq) { return wait(std::move(iq)); });
    hub.get(route::Target::server, route::Who::admin, ns,
            [](const route::Iq&) { return xmpp::Reply::empty(); });
    hub.get(route::Target::server, route::Who::anyone, "urn:stages:throws",
            [](const route::Iq&) -> xmpp::Reply { throw std::runtime_error("a handler that throws"); });
    hub.get(route::Target::account, route::Who::self, "urn:stages:throws",
            [this](route::IqPtr iq) { return fail(std::move(iq)); });
  }
};

class Trip : public testing::TestWithParam<std::size_t> {
 protected:
  Trip()
      : scene_({.seed = 1,
                .shards = GetParam(),
                .also_install = [this](route::Hub& hub, const route::Services& services) {
                  stages_.install(hub, services);
                }}) {
    for (const char* name : {"romeo@localhost", "juliet@localhost"})
      scene_.add_account(*xmpp::Jid::parse(name));
    romeo_ = on_line("romeo@localhost", "orchard");
    juliet_ = on_line("juliet@localhost", "balcony");
  }

  std::unique_ptr<Client> on_line(std::string_view account, std::string_view resource) {
    auto client = scene_.connect();
    scene_.log_in(*client, *xmpp::Jid::parse(account), resource);
    client->send("<presence/>");
    scene_.settle();
    client->inbox().clear();
    return client;
  }
  void say(std::string_view inside) {
    romeo_->send(fmt::format("<message to='juliet@localhost' type='chat' id='1'>{}</message>", inside));
    scene_.settle();
  }

  void nothing_is_under_way() {
    for (std::size_t i = 0; i < scene_.core().size(); ++i) {
      EXPECT_EQ(scene_.core().shard(i).pipeline().under_way(), 0u);
    }
  }

  Stages stages_;
  Scene scene_;
  std::unique_ptr<Client> romeo_, juliet_;
};

TEST_P(Trip, visits_its_stages_in_order) {
  say("<body>x</body>");
  EXPECT_EQ(stages_.log, "guard> mark> record> echo> guard< mark< record< echo< push< egress ");
  ASSERT_EQ(juliet_->inbox().size(), 1u);
  EXPECT_TRUE(juliet_->inbox()[0].child("marked", ns));
}

TEST_P(Trip, is_marked_on_both_sides) {
  say("<body>x</body>");
  ASSERT_EQ(juliet_->inbox().size(), 1u);
  EXPECT_TRUE(juliet_->inbox()[0].child("signed", ns));
  EXPECT_TRUE(juliet_->inbox()[0].child("marked", ns));
}

TEST_P(Trip, to_nobody_on_line_asks_what_to_do_with_what_is_undelivered) {
  juliet_->send("<presence type='unavailable'/>");
  scene_.settle();
  stages_.log.clear();
  say("<wake xmlns='urn:stages'/>");
  EXPECT_EQ(stages_.log,
            "guard> mark> record> echo> guard< mark< record< echo< undelivered< "
            "egress "                              // the echo, to a session that is not available
            "mark< record< echo< push< egress ");  // the error's way back
  ASSERT_EQ(romeo_->inbox().size(), 1u);
  EXPECT_TRUE(
      romeo_->inbox()[0].child("error", "jabber:client").child("recipient-unavailable", xmpp::stanzas_ns));
}

TEST_P(Trip, to_nobody_on_line_goes_on_to_the_next_hook) {
  juliet_->send("<presence type='unavailable'/>");
  scene_.settle();
  stages_.log.clear();
  say("<body>x</body>");
  EXPECT_NE(stages_.log.find("undelivered< "), std::string::npos) << stages_.log;
  ASSERT_EQ(romeo_->inbox().size(), 1u);
  EXPECT_TRUE(
      romeo_->inbox()[0].child("error", "jabber:client").child("service-unavailable", xmpp::stanzas_ns));
}

TEST_P(Trip, is_edited_on_its_way_out_for_one_session_alone) {
  auto garden = on_line("juliet@localhost", "garden");
  juliet_->inbox().clear();
  say("<edit xmlns='urn:stages'/>");
  for (Client* one : {juliet_.get(), garden.get()}) {
    ASSERT_EQ(one->inbox().size(), 1u);
    std::vector<std::string> edits;
    for (const xml::View child : one->inbox()[0].view().children()) {
      if (child.name() == "edited") edits.emplace_back(child.attribute("for"));
    }
    EXPECT_EQ(edits, std::vector<std::string>{one == garden.get() ? "garden" : "balcony"});
  }
}

// RFC 6120 §4.9.3.8: only the stream that brought it ends.
TEST_P(Trip, that_breaks_on_the_sender_s_side_ends_the_sender_s_stream_alone) {
  auto home = on_line("romeo@localhost", "home");
  romeo_->inbox().clear();
  say("<throw xmlns='urn:stages' at='sender'/>");
  ASSERT_EQ(romeo_->inbox().size(), 1u);
  EXPECT_TRUE(romeo_->inbox()[0].child("internal-server-error", xmpp::streams_ns));
  EXPECT_TRUE(romeo_->over());
  EXPECT_TRUE(juliet_->inbox().empty());
  EXPECT_FALSE(juliet_->over());
  EXPECT_FALSE(home->over());
  nothing_is_under_way();
}

TEST_P(Trip, that_breaks_on_the_recipient_s_side_is_answered) {
  say("<throw xmlns='urn:stages' at='recipient'/>");
  EXPECT_TRUE(juliet_->inbox().empty());
  ASSERT_EQ(romeo_->inbox().size(), 1u);
  EXPECT_TRUE(
      romeo_->inbox()[0].child("error", "jabber:client").child("internal-server-error", xmpp::stanzas_ns));
  nothing_is_under_way();
  romeo_->inbox().clear();
  say("<body>and the stream goes on</body>");
  EXPECT_EQ(juliet_->inbox().size(), 1u);
}

TEST_P(Trip, that_breaks_on_its_way_out_ends_that_session_alone) {
  auto garden = on_line("juliet@localhost", "garden");
  juliet_->inbox().clear();
  say("<throw xmlns='urn:stages' at='garden'/>");
  EXPECT_EQ(juliet_->inbox()[0].name(), "message");
  EXPECT_FALSE(juliet_->over());
  ASSERT_FALSE(garden->inbox().empty());
  EXPECT_TRUE(garden->inbox()[0].child("internal-server-error", xmpp::streams_ns));
  EXPECT_TRUE(garden->over());
  EXPECT_TRUE(romeo_->inbox().empty());
  EXPECT_FALSE(romeo_->over());
  nothing_is_under_way();
}

TEST_P(Trip, leaves_copies_to_the_sender_s_other_sessions) {
  auto home = on_line("romeo@localhost", "home");
  romeo_->inbox().clear();
  say("<body>x</body>");
  EXPECT_TRUE(romeo_->inbox().empty());
  ASSERT_EQ(home->inbox().size(), 1u);
  EXPECT_TRUE(home->inbox()[0].child("copy", ns));
  ASSERT_EQ(juliet_->inbox().size(), 1u);
  EXPECT_FALSE(juliet_->inbox()[0].child("copy", ns));
}

TEST_P(Trip, ends_where_the_sender_s_guard_refuses) {
  say("<refuse xmlns='urn:stages' at='sender'/>");
  EXPECT_EQ(stages_.log, "guard> egress ");  // the error goes out
  EXPECT_TRUE(juliet_->inbox().empty());
  ASSERT_EQ(romeo_->inbox().size(), 1u);
  EXPECT_EQ(romeo_->inbox()[0].attribute("type"), "error");
}

TEST_P(Trip, ends_where_the_recipient_s_guard_refuses) {
  say("<refuse xmlns='urn:stages' at='recipient'/>");
  EXPECT_TRUE(stages_.log.starts_with("guard> mark> record> echo> guard< "));
  EXPECT_TRUE(juliet_->inbox().empty());
  ASSERT_EQ(romeo_->inbox().size(), 1u);
  EXPECT_EQ(romeo_->inbox()[0].attribute("type"), "error");
}

TEST_P(Trip, leaves_copies_to_the_sessions_that_were_not_chosen_without_touching_the_original) {
  auto phone = scene_.connect();
  scene_.log_in(*phone, *xmpp::Jid::parse("juliet@localhost"), "phone");
  phone->send("<presence><priority>-1</priority></presence>");
  scene_.settle();
  phone->inbox().clear();
  juliet_->inbox().clear();
  say("<body>x</body>");
  ASSERT_EQ(juliet_->inbox().size(), 1u);
  EXPECT_FALSE(juliet_->inbox()[0].child("copy", ns));
  ASSERT_EQ(phone->inbox().size(), 1u);
  EXPECT_TRUE(phone->inbox()[0].child("copy", ns));
}

TEST_P(Trip, can_be_held_on_its_way_out) {
  say("<hold xmlns='urn:stages'/>");
  EXPECT_TRUE(stages_.log.ends_with("egress "));
  EXPECT_TRUE(juliet_->inbox().empty());
  EXPECT_TRUE(romeo_->inbox().empty());
}

TEST_P(Trip, of_a_set_that_waits_holds_its_stream) {
  romeo_->send(
      "<iq type='set' id='s'><x xmlns='urn:stages'/></iq>"
      "<message to='juliet@localhost' type='chat' id='m'><body>behind</body></message>");
  scene_.settle();
  EXPECT_TRUE(juliet_->inbox().empty());
  EXPECT_TRUE(romeo_->inbox().empty());
  stages_.gate.set({});
  scene_.settle();
  ASSERT_EQ(juliet_->inbox().size(), 1u);
  ASSERT_EQ(romeo_->inbox().size(), 1u);
  EXPECT_EQ(romeo_->inbox()[0].attribute("type"), "result");
}

TEST_P(Trip, of_a_get_that_waits_does_not) {
  romeo_->send(
      "<iq type='get' id='s'><x xmlns='urn:stages'/></iq>"
      "<message to='juliet@localhost' type='chat' id='m'><body>behind</body></message>");
  scene_.settle();
  EXPECT_EQ(juliet_->inbox().size(), 1u);
  EXPECT_TRUE(romeo_->inbox().empty());
  stages_.gate.set({});
  scene_.settle();
  EXPECT_EQ(romeo_->inbox().size(), 1u);
}

TEST_P(Trip, of_a_request_whose_handler_throws_ends_in_an_error) {
  romeo_->send("<iq type='get' id='t'><x xmlns='urn:stages:throws'/></iq>");
  stages_.gate.set({});
  scene_.settle();
  ASSERT_EQ(romeo_->inbox().size(), 1u);
  EXPECT_TRUE(romeo_->inbox()[0]
                  .child("error", "jabber:client")
                  .child("internal-server-error", "urn:ietf:params:xml:ns:xmpp-stanzas"));
  say("<body>and the stream goes on</body>");
  EXPECT_EQ(juliet_->inbox().size(), 1u);
}

TEST_P(Trip, of_a_request_whose_handler_throws_at_once_ends_in_an_error) {
  romeo_->send("<iq type='get' id='t' to='localhost'><x xmlns='urn:stages:throws'/></iq>");
  scene_.settle();
  ASSERT_EQ(romeo_->inbox().size(), 1u);
  EXPECT_TRUE(
      romeo_->inbox()[0].child("error", "jabber:client").child("internal-server-error", xmpp::stanzas_ns));
  EXPECT_FALSE(romeo_->over());
  nothing_is_under_way();
}

TEST_P(Trip, of_a_request_for_administrators_is_for_them_alone) {
  romeo_->send("<iq type='get' id='a' to='localhost'><x xmlns='urn:stages'/></iq>");
  scene_.settle();
  ASSERT_EQ(romeo_->inbox().size(), 1u);
  EXPECT_TRUE(romeo_->inbox()[0]
                  .child("error", "jabber:client")
                  .child("service-unavailable", "urn:ietf:params:xml:ns:xmpp-stanzas"));
}

// What waits when the server stops is cancelled; the stop does not hang.
TEST_P(Trip, that_waits_does_not_hold_up_a_stop) {
  romeo_->send("<iq type='get' id='s'><x xmlns='urn:stages'/></iq>");
  scene_.settle();
  scene_.stop();
  EXPECT_TRUE(romeo_->closed() || !romeo_->inbox().empty());
}

// Shards: romeo and juliet live on one, or on two of several.
INSTANTIATE_TEST_SUITE_P(Over, Trip, testing::Values(1u, 3u, 5u),
                         [](const auto& shards) { return std::to_string(shards.param) + "_shards"; });

}  // namespace
}  // namespace hy::scenario
