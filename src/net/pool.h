// A pool of threads for work that would hold up a loop: password hashing, reads from disk.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/loop.h"
#include "base/worker.h"

namespace hy::net {

class Pool {
 public:
  /// `queue`: how many jobs may wait for a thread; beyond it submit() refuses. `name`: for the threads, 15
  /// letters.
  Pool(std::string name, std::size_t threads, std::size_t queue);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() { stop(); }

  /// A shard's view of the pool, used on that shard. The pool and the loop must outlive it.
  std::unique_ptr<Worker> worker(Loop& loop);

  /// Refuses what comes from now on, runs what waits, and ends the threads. The loops must still be there:
  /// the last `done` jobs are posted to them. Idempotent.
  void stop();

 private:
  class Shard;
  struct Work {
    Job work;
    Job done;
    Loop* loop;
  };
  bool put(Work work);
  void run();

  std::size_t queue_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Work> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace hy::net
