#include "splitter.h"

#include <cstring>

namespace load {

char* Splitter::room(std::size_t size) {
  const std::size_t keep = depth_ >= 2 ? element_ : in_tag_ ? tag_ : at_;
  if (keep == end_) {
    at_ = end_ = tag_ = element_ = 0;
  } else if (keep > 65536) {
    std::memmove(buffer_.data(), buffer_.data() + keep, end_ - keep);
    at_ -= keep;
    end_ -= keep;
    tag_ -= std::min(tag_, keep);
    element_ -= std::min(element_, keep);
  }
  if (buffer_.size() < end_ + size) buffer_.resize(end_ + size);
  return buffer_.data() + end_;
}

void Splitter::feed(std::string_view bytes) {
  std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
  added(bytes.size());
}

void Splitter::restart() {
  depth_ = 0;
  in_tag_ = false;
  quote_ = 0;
}

std::optional<std::string_view> Splitter::next() {
  const char* bytes = buffer_.data();
  while (at_ < end_) {
    if (!in_tag_) {
      const auto* open = static_cast<const char*>(std::memchr(bytes + at_, '<', end_ - at_));
      if (!open) {
        at_ = end_;
        break;
      }
      tag_ = static_cast<std::size_t>(open - bytes);
      at_ = tag_ + 1;
      in_tag_ = true;
      continue;
    }
    const char c = bytes[at_++];
    if (quote_) {
      if (c == quote_) quote_ = 0;
    } else if (c == '"' || c == '\'') {
      quote_ = c;
    } else if (c == '>') {
      in_tag_ = false;
      if (auto element = tag_ended()) return element;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> Splitter::tag_ended() {
  const std::string_view tag(buffer_.data() + tag_, at_ - tag_);
  if (tag[1] == '?') return std::nullopt;
  if (tag[1] == '/') {
    --depth_;
    if (depth_ == 0) return tag;
  } else {
    if (depth_ == 1) element_ = tag_;
    if (tag[tag.size() - 2] != '/') {
      ++depth_;
      if (depth_ == 1) return tag;
    }
  }
  if (depth_ == 1) return std::string_view(buffer_.data() + element_, at_ - element_);
  return std::nullopt;
}

}  // namespace load
