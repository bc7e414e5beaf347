// Changing a document: read, decide, put if nobody else has put in between.
//
// The engine's writes are blind, so the condition is checked here, in the memory of the owner's shard, which
// is the only writer of its documents. Versions on disk cannot serve: what is put may not be durable yet, and
// a document that was erased and put again has its old version. So each document that somebody is editing has
// a counter of changes; an Edit remembers the count at which it read, and a put at another count is a
// conflict. All puts and erasures of documents go through this class.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "store/desk.h"
#include "store/stores.h"

namespace hy::store {

class DocumentWriter {
 private:
  struct State;

 public:
  /// One document as it was read. Keep it as short as you can, and put before the next co_await: then no put
  /// of another handler can come between, and there is no conflict to answer.
  class Edit {
   public:
    Edit(Edit&& other) noexcept;
    Edit& operator=(Edit&&) = delete;
    ~Edit();

    /// As read, or as put last through this Edit; nothing when there is none.
    const std::optional<Document>& current() const { return current_; }
    /// Error::conflict, and nothing is put, when the document was changed after it was read.
    Result<Position> put(std::string value);
    /// The same for removing it. Removing what is not there is no error and changes nothing.
    Result<Position> erase();

   private:
    friend class DocumentWriter;
    struct Entry;
    Edit(std::shared_ptr<State> state, Owner owner, std::string name);
    bool changed() const;

    std::shared_ptr<State> state_;
    Owner owner_;
    std::string name_;
    Entry* entry_;
    std::uint64_t seen_ = 0;
    std::optional<Document> current_;
  };

  /// One per shard.
  DocumentWriter(Desk& desk, Documents& documents);
  ~DocumentWriter();

  /// Reads for a change. Error::conflict only when others change the document faster than it can be read.
  Task<Result<Edit>> edit(Owner owner, std::string name);
  /// Removes all documents of an owner: part of deleting a user. Open edits of them end in conflict.
  Position erase_all(const Owner& owner);

 private:
  std::shared_ptr<State> state_;
};

}  // namespace hy::store
