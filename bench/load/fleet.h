// Many clients on one epoll.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "client.h"

namespace load {

/// The load cannot go on: a client failed or nothing moves any more. Ends the program.
struct Stalled : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Fleet {
 public:
  Fleet(Target target, std::vector<Account> accounts);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  /// A client of the account with this number; not yet connected.
  Client& add(std::size_t account, std::string resource);
  /// Connects clients [begin, end) of those added, a few at a time, until all are ready.
  void bring_up(std::size_t begin, std::size_t end);

  /// Serves events until `done` says so or the time is up; whether it said so.
  bool run_until(const std::function<bool()>& done, double seconds);
  void run_for(double seconds) {
    run_until([] { return false; }, seconds);
  }
  /// Throws when a client ended that should not have.
  void check() const;

  std::vector<std::unique_ptr<Client>>& clients() { return clients_; }
  std::size_t accounts() const { return accounts_.size(); }
  const Target& target() const { return target_; }

 private:
  Target target_;
  std::vector<Account> accounts_;
  int epoll_;
  SSL_CTX* context_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace load
