#include "route/session.h"

#include "stream/ports.h"

namespace hy::route {

void Session::write(const xmpp::Stanza& stanza) {
  if (outlet_) outlet_->send(stanza);
}

void Session::release() {
  if (--holds_ > 0 || !outlet_ || !std::exchange(stream_waits_, false)) return;
  outlet_->go_on();
}

std::string_view Session::sid() const {
  return outlet_ ? outlet_->sid() : std::string_view("-");
}

std::string_view Session::peer_ip() const {
  return outlet_ ? std::string_view(outlet_->peer().ip) : std::string_view();
}

}  // namespace hy::route
