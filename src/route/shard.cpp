#include "route/shard.h"

#include "base/log.h"
#include "stream/c2s.h"

namespace hy::route {

Shard::Shard(const Common& common, Ports ports)
    : loop_(ports.loop),
      desk_(ports.here, ports.loop, common.committer, ports.ids),
      stores_(ports.open_stores(desk_)),
      writer_(desk_, *stores_.documents),
      post_(ports.here, ports.loop, [this] { turn_has_work(); }),
      directory_(hub_, *stores_.accounts, scope_),
      pipeline_({ports.here, ports.shards, hub_, directory_, post_, desk_, common.committer, scope_,
                 common.settings, common.trace}),
      users_(directory_, desk_, writer_, ports.hashing, ports.random, ports.loop.clock()),
      services_{ports.loop,
                ports.loop.clock(),
                ports.random,
                ports.hashing,
                desk_,
                *stores_.accounts,
                *stores_.documents,
                writer_,
                pipeline_,
                users_,
                directory_,
                scope_,
                common.settings},
      gate_({ports.here, ports.shards, hub_, directory_, pipeline_, ports.random, common.settings,
             common.throttle, common.false_salt,
             [this](std::unique_ptr<stream::C2s> stream, ShardId to) {
               Shard* shard = all_[static_cast<std::size_t>(to)];
               shard->loop_.post([shard, stream = std::move(stream)]() mutable {
                 shard->streams_.arrive(std::move(stream));
               });
             }}),
      streams_({ports.loop, ports.random, ports.hashing, gate_, common.c2s, &common.strangers}) {
  desk_.on_first_write([this] { turn_has_work(); });
  ports.install(hub_, services_);
}

Shard::~Shard() = default;

void Shard::connect(const std::vector<Shard*>& all) {
  all_ = all;
  std::vector<Post*> posts;
  for (Shard* shard : all) posts.push_back(&shard->post_);
  post_.connect(std::move(posts), {[this](Parcel parcel) { pipeline_.arrive(std::move(parcel)); },
                                   [this](Answer answer) { pipeline_.answered(std::move(answer)); }});
}

void Shard::accept(std::unique_ptr<net::Pipe> pipe, bool direct_tls) {
  if (direct_tls) {
    if (Result<void> started = pipe->start_tls(); !started) {
      log::error("connection dropped", "reason={}", log::value(started.error().context));
      return;
    }
  }
  streams_.accept(std::move(pipe));
}

// Writes are handed to the committer before mail goes out: after a crash no effect is there without its
// cause.
void Shard::turn_has_work() {
  if (std::exchange(end_asked_, true)) return;
  loop_.at_turn_end([this] { end_of_turn(); });
}

void Shard::end_of_turn() {
  end_asked_ = false;
  desk_.hand_over();
  post_.flush();
}

void Shard::close(xmpp::StreamError reason, Job done) {
  streams_.shut_down(std::move(reason), [this, done = std::move(done)]() mutable {
    scope_.close();
    scope_.on_idle([this, done = std::move(done)]() mutable {
      desk_.hand_over();
      done();
    });
  });
}

}  // namespace hy::route
