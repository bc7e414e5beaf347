// Where rows lie in the one keyspace of the database.
//
//     of an owner     hash(owner) 8 bytes | owner | 00 | kind | rest
//     of the store    00 00 00 00 00 00 00 00 | kind | rest             kinds below 20, with which no address
//     begins
//
// The hash spreads owners evenly and is the prefix that the bloom filters know; the address behind it keeps
// two owners with one hash apart, and 00, which no address holds, keeps an owner from being the beginning of
// another. So all rows of an owner lie together, by kind, and are read or erased as one range. Numbers are
// big-endian: they sort as numbers.
//
//     kind          rest                value
//     a account     -                   credentials, status
//     d document    name                version, bytes
//     01 schema     -                   number of the last migration
//     02 floor      shard (2 bytes)     the floor under this shard's ids
//     03 by domain  domain | 00 | JID   empty: accounts of a domain in order of their addresses
//
// Reserved for what comes: l log (id, 8 bytes), m mark (id), c cursor, r contact, o room, n node, s session,
// t stream. Kinds and the hash are on disk: they never change their meaning. Every value begins with its
// format's number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/rows.h"

namespace hy::store_rocksdb::keys {

/// What the bloom filters see of a key.
constexpr std::size_t prefix_size = 8;

/// FNV-1a over the bytes, mixed once more so that all 64 bits depend on all bytes.
std::uint64_t owner_hash(std::string_view owner);

std::string account(const store::Owner& owner);
std::string document(const store::Owner& owner, std::string_view name);
/// All documents of an owner are in [documents, documents_end).
std::string documents(const store::Owner& owner);
std::string documents_end(const store::Owner& owner);

std::string schema();
std::string floor(std::uint16_t shard);
std::string floors();
std::string floors_end();
std::string by_domain(std::string_view domain, std::string_view jid);
std::string by_domain_end(std::string_view domain);

/// The first key that does not begin with `prefix`, which must not be all ff.
std::string behind(std::string prefix);

}  // namespace hy::store_rocksdb::keys
