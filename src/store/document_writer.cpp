#include "store/document_writer.h"

#include <utility>

namespace hy::store {
namespace {

constexpr int max_reads = 8;  // of one edit, while others keep changing the document

}  // namespace

// A document that at least one Edit has open.
struct DocumentWriter::Edit::Entry {
  std::size_t open = 0;
  std::uint64_t changes = 0;
};

struct DocumentWriter::State {
  Desk& desk;
  Documents& documents;
  std::map<std::pair<Owner, std::string>, Edit::Entry> entries;
};

DocumentWriter::Edit::Edit(std::shared_ptr<State> state, Owner owner, std::string name)
    : state_(std::move(state)), owner_(std::move(owner)), name_(std::move(name)) {
  entry_ = &state_->entries[{owner_, name_}];
  ++entry_->open;
}

DocumentWriter::Edit::Edit(Edit&& other) noexcept
    : state_(std::move(other.state_)),
      owner_(std::move(other.owner_)),
      name_(std::move(other.name_)),
      entry_(std::exchange(other.entry_, nullptr)),
      seen_(other.seen_),
      current_(std::move(other.current_)) {}

DocumentWriter::Edit::~Edit() {
  if (entry_ && --entry_->open == 0) state_->entries.erase({owner_, name_});
}

bool DocumentWriter::Edit::changed() const {
  return entry_->changes != seen_;
}

Result<Position> DocumentWriter::Edit::put(std::string value) {
  if (changed())
    return fail(Error::conflict, fmt::format("document {} of {} was changed", name_, owner_.str()));
  std::uint64_t version = current_ ? current_->version + 1 : 1;
  current_ = Document{owner_, name_, std::move(value), version};
  seen_ = ++entry_->changes;
  return state_->desk.put(owner_, PutDocument{*current_});
}

Result<Position> DocumentWriter::Edit::erase() {
  if (changed())
    return fail(Error::conflict, fmt::format("document {} of {} was changed", name_, owner_.str()));
  if (!current_) return state_->desk.latest();
  current_.reset();
  seen_ = ++entry_->changes;
  return state_->desk.put(owner_, EraseDocument{owner_, name_});
}

DocumentWriter::DocumentWriter(Desk& desk, Documents& documents)
    : state_(std::make_shared<State>(State{desk, documents, {}})) {}

DocumentWriter::~DocumentWriter() = default;

Task<Result<DocumentWriter::Edit>> DocumentWriter::edit(Owner owner, std::string name) {
  Edit edit(state_, owner, name);
  for (int reads = 0; reads < max_reads; ++reads) {
    std::uint64_t seen = edit.entry_->changes;
    HY_CO_TRY(found, co_await edit.state_->documents.find(owner, name));
    if (edit.entry_->changes != seen)
      continue;  // a put came while we read: which side of it we saw is unknown
    edit.current_ = std::move(found);
    edit.seen_ = seen;
    co_return std::move(edit);
  }
  co_return fail(Error::conflict, fmt::format("document {} of {} keeps changing", name, owner.str()));
}

Position DocumentWriter::erase_all(const Owner& owner) {
  auto& entries = state_->entries;
  for (auto at = entries.lower_bound({owner, {}}); at != entries.end() && at->first.first == owner; ++at) {
    ++at->second.changes;
  }
  return state_->desk.put(owner, EraseDocuments{owner});
}

}  // namespace hy::store
