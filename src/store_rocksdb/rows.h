// Rows as bytes. Each begins with the number of its format; bytes that do not follow it are Error::corrupt.
#pragma once

#include <string>
#include <string_view>

#include "store/rows.h"

namespace hy::store_rocksdb {

std::string pack(const store::Account& account);
std::string pack(const store::Document& document);
/// Of the schema's version and the floors.
std::string pack_number(std::uint64_t number);

Result<store::Account> unpack_account(const store::Owner& owner, std::string_view bytes);
Result<store::Document> unpack_document(const store::Owner& owner, std::string_view name,
                                        std::string_view bytes);
Result<std::uint64_t> unpack_number(std::string_view what, std::string_view bytes);

}  // namespace hy::store_rocksdb
