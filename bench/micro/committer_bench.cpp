// Durable rows: from the shard's hand_over to its durable position, through committer and RocksDB, on the
// disk of TMPDIR. Arguments: rows of 500 bytes a batch, batches in flight (1: latency alone; 64: what a busy
// shard has).
#include <benchmark/benchmark.h>

#include <condition_variable>

#include "base/log.h"
#include "store/committer.h"
#include "store_rocksdb/accounts.h"
#include "store_rocksdb/testing/folder.h"

namespace hy {
namespace {

/// A loop that waits for its next job.
class WaitingLoop final : public Loop {
 public:
  void post(Job job) override {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    wake_.notify_one();
  }
  Timer after(Duration, Job) override { return {}; }
  void at_turn_end(Job) override {}
  const Clock& clock() const override { return clock_; }
  void turn() {
    std::vector<Job> jobs;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !jobs_.empty(); });
      jobs.swap(jobs_);
    }
    for (Job& job : jobs) job();
  }

 private:
  SystemClock clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job> jobs_;
};

store::Batch batch_of(std::uint64_t position, std::int64_t rows) {
  store::Batch batch;
  batch.position.batch = position;
  for (std::int64_t i = 0; i < rows; ++i) {
    auto owner = store::Owner::make(
        fmt::format("user{}", (position * 7919 + static_cast<std::uint64_t>(i)) % 10'000), "example.org");
    batch.writes.emplace_back(
        store::PutDocument{{*owner, fmt::format("row/{}", position), std::string(450, 'x'), 1}});
    batch.bytes += store::bytes_of(batch.writes.back());
  }
  return batch;
}

double quantile(std::vector<double>& sorted, double q) {
  return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

void durable_rows(benchmark::State& state) {
  log::set_level(log::Level::off);
  store_rocksdb::testing::Folder folder;
  store_rocksdb::Settings settings;
  settings.path = folder.path() + "/db";
  auto database = store_rocksdb::Database::open(settings);
  HY_CHECK(database);
  WaitingLoop loop;
  store::Committer committer(**database, [](const Error&) { std::abort(); });
  std::uint64_t durable = 0, handed = 0;
  std::vector<Instant> begun;
  std::vector<double> took;
  committer.add_shard(ShardId{0}, loop, [&](Position position) {
    Instant now = loop.now();
    for (; durable < position.batch; ++durable) {
      took.push_back(static_cast<double>((now - begun[durable]).count()));
    }
  });
  committer.start();
  auto in_flight = static_cast<std::uint64_t>(state.range(1));
  for ([[maybe_unused]] auto _ : state) {
    store::Batch batch = batch_of(++handed, state.range(0));
    begun.push_back(loop.now());
    committer.hand_over(std::move(batch));
    while (handed - durable >= in_flight) loop.turn();
  }
  while (durable < handed) loop.turn();
  committer.stop();
  std::ranges::sort(took);
  state.counters["rows/s"] = benchmark::Counter(
      static_cast<double>(state.range(0)) * static_cast<double>(handed), benchmark::Counter::kIsRate);
  state.counters["p50_us"] = quantile(took, 0.5);
  state.counters["p99_us"] = quantile(took, 0.99);
}

BENCHMARK(durable_rows)
    ->ArgNames({"rows", "in_flight"})
    ->ArgsProduct({{1, 16, 256}, {1, 8, 64}})
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace hy
