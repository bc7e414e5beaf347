// Scope: the owner of running tasks, and Completion: the one thing a task can wait for.
#pragma once

#include <memory>
#include <optional>

#include "base/inbox.h"
#include "base/task.h"

namespace hy {

/// One suspended wait, linked into its scope.
class Wait {
 public:
  Wait() = default;
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  ~Wait() { unlink(); }

 protected:
  void link(Scope& scope);
  void unlink();
  /// Ends the wait with Error::cancelled and resumes the coroutine. Called by the scope, after unlink.
  virtual void cancel() = 0;

 private:
  friend class Scope;
  Wait* next_ = nullptr;
  Wait** back_ = nullptr;
};

/// Owns the tasks spawned in it. One shard only. It must be closed, and its last frame gone, before it is
/// destroyed; a wait begun after close ends at once with Error::cancelled.
class Scope {
 public:
  Scope() = default;
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();

  /// Starts `task` now; it runs until its first wait before this returns. An exception that leaves it is
  /// passed to `failed`, or ends the process when there is none.
  void spawn(Task<void> task, std::move_only_function<void(std::exception_ptr)> failed = {});

  /// Cancels every wait inside. Tasks end at their next wait; `idle()` turns true when the last has.
  void close();
  bool closed() const { return closed_; }
  bool idle() const { return running_ == 0; }
  /// Runs `job` when the scope is closed and idle: at once, if it is already.
  void on_idle(Job job);

 private:
  friend class Wait;
  struct Root;
  static Root run(Scope* scope, Task<void> task, std::move_only_function<void(std::exception_ptr)> failed);
  void ended();

  Wait* waits_ = nullptr;
  std::size_t running_ = 0;
  bool closed_ = false;
  Job on_idle_;
};

/// A value that arrives later, on the same shard. Copies share it. One task waits, once.
///
///     Completion<int> answer;
///     device.ask([answer](Result<int> r) mutable { answer.set(std::move(r)); });
///     Result<int> r = co_await answer.wait();
template <class T = void>
class Completion {
 public:
  Completion() : state_(std::make_shared<State>()) {}

  /// Resumes the waiting task before it returns. Without effect once the wait was cancelled or a value was
  /// set.
  void set(Result<T> value) {
    if (state_->value) return;
    state_->value.emplace(std::move(value));
    if (Waiter* waiter = std::exchange(state_->waiter, nullptr)) waiter->resume();
  }
  bool is_set() const { return state_->value.has_value(); }

  auto wait() { return Waiter(state_); }

 private:
  class Waiter;
  struct State {
    std::optional<Result<T>> value;
    Waiter* waiter = nullptr;
  };

  class Waiter final : public Wait {
   public:
    explicit Waiter(std::shared_ptr<State> state) : state_(std::move(state)) {}
    ~Waiter() {
      if (state_->waiter == this) state_->waiter = nullptr;
    }
    bool await_ready() const noexcept { return state_->value.has_value(); }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> handle) {
      Scope* scope = handle.promise().scope;
      HY_CHECK(scope != nullptr && state_->waiter == nullptr);
      if (scope->closed()) {
        state_->value.emplace(fail(Error::cancelled, "scope closed"));
        return false;
      }
      handle_ = handle;
      state_->waiter = this;
      link(*scope);
      return true;
    }
    Result<T> await_resume() { return std::move(*state_->value); }
    void resume() {
      unlink();
      handle_.resume();  // destroys *this
    }

   private:
    void cancel() override {
      state_->waiter = nullptr;
      state_->value.emplace(fail(Error::cancelled, "scope closed"));
      handle_.resume();  // destroys *this
    }
    std::shared_ptr<State> state_;
    std::coroutine_handle<> handle_;
  };

  std::shared_ptr<State> state_;
};

}  // namespace hy
