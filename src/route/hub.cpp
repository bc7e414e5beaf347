#include "route/hub.h"

namespace hy::route {

xmpp::Stanza& Editable::edit() {
  if (!own_) {
    own_ = std::make_shared<xmpp::Stanza>(*stanza_);
    stanza_ = own_;
  }
  return *own_;
}

void Hub::get(Target target, Who who, std::string_view ns, IqHandler handler) {
  own_iq(target, xmpp::Type::get, ns, {who, std::move(handler), {}});
}
void Hub::set(Target target, Who who, std::string_view ns, IqHandler handler) {
  own_iq(target, xmpp::Type::set, ns, {who, std::move(handler), {}});
}
void Hub::get(Target target, Who who, std::string_view ns, WaitingIqHandler handler) {
  own_iq(target, xmpp::Type::get, ns, {who, {}, std::move(handler)});
}
void Hub::set(Target target, Who who, std::string_view ns, WaitingIqHandler handler) {
  own_iq(target, xmpp::Type::set, ns, {who, {}, std::move(handler)});
}

void Hub::own_iq(Target target, xmpp::Type type, std::string_view ns, Owned owned) {
  const bool added = iqs_.try_emplace({target, type, std::string(ns)}, std::move(owned)).second;
  HY_CHECK(added && "two features own the same iq namespace");
  feature(target, ns);
}

const Hub::Owned* Hub::find(Target target, xmpp::Type type, std::string_view ns) const {
  auto found = iqs_.find(std::tuple<Target, xmpp::Type, std::string_view>(target, type, ns));
  return found == iqs_.end() ? nullptr : &found->second;
}

void Hub::presence(Side side, xmpp::Type type, PresenceHandler handler) {
  const bool added = presences_.try_emplace({side, type}, std::move(handler)).second;
  HY_CHECK(added && "two features own the same presence type");
}

void Hub::guard(Side side, Guard hook) {
  guards_[static_cast<int>(side)].push_back(std::move(hook));
}
void Hub::mark(Side side, Mark hook) {
  marks_[static_cast<int>(side)].push_back(std::move(hook));
}
void Hub::record(Side side, Record hook) {
  records_[static_cast<int>(side)].push_back(std::move(hook));
}
void Hub::echo(Side side, Echo hook) {
  echoes_[static_cast<int>(side)].push_back(std::move(hook));
}
void Hub::push(Push hook) {
  pushes_.push_back(std::move(hook));
}
void Hub::undelivered(Undelivered hook) {
  undelivered_.push_back(std::move(hook));
}
void Hub::egress(Egress hook) {
  egress_.push_back(std::move(hook));
}
void Hub::on_bound(SessionEvent hook) {
  bound_.push_back(std::move(hook));
}
void Hub::on_ended(SessionEvent hook) {
  ended_.push_back(std::move(hook));
}
void Hub::on_load(AccountLoader loader) {
  loaders_.push_back(std::move(loader));
}

void Hub::feature(Target target, std::string_view var) {
  std::vector<std::string>& features = disco_[static_cast<std::size_t>(target)].features;
  auto place = std::ranges::lower_bound(features, var);
  if (place == features.end() || *place != var) features.emplace(place, var);
}

void Hub::identity(Target target, Identity identity) {
  disco_[static_cast<std::size_t>(target)].identities.push_back(std::move(identity));
}

}  // namespace hy::route
