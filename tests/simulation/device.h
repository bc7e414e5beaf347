// A client program that logs in over direct TLS in one go and remembers what it sent and what came.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "sim/world.h"
#include "xml/scanner.h"
#include "xmpp/jid.h"

namespace hy::simulation {

/// One connection of one device; the next log-in is a new object.
class Device {
 public:
  Device(sim::World& world, xmpp::Jid account, std::string resource);

  const xmpp::Jid jid;  // full
  /// Everything until the first presence, in one piece: PLAIN and the next header ride in the same record.
  void log_in();
  void send(std::string_view stanza) { peer_->send(stanza); }
  /// Takes what has come, into the records below.
  void read();
  bool bound() const { return bound_; }
  /// The connection was cut, by whoever.
  bool over() { return cut_ || peer_->ended() || peer_->broken(); }
  void close();
  void reset();
  std::size_t unsent() const { return peer_->unsent(); }

  struct Heard {
    std::string id;
    xmpp::Jid from;
    bool error;
  };
  std::vector<Heard> messages;         // in order
  std::map<std::string, int> answers;  // to requests, by id: how many
  std::string transcript;

 private:
  void take(xml::Element element);

  std::unique_ptr<sim::Peer> peer_;
  xml::Scanner scanner_;
  bool bound_ = false;
  bool cut_ = false;
  bool dead_ = false;  // what comes is no XML any more
};

}  // namespace hy::simulation
