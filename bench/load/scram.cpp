#include "scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>

namespace load {
namespace {

using Hash = std::array<unsigned char, 20>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Hash hmac(const Hash& key, std::string_view text) {
  Hash out{};
  HMAC(EVP_sha1(), key.data(), key.size(), bytes_of(text), text.size(), out.data(), nullptr);
  return out;
}

// The value of `x=…` in "r=…,s=…,i=…".
std::string_view part(std::string_view message, char name) {
  while (!message.empty()) {
    const std::string_view one = message.substr(0, message.find(','));
    if (one.size() > 2 && one[0] == name && one[1] == '=') return one.substr(2);
    message.remove_prefix(std::min(message.size(), one.size() + 1));
  }
  return {};
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string unbase64(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text),
                                   static_cast<int>(text.size()));
  if (size < 0) return {};
  std::size_t real = static_cast<std::size_t>(size);
  for (std::size_t i = text.size(); i > 0 && text[i - 1] == '=' && real > 0; --i) --real;
  out.resize(real);
  return out;
}

// RFC 5802 §3.
std::optional<std::string> Scram::final(std::string_view challenge) {
  const std::string salt = unbase64(part(challenge, 's'));
  const std::string_view count = part(challenge, 'i');
  int iterations = 0;
  std::from_chars(count.data(), count.data() + count.size(), iterations);
  if (salt.empty() || iterations < 1 || iterations > 1'000'000) return std::nullopt;
  Hash salted{};
  PKCS5_PBKDF2_HMAC_SHA1(password_.data(), static_cast<int>(password_.size()), bytes_of(salt),
                         static_cast<int>(salt.size()), iterations, salted.size(), salted.data());
  const std::string without_proof = "c=biws,r=" + std::string(part(challenge, 'r'));
  const std::string signed_text = first_bare_ + "," + std::string(challenge) + "," + without_proof;
  const Hash client_key = hmac(salted, "Client Key");
  Hash stored{};
  EVP_Digest(client_key.data(), client_key.size(), stored.data(), nullptr, EVP_sha1(), nullptr);
  const Hash signature = hmac(stored, signed_text);
  std::string proof(client_key.size(), '\0');
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(client_key[i] ^ signature[i]);
  return without_proof + ",p=" + base64(proof);
}

}  // namespace load
