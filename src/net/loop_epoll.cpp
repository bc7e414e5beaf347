#include "net/loop_epoll.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/result.h"

namespace hy::net {

/// Lives until the batch of events that may still name it has been worked off. Touched on the loop's thread
/// only.
struct Watch::State {
  EpollLoop::Context* context;
  int descriptor;
  Watcher* watcher;         // nullptr: stopped
  bool watched = false;     // it is in the epoll set
  std::uint32_t asked = 0;  // EPOLLIN, EPOLLOUT: what the watcher waits for
  std::uint32_t told = 0;   // what the set has been told to look for

  bool watch(std::uint32_t events);
};

/// The loop's epoll set. It is level-triggered: a watcher that asks again for what it just got costs no
/// system call. Only what becomes ready without being asked for costs one.
struct EpollLoop::Context {
  Context() : set(epoll_create1(EPOLL_CLOEXEC)) { HY_CHECK(set >= 0); }
  ~Context() { ::close(set); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  int set;
  std::vector<std::shared_ptr<Watch::State>> gone;  // stopped while events were worked off
};

bool Watch::State::watch(std::uint32_t events) {
  asked |= events;
  if ((told & asked) == asked) return true;
  epoll_event event{};
  event.events = told | asked;
  event.data.ptr = this;
  if (epoll_ctl(context->set, watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) != 0) return false;
  watched = true;
  told = event.events;
  return true;
}

Watch::Watch(EpollLoop& loop, int descriptor, Watcher& watcher)
    : state_(std::make_shared<State>(loop.context_.get(), descriptor, &watcher)) {
  // At once, so that a refusal (out of memory, max_user_watches) shows here.
  if (!state_->watch(EPOLLIN)) {
    state_ = nullptr;
  } else {
    state_->asked = 0;
  }
}

Watch& Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    stop();
    state_ = std::move(other.state_);
  }
  return *this;
}

void Watch::wait_readable() {
  HY_CHECK(state_->watch(EPOLLIN));
}

void Watch::wait_writable() {
  HY_CHECK(state_->watch(EPOLLOUT));
}

void Watch::stop() {
  if (!state_) return;
  if (state_->watched) epoll_ctl(state_->context->set, EPOLL_CTL_DEL, state_->descriptor, nullptr);
  state_->watched = false;
  state_->watcher = nullptr;
  state_->context->gone.push_back(std::move(state_));
  state_ = nullptr;
}

/// The eventfd by which other threads end a wait.
class EpollLoop::WakeUp final : public Watcher {
 public:
  explicit WakeUp(EpollLoop& loop) : loop_(loop), descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
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
  EpollLoop& loop_;
  int descriptor_;
  Watch watch_;
};

EpollLoop::EpollLoop()
    : context_(std::make_unique<Context>()),
      wake_up_(std::make_unique<WakeUp>(*this)),
      scratch_(std::make_unique_for_overwrite<char[]>(scratch_size)) {}

EpollLoop::~EpollLoop() {
  drop_all();
}

// What is dropped may own pipes and timers, and post in its destructor.
void EpollLoop::drop_all() {
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

void EpollLoop::run() {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  mail_ = true;
  while (!stopped_.load(std::memory_order_relaxed)) turn();
  thread_.store({}, std::memory_order_relaxed);
}

void EpollLoop::stop() {
  post([this] { stopped_.store(true, std::memory_order_relaxed); });
}

void EpollLoop::turn() {
  const auto deadline = timers_.next();
  const bool ready = mail_ || !own_.empty() || !pokes_.empty();
  int wait_ms = ready ? 0 : -1;
  if (!ready && deadline) {
    const Duration left = *deadline - now();
    // Rounded up, so that the timer is due when the wait ends.
    wait_ms = left <= Duration::zero() ? 0 : static_cast<int>(std::min<std::int64_t>(left / 1ms + 1, 60'000));
  }
  run_events(wait_ms);
  pokes_.run();
  run_posted();
  timers_.run_due(now());
  run_turn_end();
}

void EpollLoop::run_events(int wait_ms) {
  std::array<epoll_event, turn_events> events;
  const int count = epoll_wait(context_->set, events.data(), static_cast<int>(events.size()), wait_ms);
  HY_CHECK(count >= 0 || errno == EINTR);
  for (int i = 0; i < count; ++i) {
    auto* state = static_cast<Watch::State*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (!state->watcher) continue;
    std::uint32_t ready = events[static_cast<std::size_t>(i)].events;
    // A broken connection is told to whoever waits for anything.
    if (ready & (EPOLLERR | EPOLLHUP)) ready |= EPOLLIN | EPOLLOUT;
    const std::uint32_t tell = ready & state->asked;
    if ((ready & state->told & ~state->asked) != 0 || tell == 0) unwatch(*state);
    state->asked &= ~tell;
    if (tell & EPOLLIN) state->watcher->readable();
    if ((tell & EPOLLOUT) && state->watcher) state->watcher->writable();
  }
  context_->gone.clear();
}

// What is ready and not asked for would be told again and again. Edge-triggered, it is told once; asking
// again makes it level-triggered again, and tells at once what is ready by then.
void EpollLoop::unwatch(Watch::State& state) {
  epoll_event event{};
  event.events = state.asked | EPOLLET;
  event.data.ptr = &state;
  HY_CHECK(epoll_ctl(context_->set, EPOLL_CTL_MOD, state.descriptor, &event) == 0);
  state.told = 0;
}

void EpollLoop::run_posted() {
  std::swap(running_, own_);
  for (Job& job : running_) job();
  running_.clear();
  if (!std::exchange(mail_, false)) return;
  inbox_.take(running_);
  for (Job& job : running_) job();
  running_.clear();
}

void EpollLoop::run_turn_end() {
  // Jobs asked for by these jobs run in the same turn.
  while (!turn_end_.empty()) {
    std::swap(running_, turn_end_);
    for (Job& job : running_) job();
    running_.clear();
  }
  gathered_.run();
}

void EpollLoop::post(Job job) {
  if (own_thread()) {
    own_.push_back(std::move(job));
  } else if (inbox_.put(std::move(job))) {
    wake_up_->ring();
  }
}

Timer EpollLoop::after(Duration delay, Job job) {
  return timers_.add(now() + std::max(delay, Duration::zero()), std::move(job));
}

void EpollLoop::at_turn_end(Job job) {
  turn_end_.push_back(std::move(job));
}

}  // namespace hy::net
