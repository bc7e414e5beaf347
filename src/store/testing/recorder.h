// For tests of the committer and the desk: an engine that remembers what was written, in which rounds.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "store/batch.h"

namespace hy::store::testing {

class Recorder final : public Engine {
 public:
  using Round = std::vector<std::pair<ShardId, Position>>;

  Result<void> write(std::span<const Batch> batches) override {
    std::lock_guard lock(mutex_);
    if (fails_at_ && rounds_.size() + 1 >= *fails_at_) return fail(Error::io, "no space left on device");
    Round round;
    for (const Batch& batch : batches) {
      round.emplace_back(batch.shard, batch.position);
      for (const Write& write : batch.writes) {
        if (const auto* raise = std::get_if<PutFloor>(&write)) floor_ = std::max(floor_, raise->floor);
      }
    }
    rounds_.push_back(std::move(round));
    return {};
  }
  Result<std::uint64_t> floor() const override {
    std::lock_guard lock(mutex_);
    return floor_;
  }
  void fail_round(std::size_t n) { fails_at_ = n; }
  std::vector<Round> rounds() const {
    std::lock_guard lock(mutex_);
    return rounds_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Round> rounds_;
  std::uint64_t floor_ = 0;
  std::optional<std::size_t> fails_at_;
};

}  // namespace hy::store::testing
