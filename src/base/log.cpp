#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace hy::log {
namespace {

std::atomic<Level> threshold{Level::info};
std::move_only_function<void(Level, std::string_view)> redirected;

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> shared = [] {
    auto made =
        std::make_shared<spdlog::logger>("hongyan", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *shared;
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

}  // namespace

void set_level(Level level) {
  threshold = level;
}
Level level() {
  return threshold.load(std::memory_order_relaxed);
}

Result<Level> parse_level(std::string_view text) {
  if (text == "debug") return Level::debug;
  if (text == "info") return Level::info;
  if (text == "warn") return Level::warn;
  if (text == "error") return Level::error;
  if (text == "off") return Level::off;
  return fail(Error::invalid,
              fmt::format("log level \"{}\" is not one of debug, info, warn, error, off", text));
}

void set_output(std::move_only_function<void(Level, std::string_view)> output) {
  redirected = std::move(output);
}

void flush() {
  logger().flush();
}

void write(Level level, std::string_view event, std::string_view fields) {
  std::string line = fields.empty() ? fmt::format("event={}", value(event))
                                    : fmt::format("event={} {}", value(event), fields);
  if (redirected) return redirected(level, line);
  logger().log(spdlog_level(level), line);
}

std::string value(std::string_view text) {
  const bool bare = !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return c > 0x20 && c != '"' && c != '=' && c != '\\' && c != 0x7f;
  });
  if (bare) return std::string(text);
  std::string quoted = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += static_cast<char>(c);
    } else if (c < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\x{:02x}", c);
    } else {
      quoted += static_cast<char>(c);
    }
  }
  return quoted + '"';
}

}  // namespace hy::log
