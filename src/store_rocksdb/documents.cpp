#include "store_rocksdb/documents.h"

#include "store_rocksdb/keys.h"
#include "store_rocksdb/rows.h"

namespace hy::store_rocksdb {

using store::Document;
using store::Owner;

Result<std::optional<Document>> find_document(const Database& database, const Owner& owner,
                                              std::string_view name) {
  HY_TRY(row, database.get(keys::document(owner, name)));
  if (!row) return std::nullopt;
  HY_TRY(document, unpack_document(owner, name, *row));
  return document;
}

Result<std::vector<Document>> list_documents(const Database& database, const Owner& owner,
                                             std::string_view prefix, std::size_t limit) {
  std::size_t name_at = keys::documents(owner).size();
  std::string first = keys::document(owner, prefix);
  std::string last = keys::behind(first);
  std::vector<Document> documents;
  if (limit == 0) return documents;
  HY_TRY_VOID(database.scan(first, last, [&](std::string_view key, std::string_view value) -> Result<bool> {
    HY_TRY(document, unpack_document(owner, key.substr(name_at), value));
    documents.push_back(std::move(document));
    return documents.size() < limit;
  }));
  return documents;
}

Documents::Documents(std::shared_ptr<const Database> database, store::Desk& desk, Worker& worker)
    : database_(std::move(database)), desk_(desk), worker_(worker) {}

Task<Result<std::optional<Document>>> Documents::find(Owner owner, std::string name) {
  HY_CO_TRY_VOID(co_await desk_.settled(owner));
  auto read = [database = database_, owner, name] { return find_document(*database, owner, name); };
  HY_CO_TRY(found, co_await worker_.run(std::move(read)));
  co_return std::move(found);
}

Task<Result<std::vector<Document>>> Documents::list(Owner owner, std::string prefix, std::size_t limit) {
  HY_CO_TRY_VOID(co_await desk_.settled(owner));
  auto read = [database = database_, owner, prefix, limit] {
    return list_documents(*database, owner, prefix, limit);
  };
  HY_CO_TRY(found, co_await worker_.run(std::move(read)));
  co_return std::move(found);
}

}  // namespace hy::store_rocksdb
