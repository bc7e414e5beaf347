// The trips that this shard began and whose parts have not all answered. One part is open while the trip
// itself runs.
#pragma once

#include <vector>

#include "route/post.h"
#include "route/session.h"

namespace hy::route {

class Ledger {
 public:
  /// Beyond either, the session's stream is not read until answers have come.
  static constexpr std::size_t max_unanswered = 1000;
  static constexpr std::size_t max_unanswered_bytes = 1024 * 1024;

  /// A trip with one open part, which settle() ends. `session` is charged for it, if given.
  TripId open(const SessionPtr& session, std::size_t bytes);
  void add_part(TripId trip) { ++at(trip).parts; }
  /// The trip's session is held until the trip is over.
  void hold(TripId trip);
  /// One part has answered. When it was the last, the trip is over and its session is charged no more.
  void settle(TripId trip);
  std::size_t size() const { return used_; }

 private:
  struct Entry {
    std::uint32_t generation = 0;
    std::uint32_t parts = 0;
    SessionRef session;
    std::size_t bytes = 0;
    bool holds = false;
  };
  Entry& at(TripId trip);

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  std::size_t used_ = 0;
};

}  // namespace hy::route
