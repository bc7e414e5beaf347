#include "store/batch.h"

namespace hy::store {
namespace {

constexpr std::size_t row_overhead =
    64;  // the value itself, its key's fixed part, the engine's record header

std::size_t size(const Owner& owner) {
  return owner.str().size();
}
std::size_t size(const xmpp::Verifier& v) {
  return v.salt.size() + v.stored_key.size() + v.server_key.size() + sizeof v.iterations;
}

struct Bytes {
  std::size_t operator()(const PutAccount& w) const {
    const xmpp::Verifiers& v = w.account.verifiers;
    return 2 * size(w.account.owner) + size(v.sha1) + size(v.sha256) +
           size(v.sha512);  // a row and an index entry
  }
  std::size_t operator()(const EraseAccount& w) const { return 2 * size(w.owner); }
  std::size_t operator()(const PutDocument& w) const {
    return size(w.document.owner) + w.document.name.size() + w.document.value.size();
  }
  std::size_t operator()(const EraseDocument& w) const { return size(w.owner) + w.name.size(); }
  std::size_t operator()(const EraseDocuments& w) const { return 2 * size(w.owner); }
  std::size_t operator()(const PutFloor&) const { return sizeof(PutFloor); }
};

}  // namespace

std::size_t bytes_of(const Write& write) {
  return row_overhead + std::visit(Bytes{}, write);
}

std::vector<Write> erase_owner(const Owner& owner) {
  return {EraseAccount{owner}, EraseDocuments{owner}};
}

}  // namespace hy::store
