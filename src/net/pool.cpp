#include "net/pool.h"

#include <pthread.h>

namespace hy::net {

class Pool::Shard final : public Worker {
 public:
  Shard(Pool& pool, Loop& loop) : pool_(pool), loop_(loop) {}
  bool submit(Job work, Job done) override { return pool_.put({std::move(work), std::move(done), &loop_}); }

 private:
  Pool& pool_;
  Loop& loop_;
};

Pool::Pool(std::string name, std::size_t threads, std::size_t queue) : queue_(queue) {
  HY_CHECK(threads > 0);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { run(); });
    pthread_setname_np(threads_.back().native_handle(), name.substr(0, 15).c_str());
  }
}

std::unique_ptr<Worker> Pool::worker(Loop& loop) {
  return std::make_unique<Shard>(*this, loop);
}

bool Pool::put(Work work) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= queue_) return false;
    waiting_.push_back(std::move(work));
  }
  arrived_.notify_one();
  return true;
}

void Pool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Work taken = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    taken.work();
    taken.work = nullptr;  // what it owned ends here, not on the shard
    taken.loop->post(std::move(taken.done));
    lock.lock();
  }
}

void Pool::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace hy::net
