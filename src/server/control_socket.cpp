#include "server/control_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>

#include "base/log.h"
#include "server/control_protocol.h"

namespace hy::server {
namespace {

constexpr std::string_view file_name = "control.sock";

/// The address of a folder's socket. A path that is too long for one goes by way of an open folder; `folder`
/// keeps it.
Result<sockaddr_un> address_in(const std::string& data_dir, Descriptor& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string path = fmt::format("{}/{}", data_dir, file_name);
  if (path.size() >= sizeof(address.sun_path)) {
    folder = Descriptor(::open(data_dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder)
      return fail(Error::unavailable, fmt::format("cannot open {}: {}", data_dir, std::strerror(errno)));
    path = fmt::format("/proc/self/fd/{}/{}", folder.get(), file_name);
  }
  std::ranges::copy(path, address.sun_path);
  return address;
}

const sockaddr* plain(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// The socket's mode keeps others out already; root alone passes it.
bool trusted(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || peer.uid == ::geteuid());
}

/// The client's side: one question, one answer, both within the time that the socket allows.
class Line {
 public:
  explicit Line(Descriptor socket) : socket_(std::move(socket)) {}

  Result<std::string> operator()(std::string question) {
    question += '\n';
    std::string_view rest = question;
    while (!rest.empty()) {
      const ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent < 0) return broken();
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::array<char, 16384> buffer;
    std::string answer;
    while (!answer.ends_with('\n')) {
      const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (got <= 0 || answer.size() > max_control_answer) return broken();
      answer.append(buffer.data(), static_cast<std::size_t>(got));
    }
    answer.pop_back();
    return answer;
  }

 private:
  static std::unexpected<Error> broken() {
    return fail(Error::closed, "the server did not answer on its control socket; its log says more");
  }
  Descriptor socket_;
};

}  // namespace

Result<std::unique_ptr<ControlSocket>> ControlSocket::make(const std::string& data_dir, Users& users,
                                                           const Clock& clock) {
  const std::string path = fmt::format("{}/{}", data_dir, file_name);
  const auto refused = [&path] {
    return fail(Error::io, fmt::format("cannot listen on {}: {}", path, std::strerror(errno)));
  };
  Descriptor folder;
  HY_TRY(address, address_in(data_dir, folder));
  Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener) return refused();
  ::unlink(path.c_str());
  // The folder keeps others out between these calls, too.
  if (::bind(listener.get(), plain(address), sizeof(address)) != 0) return refused();
  if (::chmod(path.c_str(), 0600) != 0 || ::listen(listener.get(), 16) != 0) return refused();
  return std::unique_ptr<ControlSocket>(new ControlSocket(path, std::move(listener), users, clock));
}

ControlSocket::~ControlSocket() {
  ::unlink(path_.c_str());
}

bool ControlSocket::step(int other, Duration patience) {
  std::vector<pollfd> polled;
  polled.push_back({other, POLLIN, 0});
  polled.push_back({connections_.size() < max_connections ? listener_.get() : -1, POLLIN, 0});
  for (const Connection& connection : connections_) {
    polled.push_back(
        {connection.socket.get(), static_cast<short>(connection.out.empty() ? POLLIN : POLLOUT), 0});
  }
  if (!connections_.empty()) patience = std::min<Duration>(patience, 1s);
  const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  if (::poll(polled.data(), polled.size(), static_cast<int>(timeout)) < 0) return false;

  auto ready = polled.begin() + 2;
  for (auto connection = connections_.begin(); connection != connections_.end(); ++ready) {
    const bool kept = ready->revents != 0 ? go_on(*connection) : clock_.now() - connection->heard < idle;
    connection = kept ? std::next(connection) : connections_.erase(connection);
  }
  if (polled[1].revents != 0) accept_all();
  return polled[0].revents != 0;
}

void ControlSocket::accept_all() {
  while (connections_.size() < max_connections) {
    Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    if (trusted(socket.get())) connections_.push_back({std::move(socket), {}, {}, clock_.now()});
  }
}

// Reads or writes, whichever is due. False: the connection is over.
bool ControlSocket::go_on(Connection& connection) {
  connection.heard = clock_.now();
  if (connection.out.empty()) {
    std::array<char, 4096> buffer;
    const ssize_t got = ::recv(connection.socket.get(), buffer.data(), buffer.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return false;
    if (got > 0) connection.in.append(buffer.data(), static_cast<std::size_t>(got));
  }
  while (true) {
    if (connection.out.empty() && !answer_line(connection)) return false;
    if (connection.out.empty()) return true;
    const ssize_t sent =
        ::send(connection.socket.get(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    connection.out.erase(0, static_cast<std::size_t>(sent));
  }
}

// One question at a time: the next is looked at when the answer has gone, so that answers do not pile up.
bool ControlSocket::answer_line(Connection& connection) {
  const std::size_t end = connection.in.find('\n');
  if (end == std::string::npos) return connection.in.size() < max_control_line;
  if (end >= max_control_line) return false;
  connection.out = answer_control(std::string_view(connection.in).substr(0, end), users_) + '\n';
  connection.in.erase(0, end + 1);
  return true;
}

Result<std::unique_ptr<Users>> connect_control(const std::string& data_dir) {
  Descriptor folder;
  HY_TRY(address, address_in(data_dir, folder));
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{.tv_sec = 30, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (::connect(socket.get(), plain(address), sizeof(address)) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) {
      return fail(Error::unavailable, fmt::format("no server runs on {}", data_dir));
    }
    return fail(Error::io,
                fmt::format("cannot speak to the server on {}: {}; run this as its user or as root", data_dir,
                            std::strerror(errno)));
  }
  return users_by_control(Line(std::move(socket)));
}

}  // namespace hy::server
