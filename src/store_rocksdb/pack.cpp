#include "store_rocksdb/pack.h"

namespace hy::store_rocksdb {
namespace {

void append(std::string& out, std::uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

}  // namespace

Pack& Pack::u8(std::uint8_t value) {
  bytes_ += static_cast<char>(value);
  return *this;
}

Pack& Pack::u16(std::uint16_t value) {
  append(bytes_, value, 2);
  return *this;
}

Pack& Pack::u64(std::uint64_t value) {
  append(bytes_, value, 8);
  return *this;
}

Pack& Pack::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(0x80 | (value & 0x7f));
  bytes_ += static_cast<char>(value);
  return *this;
}

Pack& Pack::text(std::string_view value) {
  return varint(value.size()).rest(value);
}

Pack& Pack::rest(std::string_view value) {
  bytes_ += value;
  return *this;
}

std::string_view Unpack::bytes(std::uint64_t size) {
  if (!ok_ || size > left_.size()) {
    ok_ = false;
    left_ = {};
    return {};
  }
  std::string_view taken = left_.substr(0, size);
  left_.remove_prefix(size);
  return taken;
}

std::uint64_t Unpack::big_endian(std::size_t size) {
  std::uint64_t value = 0;
  for (char c : bytes(size)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::uint8_t Unpack::u8() {
  return static_cast<std::uint8_t>(big_endian(1));
}
std::uint16_t Unpack::u16() {
  return static_cast<std::uint16_t>(big_endian(2));
}
std::uint64_t Unpack::u64() {
  return big_endian(8);
}

std::uint64_t Unpack::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    std::uint64_t byte = big_endian(1);
    if (!ok_ || (shift == 63 && byte > 1)) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  bytes(left_.size() + 1);  // too long: as if it did not fit
  return 0;
}

std::string_view Unpack::text() {
  return bytes(varint());
}

std::string_view Unpack::rest() {
  return bytes(left_.size());
}

}  // namespace hy::store_rocksdb
