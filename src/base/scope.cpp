#include "base/scope.h"

namespace hy {

void Wait::link(Scope& scope) {
  next_ = scope.waits_;
  if (next_) next_->back_ = &next_;
  scope.waits_ = this;
  back_ = &scope.waits_;
}

void Wait::unlink() {
  if (!back_) return;
  *back_ = next_;
  if (next_) next_->back_ = back_;
  next_ = nullptr;
  back_ = nullptr;
}

// The outermost frame of a spawned task: starts at once, frees itself.
struct Scope::Root {
  struct promise_type {
    Scope* scope;
    promise_type(Scope* owner, Task<void>&, std::move_only_function<void(std::exception_ptr)>&)
        : scope(owner) {
      ++scope->running_;
    }
    Root get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    struct Final {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> ended) const noexcept {
        Scope* owner = ended.promise().scope;
        ended.destroy();
        owner->ended();
      }
      void await_resume() const noexcept {}
    };
    Final final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

Scope::Root Scope::run(Scope*, Task<void> task, std::move_only_function<void(std::exception_ptr)> failed) {
  std::exception_ptr thrown;
  try {
    co_await std::move(task);
  } catch (...) {
    thrown = std::current_exception();
  }
  task = {};
  if (thrown) {
    HY_CHECK(failed);
    failed(thrown);
  }
}

Scope::~Scope() {
  HY_CHECK(running_ == 0);
}

void Scope::spawn(Task<void> task, std::move_only_function<void(std::exception_ptr)> failed) {
  run(this, std::move(task), std::move(failed));
}

void Scope::close() {
  closed_ = true;
  ++running_;  // keeps on_idle from running, and *this from being destroyed, inside the loop
  while (Wait* wait = waits_) {
    wait->unlink();
    wait->cancel();
  }
  ended();
}

void Scope::on_idle(Job job) {
  if (closed_ && running_ == 0) return job();
  on_idle_ = std::move(job);
}

void Scope::ended() {
  if (--running_ == 0 && closed_ && on_idle_) std::exchange(on_idle_, {})();
}

}  // namespace hy
