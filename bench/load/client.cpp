#include "client.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace load {
namespace {

constexpr std::size_t read_size = 65536;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

std::string_view text_of(std::string_view element, std::string_view name) {
  const auto open = element.find(fmt::format("<{}", name));
  const auto begin = open == std::string_view::npos ? open : element.find('>', open);
  if (begin == std::string_view::npos) return {};
  const auto end = element.find('<', begin);
  return element.substr(begin + 1, end == std::string_view::npos ? end : end - begin - 1);
}

Client::Client(int epoll, SSL_CTX* context, const Target& target, Account account, std::string resource)
    : epoll_(epoll),
      context_(context),
      target_(target),
      account_(std::move(account)),
      resource_(std::move(resource)) {}

Client::~Client() {
  close();
}

void Client::connect() {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return fail(fmt::format("socket: {}", std::strerror(errno)));
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  step_ = Step::connecting;
  authenticated_ = false;
  writing_ = true;
  epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.ptr = this}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &event);
  const int result =
      ::connect(fd_, reinterpret_cast<const sockaddr*>(&target_.address), sizeof target_.address);
  if (result != 0 && errno != EINPROGRESS) fail(fmt::format("connect: {}", std::strerror(errno)));
}

void Client::close() {
  if (tls_) SSL_free(tls_);
  if (fd_ >= 0) ::close(fd_);
  tls_ = nullptr;
  fd_ = -1;
  step_ = Step::ended;
}

void Client::fail(std::string why) {
  if (failure_.empty()) failure_ = std::move(why);
  close();
}

void Client::served(std::uint32_t events) {
  if (step_ == Step::ended) return;
  if (step_ == Step::connecting) return connected();
  if (step_ == Step::handshake) return handshake();
  if (events & EPOLLOUT) flush();
  if (step_ != Step::ended && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) read();
}

void Client::connected() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return fail(fmt::format("connect: {}", std::strerror(error)));
  if (target_.tls == Tls::direct) return handshake();
  watch(false);
  open_stream();
}

void Client::handshake() {
  if (!tls_) {
    tls_ = SSL_new(context_);
    SSL_set_fd(tls_, fd_);
    SSL_set_tlsext_host_name(tls_, target_.domain.c_str());
    step_ = Step::handshake;
  }
  const int done = SSL_connect(tls_);
  if (done == 1) {
    watch(false);
    return open_stream();
  }
  const int error = SSL_get_error(tls_, done);
  if (error == SSL_ERROR_WANT_READ) return watch(false);
  if (error == SSL_ERROR_WANT_WRITE) return watch(true);
  fail("TLS handshake");
}

void Client::open_stream() {
  splitter_.restart();
  step_ = Step::header;
  send(target_.kind == Kind::relay
           ? "<stream:stream>"
           : fmt::format("<?xml version='1.0'?><stream:stream to='{}' version='1.0' xmlns='jabber:client' "
                         "xmlns:stream='http://etherx.jabber.org/streams'>",
                         target_.domain));
}

void Client::read() {
  while (true) {
    char* room = splitter_.room(read_size);
    std::size_t size = 0;
    if (tls_) {
      if (!SSL_read_ex(tls_, room, read_size, &size)) {
        if (SSL_get_error(tls_, 0) == SSL_ERROR_WANT_READ) return;
        return fail("the connection was closed");
      }
    } else {
      const ssize_t got = recv(fd_, room, read_size, 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return fail("the connection was closed");
      size = static_cast<std::size_t>(got);
    }
    splitter_.added(size);
    while (auto element = splitter_.next()) {
      took(*element);
      if (step_ == Step::ended || step_ == Step::handshake) return;
    }
    if (!tls_ && size < read_size) return;
  }
}

void Client::took(std::string_view element) {
  if (element == "</stream:stream>") return fail("the server ended the stream");
  if (element.starts_with("<stream:error")) return fail(std::string(element));
  if (step_ == Step::ready) {
    if (on_stanza) on_stanza(element);
    return;
  }
  log_in(element);
}

void Client::log_in(std::string_view element) {
  switch (step_) {
    case Step::header:
      step_ = target_.kind == Kind::relay ? Step::ready : Step::features;
      return;
    case Step::features:
      return see_features(element);
    case Step::proceed:
      if (!element.starts_with("<proceed")) return fail(std::string(element));
      return handshake();
    case Step::sasl:
      if (element.starts_with("<challenge")) return answer_challenge(element);
      if (!element.starts_with("<success")) return fail(std::string(element));
      authenticated_ = true;
      return open_stream();
    case Step::bind:
      full_jid_ = text_of(element, "jid");
      if (full_jid_.empty()) return fail(std::string(element));
      step_ = Step::presence;
      return send("<presence/>");
    case Step::presence:
      // RFC 6121 §4.2.2: one's own presence comes back; from then on the session is reached at the bare JID.
      if (element.starts_with("<presence") && contains(element, full_jid_)) step_ = Step::ready;
      return;
    default:
      return;
  }
}

void Client::see_features(std::string_view features) {
  if (target_.tls == Tls::starttls && !tls_) {
    step_ = Step::proceed;
    return send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  }
  if (!authenticated_) return authenticate(features);
  step_ = Step::bind;
  send(fmt::format(
      "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{}</resource>"
      "</bind></iq>",
      resource_));
}

void Client::authenticate(std::string_view features) {
  std::string_view mechanism = "SCRAM-SHA-1";
  std::string initial;
  if (tls_ && contains(features, ">PLAIN<")) {
    mechanism = "PLAIN";
    initial = '\0' + account_.user + '\0' + account_.password;
  } else if (contains(features, ">SCRAM-SHA-1<")) {
    scram_.emplace(account_.user, account_.password,
                   fmt::format("{:016x}", reinterpret_cast<std::uintptr_t>(this)));
    initial = scram_->first();
  } else {
    return fail(fmt::format("no mechanism that is known here: {}", features));
  }
  step_ = Step::sasl;
  send(fmt::format("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{}'>{}</auth>", mechanism,
                   base64(initial)));
}

void Client::answer_challenge(std::string_view element) {
  const auto answer = scram_ ? scram_->final(unbase64(text_of(element, "challenge"))) : std::nullopt;
  if (!answer) return fail(std::string(element));
  send(fmt::format("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</response>", base64(*answer)));
}

void Client::send(std::string_view bytes) {
  out_ += bytes;
  if (!writing_) flush();
}

void Client::flush() {
  std::size_t done = 0;
  while (done < out_.size() && fd_ >= 0) {
    std::size_t size = 0;
    if (tls_) {
      if (!SSL_write_ex(tls_, out_.data() + done, out_.size() - done, &size)) {
        if (SSL_get_error(tls_, 0) == SSL_ERROR_WANT_WRITE) break;
        return fail("the connection broke");
      }
    } else {
      const ssize_t sent = ::send(fd_, out_.data() + done, out_.size() - done, MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) break;
      if (sent < 0) return fail(std::strerror(errno));
      size = static_cast<std::size_t>(sent);
    }
    done += size;
  }
  out_.erase(0, done);
  watch(!out_.empty());
}

void Client::watch(bool writing) {
  if (writing == writing_ || fd_ < 0) return;
  writing_ = writing;
  epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};
  if (writing) event.events |= EPOLLOUT;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_, &event);
}

}  // namespace load
