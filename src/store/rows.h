// The values that stores hold, and the writes that change them.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "xmpp/jid.h"
#include "xmpp/verifier.h"

namespace hy::store {

/// Whose data: a bare JID (an account, a room) or a domain.
using Owner = xmpp::Jid;

struct Account {
  enum class Status : std::uint8_t { active = 0, disabled = 1 };
  Owner owner;
  xmpp::Verifiers verifiers;
  Status status = Status::active;
  bool admin = false;
  WallTime created;
  friend bool operator==(const Account&, const Account&) = default;
};

/// A small named value of an owner: vCard, private XML, block list … `name` is "kind" or "kind/key".
struct Document {
  Owner owner;
  std::string name;
  std::string value;
  std::uint64_t version = 0;  // 1 when first put, one more with each put after that
  friend bool operator==(const Document&, const Document&) = default;
};

// Writes. Each is blind: the owner's shard has decided before, only a broken disk can refuse.
struct PutAccount {
  Account account;
};
struct EraseAccount {
  Owner owner;
};
struct PutDocument {
  Document document;
};
struct EraseDocument {
  Owner owner;
  std::string name;
};
/// All documents of an owner: part of deleting a user.
struct EraseDocuments {
  Owner owner;
};
/// Raises the floor under ids and positions (store/ids.h): what was given out before a crash is never given
/// again.
struct PutFloor {
  std::uint16_t shard = 0;
  std::uint64_t floor = 0;
};
using Write = std::variant<PutAccount, EraseAccount, PutDocument, EraseDocument, EraseDocuments, PutFloor>;

/// All that deletes an account: one write for each store that knows it. Put them in one batch. (A feature
/// that edits documents goes through DocumentWriter::erase_all instead, so that open edits are told.)
std::vector<Write> erase_owner(const Owner& owner);

}  // namespace hy::store
