#include "stream/secret_hash.h"

#include <cstring>

#include "sasl/digest.h"

namespace hy::stream {

SecretHash::SecretHash(Random& random) : secret_(32, '\0') {
  random.fill({reinterpret_cast<unsigned char*>(secret_.data()), secret_.size()});
}

std::uint64_t SecretHash::operator()(std::string_view bytes) const {
  const std::string digest = sasl::hmac(sasl::Hash::sha256, secret_, bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

}  // namespace hy::stream
