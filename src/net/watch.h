// A descriptor on a loop, and what a loop does for the one who watches it.
#pragma once

#include <cstdint>
#include <memory>

namespace hy::net {

class EpollLoop;

/// Port. Called on the loop's thread; may destroy its own object inside each call.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// Each once after it was asked for.
  virtual void readable() {}
  virtual void writable() {}
  virtual void turn_ended() {}
  virtual void poked() {}

 private:
  friend class WatcherList;
  static constexpr std::uint32_t none = UINT32_MAX;
  std::uint32_t slots_[2] = {none, none};  // where it stands in the loop's two lists
};

/// Asks the system to tell its watcher, once, of readiness. Does not own the descriptor, which must be open
/// as long as it is watched. One loop, one thread; after stop() nothing is called any more and the descriptor
/// may go to another loop.
class Watch {
 public:
  Watch() = default;  // inactive
  Watch(EpollLoop& loop, int descriptor, Watcher& watcher);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  Watch(Watch&&) noexcept = default;
  Watch& operator=(Watch&& other) noexcept;
  ~Watch() { stop(); }

  /// False when the system refused to watch it (out of memory, max_user_watches).
  bool active() const { return state_ != nullptr; }
  void wait_readable();
  void wait_writable();
  void stop();

 private:
  friend class EpollLoop;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hy::net
