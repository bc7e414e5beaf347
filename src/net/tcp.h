// Where TCP connections come from.
#pragma once

#include <memory>
#include <mutex>
#include <set>

#include "net/loop_epoll.h"
#include "net/pipe.h"
#include "net/tls.h"

namespace hy::net {

/// What the shards of a process share in listening.
class Ports {
 public:
  /// True the first time: nobody of this process listens there yet.
  bool claim(const Address& at);

 private:
  std::mutex mutex_;  // taken when listening begins, never again
  std::set<std::pair<std::string, std::uint16_t>> claimed_;
};

/// Of one shard. Each shard listens on the same addresses; the kernel spreads the connections (SO_REUSEPORT).
/// The first to listen on an address makes sure that no other program does.
class TcpNetwork final : public Network {
 public:
  /// `tls` may be nullptr. `ports` is the same object for all shards.
  TcpNetwork(EpollLoop& loop, std::shared_ptr<Ports> ports, std::shared_ptr<const TlsOptions> tls)
      : loop_(loop), ports_(std::move(ports)), tls_(std::move(tls)) {}

  /// On the loop's thread, or before the loop runs.
  Result<std::unique_ptr<Listener>> listen(const Address& at, Accept accept) override;

 private:
  EpollLoop& loop_;
  std::shared_ptr<Ports> ports_;
  std::shared_ptr<const TlsOptions> tls_;
};

}  // namespace hy::net
