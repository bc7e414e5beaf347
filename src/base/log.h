// Structured logging: one line per decision, key=value, never a body, a password or a token.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hy::log {

enum class Level { debug, info, warn, error, off };

/// error: someone must act; warn: a peer misbehaves; info: life cycle; debug: off in production.
void set_level(Level level);
Level level();
Result<Level> parse_level(std::string_view text);
/// Lines go to standard error, or to a function (tests). Call before threads start.
void set_output(std::move_only_function<void(Level, std::string_view line)> output);
void flush();

void write(Level level, std::string_view event, std::string_view fields);

/// A value in a log line: bare when it is one safe word, quoted and escaped else, so that a line stays a
/// line.
std::string value(std::string_view text);

/// log::info("session opened", "sid={} jid={}", sid, value(jid));
template <class... Args>
void line(Level at, std::string_view event, fmt::format_string<Args...> fields, Args&&... args) {
  if (at >= level()) write(at, event, fmt::format(fields, std::forward<Args>(args)...));
}
template <class... Args>
void debug(std::string_view event, fmt::format_string<Args...> fields, Args&&... args) {
  line(Level::debug, event, fields, std::forward<Args>(args)...);
}
template <class... Args>
void info(std::string_view event, fmt::format_string<Args...> fields, Args&&... args) {
  line(Level::info, event, fields, std::forward<Args>(args)...);
}
template <class... Args>
void warn(std::string_view event, fmt::format_string<Args...> fields, Args&&... args) {
  line(Level::warn, event, fields, std::forward<Args>(args)...);
}
template <class... Args>
void error(std::string_view event, fmt::format_string<Args...> fields, Args&&... args) {
  line(Level::error, event, fields, std::forward<Args>(args)...);
}

}  // namespace hy::log
