#include "net/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hy::net {
namespace {

union AnyAddress {
  sockaddr base;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

socklen_t parse(const Address& address, AnyAddress& out) {
  std::memset(&out, 0, sizeof out);
  if (inet_pton(AF_INET, address.ip.c_str(), &out.v4.sin_addr) == 1) {
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(address.port);
    return sizeof out.v4;
  }
  if (inet_pton(AF_INET6, address.ip.c_str(), &out.v6.sin6_addr) == 1) {
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(address.port);
    return sizeof out.v6;
  }
  return 0;
}

Address text(const AnyAddress& address) {
  char ip[INET6_ADDRSTRLEN] = {};
  if (address.base.sa_family == AF_INET) {
    inet_ntop(AF_INET, &address.v4.sin_addr, ip, sizeof ip);
    return {ip, ntohs(address.v4.sin_port)};
  }
  const in6_addr& v6 = address.v6.sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    inet_ntop(AF_INET, v6.s6_addr + 12, ip, sizeof ip);
  } else {
    inet_ntop(AF_INET6, &v6, ip, sizeof ip);
  }
  return {ip, ntohs(address.v6.sin6_port)};
}

void set(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof value);
}

std::unexpected<Error> refused(const Address& at, int error) {
  const std::string where = fmt::format("port {} on {}", at.port, at.ip);
  switch (error) {
    case EADDRINUSE:
      return fail(Error::io, where + " is in use by another program: stop it, or choose another port");
    case EACCES:
      return fail(Error::io, where +
                                 " may not be opened by this user: choose a port above 1023, or grant "
                                 "CAP_NET_BIND_SERVICE");
    case EADDRNOTAVAIL:
      return fail(Error::io, where + ": this machine has no such address");
    case EAFNOSUPPORT:
      return fail(Error::io, where + ": this machine has no IPv6");
    default:
      return fail(Error::io, fmt::format("{} cannot be opened: {}", where, std::strerror(error)));
  }
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<Socket> listen_on(const Address& at, Sharing sharing) {
  AnyAddress address;
  const socklen_t size = parse(at, address);
  if (size == 0) return fail(Error::invalid, fmt::format("\"{}\" is not an IP address", at.ip));
  Socket socket(::socket(address.base.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return refused(at, errno);
  set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.base.sa_family == AF_INET6) set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (sharing == Sharing::shared) set(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (bind(socket.get(), &address.base, size) != 0) return refused(at, errno);
  if (listen(socket.get(), 4096) != 0) return refused(at, errno);
  return socket;
}

Socket accept_from(int listener, Address& peer) {
  AnyAddress address;
  socklen_t size = sizeof address;
  Socket socket(accept4(listener, &address.base, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket) peer = text(address);
  return socket;
}

std::uint16_t bound_port(int socket) {
  AnyAddress address;
  socklen_t size = sizeof address;
  if (getsockname(socket, &address.base, &size) != 0) return 0;
  return text(address).port;
}

void set_stream_options(int socket) {
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 120'000);
  // Probes wake a phone's radio, and streams ping those who are silent: this is for connections that nobody
  // pings.
  set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(socket, IPPROTO_TCP, TCP_KEEPIDLE, 600);
  set(socket, IPPROTO_TCP, TCP_KEEPINTVL, 30);
  set(socket, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

bool is_ip(const std::string& text) {
  AnyAddress ignored;
  return parse({text, 0}, ignored) != 0;
}

bool is_loopback(std::string_view ip) {
  return ip.starts_with("127.") || ip == "::1";
}

}  // namespace hy::net
