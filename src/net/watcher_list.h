// Watchers to be called later in a turn, each at most once; one that goes away leaves its place empty.
#pragma once

#include <vector>

#include "net/watch.h"

namespace hy::net {

class WatcherList {
 public:
  enum Kind { turn_end, poke };
  explicit WatcherList(Kind kind) : kind_(kind) {}

  void add(Watcher& watcher) {
    if (watcher.slots_[kind_] != Watcher::none) return;
    watcher.slots_[kind_] = static_cast<std::uint32_t>(list_.size());
    list_.push_back(&watcher);
  }
  void remove(Watcher& watcher) {
    if (watcher.slots_[kind_] == Watcher::none) return;
    list_[watcher.slots_[kind_]] = nullptr;
    watcher.slots_[kind_] = Watcher::none;
  }
  bool empty() const { return list_.empty(); }

  /// Calls those in the list now; those added meanwhile stay for the next time.
  void run() {
    const std::size_t count = list_.size();
    for (std::size_t i = 0; i < count; ++i) {
      Watcher* watcher = list_[i];
      if (watcher == nullptr) continue;
      remove(*watcher);
      kind_ == poke ? watcher->poked() : watcher->turn_ended();
    }
    list_.erase(list_.begin(), list_.begin() + static_cast<std::ptrdiff_t>(count));
    for (std::size_t i = 0; i < list_.size(); ++i) {
      if (list_[i] != nullptr) list_[i]->slots_[kind_] = static_cast<std::uint32_t>(i);
    }
  }

 private:
  Kind kind_;
  std::vector<Watcher*> list_;
};

}  // namespace hy::net
