// Room that a feature asks for, at install time, in every session or every loaded account.
#pragma once

#include <memory>
#include <vector>

namespace hy::route {

/// What a session or account carries for its features: one place per slot, made when first used.
class Slots {
 public:
  class Held {
   public:
    virtual ~Held() = default;
  };
  std::unique_ptr<Held>& at(std::size_t index) {
    if (index >= held_.size()) held_.resize(index + 1);
    return held_[index];
  }
  const Held* find(std::size_t index) const { return index < held_.size() ? held_[index].get() : nullptr; }

 private:
  std::vector<std::unique_ptr<Held>> held_;
};

/// A feature's T in each carrier. Carrier is Session or Account; it has `Slots slots`.
template <class T, class Carrier>
class Slot {
 public:
  explicit Slot(std::size_t index) : index_(index) {}

  /// Made on first use.
  T& of(Carrier& carrier) const {
    std::unique_ptr<Slots::Held>& place = carrier.slots.at(index_);
    if (!place) place = std::make_unique<Box>();
    return static_cast<Box&>(*place).value;
  }
  /// nullptr when nothing was put there yet.
  const T* find(const Carrier& carrier) const {
    const Slots::Held* held = carrier.slots.find(index_);
    return held ? &static_cast<const Box&>(*held).value : nullptr;
  }

 private:
  struct Box final : Slots::Held {
    T value{};
  };
  std::size_t index_;
};

}  // namespace hy::route
