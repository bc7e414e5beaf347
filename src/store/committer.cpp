#include "store/committer.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace hy::store {
namespace {

// What one round writes at most, but for its last batch. More gains nothing (the sync is long paid for), and
// whoever waits for the first of them would wait for all.
constexpr std::size_t round_bytes = std::size_t{4} << 20;

}  // namespace

struct Committer::State {
  // Shared with the jobs posted to the loop, which may run after the committer is gone.
  struct Shard {
    Loop& loop;
    std::move_only_function<void(Position)> durable;
  };

  Engine& engine;
  std::move_only_function<void(const Error&)> failed;
  std::atomic<std::size_t> backlog = 0;
  std::thread thread;
  std::vector<Batch> round;             // of the writing thread alone
  std::map<ShardId, Position> reached;  // likewise

  std::mutex mutex;  // of what follows: the committer is an inbox with a bound on what is taken out at once
  std::condition_variable wake;
  std::deque<Batch> queue;
  std::map<ShardId, std::shared_ptr<Shard>> shards;
  bool stopping = false;
  bool broken = false;

  State(Engine& e, std::move_only_function<void(const Error&)> f) : engine(e), failed(std::move(f)) {}

  void gather(std::size_t limit) {
    round.clear();
    for (std::size_t bytes = 0; !queue.empty() && bytes < limit; queue.pop_front()) {
      bytes += queue.front().bytes;
      round.push_back(std::move(queue.front()));
    }
  }

  bool write_round() {
    if (round.empty()) return false;
    if (Result<void> written = engine.write(round); !written) {
      {
        std::lock_guard lock(mutex);
        broken = true;
        queue.clear();
      }
      failed(written.error());
      return false;
    }
    std::size_t bytes = 0;
    for (const Batch& batch : round) {
      bytes += batch.bytes;
      reached[batch.shard] = batch.position;
    }
    backlog.fetch_sub(bytes, std::memory_order_relaxed);
    publish();
    return true;
  }

  void publish() {
    for (const auto& [id, position] : reached) {
      std::shared_ptr<Shard> shard;
      {
        std::lock_guard lock(mutex);
        auto found = shards.find(id);
        HY_CHECK(found != shards.end());
        shard = found->second;
      }
      Loop& loop = shard->loop;
      loop.post([shard = std::move(shard), at = position] { shard->durable(at); });
    }
    reached.clear();
  }

  void run() {
    for (;;) {
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return stopping || broken || !queue.empty(); });
        if (broken || queue.empty()) return;
        gather(round_bytes);
      }
      write_round();
    }
  }
};

Committer::Committer(Engine& engine, std::move_only_function<void(const Error&)> failed)
    : state_(std::make_unique<State>(engine, std::move(failed))) {}

Committer::~Committer() {
  stop();
}

void Committer::add_shard(ShardId shard, Loop& loop, std::move_only_function<void(Position)> durable) {
  auto entry = std::make_shared<State::Shard>(State::Shard{loop, std::move(durable)});
  std::lock_guard lock(state_->mutex);
  bool added = state_->shards.emplace(shard, std::move(entry)).second;
  HY_CHECK(added);
}

void Committer::hand_over(Batch batch) {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->stopping || state_->broken) return;
    state_->backlog.fetch_add(batch.bytes, std::memory_order_relaxed);
    state_->queue.push_back(std::move(batch));
    if (state_->queue.size() > 1)
      return;  // the thread has been woken for the first, or is writing and will look
  }
  state_->wake.notify_one();
}

std::size_t Committer::backlog() const {
  return state_->backlog.load(std::memory_order_relaxed);
}

void Committer::start() {
  HY_CHECK(!state_->thread.joinable());
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

void Committer::stop() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_one();
  if (state_->thread.joinable()) {
    state_->thread.join();
  } else {
    while (step()) {
    }
  }
}

bool Committer::step() {
  {
    std::lock_guard lock(state_->mutex);
    state_->gather(round_bytes);
  }
  return state_->write_round();
}

}  // namespace hy::store
