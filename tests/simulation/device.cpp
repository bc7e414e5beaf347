#include "simulation/device.h"

#include "sasl/exchange.h"
#include "xml/writer.h"

namespace hy::simulation {
namespace {

std::string header(std::string_view domain) {
  return fmt::format(
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{}' "
      "version='1.0'>",
      domain);
}

}  // namespace

Device::Device(sim::World& world, xmpp::Jid account, std::string resource)
    : jid(*account.with_resource(resource)),
      peer_(world.network().connect({"127.0.0.1", 5223}, {"192.0.2.7", 0})) {}

void Device::log_in() {
  peer_->start_tls();
  std::string plain;
  plain += '\0';
  plain += jid.local();
  plain += '\0';
  plain += "secret";
  send(header(jid.domain()) +
       fmt::format("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{}</auth>",
                   sasl::encode_base64(plain)) +
       header(jid.domain()) +
       fmt::format(
           "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{}</resource>"
           "</bind></iq><presence/>",
           jid.resource()));
}

void Device::read() {
  const std::string bytes = peer_->take();
  transcript += bytes;
  std::string_view input = bytes;
  while (!dead_) {
    switch (scanner_.next(input)) {
      case xml::Event::opened:
        scanner_.take();
        continue;
      case xml::Event::element:
        take(scanner_.take());
        continue;
      case xml::Event::need_more:
        return;
      default:
        dead_ = true;
        return;
    }
  }
}

void Device::take(xml::Element element) {
  const std::string id(element.attribute("id"));
  if (element.name() == "success") {
    scanner_.reset();
  } else if (element.name() == "message") {
    Result<xmpp::Jid> from = xmpp::Jid::parse(element.attribute("from"));
    messages.push_back({id, from ? *from : xmpp::Jid(), element.attribute("type") == "error"});
  } else if (element.name() == "iq") {
    if (id == "bind") bound_ = element.attribute("type") == "result";
    const std::string_view type = element.attribute("type");
    if (type == "result" || type == "error") {
      ++answers[id];
    } else {
      send(fmt::format("<iq type='result' id='{}' to='{}'/>", id, element.attribute("from")));
    }
  }
}

void Device::close() {
  send("</stream:stream>");
  cut_ = true;
}

void Device::reset() {
  peer_->reset();
  cut_ = true;
}

}  // namespace hy::simulation
