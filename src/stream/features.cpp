#include "stream/features.h"

#include <fmt/format.h>

#include "stream/framing.h"

namespace hy::stream {

// XEP-0440 §2 and RFC 9266: those that this very connection has, the strongest first.
sasl::Offer sasl_offer(const net::Pipe& pipe, const C2sConfig& config, std::string domain) {
  sasl::Offer offer;
  offer.secure = pipe.secure();
  offer.domain = std::move(domain);
  if (!offer.secure && config.starttls == Starttls::required) return offer;
  if (offer.secure) {
    const auto bind = [&](net::Binding kind, std::string_view name) {
      if (std::string bytes = pipe.binding(kind); !bytes.empty()) {
        offer.bindings.push_back({std::string(name), std::move(bytes)});
      }
    };
    bind(net::Binding::tls_exporter, "tls-exporter");
    bind(net::Binding::tls_unique, "tls-unique");
    bind(net::Binding::tls_server_end_point, "tls-server-end-point");
  }
  offer.mechanisms = sasl::mechanisms_for(offer.secure, !offer.bindings.empty());
  return offer;
}

// RFC 6120 §5.3.1: <required/> means that nothing else is offered. §6.3.3: mechanisms in the server's
// preference.
std::vector<xml::Element> login_features(const net::Pipe& pipe, const C2sConfig& config,
                                         const sasl::Offer& offer) {
  std::vector<xml::Element> features;
  if (!pipe.secure() && config.starttls != Starttls::off) {
    xml::Element starttls{"starttls", tls_ns};
    if (config.starttls == Starttls::required) starttls.add(xml::Element{"required", tls_ns});
    features.push_back(std::move(starttls));
  }
  if (offer.mechanisms.empty()) return features;
  xml::Element mechanisms{"mechanisms", sasl_ns};
  for (const std::string& name : offer.mechanisms) {
    mechanisms.add(xml::Element{"mechanism", sasl_ns}.with_text(name));
  }
  features.push_back(std::move(mechanisms));
  if (!offer.bindings.empty()) {
    constexpr std::string_view cb_ns = "urn:xmpp:sasl-cb:0";
    xml::Element bindings{"sasl-channel-binding", cb_ns};
    for (const auto& binding : offer.bindings) {
      bindings.add(xml::Element{"channel-binding", cb_ns}.with("type", binding.name));
    }
    features.push_back(std::move(bindings));
  }
  return features;
}

// RFC 6120 §7.4; RFC 3921's session is kept for old clients and marked optional; XEP-0478 §3.1.
std::vector<xml::Element> session_features(const C2sConfig& config, std::vector<xml::Element> added) {
  std::vector<xml::Element> features;
  features.push_back(xml::Element{"bind", bind_ns});
  features.push_back(xml::Element{"session", session_ns}.with(xml::Element{"optional", session_ns}));
  const auto idle_seconds = std::chrono::duration_cast<std::chrono::seconds>(config.idle_time).count();
  features.push_back(xml::Element{"limits", "urn:xmpp:stream-limits:0"}
                         .with_child("max-bytes", fmt::to_string(config.limits.bytes))
                         .with_child("idle-seconds", fmt::to_string(idle_seconds)));
  for (xml::Element& feature : added) features.push_back(std::move(feature));
  return features;
}

}  // namespace hy::stream
