#include "store_rocksdb/rows.h"

#include <limits>

#include "store_rocksdb/pack.h"

namespace hy::store_rocksdb {
namespace {

using store::Account;
using store::Document;
using store::Owner;

enum Format : std::uint8_t { account_1 = 1, document_1 = 1, number_1 = 1 };

constexpr std::uint8_t admin_flag = 1;

std::unexpected<Error> corrupt(std::string_view what, std::string_view owner) {
  return fail(Error::corrupt, fmt::format("the stored {} of {} is damaged", what, owner));
}

void put(Pack& out, const xmpp::Verifier& v) {
  out.text(v.salt).varint(v.iterations).text(v.stored_key).text(v.server_key);
}

xmpp::Verifier verifier(Unpack& in, bool& fits) {
  xmpp::Verifier v;
  v.salt = in.text();
  std::uint64_t iterations = in.varint();
  fits = fits && iterations <= std::numeric_limits<std::uint32_t>::max();
  v.iterations = static_cast<std::uint32_t>(iterations);
  v.stored_key = in.text();
  v.server_key = in.text();
  return v;
}

}  // namespace

std::string pack(const Account& account) {
  Pack out;
  out.u8(account_1).u8(static_cast<std::uint8_t>(account.status)).u8(account.admin ? admin_flag : 0);
  out.u64(static_cast<std::uint64_t>(account.created.time_since_epoch().count()));
  put(out, account.verifiers.sha1);
  put(out, account.verifiers.sha256);
  put(out, account.verifiers.sha512);
  return out.take();
}

Result<Account> unpack_account(const Owner& owner, std::string_view bytes) {
  Unpack in(bytes);
  Account account;
  account.owner = owner;
  bool fits = in.u8() == account_1;
  std::uint8_t status = in.u8();
  std::uint8_t flags = in.u8();
  fits = fits && status <= static_cast<std::uint8_t>(Account::Status::disabled) && flags <= admin_flag;
  account.status = status == 0 ? Account::Status::active : Account::Status::disabled;
  account.admin = flags == admin_flag;
  account.created = WallTime(Duration(static_cast<std::int64_t>(in.u64())));
  account.verifiers.sha1 = verifier(in, fits);
  account.verifiers.sha256 = verifier(in, fits);
  account.verifiers.sha512 = verifier(in, fits);
  if (!fits || !in.done()) return corrupt("account", owner.str());
  return account;
}

std::string pack(const Document& document) {
  return Pack().u8(document_1).varint(document.version).rest(document.value).take();
}

Result<Document> unpack_document(const Owner& owner, std::string_view name, std::string_view bytes) {
  Unpack in(bytes);
  bool fits = in.u8() == document_1;
  Document document{owner, std::string(name), {}, in.varint()};
  document.value = in.rest();
  if (!fits || !in.done()) return corrupt(fmt::format("document {:?}", name), owner.str());
  return document;
}

std::string pack_number(std::uint64_t number) {
  return Pack().u8(number_1).u64(number).take();
}

Result<std::uint64_t> unpack_number(std::string_view what, std::string_view bytes) {
  Unpack in(bytes);
  bool fits = in.u8() == number_1;
  std::uint64_t number = in.u64();
  if (!fits || !in.done()) return fail(Error::corrupt, fmt::format("the stored {} is damaged", what));
  return number;
}

}  // namespace hy::store_rocksdb
