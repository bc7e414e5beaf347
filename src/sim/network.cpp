#include "sim/network.h"

#include "sim/pipe.h"
#include "sim/world.h"

namespace hy::sim {

class Network::Listener final : public net::Listener {
 public:
  Listener(Network& network, Loop& loop, net::Address at, net::Accept accept)
      : network_(network),
        loop_(loop),
        at_(std::move(at)),
        self_(std::make_shared<Listener*>(this)),
        accept_(std::move(accept)) {
    network_.listeners_.push_back(this);
  }
  ~Listener() override {
    std::erase(network_.listeners_, this);
    *self_ = nullptr;
  }
  std::uint16_t port() const override { return at_.port; }

  bool takes(const net::Address& to) const {
    return to.port == at_.port && (at_.ip == to.ip || at_.ip == "0.0.0.0" || at_.ip == "::");
  }

  void connect(std::shared_ptr<Link> link, net::Address from) {
    loop_.post([self = self_, link = std::move(link), from = std::move(from)]() mutable {
      if (*self == nullptr || (*self)->network_.world_.fails("accept")) return link->reset(Side::server);
      Listener& listener = **self;
      listener.accept_(
          std::make_unique<Pipe>(listener.network_.world_, listener.loop_, std::move(link), std::move(from)));
    });
  }

 private:
  Network& network_;
  Loop& loop_;
  net::Address at_;
  std::shared_ptr<Listener*> self_;
  net::Accept accept_;
};

class Network::Shard final : public net::Network {
 public:
  Shard(sim::Network& network, Loop& loop) : network_(network), loop_(loop) {}

  Result<std::unique_ptr<net::Listener>> listen(const net::Address& at, net::Accept accept) override {
    loop_.check_thread();
    if (network_.occupied_.contains(at.port)) {
      return fail(Error::io, fmt::format("port {} on {} is in use by another program", at.port, at.ip));
    }
    if (network_.world_.fails("listen")) {
      return fail(Error::io, fmt::format("cannot listen on port {} (simulated fault)", at.port));
    }
    net::Address bound = at;
    if (bound.port == 0) bound.port = network_.next_port_++;
    return std::make_unique<Listener>(network_, loop_, std::move(bound), std::move(accept));
  }

 private:
  sim::Network& network_;
  Loop& loop_;
};

Network::Network(World& world) : Actor("network"), world_(world) {}

Network::~Network() = default;

std::unique_ptr<net::Network> Network::on(Loop& loop) {
  return std::make_unique<Shard>(*this, loop);
}

std::unique_ptr<Peer> Network::connect(const net::Address& to, net::Address from) {
  std::vector<Listener*> takers;
  for (Listener* listener : listeners_) {
    if (listener->takes(to)) takers.push_back(listener);
  }
  if (takers.empty()) return std::make_unique<Peer>(nullptr);
  std::erase_if(links_, [](const auto& link) { return link->over(); });
  auto link = std::make_shared<Link>(world_, options, ++link_count_);
  if (from.port == 0) from.port = static_cast<std::uint16_t>(1024 + link_count_ % 60000);
  links_.push_back(link);
  auto peer = std::make_unique<Peer>(link);
  takers[world_.draw(takers.size())]->connect(std::move(link), std::move(from));
  return peer;
}

std::optional<Instant> Network::next_arrival() const {
  std::optional<Instant> first;
  for (const auto& link : links_) {
    for (Side from : {Side::server, Side::client}) {
      const std::optional<Instant> at = link->arrival(from);
      if (at && (!first || *at < *first)) first = at;
    }
  }
  return first;
}

std::optional<Instant> Network::next() const {
  std::optional<Instant> first = next_arrival();
  for (const auto& link : links_) {
    const std::optional<Instant> at = link->linger_end();
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

std::size_t Network::open() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(links_, [](const auto& link) { return !link->over(); }));
}

bool Network::ready() const {
  const std::optional<Instant> at = next();
  return at && *at <= world_.now();
}

void Network::step() {
  struct Due {
    std::shared_ptr<Link> link;
    std::optional<Side> from;  // none: the end of a linger
  };
  std::vector<Due> due;
  for (const auto& link : links_) {
    for (Side from : {Side::server, Side::client}) {
      const std::optional<Instant> at = link->arrival(from);
      if (at && *at <= world_.now()) due.push_back({link, from});
    }
    const std::optional<Instant> end = link->linger_end();
    if (end && *end <= world_.now()) due.push_back({link, std::nullopt});
  }
  const Due chosen = due[world_.draw(due.size())];
  if (chosen.from) {
    chosen.link->deliver(*chosen.from);
  } else {
    chosen.link->end_linger();
  }
  if (chosen.link->over()) std::erase(links_, chosen.link);
}

}  // namespace hy::sim
