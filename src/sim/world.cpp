#include "sim/world.h"

namespace hy::sim {

class World::Outsider final : public Actor {
 public:
  Outsider(std::string name, std::move_only_function<bool()> ready, Job step)
      : Actor(std::move(name)), ready_(std::move(ready)), step_(std::move(step)) {}
  bool ready() const override { return ready_(); }
  void step() override { step_(); }
  std::optional<Instant> next() const override { return std::nullopt; }

 private:
  mutable std::move_only_function<bool()> ready_;
  Job step_;
};

World::World(std::uint64_t seed)
    : seed_(seed),
      order_(seed),
      random_(seed ^ 0xa5a5a5a5a5a5a5a5),
      network_(std::make_unique<Network>(*this)) {
  actors_.push_back(network_.get());
}

World::~World() {
  // Jobs may own pipes and timers of any loop.
  for (auto& loop : loops_) loop->clear();
}

Loop& World::add_loop(std::string name) {
  loops_.push_back(std::make_unique<Loop>(*this, std::move(name)));
  actors_.push_back(loops_.back().get());
  return *loops_.back();
}

Pool& World::add_pool(std::string name, PoolSize size) {
  auto pool = std::make_unique<Pool>(*this, std::move(name), size);
  Pool& added = *pool;
  actors_.push_back(pool.get());
  others_.push_back(std::move(pool));
  return added;
}

void World::add_actor(std::string name, std::move_only_function<bool()> ready, Job step) {
  others_.push_back(std::make_unique<Outsider>(std::move(name), std::move(ready), std::move(step)));
  actors_.push_back(others_.back().get());
}

bool World::step() {
  HY_CHECK(at_step_ == nullptr);
  ready_.clear();
  for (Actor* actor : actors_) {
    if (actor->ready()) ready_.push_back(actor);
  }
  if (ready_.empty()) return false;
  Actor* chosen = ready_[draw(ready_.size())];
  note(chosen->name());
  at_step_ = chosen;
  chosen->step();
  at_step_ = nullptr;
  return true;
}

void World::run_until_idle(std::uint64_t most) {
  for (std::uint64_t steps = 0;; ++steps) {
    HY_CHECK(steps < most);
    if (step()) continue;
    const std::optional<Instant> arrival = network_->next_arrival();
    if (!arrival) return;
    clock_.move_to(std::min(*arrival, next().value_or(*arrival)));
  }
}

void World::advance(Duration by) {
  const Instant end = now() + by;
  for (;;) {
    while (step()) {
    }
    const std::optional<Instant> at = next();
    if (!at || *at > end) break;
    clock_.move_to(*at);
  }
  clock_.move_to(end);
  while (step()) {
  }
}

bool World::run_until(std::move_only_function<bool()> done, Duration within) {
  const Instant end = now() + within;
  while (!done()) {
    if (step()) continue;
    const std::optional<Instant> at = next();
    if (!at || *at > end) {
      clock_.move_to(end);
      return false;
    }
    clock_.move_to(*at);
  }
  return true;
}

std::optional<Instant> World::next() const {
  std::optional<Instant> first;
  for (const Actor* actor : actors_) {
    const std::optional<Instant> at = actor->next();
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

bool World::fails(std::string_view operation) {
  if (++operations_ != fail_at_) return false;
  note(fmt::format("operation {} ({}) fails", operations_, operation));
  return true;
}

void World::note(std::string_view line) {
  const auto mix = [this](unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; };
  const auto passed = static_cast<std::uint64_t>((now() - Instant(1h)).count());
  for (int shift = 0; shift < 64; shift += 8) mix(static_cast<unsigned char>(passed >> shift));
  for (char byte : line) mix(static_cast<unsigned char>(byte));
  if (keep_transcript_) transcript_ += fmt::format("{:.6f} {}\n", static_cast<double>(passed) / 1e6, line);
}

}  // namespace hy::sim
