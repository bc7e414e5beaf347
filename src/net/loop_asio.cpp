#include "net/loop_asio.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/result.h"

namespace hy::net {

namespace asio = boost::asio;

struct AsioLoop::Context {
  asio::io_context io{1};
};

/// Shared with the waits that are under way. Touched on the loop's thread only.
struct Watch::State {
  State(asio::io_context& io, Watcher& watcher) : descriptor(io), watcher(&watcher) {}
  asio::posix::stream_descriptor descriptor;
  Watcher* watcher;  // nullptr: stopped
  bool reading = false;
  bool writing = false;
};

Watch::Watch(AsioLoop& loop, int descriptor, Watcher& watcher)
    : state_(std::make_shared<State>(loop.context_->io, watcher)) {
  boost::system::error_code error;
  if (state_->descriptor.assign(descriptor, error)) state_ = nullptr;
}

Watch& Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    stop();
    state_ = std::move(other.state_);
  }
  return *this;
}

void Watch::wait_readable() {
  if (state_->reading) return;
  state_->reading = true;
  state_->descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                                [state = state_](boost::system::error_code) {
                                  state->reading = false;
                                  if (state->watcher != nullptr) state->watcher->readable();
                                });
}

void Watch::wait_writable() {
  if (state_->writing) return;
  state_->writing = true;
  state_->descriptor.async_wait(asio::posix::descriptor_base::wait_write,
                                [state = state_](boost::system::error_code) {
                                  state->writing = false;
                                  if (state->watcher != nullptr) state->watcher->writable();
                                });
}

void Watch::stop() {
  if (!state_) return;
  state_->watcher = nullptr;
  state_->descriptor.release();
  state_ = nullptr;
}

/// The eventfd by which other threads end a wait.
class AsioLoop::WakeUp final : public Watcher {
 public:
  explicit WakeUp(AsioLoop& loop) : loop_(loop), descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    HY_CHECK(descriptor_ >= 0);
    watch_ = Watch(loop, descriptor_, *this);
    HY_CHECK(watch_.active());
    watch_.wait_readable();
  }
  ~WakeUp() override {
    watch_.stop();
    close(descriptor_);
  }
  void ring() {
    const std::uint64_t one = 1;
    HY_CHECK(::write(descriptor_, &one, sizeof one) == sizeof one || errno == EAGAIN);
  }
  void readable() override {
    std::uint64_t count = 0;
    HY_CHECK(::read(descriptor_, &count, sizeof count) == sizeof count || errno == EAGAIN || errno == EINTR);
    loop_.mail_ = true;
    watch_.wait_readable();
  }

 private:
  AsioLoop& loop_;
  int descriptor_;
  Watch watch_;
};

AsioLoop::AsioLoop()
    : context_(std::make_unique<Context>()),
      wake_up_(std::make_unique<WakeUp>(*this)),
      scratch_(std::make_unique_for_overwrite<char[]>(scratch_size)) {}

AsioLoop::~AsioLoop() {
  drop_all();
}

// What is dropped may own pipes and timers, and post in its destructor.
void AsioLoop::drop_all() {
  for (;;) {
    std::vector<Job> jobs;
    inbox_.take(jobs);
    std::ranges::move(std::exchange(own_, {}), std::back_inserter(jobs));
    std::ranges::move(std::exchange(turn_end_, {}), std::back_inserter(jobs));
    if (jobs.empty() && timers_.size() == 0) return;
    jobs.clear();
    timers_.clear();
  }
}

void AsioLoop::run() {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  mail_ = true;
  while (!stopped_.load(std::memory_order_relaxed)) turn();
  thread_.store({}, std::memory_order_relaxed);
}

void AsioLoop::stop() {
  post([this] { stopped_.store(true, std::memory_order_relaxed); });
}

void AsioLoop::turn() {
  asio::io_context& io = context_->io;
  std::size_t ran = 0;
  const auto deadline = timers_.next();
  if (mail_ || !own_.empty() || !pokes_.empty() || (deadline && *deadline <= now())) {
    ran = io.poll_one();
  } else if (deadline) {
    ran = io.run_one_until(*deadline);
  } else {
    ran = io.run_one();
  }
  if (ran > 0) {
    while (ran < turn_events && io.poll_one() > 0) ++ran;
  }
  pokes_.run();
  run_posted();
  timers_.run_due(now());
  run_turn_end();
}

void AsioLoop::run_posted() {
  std::swap(running_, own_);
  for (Job& job : running_) job();
  running_.clear();
  if (!std::exchange(mail_, false)) return;
  inbox_.take(running_);
  for (Job& job : running_) job();
  running_.clear();
}

void AsioLoop::run_turn_end() {
  // Jobs asked for by these jobs run in the same turn.
  while (!turn_end_.empty()) {
    std::swap(running_, turn_end_);
    for (Job& job : running_) job();
    running_.clear();
  }
  gathered_.run();
}

void AsioLoop::post(Job job) {
  if (own_thread()) {
    own_.push_back(std::move(job));
  } else if (inbox_.put(std::move(job))) {
    wake_up_->ring();
  }
}

Timer AsioLoop::after(Duration delay, Job job) {
  return timers_.add(now() + std::max(delay, Duration::zero()), std::move(job));
}

void AsioLoop::at_turn_end(Job job) {
  turn_end_.push_back(std::move(job));
}

}  // namespace hy::net
