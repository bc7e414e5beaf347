// DATA/control.sock: where commands speak to the server that runs. Served by the main thread, which has
// nothing else to do but wait for signals.
#pragma once

#include <poll.h>

#include <list>
#include <memory>
#include <string>

#include "base/time.h"
#include "server/descriptor.h"
#include "server/users.h"

namespace hy::server {

class ControlSocket {
 public:
  /// Binds DATA/control.sock with mode 0600; one that was left behind is replaced (the caller holds the lock
  /// of DATA).
  static Result<std::unique_ptr<ControlSocket>> make(const std::string& data_dir, Users& users,
                                                     const Clock& clock);
  /// Removes the file.
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  /// Waits until there is something to answer, or `other` is readable, or `patience` is over; answers. True
  /// when `other` (a descriptor, or -1) is readable.
  bool step(int other, Duration patience);

  static constexpr std::size_t max_connections = 16;
  /// A connection that neither sends nor takes anything for so long is closed.
  static constexpr Duration idle = 30s;

 private:
  struct Connection {
    Descriptor socket;
    std::string in;
    std::string out;
    Instant heard;
  };

  ControlSocket(std::string path, Descriptor listener, Users& users, const Clock& clock)
      : path_(std::move(path)), listener_(std::move(listener)), users_(users), clock_(clock) {}
  void accept_all();
  bool go_on(Connection& connection);
  bool answer_line(Connection& connection);

  std::string path_;
  Descriptor listener_;
  Users& users_;
  const Clock& clock_;
  std::list<Connection> connections_;
};

/// The users of the server that runs on `data_dir`. Error::unavailable when none does.
Result<std::unique_ptr<Users>> connect_control(const std::string& data_dir);

}  // namespace hy::server
