#include "sim/memory_store.h"

#include <algorithm>

namespace hy::sim {

using store::Account;
using store::Document;
using store::Owner;

struct MemoryEngine::Apply {
  MemoryEngine& to;

  void operator()(const store::PutAccount& w) const {
    const Owner& owner = w.account.owner;
    to.accounts_[{std::string(owner.domain()), owner}] = w.account;
  }
  void operator()(const store::EraseAccount& w) const {
    to.accounts_.erase({std::string(w.owner.domain()), w.owner});
  }
  void operator()(const store::PutDocument& w) const {
    to.documents_[{w.document.owner, w.document.name}] = w.document;
  }
  void operator()(const store::EraseDocument& w) const { to.documents_.erase({w.owner, w.name}); }
  void operator()(const store::EraseDocuments& w) const {
    auto first = to.documents_.lower_bound({w.owner, {}});
    auto last = first;
    while (last != to.documents_.end() && last->first.first == w.owner) ++last;
    to.documents_.erase(first, last);
  }
  void operator()(const store::PutFloor& w) const { to.floors_[w.shard] = w.floor; }
};

Result<void> MemoryEngine::write(std::span<const store::Batch> batches) {
  std::lock_guard lock(mutex_);
  ++writes_;
  if (fails_at_ && writes_ >= *fails_at_) return fail(Error::io, "the simulated disk fails");
  for (const store::Batch& batch : batches) {
    for (const store::Write& write : batch.writes) std::visit(Apply{*this}, write);
  }
  return {};
}

Result<std::uint64_t> MemoryEngine::floor() const {
  std::lock_guard lock(mutex_);
  std::uint64_t highest = 0;
  for (const auto& [shard, floor] : floors_) highest = std::max(highest, floor);
  return highest;
}

void MemoryEngine::fail_write(std::uint64_t nth) {
  std::lock_guard lock(mutex_);
  fails_at_ = writes_ + nth;
}

std::uint64_t MemoryEngine::writes() const {
  std::lock_guard lock(mutex_);
  return writes_;
}

std::optional<Account> MemoryEngine::account(const Owner& owner) const {
  std::lock_guard lock(mutex_);
  auto found = accounts_.find({std::string(owner.domain()), owner});
  if (found == accounts_.end()) return std::nullopt;
  return found->second;
}

std::vector<Account> MemoryEngine::accounts(std::string_view domain, const Owner& after,
                                            std::size_t limit) const {
  std::lock_guard lock(mutex_);
  std::vector<Account> page;
  // No address is less than any other, so this begins with the first account when there is no `after`.
  auto at = accounts_.lower_bound({std::string(domain), after});
  for (; at != accounts_.end() && at->first.first == domain && page.size() < limit; ++at) {
    if (at->first.second != after) page.push_back(at->second);
  }
  return page;
}

std::optional<Document> MemoryEngine::document(const Owner& owner, const std::string& name) const {
  std::lock_guard lock(mutex_);
  auto found = documents_.find({owner, name});
  if (found == documents_.end()) return std::nullopt;
  return found->second;
}

std::vector<Document> MemoryEngine::documents(const Owner& owner, const std::string& prefix,
                                              std::size_t limit) const {
  std::lock_guard lock(mutex_);
  std::vector<Document> page;
  for (auto at = documents_.lower_bound({owner, prefix}); at != documents_.end() && page.size() < limit;
       ++at) {
    if (at->first.first != owner || !at->first.second.starts_with(prefix)) break;
    page.push_back(at->second);
  }
  return page;
}

namespace {

// The wait of one read: none without a delay, else at least a turn of the loop.
Task<Result<void>> read_wait(Loop* loop, const ReadDelay* delay) {
  if (!*delay) co_return Result<void>();
  Completion<> passed;
  Timer timer = loop->after((*delay)(), [passed]() mutable { passed.set({}); });
  Result<void> result = co_await passed.wait();
  co_return result;
}

}  // namespace

MemoryAccounts::MemoryAccounts(const MemoryEngine& engine, store::Desk& desk, Loop& loop, ReadDelay delay)
    : engine_(engine), desk_(desk), loop_(loop), delay_(std::move(delay)) {}

Task<Result<std::optional<Account>>> MemoryAccounts::find(Owner owner) {
  HY_CO_TRY_VOID(co_await desk_.settled(owner));
  std::optional<Account> found = engine_.account(owner);
  HY_CO_TRY_VOID(co_await read_wait(&loop_, &delay_));
  co_return found;
}

Task<Result<std::vector<Account>>> MemoryAccounts::list(std::string domain, Owner after, std::size_t limit) {
  HY_CO_TRY_VOID(co_await desk_.settled());
  std::vector<Account> found = engine_.accounts(domain, after, limit);
  HY_CO_TRY_VOID(co_await read_wait(&loop_, &delay_));
  co_return found;
}

MemoryDocuments::MemoryDocuments(const MemoryEngine& engine, store::Desk& desk, Loop& loop, ReadDelay delay)
    : engine_(engine), desk_(desk), loop_(loop), delay_(std::move(delay)) {}

Task<Result<std::optional<Document>>> MemoryDocuments::find(Owner owner, std::string name) {
  HY_CO_TRY_VOID(co_await desk_.settled(owner));
  std::optional<Document> found = engine_.document(owner, name);
  HY_CO_TRY_VOID(co_await read_wait(&loop_, &delay_));
  co_return found;
}

Task<Result<std::vector<Document>>> MemoryDocuments::list(Owner owner, std::string prefix,
                                                          std::size_t limit) {
  HY_CO_TRY_VOID(co_await desk_.settled(owner));
  std::vector<Document> found = engine_.documents(owner, prefix, limit);
  HY_CO_TRY_VOID(co_await read_wait(&loop_, &delay_));
  co_return found;
}

}  // namespace hy::sim
