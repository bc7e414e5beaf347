#include "store_rocksdb/keys.h"

#include "store_rocksdb/pack.h"

namespace hy::store_rocksdb::keys {
namespace {

enum Kind : std::uint8_t {
  schema_kind = 1,
  floor_kind = 2,
  by_domain_kind = 3,
  account_kind = 'a',
  document_kind = 'd',
};

Pack of_owner(const store::Owner& owner, std::uint8_t kind) {
  Pack key;
  key.u64(owner_hash(owner.str())).rest(owner.str()).u8(0).u8(kind);
  return key;
}

Pack of_store(std::uint8_t kind) {
  Pack key;
  key.u64(0).u8(kind);
  return key;
}

}  // namespace

std::uint64_t owner_hash(std::string_view owner) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (char c : owner) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53;
  return hash ^ hash >> 33;
}

std::string account(const store::Owner& owner) {
  return of_owner(owner, account_kind).take();
}

std::string document(const store::Owner& owner, std::string_view name) {
  return of_owner(owner, document_kind).rest(name).take();
}
std::string documents(const store::Owner& owner) {
  return of_owner(owner, document_kind).take();
}
std::string documents_end(const store::Owner& owner) {
  return of_owner(owner, document_kind + 1).take();
}

std::string schema() {
  return of_store(schema_kind).take();
}

std::string floor(std::uint16_t shard) {
  return of_store(floor_kind).u16(shard).take();
}
std::string floors() {
  return of_store(floor_kind).take();
}
std::string floors_end() {
  return of_store(floor_kind + 1).take();
}

std::string by_domain(std::string_view domain, std::string_view jid) {
  return of_store(by_domain_kind).rest(domain).u8(0).rest(jid).take();
}
std::string by_domain_end(std::string_view domain) {
  return of_store(by_domain_kind).rest(domain).u8(1).take();
}

std::string behind(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  HY_CHECK(!prefix.empty());
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace hy::store_rocksdb::keys
