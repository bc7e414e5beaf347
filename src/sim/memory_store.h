// A store in memory, for scenarios and simulations: what the committer wrote survives as long as the engine
// does, so a "restart" is a new committer and new desks on the same engine. Passes the contract suite.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "store/desk.h"
#include "store/stores.h"

namespace hy::sim {

/// Locked, so that it also serves real loops.
class MemoryEngine final : public store::Engine {
 public:
  Result<void> write(std::span<const store::Batch> batches) override;
  Result<std::uint64_t> floor() const override;

  /// The n-th write from now (1: the next) and all after it fail, and leave nothing.
  void fail_write(std::uint64_t nth);
  std::uint64_t writes() const;

  std::optional<store::Account> account(const store::Owner& owner) const;
  std::vector<store::Account> accounts(std::string_view domain, const store::Owner& after,
                                       std::size_t limit) const;
  std::optional<store::Document> document(const store::Owner& owner, const std::string& name) const;
  std::vector<store::Document> documents(const store::Owner& owner, const std::string& prefix,
                                         std::size_t limit) const;

 private:
  struct Apply;

  mutable std::mutex mutex_;
  std::uint64_t writes_ = 0;
  std::optional<std::uint64_t> fails_at_;
  std::map<std::pair<std::string, store::Owner>, store::Account> accounts_;  // by domain, then JID
  std::map<std::pair<store::Owner, std::string>, store::Document> documents_;
  std::map<std::uint16_t, std::uint64_t> floors_;
};

/// How long the next read takes, drawn from the seed; empty: reads do not wait (but for the barrier).
using ReadDelay = std::function<Duration()>;

class MemoryAccounts final : public store::Accounts {
 public:
  MemoryAccounts(const MemoryEngine& engine, store::Desk& desk, Loop& loop, ReadDelay delay = {});
  Task<Result<std::optional<store::Account>>> find(store::Owner owner) override;
  Task<Result<std::vector<store::Account>>> list(std::string domain, store::Owner after,
                                                 std::size_t limit) override;

 private:
  const MemoryEngine& engine_;
  store::Desk& desk_;
  Loop& loop_;
  ReadDelay delay_;
};

class MemoryDocuments final : public store::Documents {
 public:
  MemoryDocuments(const MemoryEngine& engine, store::Desk& desk, Loop& loop, ReadDelay delay = {});
  Task<Result<std::optional<store::Document>>> find(store::Owner owner, std::string name) override;
  Task<Result<std::vector<store::Document>>> list(store::Owner owner, std::string prefix,
                                                  std::size_t limit) override;

 private:
  const MemoryEngine& engine_;
  store::Desk& desk_;
  Loop& loop_;
  ReadDelay delay_;
};

}  // namespace hy::sim
