// The system's sockets: made, bound, named and read, with errors in words.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/pipe.h"

namespace hy::net {

/// Owns a descriptor.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// Whether several sockets of this machine may listen on one port.
enum class Sharing { exclusive, shared };

/// Bound and listening, not blocking. `::` means IPv6 only. Error::invalid for what is no IP address, else
/// Error::io.
Result<Socket> listen_on(const Address& at, Sharing sharing);
/// The next connection and where it comes from; errno and an empty socket when there is none.
Socket accept_from(int listener, Address& peer);
std::uint16_t bound_port(int socket);

/// No delay, and the ends of dead peers noticed: output unacknowledged for two minutes, or silence of ten
/// minutes and no answer to the system's probes.
void set_stream_options(int socket);

bool is_ip(const std::string& text);
/// 127.0.0.1, ::1 and those like them.
bool is_loopback(std::string_view ip);

}  // namespace hy::net
