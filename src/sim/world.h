// A whole server in one thread: virtual time, and every order that threads or networks leave open drawn from
// a seed.
//
//     sim::World world(seed);
//     sim::Loop& shard = world.add_loop("shard 0");
//     auto network = world.network().on(shard);
//     auto listener = network->listen({"0.0.0.0", 5222}, accept);
//     auto client = world.network().connect({"0.0.0.0", 5222});
//     client->send("<stream:stream …>");
//     world.run_until_idle();
//     EXPECT_EQ(client->take(), …);
//
// Pipes, timers and whatever else refers to loops must be gone before the world is.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/clock.h"
#include "sim/loop.h"
#include "sim/network.h"
#include "sim/pool.h"
#include "sim/random.h"

namespace hy::sim {

class World {
 public:
  explicit World(std::uint64_t seed);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  std::uint64_t seed() const { return seed_; }
  const Clock& clock() const { return clock_; }
  Instant now() const { return clock_.now(); }
  /// For the code under test. Apart from the one that draws the order.
  Random& random() { return random_; }
  Network& network() { return *network_; }

  Loop& add_loop(std::string name);
  Pool& add_pool(std::string name, PoolSize size = {});
  /// A thread of somebody else's: `step` is called, once at a time, when `ready` says so.
  void add_actor(std::string name, std::move_only_function<bool()> ready, Job step);

  /// One step of one actor that is ready, drawn. False when none is: then only time helps.
  bool step();
  /// Until nobody is ready and nothing is on its way over the network. Time moves only as far as the
  /// network's latency needs; timers due by then run. Ends the process after `most` steps: something runs in
  /// a circle.
  void run_until_idle(std::uint64_t most = 20'000'000);
  /// Moves time on, from one thing that is due to the next, and runs all that becomes ready.
  void advance(Duration by);
  /// Steps and moves time until `done`, asked between steps; false when `within` has passed.
  bool run_until(std::move_only_function<bool()> done, Duration within);

  /// `loop` does not run for a while, as if its thread were not scheduled.
  void stall(Loop& loop, Duration during) { loop.stall(now() + during); }

  /// The k-th operation that can fail, from 1, does. 0: none.
  void fail_at(std::uint64_t k) { fail_at_ = k; }
  /// How many there were. A sweep runs the test once without a fault, then with k = 1 … operations().
  std::uint64_t operations() const { return operations_; }
  /// Counts an operation; true when it must fail. Also for what is outside of this folder (disks, resolvers).
  bool fails(std::string_view operation);

  /// What happened: one line per step, failed operation and note. The hash is always kept, the text if asked
  /// for.
  void keep_transcript() { keep_transcript_ = true; }
  void note(std::string_view line);
  const std::string& transcript() const { return transcript_; }
  std::uint64_t transcript_hash() const { return hash_; }

  /// For actors: a number in [0, bound) from the seed that orders.
  std::uint64_t draw(std::uint64_t bound) { return bound < 2 ? 0 : order_.below(bound); }
  /// Whose step it is; nullptr between steps, where test code may do everything.
  const Actor* at_step() const { return at_step_; }

 private:
  class Outsider;
  std::optional<Instant> next() const;

  std::uint64_t seed_;
  VirtualClock clock_;
  SeededRandom order_;
  SeededRandom random_;
  std::unique_ptr<Network> network_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::unique_ptr<Actor>> others_;
  std::vector<Actor*> actors_;
  std::vector<Actor*> ready_;
  const Actor* at_step_ = nullptr;
  std::uint64_t operations_ = 0;
  std::uint64_t fail_at_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325;
  bool keep_transcript_ = false;
  std::string transcript_;
};

}  // namespace hy::sim
