#include "stream/address_block.h"

#include <arpa/inet.h>

#include <array>

namespace hy::stream {
namespace {

AddressBlock of_ipv4(std::string_view bytes) {
  return {"4" + std::string(bytes), "4" + std::string(bytes.substr(0, 3)), bytes[0] == 127};
}

AddressBlock of_ipv6(std::string_view bytes) {
  constexpr std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
  constexpr std::string_view loopback("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
  if (bytes.starts_with(mapped)) return of_ipv4(bytes.substr(12));
  return {"6" + std::string(bytes.substr(0, 8)), "6" + std::string(bytes.substr(0, 6)), bytes == loopback};
}

}  // namespace

AddressBlock address_block(std::string_view ip) {
  const std::string text(ip.substr(0, ip.find('%')));
  std::array<char, 16> bytes;
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return of_ipv4({bytes.data(), 4});
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return of_ipv6({bytes.data(), 16});
  return {"?" + std::string(ip), "?" + std::string(ip), false};
}

}  // namespace hy::stream
