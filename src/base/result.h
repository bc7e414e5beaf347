// What a function returns that can fail for reasons of our own side, and the macros that pass a failure on.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace hy {

/// A failure below the protocol. It ends as a log line; a peer never sees its text.
struct Error {
  enum Code {
    cancelled,    // the scope of the waiting task was closed
    timed_out,    // a deadline passed
    closed,       // the other side of a pipe, queue or pool is gone
    not_found,    //
    invalid,      // input that does not follow its grammar or range
    conflict,     // a version or name was taken by somebody else
    exhausted,    // a limit of ours was reached
    unavailable,  // an outside service or a capability is missing
    io,           // the operating system or a library refused
    corrupt,      // stored data is damaged
    internal,     // a bug
  };
  Code code = internal;
  std::string context;  // what, where, and how to mend it
};

std::string_view name(Error::Code code);

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Error::Code code, std::string context) {
  return std::unexpected(Error{code, std::move(context)});
}

/// Ends the process with a message. Only for broken invariants: input from outside never reaches it.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace hy

#define HY_CONCAT_2(a, b) a##b
#define HY_CONCAT(a, b) HY_CONCAT_2(a, b)

/// HY_TRY(name, expression): `name` becomes the value, or the enclosing function returns the error.
#define HY_TRY_AS(result, name, expression)                       \
  auto result = (expression);                                     \
  if (!result) return std::unexpected(std::move(result.error())); \
  auto name = std::move(*result)
#define HY_TRY(name, expression) HY_TRY_AS(HY_CONCAT(hy_try_, __LINE__), name, expression)

/// The same for a Result<void>.
#define HY_TRY_VOID(expression) \
  if (auto hy_result = (expression); !hy_result) return std::unexpected(std::move(hy_result.error()))

/// The same in a coroutine.
#define HY_CO_TRY_AS(result, name, expression)                       \
  auto result = (expression);                                        \
  if (!result) co_return std::unexpected(std::move(result.error())); \
  auto name = std::move(*result)
#define HY_CO_TRY(name, expression) HY_CO_TRY_AS(HY_CONCAT(hy_try_, __LINE__), name, expression)
#define HY_CO_TRY_VOID(expression) \
  if (auto hy_result = (expression); !hy_result) co_return std::unexpected(std::move(hy_result.error()))

#define HY_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::hy::check_failed(#condition, __FILE__, __LINE__))
