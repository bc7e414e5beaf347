#include "store/ids.h"

#include <algorithm>
#include <utility>

namespace hy::store {
namespace {

std::uint64_t microseconds(WallTime at) {
  auto since = at.time_since_epoch().count();
  return since > 0 ? static_cast<std::uint64_t>(since) : 0;
}

}  // namespace

Result<IdRange> open_ids(Engine& engine, const Clock& clock) {
  HY_TRY(floor, engine.floor());
  std::uint64_t first = std::max(floor, microseconds(clock.wall()));
  std::uint64_t limit = first + IdSource::ahead_us;
  Batch batch;
  batch.writes.emplace_back(PutFloor{0, limit});
  HY_TRY_VOID(engine.write(std::span(&batch, 1)));
  return IdRange{first, limit};
}

IdSource::IdSource(const Clock& clock, IdRange range)
    : clock_(clock), next_(range.first), limit_(range.limit) {
  HY_CHECK(range.first + reserve_us <= range.limit);
}

std::uint64_t IdSource::now() const {
  return microseconds(clock_.wall());
}

std::uint64_t IdSource::next() {
  std::uint64_t id = std::max(next_, std::min(now(), limit_ - reserve_us));
  HY_CHECK(id < limit_);
  next_ = id + 1;
  return id;
}

std::optional<std::uint64_t> IdSource::raise() {
  std::uint64_t base = std::max(now(), next_);
  if (raising_ || base + low_us < limit_) return std::nullopt;
  raising_ = base + ahead_us;
  return raising_;
}

void IdSource::raised() {
  std::optional<std::uint64_t> floor = std::exchange(raising_, std::nullopt);
  HY_CHECK(floor);
  limit_ = std::max(limit_, floor.value_or(limit_));
}

}  // namespace hy::store
