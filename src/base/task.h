// Task<T>: a coroutine that starts when awaited, runs on its shard and is owned by whoever awaits it.
//
// A task belongs to the Scope it was spawned in (base/scope.h), and so does every task that it awaits. The
// scope is how a wait is cancelled: each primitive wait registers there and ends with Error::cancelled when
// it closes.
#pragma once

#include <coroutine>
#include <exception>
#include <utility>
#include <variant>

#include "base/result.h"

namespace hy {

class Scope;

template <class T = void>
class Task;

struct PromiseBase {
  Scope* scope = nullptr;
  std::coroutine_handle<> awaiting = std::noop_coroutine();

  std::suspend_always initial_suspend() noexcept { return {}; }

  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> ended) const noexcept {
      return ended.promise().awaiting;
    }
    void await_resume() const noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
};

template <class T>
struct TaskPromise : PromiseBase {
  std::variant<std::monostate, T, std::exception_ptr> outcome;

  Task<T> get_return_object();
  template <class U>
  void return_value(U&& value) {
    outcome.template emplace<1>(std::forward<U>(value));
  }
  void unhandled_exception() { outcome.template emplace<2>(std::current_exception()); }
  T take() {
    if (outcome.index() == 2) std::rethrow_exception(std::get<2>(outcome));
    return std::move(std::get<1>(outcome));
  }
};

template <>
struct TaskPromise<void> : PromiseBase {
  std::exception_ptr failed;

  Task<void> get_return_object();
  void return_void() {}
  void unhandled_exception() { failed = std::current_exception(); }
  void take() {
    if (failed) std::rethrow_exception(failed);
  }
};

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  struct Awaiter {
    Handle handle;
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> parent) noexcept {
      handle.promise().scope = parent.promise().scope;
      handle.promise().awaiting = parent;
      return handle;
    }
    T await_resume() { return handle.promise().take(); }
  };
  /// A task is awaited once; it must outlive the wait, which a temporary in the awaiting expression does.
  Awaiter operator co_await() && noexcept { return {handle_}; }
  Awaiter operator co_await() & noexcept { return {handle_}; }

 private:
  Handle handle_;
};

template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

}  // namespace hy
