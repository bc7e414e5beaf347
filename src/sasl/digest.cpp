#include "sasl/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/result.h"

namespace hy::sasl {
namespace {

const EVP_MD* algorithm(Hash hash) {
  switch (hash) {
    case Hash::sha1:
      return EVP_sha1();
    case Hash::sha256:
      return EVP_sha256();
    case Hash::sha512:
      return EVP_sha512();
  }
  HY_CHECK(false);
  return nullptr;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

std::size_t size_of(Hash hash) {
  switch (hash) {
    case Hash::sha1:
      return 20;
    case Hash::sha256:
      return 32;
    case Hash::sha512:
      return 64;
  }
  HY_CHECK(false);
  return 0;
}

Secret::Secret(std::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
  std::copy(bytes.begin(), bytes.end(), bytes_.get());
}

Secret Secret::take(std::string& from) {
  Secret taken(from);
  wipe(from);
  return taken;
}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(size_, other.size_);
  return *this;
}

Secret::~Secret() {
  if (bytes_) OPENSSL_cleanse(bytes_.get(), size_);
}

void wipe(std::string& bytes) {
  OPENSSL_cleanse(bytes.data(), bytes.size());
  bytes.clear();
}

std::string digest(Hash hash, std::string_view bytes) {
  std::string out(size_of(hash), '\0');
  HY_CHECK(EVP_Digest(bytes.data(), bytes.size(), bytes_of(out), nullptr, algorithm(hash), nullptr) == 1);
  return out;
}

std::string hmac(Hash hash, std::string_view key, std::string_view bytes) {
  std::string out(size_of(hash), '\0');
  HY_CHECK(HMAC(algorithm(hash), key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
                bytes_of(out), nullptr) != nullptr);
  return out;
}

Secret salted_password(Hash hash, std::string_view password, std::string_view salt,
                       std::uint32_t iterations) {
  std::string out(size_of(hash), '\0');
  HY_CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                             static_cast<int>(salt.size()), static_cast<int>(iterations), algorithm(hash),
                             static_cast<int>(out.size()), bytes_of(out)) == 1);
  return Secret::take(out);
}

std::string stored_key(Hash hash, std::string_view salted_password) {
  std::string client_key = hmac(hash, salted_password, "Client Key");
  std::string key = digest(hash, client_key);
  wipe(client_key);
  return key;
}

std::string server_key(Hash hash, std::string_view salted_password) {
  return hmac(hash, salted_password, "Server Key");
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace hy::sasl
