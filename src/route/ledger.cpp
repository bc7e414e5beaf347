#include "route/ledger.h"

namespace hy::route {

TripId Ledger::open(const SessionPtr& session, std::size_t bytes) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(entries_.size()));
    entries_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  Entry& entry = entries_[slot];
  entry.parts = 1;
  entry.session = session;
  entry.bytes = bytes;
  ++used_;
  if (session) {
    ++session->unanswered;
    session->unanswered_bytes += bytes;
    if (!session->too_many_unanswered &&
        (session->unanswered >= max_unanswered || session->unanswered_bytes >= max_unanswered_bytes)) {
      session->too_many_unanswered = true;
      session->hold();
    }
  }
  return {slot, entry.generation};
}

void Ledger::hold(TripId trip) {
  Entry& entry = at(trip);
  SessionPtr session = entry.session.lock();
  if (!session || entry.holds) return;
  entry.holds = true;
  session->hold();
}

void Ledger::settle(TripId trip) {
  Entry& entry = at(trip);
  if (--entry.parts > 0) return;
  SessionPtr session = entry.session.lock();
  const std::size_t bytes = entry.bytes;
  const bool holds = std::exchange(entry.holds, false);
  entry.session.reset();
  ++entry.generation;
  free_.push_back(trip.slot);
  --used_;
  if (!session) return;
  if (holds) session->release();
  --session->unanswered;
  session->unanswered_bytes -= bytes;
  if (session->too_many_unanswered && session->unanswered < max_unanswered / 2 &&
      session->unanswered_bytes < max_unanswered_bytes / 2) {
    session->too_many_unanswered = false;
    session->release();
  }
}

Ledger::Entry& Ledger::at(TripId trip) {
  HY_CHECK(trip.slot < entries_.size());
  Entry& entry = entries_[trip.slot];
  HY_CHECK(entry.generation == trip.generation && entry.parts > 0);
  return entry;
}

}  // namespace hy::route
