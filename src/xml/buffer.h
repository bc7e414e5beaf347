// Buffer: a growing array of plain values whose first N need no allocation of their own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>

namespace hy::xml {

template <class T, std::size_t N>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }

  void push(const T& value) {
    const T copy = value;
    if (size_ == capacity_) grow(size_ + 1);
    std::memcpy(static_cast<void*>(data_ + size_++), &copy, sizeof(T));
  }
  /// `from` does not lie in this buffer.
  void append(const T* from, std::size_t count) {
    if (count > capacity_ - size_) grow(size_ + count);
    std::memcpy(static_cast<void*>(data_ + size_), from, count * sizeof(T));
    size_ += count;
  }
  /// Room for `count` more behind the end; what is written there counts from grown() on.
  T* room(std::size_t count) {
    if (count > capacity_ - size_) grow(size_ + count);
    return data_ + size_;
  }
  std::size_t free() const { return capacity_ - size_; }
  void grown(std::size_t count) { size_ += count; }
  void shrink(std::size_t size) { size_ = size; }
  void pop() { --size_; }
  void clear() { size_ = 0; }

  /// Bytes allocated beyond the object itself.
  std::size_t allocated() const { return more_ ? capacity_ * sizeof(T) : 0; }

 private:
  [[gnu::noinline]] void grow(std::size_t least) {
    capacity_ = std::max(2 * capacity_, least);
    std::unique_ptr<T[]> bigger(new T[capacity_]);
    std::memcpy(static_cast<void*>(bigger.get()), data_, size_ * sizeof(T));
    more_ = std::move(bigger);
    data_ = more_.get();
  }

  alignas(T) std::byte first_[N * sizeof(T)];
  T* data_ = reinterpret_cast<T*>(first_);
  std::size_t size_ = 0;
  std::size_t capacity_ = N;
  std::unique_ptr<T[]> more_;
};

}  // namespace hy::xml
