// XEP-0077 In-Band Registration, for who is logged in: change one's password, remove one's account.
#include "feature/all.h"
#include "route/users.h"

namespace hy::feature {
namespace {

using route::IqPtr;
using route::Target;
using route::Who;
using xmpp::Condition;

constexpr std::string_view ns = "jabber:iq:register";

class Register {
 public:
  Register(route::Users& users, Loop& loop) : users_(users), loop_(loop) {}

  // XEP-0077 §3.1: a registered entity sees its registration, without the password.
  static xmpp::Reply show(const route::Iq& iq) {
    return xml::Element("query", ns)
        .with_child("registered", "")
        .with_child("username", iq.from().local())
        .with_child("password", "");
  }

  Task<xmpp::Reply> set(IqPtr iq) {
    if (iq->payload.name() != "query") co_return Condition::bad_request;
    if (iq->payload.child("remove", ns)) {
      xmpp::Reply reply = co_await remove(iq);
      co_return reply;
    }
    xmpp::Reply reply = co_await change_password(iq);
    co_return reply;
  }

 private:
  // XEP-0077 §3.3: user name and new password; only one's own.
  Task<xmpp::Reply> change_password(IqPtr iq) {
    const xml::View password = iq->payload.child("password", ns);
    const std::string username = iq->payload.child_text("username", ns);
    if (!password || username.empty()) co_return Condition::bad_request;
    Result<std::string> prepared = xmpp::prepare_username(username);
    if (!prepared || *prepared != iq->from().local()) co_return Condition::not_allowed;
    std::string fresh = password.text();
    if (fresh.empty()) co_return Condition::not_acceptable;
    Result<void> done = co_await users_.set_password(iq->from().bare(), std::move(fresh));
    if (done) co_return xmpp::Reply::empty();
    if (done.error().code == Error::invalid) co_return Condition::not_acceptable;
    co_return xmpp::StanzaError(Condition::resource_constraint);
  }

  // XEP-0077 §3.2: the result comes first, then the stream ends with not-authorized. <remove/> stands alone.
  Task<xmpp::Reply> remove(IqPtr iq) {
    for (const xml::View child : iq->payload.children()) {
      if (child.name() != "remove") co_return Condition::bad_request;
    }
    Result<void> done = co_await users_.remove(iq->from().bare(), iq->session);
    if (!done) co_return Condition::internal_server_error;
    if (route::SessionPtr session = iq->session.lock()) {
      // Two turns on, so that the result has been written.
      loop_.post([&loop = loop_, session] {
        loop.post(
            [session] { session->end({xmpp::StreamCondition::not_authorized, "this account was removed"}); });
      });
    }
    co_return xmpp::Reply::empty();
  }

  route::Users& users_;
  Loop& loop_;
};

}  // namespace

void xep_0077_register(route::Hub& hub, const route::Services& services) {
  hub.implements({"XEP-0077", "2.4", route::Status::partial});  // todo(§3.1): registration of new accounts
  Register& registration = hub.own<Register>(services.users, services.loop);
  for (const Target target : {Target::server, Target::account}) {
    hub.get(target, Who::self, ns, Register::show);
    hub.set(target, Who::self, ns, [&registration](IqPtr iq) { return registration.set(std::move(iq)); });
  }
}

}  // namespace hy::feature
