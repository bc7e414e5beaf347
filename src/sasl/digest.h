// The hash functions of SCRAM and what RFC 5802 builds on them, by OpenSSL; and bytes that are wiped after
// use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hy::sasl {

enum class Hash { sha1, sha256, sha512 };

/// Bytes of a digest: 20, 32, 64.
std::size_t size_of(Hash hash);

/// Bytes that must not stay in memory: on the heap, so that a move leaves no copy behind; overwritten when
/// dropped.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes);
  /// Takes the bytes and wipes `from`.
  static Secret take(std::string& from);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  std::string_view view() const { return {bytes_.get(), size_}; }
  char* data() { return bytes_.get(); }
  std::size_t size() const { return size_; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

/// Overwrites the bytes; the string is empty afterwards.
void wipe(std::string& bytes);

std::string digest(Hash hash, std::string_view bytes);
std::string hmac(Hash hash, std::string_view key, std::string_view bytes);

/// RFC 5802 §2.2, Hi(): PBKDF2 with one block of output. Milliseconds of CPU.
Secret salted_password(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations);
/// RFC 5802 §3: H(HMAC(SaltedPassword, "Client Key")).
std::string stored_key(Hash hash, std::string_view salted_password);
/// RFC 5802 §3: HMAC(SaltedPassword, "Server Key").
std::string server_key(Hash hash, std::string_view salted_password);

/// Takes the same time wherever the first difference is. False when the sizes differ.
bool equal(std::string_view a, std::string_view b);

}  // namespace hy::sasl
