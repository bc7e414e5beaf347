#include "sim/pool.h"

#include "sim/world.h"

namespace hy::sim {

class Pool::Shard final : public Worker {
 public:
  Shard(Pool& pool, hy::Loop& loop) : pool_(pool), loop_(loop) {}

  bool submit(Job work, Job done) override {
    if (pool_.world_.fails("submit")) return false;
    if (pool_.jobs_.size() >= pool_.size_.threads + pool_.size_.queue) return false;
    pool_.jobs_.push_back({std::move(work), std::move(done), &loop_});
    return true;
  }

 private:
  Pool& pool_;
  hy::Loop& loop_;
};

Pool::Pool(World& world, std::string name, PoolSize size)
    : Actor(std::move(name)), world_(world), size_(size) {}

std::unique_ptr<Worker> Pool::worker(hy::Loop& loop) {
  return std::make_unique<Shard>(*this, loop);
}

void Pool::step() {
  const auto at = jobs_.begin() + static_cast<std::ptrdiff_t>(world_.draw(
                                      std::min(jobs_.size(), std::max<std::size_t>(size_.threads, 1))));
  Work taken = std::move(*at);
  jobs_.erase(at);
  taken.work();
  taken.work = nullptr;  // what it owned ends on the pool's thread
  taken.loop->post(std::move(taken.done));
}

}  // namespace hy::sim
