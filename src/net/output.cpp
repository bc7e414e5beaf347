#include "net/output.h"

#include <sys/socket.h>

#include <cerrno>

namespace hy::net {

Output::Sent Output::send(int socket) {
  while (sent_ < bytes_.size()) {
    const ssize_t took = ::send(socket, bytes_.data() + sent_, bytes_.size() - sent_, MSG_NOSIGNAL);
    if (took < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return Sent::broken;
      if (sent_ > bytes_.size() / 2) {  // at most one byte moved per byte sent
        bytes_.erase(0, sent_);
        sent_ = 0;
      }
      return Sent::some;
    }
    sent_ += static_cast<std::size_t>(took);
  }
  clear();
  return Sent::all;
}

void Output::clear() {
  std::string().swap(bytes_);
  sent_ = 0;
}

}  // namespace hy::net
