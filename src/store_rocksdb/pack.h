// Bytes of rows: numbers big-endian or as varints, texts with their length. Reading damaged bytes gives an
// error at the end, never a crash.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hy::store_rocksdb {

class Pack {
 public:
  Pack& u8(std::uint8_t value);
  Pack& u16(std::uint16_t value);
  Pack& u64(std::uint64_t value);
  /// Seven bits a byte, low ones first: 1 byte below 128.
  Pack& varint(std::uint64_t value);
  /// Length as varint, then the bytes.
  Pack& text(std::string_view value);
  /// The bytes alone: the last field of a row or key.
  Pack& rest(std::string_view value);
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what Pack wrote. After the first field that does not fit, all fields read as 0 or empty and ok() is
/// false.
class Unpack {
 public:
  explicit Unpack(std::string_view bytes) : left_(bytes) {}
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint64_t u64();
  std::uint64_t varint();
  std::string_view text();
  std::string_view rest();
  bool ok() const { return ok_; }
  /// Nothing failed and nothing is left.
  bool done() const { return ok_ && left_.empty(); }

 private:
  std::string_view bytes(std::uint64_t size);
  std::uint64_t big_endian(std::size_t size);

  std::string_view left_;
  bool ok_ = true;
};

}  // namespace hy::store_rocksdb
