// A pool of threads, as one shard sees it: work goes out, its result comes home through the shard's loop.
#pragma once

#include "base/scope.h"

namespace hy {

/// Port. Bound to the shard that uses it.
class Worker {
 public:
  virtual ~Worker() = default;

  /// Runs `work` on another thread, then `done` on the shard's loop. False, and neither runs, when the pool's
  /// queue is full: the bound is the pool's.
  [[nodiscard]] virtual bool submit(Job work, Job done) = 0;

  /// Runs `f` on another thread. Error::exhausted when the pool is full, else what `f` returned.
  /// `f` owns all that it touches: a cancelled wait does not stop it.
  template <class F, class T = std::invoke_result_t<F>>
  Task<Result<T>> run(F f) {
    Completion<T> completion;
    auto value = std::make_shared<std::optional<T>>();
    if (!submit([f = std::move(f), value]() mutable { value->emplace(f()); },
                [completion, value]() mutable { completion.set(std::move(**value)); })) {
      co_return fail(Error::exhausted, "worker pool is full");
    }
    Result<T> result = co_await completion.wait();
    co_return result;
  }
};

}  // namespace hy
