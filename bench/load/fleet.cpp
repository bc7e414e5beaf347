#include "fleet.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "meter.h"

namespace load {
namespace {

constexpr std::size_t at_once = 16;     // log-ins under way
constexpr double login_timeout_s = 60;  // without any progress

}  // namespace

Fleet::Fleet(Target target, std::vector<Account> accounts)
    : target_(std::move(target)),
      accounts_(std::move(accounts)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);  // it is our own server's own certificate
}

Fleet::~Fleet() {
  clients_.clear();
  SSL_CTX_free(context_);
  ::close(epoll_);
}

Client& Fleet::add(std::size_t account, std::string resource) {
  Account chosen = target_.kind == Kind::relay ? Account{} : accounts_.at(account);
  clients_.push_back(
      std::make_unique<Client>(epoll_, context_, target_, std::move(chosen), std::move(resource)));
  return *clients_.back();
}

void Fleet::bring_up(std::size_t begin, std::size_t end) {
  // A relay pairs in the order of connections: one pair at a time, its second when the first is connected.
  const std::size_t width = target_.kind == Kind::relay ? 2 : at_once;
  std::size_t next = begin;
  std::size_t ready = begin;
  double progress = now_us();
  std::vector<Client*> under_way;
  const auto turn = [&] {
    const auto before = under_way.size();
    std::erase_if(under_way, [](Client* client) { return client->ready(); });
    ready += before - under_way.size();
    if (before != under_way.size()) progress = now_us();
    for (Client* client : under_way) {
      if (client->ended()) throw Stalled(fmt::format("a client could not log in: {}", client->failure()));
    }
    while (next < end && under_way.size() < width) {
      under_way.push_back(clients_[next++].get());
      under_way.back()->connect();
    }
    if (now_us() - progress > login_timeout_s * 1e6) throw Stalled("no log-in for a minute");
    return ready == end;
  };
  run_until(turn, 24 * 3600);
}

bool Fleet::run_until(const std::function<bool()>& done, double seconds) {
  const double deadline = now_us() + seconds * 1e6;
  std::array<epoll_event, 256> events;
  while (!done()) {
    if (now_us() >= deadline) return false;
    const int count = epoll_wait(epoll_, events.data(), events.size(), 10);
    for (int i = 0; i < count; ++i) static_cast<Client*>(events[i].data.ptr)->served(events[i].events);
  }
  return true;
}

void Fleet::check() const {
  for (const auto& client : clients_) {
    if (client->ended()) throw Stalled(fmt::format("a client lost its stream: {}", client->failure()));
  }
}

}  // namespace load
