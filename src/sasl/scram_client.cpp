#include "sasl/scram_client.h"

#include <charconv>

#include "sasl/exchange.h"

namespace hy::sasl {
namespace {

/// A server that asks for more work is refused: seconds of CPU.
constexpr std::uint32_t most_iterations = 100'000;

// RFC 5802 §5.1.
std::string escape(std::string_view name) {
  std::string escaped;
  for (char c : name) {
    if (c == ',') {
      escaped += "=2C";
    } else if (c == '=') {
      escaped += "=3D";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

ScramClient::ScramClient(Hash hash, Login login) : hash_(hash), login_(std::move(login)) {}

std::string ScramClient::bare() const {
  return "n=" + escape(login_.username) + ",r=" + login_.nonce + login_.extensions;
}

std::string ScramClient::first() const {
  return login_.gs2_header + bare();
}

// RFC 5802 §3.
std::optional<std::string> ScramClient::final(std::string_view server_first) {
  const std::size_t salt_at = server_first.find(",s=");
  const std::size_t count_at = server_first.find(",i=");
  if (!server_first.starts_with("r=" + login_.nonce) || salt_at == std::string_view::npos ||
      count_at == std::string_view::npos || count_at < salt_at) {
    return std::nullopt;
  }
  const std::string_view nonce = server_first.substr(2, salt_at - 2);
  const std::optional<std::string> salt =
      decode_base64(server_first.substr(salt_at + 3, count_at - salt_at - 3));
  std::uint32_t iterations = 0;
  const auto parsed = std::from_chars(server_first.data() + count_at + 3,
                                      server_first.data() + server_first.size(), iterations);
  if (!salt || parsed.ec != std::errc() || iterations == 0 || iterations > most_iterations)
    return std::nullopt;

  const Secret salted = salted_password(hash_, login_.password, *salt, iterations);
  const std::string without_proof = "c=" + encode_base64(login_.gs2_header + login_.binding) +
                                    ",r=" + std::string(nonce) + login_.extensions;
  const std::string authenticated = bare() + ',' + std::string(server_first) + ',' + without_proof;
  std::string proof = hmac(hash_, salted.view(), "Client Key");
  const std::string signature = hmac(hash_, stored_key(hash_, salted.view()), authenticated);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
  server_signature_ = hmac(hash_, server_key(hash_, salted.view()), authenticated);
  return without_proof + ",p=" + encode_base64(proof);
}

bool ScramClient::trusts(std::string_view server_final) const {
  return !server_signature_.empty() && server_final == "v=" + encode_base64(server_signature_);
}

}  // namespace hy::sasl
