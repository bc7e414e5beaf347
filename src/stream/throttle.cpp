#include "stream/throttle.h"

#include "stream/address_block.h"

namespace hy::stream {

Throttle::Throttle(const Clock& clock, Random& random, ThrottleConfig config)
    : clock_(clock),
      hash_(random),
      accounts_(config.slots, config.account, clock.now()),
      machines_(config.slots, config.machine, clock.now()),
      networks_(config.slots, config.network, clock.now()),
      loopback_(8, config.loopback, clock.now()),
      pairs_(config.slots, config.familiar, clock.now()),
      familiar_(config.slots, {1, config.familiar_for}, clock.now()) {}

Throttle::Keys Throttle::keys(const net::Address& peer, const xmpp::Jid& account) const {
  const AddressBlock block = address_block(peer.ip);
  const std::string_view jid = account.bare_str();
  std::string pair = block.machine;
  pair += '\0';  // in no address
  pair += jid;
  return {hash_(jid), hash_(block.machine), hash_(block.network), hash_(pair), block.loopback};
}

Admission Throttle::admit(const net::Address& peer, const xmpp::Jid& account) const {
  const Keys key = keys(peer, account);
  const Instant now = clock_.now();
  const auto admitted = [](bool full) { return full ? Admission::too_many : Admission::allowed; };
  if (familiar_.full(key.pair, now)) return admitted(pairs_.full(key.pair, now));
  if (accounts_.full(key.account, now)) return Admission::too_many;
  if (key.loopback) return admitted(loopback_.full(key.machine, now));
  return admitted(machines_.full(key.machine, now) || networks_.full(key.network, now));
}

void Throttle::failed(const net::Address& peer, const xmpp::Jid& account) {
  const Keys key = keys(peer, account);
  const Instant now = clock_.now();
  if (familiar_.full(key.pair, now)) return pairs_.add(key.pair, now);
  accounts_.add(key.account, now);
  if (key.loopback) return loopback_.add(key.machine, now);
  machines_.add(key.machine, now);
  networks_.add(key.network, now);
}

void Throttle::succeeded(const net::Address& peer, const xmpp::Jid& account) {
  const Keys key = keys(peer, account);
  familiar_.add(key.pair, clock_.now());
  pairs_.clear(key.pair);
  accounts_.clear(key.account);
}

}  // namespace hy::stream
