#include "stream/decay_table.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/result.h"

namespace hy::stream {
namespace {

constexpr Duration tick_length = 100ms;
constexpr std::size_t ways = 8;
constexpr auto relaxed =
    std::memory_order_relaxed;  // a word stands for itself: nothing else is published by it

std::uint32_t tag_of(std::uint64_t key) {
  return std::max<std::uint32_t>(static_cast<std::uint32_t>(key), 1);
}
std::uint32_t tag_in(std::uint64_t word) {
  return static_cast<std::uint32_t>(word >> 32);
}
std::uint32_t moment_in(std::uint64_t word) {
  return static_cast<std::uint32_t>(word);
}
std::uint64_t word_of(std::uint32_t tag, std::uint32_t moment) {
  return static_cast<std::uint64_t>(tag) << 32 | moment;
}

std::uint32_t to_ticks(Duration duration) {
  return static_cast<std::uint32_t>((duration + tick_length - Duration(1)) / tick_length);
}

}  // namespace

DecayTable::DecayTable(std::size_t slots, DecayLimit limit, Instant origin)
    : buckets_(slots / ways),
      step_(to_ticks(limit.forgiven_every)),
      limit_(step_ * limit.count),
      origin_(origin),
      words_(std::make_unique<std::atomic<Word>[]>(slots)) {
  HY_CHECK(std::has_single_bit(slots) && slots >= ways);
  HY_CHECK(step_ > 0 && limit.count > 0);
  HY_CHECK(static_cast<std::uint64_t>(step_) * limit.count < std::numeric_limits<Tick>::max() / 2);
}

std::atomic<DecayTable::Word>* DecayTable::bucket(std::uint64_t key) const {
  return &words_[(key >> 32) % buckets_ * ways];
}

/// From 1 on, so that an empty word is always in the past. After thirteen years it stands still and forgives
/// nothing.
DecayTable::Tick DecayTable::tick(Instant now) const {
  const auto ticks = (now - origin_) / tick_length + 1;
  return static_cast<Tick>(std::clamp<std::int64_t>(ticks, 1, std::numeric_limits<Tick>::max() - limit_));
}

bool DecayTable::full(std::uint64_t key, Instant now) const {
  const std::atomic<Word>* words = bucket(key);
  const Tick at = tick(now);
  for (std::size_t i = 0; i < ways; ++i) {
    const Word word = words[i].load(relaxed);
    if (tag_in(word) == tag_of(key) && moment_in(word) > at) return moment_in(word) - at > limit_ - step_;
  }
  return false;
}

void DecayTable::add(std::uint64_t key, Instant now) {
  std::atomic<Word>* words = bucket(key);
  const Tick at = tick(now);
  for (;;) {
    std::atomic<Word>* place = nullptr;
    Word found = 0;
    for (std::size_t i = 0; i < ways; ++i) {
      const Word word = words[i].load(relaxed);
      const bool own = tag_in(word) == tag_of(key);
      if (own || place == nullptr || moment_in(word) < moment_in(found)) {
        place = &words[i];
        found = word;
      }
      if (own) break;
    }
    const Tick from = tag_in(found) == tag_of(key) ? std::max(moment_in(found), at) : at;
    const Tick to = std::min(from + step_, at + limit_);
    if (place->compare_exchange_weak(found, word_of(tag_of(key), to), relaxed)) return;
  }
}

void DecayTable::clear(std::uint64_t key) {
  std::atomic<Word>* words = bucket(key);
  for (std::size_t i = 0; i < ways; ++i) {
    Word word = words[i].load(relaxed);
    while (tag_in(word) == tag_of(key) && !words[i].compare_exchange_weak(word, 0, relaxed)) {
    }
  }
}

}  // namespace hy::stream
