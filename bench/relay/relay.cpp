// The floor under every figure of the server: a bare relay. One thread, one epoll, one buffer. Connections
// are paired in the order in which they come (first with second, third with fourth …); what one sends, its
// partner gets.
//
//     relay PORT [CERTIFICATE KEY]     with a certificate, TLS on both sides
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Peer {
  int fd = -1;
  SSL* tls = nullptr;
  Peer* partner = nullptr;
  std::string waiting;  // what its socket did not take yet, or, before it has a partner, what it sent
};

// How a read or write went.
enum class Went { well, again, ended };

struct Outcome {
  Went went;
  std::size_t size = 0;
};

class Relay {
 public:
  Relay(int listener, SSL_CTX* context)
      : listener_(listener), context_(context), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    while (true) {
      const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) serve(events[i]);
      gone_.clear();
    }
  }

 private:
  void serve(const epoll_event& event) {
    auto* peer = static_cast<Peer*>(event.data.ptr);
    if (!peer) return accept_one();
    if (peer->fd < 0) return;  // closed earlier in this turn
    if (event.events & EPOLLOUT) flush(*peer);
    if (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) forward(*peer);
  }

  void accept_one() {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto* peer = new Peer;  // close() takes it back
    peer->fd = fd;
    if (context_) {
      peer->tls = SSL_new(context_);
      SSL_set_fd(peer->tls, fd);
      SSL_set_accept_state(peer->tls);
    }
    if (single_) {
      peer->partner = single_;
      single_->partner = peer;
      single_ = nullptr;
    } else {
      single_ = peer;
    }
    epoll_event event{.events = EPOLLIN, .data = {.ptr = peer}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    if (peer->partner && !peer->partner->waiting.empty()) {
      peer->waiting.swap(peer->partner->waiting);
      want_write(*peer, true);
    }
  }

  Outcome read(Peer& peer) {
    if (peer.tls) {
      std::size_t size = 0;
      if (SSL_read_ex(peer.tls, buffer_.data(), buffer_.size(), &size)) return {Went::well, size};
      const int error = SSL_get_error(peer.tls, 0);
      return {error == SSL_ERROR_WANT_READ ? Went::again : Went::ended};
    }
    const ssize_t size = ::recv(peer.fd, buffer_.data(), buffer_.size(), 0);
    if (size > 0) return {Went::well, static_cast<std::size_t>(size)};
    return {size < 0 && errno == EAGAIN ? Went::again : Went::ended};
  }

  static Outcome write(Peer& peer, const char* bytes, std::size_t size) {
    if (peer.tls) {
      std::size_t written = 0;
      if (SSL_write_ex(peer.tls, bytes, size, &written)) return {Went::well, written};
      const int error = SSL_get_error(peer.tls, 0);
      return {error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ ? Went::again : Went::ended};
    }
    const ssize_t written = ::send(peer.fd, bytes, size, MSG_NOSIGNAL);
    if (written >= 0) return {Went::well, static_cast<std::size_t>(written)};
    return {errno == EAGAIN ? Went::again : Went::ended};
  }

  void forward(Peer& peer) {
    do {
      const Outcome got = read(peer);
      if (got.went == Went::ended) return close(peer);
      if (got.went == Went::again) return;
      if (!peer.partner) {
        peer.waiting.append(buffer_.data(), got.size);
      } else {
        send(*peer.partner, got.size);
      }
    } while (peer.fd >= 0 && peer.tls && SSL_pending(peer.tls) > 0);
  }

  // The buffer's first bytes, to a peer.
  void send(Peer& peer, std::size_t size) {
    std::size_t done = 0;
    if (peer.waiting.empty()) {
      while (done < size) {
        const Outcome sent = write(peer, buffer_.data() + done, size - done);
        if (sent.went == Went::ended) return close(peer);
        if (sent.went == Went::again) break;
        done += sent.size;
      }
      if (done == size) return;
      want_write(peer, true);
    }
    peer.waiting.append(buffer_.data() + done, size - done);
  }

  void flush(Peer& peer) {
    if (!peer.partner) return;
    const Outcome sent = write(peer, peer.waiting.data(), peer.waiting.size());
    if (sent.went == Went::ended) return close(peer);
    if (sent.went == Went::well) peer.waiting.erase(0, sent.size);
    if (peer.waiting.empty()) want_write(peer, false);
  }

  void want_write(Peer& peer, bool wanted) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &peer}};
    if (wanted) event.events |= EPOLLOUT;
    epoll_ctl(epoll_, EPOLL_CTL_MOD, peer.fd, &event);
  }

  void close(Peer& peer) {
    if (peer.fd < 0) return;
    Peer* partner = peer.partner;
    if (single_ == &peer) single_ = nullptr;
    if (peer.tls) SSL_free(peer.tls);
    ::close(peer.fd);
    peer.fd = -1;
    peer.tls = nullptr;
    if (partner) {
      partner->partner = nullptr;
      peer.partner = nullptr;
      close(*partner);
    }
    gone_.emplace_back(&peer);  // an event of this turn may still name it
  }

  int listener_;
  SSL_CTX* context_;
  int epoll_;
  Peer* single_ = nullptr;
  std::vector<std::unique_ptr<Peer>> gone_;
  std::array<char, 65536> buffer_;
};

SSL_CTX* make_context(const char* certificate, const char* key) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
    std::fprintf(stderr, "relay: certificate or key unreadable\n");
    std::exit(1);
  }
  return context;
}

int make_listener(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(fd, 4096) != 0) {
    std::perror("relay");
    std::exit(1);
  }
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    std::fprintf(stderr, "usage: relay PORT [CERTIFICATE KEY]\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  SSL_CTX* context = argc == 4 ? make_context(argv[2], argv[3]) : nullptr;
  Relay(make_listener(std::atoi(argv[1])), context).run();
}
