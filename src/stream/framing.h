// How a stream looks on its transport: what opens and closes it, and what stands around each element.
//
// Everything else about a stream is the same on all of them. On TCP a stream is one long XML document (RFC
// 6120 §4). On WebSocket (RFC 7395) it becomes a second Kind here: each message is a document of its own
// (Scanner's mode `document`), <open/> is reported as `opened` and <close/> as `closed`, features and errors
// carry xmlns:stream, and stanzas carry xmlns='jabber:client' themselves.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "xml/scanner.h"
#include "xmpp/error.h"
#include "xmpp/stanza.h"

namespace hy::stream {

inline constexpr std::string_view stream_ns = "http://etherx.jabber.org/streams";
inline constexpr std::string_view xml_ns = "http://www.w3.org/XML/1998/namespace";
inline constexpr std::string_view tls_ns = "urn:ietf:params:xml:ns:xmpp-tls";
inline constexpr std::string_view sasl_ns = "urn:ietf:params:xml:ns:xmpp-sasl";
inline constexpr std::string_view bind_ns = "urn:ietf:params:xml:ns:xmpp-bind";
inline constexpr std::string_view session_ns = "urn:ietf:params:xml:ns:xmpp-session";

/// The header that we answer with.
struct Header {
  std::string_view from;
  std::string_view to;  // not written when empty
  std::string_view id;
};

/// A client's header.
struct Root {
  xml::Element element;
  std::string content_ns;  // of what stands below it without a prefix
  bool closed = false;     // <stream:stream/>: the end tag was in it; content_ns is not known
};

class Framing {
 public:
  enum class Kind : std::uint8_t { tcp };

  Framing(Kind kind, xml::Limits limits);

  // What comes in.
  xml::Event next(std::string_view& input);
  /// After `element`.
  xml::Element take() { return scanner_.take(); }
  /// After `opened`.
  Root take_root();
  xml::Fault fault() const { return scanner_.fault(); }
  /// A stream restart: a new header is awaited, under these limits.
  void restart(xml::Limits limits);

  // What goes out: appended to `out`.
  void open(std::string& out, const Header& header) const;
  void close(std::string& out) const;
  void features(std::string& out, std::span<const xml::Element> features) const;
  void error(std::string& out, const xmpp::StreamError& error) const;
  void element(std::string& out, xml::View element) const;
  void stanza(std::string& out, const xmpp::Stanza& stanza) const;
  /// A stanza serialised already in jabber:client.
  void stanza(std::string& out, std::string_view bytes) const;

 private:
  xml::Scanner scanner_;
  bool fresh_ = true;  // nothing of the stream has come yet
};

/// RFC 6120 §4.9.3: what a scanner's fault is called on the wire.
xmpp::StreamError error_of(xml::Fault fault);

}  // namespace hy::stream
