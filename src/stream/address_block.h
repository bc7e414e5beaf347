// The parts of an IP address by which strangers are counted: one machine, and the network around it.
#pragma once

#include <string>
#include <string_view>

namespace hy::stream {

/// Two addresses with the same `machine` are taken for one peer: IPv4 /32, IPv6 /64 (what one customer has).
/// `network` is what one operator hands out at a time: IPv4 /24, IPv6 /48. Bytes, each beginning with its
/// kind, so that blocks of different kinds never compare equal.
struct AddressBlock {
  std::string machine;
  std::string network;
  bool loopback = false;
};

/// From text (with or without zone). An address that is none (a simulated peer's name) is a block of its own.
AddressBlock address_block(std::string_view ip);

}  // namespace hy::stream
