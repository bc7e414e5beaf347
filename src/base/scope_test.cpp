#include "base/scope.h"

#include <gtest/gtest.h>

namespace hy {
namespace {

Task<int> doubled(Completion<int> input) {
  Result<int> got = co_await input.wait();
  co_return got ? *got * 2 : -1;
}

Task<void> store(Completion<int> input, int* out) {
  *out = co_await doubled(input);
}

TEST(Scope, a_task_runs_to_its_first_wait_and_is_resumed_by_set) {
  Scope scope;
  Completion<int> input;
  int out = 0;
  scope.spawn(store(input, &out));
  EXPECT_EQ(out, 0);
  EXPECT_FALSE(scope.idle());
  input.set(21);
  EXPECT_EQ(out, 42);
  EXPECT_TRUE(scope.idle());
}

TEST(Scope, a_value_set_before_the_wait_does_not_suspend) {
  Scope scope;
  Completion<int> input;
  input.set(4);
  int out = 0;
  scope.spawn(store(input, &out));
  EXPECT_EQ(out, 8);
}

TEST(Scope, close_cancels_nested_waits_and_reports_idle) {
  Scope scope;
  Completion<int> input;
  int out = 0;
  bool idle = false;
  scope.spawn(store(input, &out));
  scope.on_idle([&] { idle = true; });
  EXPECT_FALSE(idle);
  scope.close();
  EXPECT_EQ(out, -1);
  EXPECT_TRUE(idle);
  input.set(1);  // too late: without effect
  EXPECT_EQ(out, -1);
}

TEST(Scope, a_wait_begun_after_close_ends_at_once) {
  Scope scope;
  scope.close();
  int out = 0;
  scope.spawn(store(Completion<int>(), &out));
  EXPECT_EQ(out, -1);
}

Task<void> throws(Completion<> gate) {
  Result<> opened = co_await gate.wait();
  throw std::runtime_error(opened ? "opened" : "cancelled");
}

TEST(Scope, an_exception_reaches_the_last_catch) {
  Scope scope;
  Completion<> gate;
  std::string seen;
  scope.spawn(throws(gate), [&](std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      seen = e.what();
    }
  });
  gate.set({});
  EXPECT_EQ(seen, "opened");
}

TEST(Scope, waits_of_a_dropped_completion_are_cancelled_by_close) {
  Scope scope;
  int out = 0;
  {
    Completion<int> dropped;
    scope.spawn(store(dropped, &out));
  }
  EXPECT_FALSE(scope.idle());
  scope.close();
  EXPECT_EQ(out, -1);
}

}  // namespace
}  // namespace hy
