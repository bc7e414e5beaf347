#include "store/desk.h"

#include <deque>
#include <unordered_map>

namespace hy::store {
namespace {

// Half of what IdSource wants to have left, so that two raises may be late before ids lag.
constexpr Duration floor_check = std::chrono::microseconds(IdSource::low_us / 2);

}  // namespace

struct Desk::State {
  using Dirty = std::unordered_map<Owner, std::uint64_t>;  // owner → its last batch

  // A batch that is open or on its way.
  struct Pending {
    std::vector<Job> waiting;
    std::vector<Dirty::value_type*> owners;  // nodes of `dirty`; a node lives until its last batch is durable
  };

  Loop& loop;
  Committer& committer;
  IdSource ids;
  Batch open;
  std::uint64_t durable = 0;  // as published
  std::uint64_t told = 0;     // the batch whose waiting jobs were taken last; behind `durable` while they run
  std::deque<Pending> pending;  // of batch told + 1, told + 2 …, the open one last
  Dirty dirty;
  std::optional<std::uint64_t> raised_by;  // the batch that holds the raised floor
  Job on_first_write;
  Timer floor_timer;

  State(ShardId shard, Loop& l, Committer& c, IdRange range) : loop(l), committer(c), ids(l.clock(), range) {
    open.shard = shard;
    open.position.batch = 1;
    pending.emplace_back();
  }

  Pending& of(std::uint64_t batch) {
    HY_CHECK(batch > told && batch - told <= pending.size());
    return pending[batch - told - 1];
  }

  void add(Write write) {
    bool first = open.writes.empty();
    open.bytes += bytes_of(write);
    open.writes.push_back(std::move(write));
    if (first && on_first_write) on_first_write();
  }

  void raise_floor() {
    if (std::optional<std::uint64_t> floor = ids.raise()) {
      raised_by = open.position.batch;
      add(PutFloor{static_cast<std::uint16_t>(open.shard), *floor});
    }
  }

  // By value: setting the timer may free the job that holds the caller's copy.
  static void watch_floor(std::weak_ptr<State> weak) {  // NOLINT(performance-unnecessary-value-param)
    auto state = weak.lock();
    if (!state) return;
    state->raise_floor();
    state->floor_timer = state->loop.after(floor_check, [weak] { watch_floor(weak); });
  }

  void hand_over() {
    if (open.writes.empty()) return;
    raise_floor();
    Batch next;
    next.shard = open.shard;
    next.position.batch = open.position.batch + 1;
    committer.hand_over(std::exchange(open, std::move(next)));
    pending.emplace_back();
  }

  void clean(const Pending& applied, std::uint64_t batch) {
    for (Dirty::value_type* node : applied.owners) {
      if (node->second == batch) dirty.erase(dirty.find(node->first));
    }
  }

  void published(Position position) {
    durable = position.batch;
    if (raised_by && *raised_by <= durable) {
      raised_by.reset();
      ids.raised();
    }
    // Owners first: a job that reads must find all that this round applied to be clean.
    for (std::uint64_t batch = told + 1; batch <= durable; ++batch) clean(of(batch), batch);
    while (told < durable) {
      std::vector<Job> jobs = std::move(pending.front().waiting);
      pending.pop_front();
      ++told;
      for (Job& job : jobs) job();
    }
  }
};

Desk::Desk(ShardId shard, Loop& loop, Committer& committer, IdRange ids)
    : state_(std::make_shared<State>(shard, loop, committer, ids)) {
  std::weak_ptr<State> weak = state_;
  committer.add_shard(shard, loop, [weak](Position position) {
    if (auto state = weak.lock()) state->published(position);
  });
  loop.post([weak] { State::watch_floor(weak); });  // timers are set on the loop's own thread only
}

Desk::~Desk() = default;

Position Desk::put(const Owner& owner, Write write) {
  HY_CHECK(owner && owner.is_bare());
  std::uint64_t batch = state_->open.position.batch;
  auto [node, added] = state_->dirty.try_emplace(owner, batch);
  if (added || node->second != batch) {
    node->second = batch;
    state_->pending.back().owners.push_back(&*node);
  }
  state_->add(std::move(write));
  return {batch};
}

Position Desk::latest() const {
  std::uint64_t batch = state_->open.position.batch;
  return {state_->open.writes.empty() ? batch - 1 : batch};
}

Position Desk::durable_position() const {
  return {state_->durable};
}

void Desk::when_durable(Position position, Job job) {
  if (position.batch <= state_->told) return job();
  HY_CHECK(position <= latest());
  state_->of(position.batch).waiting.push_back(std::move(job));
}

Task<Result<void>> Desk::durable(Position position) {
  if (position.batch <= state_->durable) co_return Result<void>();
  Completion<> reached;
  when_durable(position, [reached]() mutable { reached.set({}); });
  Result<void> result = co_await reached.wait();
  co_return result;
}

Task<Result<void>> Desk::settled(Owner owner) {
  auto found = state_->dirty.find(owner);
  if (found == state_->dirty.end()) co_return Result<void>();
  Result<void> result = co_await durable({found->second});
  co_return result;
}

Task<Result<void>> Desk::settled() {
  Result<void> result = co_await durable(latest());
  co_return result;
}

void Desk::hand_over() {
  state_->hand_over();
}

void Desk::on_first_write(Job job) {
  state_->on_first_write = std::move(job);
}

std::uint64_t Desk::next_id() {
  return state_->ids.next();
}

std::size_t Desk::dirty_owners() const {
  return state_->dirty.size();
}

}  // namespace hy::store
