#include "scenario/steps.h"

#include <fstream>
#include <stdexcept>

namespace hy::scenario {

std::vector<Step> read_steps(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<Step> steps;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.find_first_not_of(' ') == std::string::npos || line[0] == '#') continue;
    if (line[0] != ' ') {
      steps.push_back({number, line, ""});
      continue;
    }
    if (steps.empty()) throw std::runtime_error("a block before the first step");
    steps.back().block += line.substr(line.find_first_not_of(' '));
  }
  return steps;
}

/// {x*1000} becomes a thousand x, {x#*3} x1x2x3, \xFF the byte.
std::string expand(std::string text) {
  for (std::size_t at; (at = text.find("\\x")) != std::string::npos;) {
    text.replace(at, 4, 1, static_cast<char>(std::stoi(text.substr(at + 2, 2), nullptr, 16)));
  }
  for (std::size_t open; (open = text.find('{')) != std::string::npos;) {
    const std::size_t star = text.find('*', open);
    const std::size_t close = text.find('}', open);
    if (star == std::string::npos || close == std::string::npos || star > close) break;
    const std::string piece = text.substr(open + 1, star - open - 1);
    const int times = std::atoi(text.substr(star + 1).c_str());
    std::string repeated;
    for (int i = 1; i <= times; ++i) {
      const std::size_t number = piece.find('#');
      repeated +=
          number == std::string::npos ? piece : std::string(piece).replace(number, 1, std::to_string(i));
    }
    text.replace(open, close - open + 1, repeated);
  }
  return text;
}

Duration duration(const std::string& text) {
  const int count = std::atoi(text.c_str());
  const std::string unit = text.substr(text.find_first_not_of("0123456789"));
  if (unit == "ms") return std::chrono::milliseconds(count);
  if (unit == "s") return std::chrono::seconds(count);
  if (unit == "m") return std::chrono::minutes(count);
  if (unit == "h") return std::chrono::hours(count);
  throw std::runtime_error("not a duration: " + text);
}

}  // namespace hy::scenario
