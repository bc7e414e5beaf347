// The contract suite: what a store is, whatever the engine. A backend includes the files of this folder in
// one of its tests and instantiates each suite with a type that has
//
//     B()                                        an empty store
//     store::Engine& engine()
//     std::unique_ptr<store::Accounts> accounts(store::Desk&, Loop&, Worker&)
//     std::unique_ptr<store::Documents> documents(store::Desk&, Loop&, Worker&)
//     void reopen()                              closes and opens the same data again; no desk is alive then
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "store/committer.h"
#include "store/desk.h"
#include "store/stores.h"
#include "store/testing/manual_loop.h"

namespace hy::store::contract {

inline Owner jid(std::string_view text) {
  Result<Owner> parsed = Owner::parse(text);
  HY_CHECK(parsed);
  return *parsed;
}

inline Account account(std::string_view owner, std::string_view salt = "salt") {
  xmpp::Verifier verifier{std::string(salt), 4096, std::string(20, '\xff'), std::string(20, '\0')};
  Account made;
  made.owner = jid(owner);
  made.verifiers = {verifier, verifier, verifier};
  made.verifiers.sha512.iterations = 10'000;
  made.created = WallTime(std::chrono::microseconds(1'700'000'000'123'456));
  return made;
}

/// One shard with its desk on a backend, moved by hand. The committer is stepped only by settle() and step(),
/// so that a test says what is durable.
template <class Backend>
class Shard {
 public:
  Shard(Backend& backend, ShardId id, testing::ManualClock& clock, Committer& committer, IdRange ids)
      : loop(clock),
        worker(loop),
        desk(id, loop, committer, ids),
        accounts(backend.accounts(desk, loop, worker)),
        documents(backend.documents(desk, loop, worker)) {}
  ~Shard() { scope.close(); }

  /// Runs all that can run without the committer.
  void turn() {
    while (loop.turn() || worker.step()) {
    }
  }

  testing::ManualLoop loop;
  testing::ManualWorker worker;
  Desk desk;
  std::unique_ptr<Accounts> accounts;
  std::unique_ptr<Documents> documents;
  Scope scope;
};

/// Keeps what a task gave; empty while it waits.
template <class T>
Task<void> keep(Task<T> task, std::optional<T>* out) {
  T value = co_await std::move(task);
  out->emplace(std::move(value));
}

/// A backend with two shards.
template <class Backend>
class Suite : public ::testing::Test {
 protected:
  Suite() { start(); }
  ~Suite() override { end(); }

  void start() {
    committer_.emplace(backend_.engine(), [this](const Error& error) { failed_ = error.context; });
    Result<IdRange> ids = open_ids(backend_.engine(), clock_);
    HY_CHECK(ids);
    for (std::uint16_t id = 0; id < 2; ++id) {
      shards_[id] = std::make_unique<Shard<Backend>>(backend_, ShardId{id}, clock_, *committer_, *ids);
    }
    turn();
  }
  void end() {
    for (auto& shard : shards_) shard.reset();
    committer_.reset();
  }
  /// Everything durable is there again, everything in memory is new.
  void restart() {
    end();
    backend_.reopen();
    start();
  }

  Shard<Backend>& shard(std::size_t n = 0) { return *shards_[n]; }
  Desk& desk(std::size_t n = 0) { return shards_[n]->desk; }

  void turn() {
    for (auto& shard : shards_) shard->turn();
  }
  /// Hands over all open batches in the order of the shards and makes them durable.
  void settle() {
    for (auto& shard : shards_) shard->desk.hand_over();
    while (committer_->step()) turn();
    turn();
  }

  /// Starts a read; it may wait for the barrier.
  template <class T>
  std::shared_ptr<std::optional<T>> start_read(Task<T> task, std::size_t n = 0) {
    auto out = std::make_shared<std::optional<T>>();
    reads_.push_back(out);
    shards_[n]->scope.spawn(keep(std::move(task), out.get()));
    turn();
    return out;
  }
  /// Reads, with all that was put made durable first.
  template <class T>
  T read(Task<Result<T>> task, std::size_t n = 0) {
    auto out = start_read(std::move(task), n);
    settle();
    HY_CHECK(out->has_value());
    if (!**out) {
      ADD_FAILURE() << (**out).error().context;
      return T();
    }
    return std::move(***out);
  }
  std::optional<Account> find(std::string_view owner) { return read(shard().accounts->find(jid(owner))); }
  std::optional<Document> find(std::string_view owner, std::string name) {
    return read(shard().documents->find(jid(owner), std::move(name)));
  }
  Position put(const Account& account) { return desk().put(account.owner, PutAccount{account}); }
  Position put(std::string_view owner, std::string name, std::string value, std::uint64_t version = 1) {
    return desk().put(jid(owner), PutDocument{{jid(owner), std::move(name), std::move(value), version}});
  }

  testing::ManualClock clock_;
  Backend backend_;
  std::optional<Committer> committer_;
  std::array<std::unique_ptr<Shard<Backend>>, 2> shards_;
  std::optional<std::string> failed_;

 private:
  std::vector<std::shared_ptr<void>> reads_;
};

}  // namespace hy::store::contract
