#include "simulation/witness.h"

namespace hy::simulation {

void Witness::part(route::Return trip, ShardId to, const xmpp::Stanza&) {
  ++parts_;
  ++open_[{static_cast<int>(trip.shard), trip.trip.slot, trip.trip.generation, static_cast<int>(to)}];
}

void Witness::answered(route::Return trip, const route::Answer& answer) {
  const int from = static_cast<int>(answer.from);
  auto found = open_.find({static_cast<int>(trip.shard), trip.trip.slot, trip.trip.generation, from});
  if (found == open_.end()) {
    breaks(fmt::format("shard {} answered a part that was not open: {}/{}", from, trip.trip.slot,
                       trip.trip.generation));
    return;
  }
  if (--found->second == 0) open_.erase(found);
  highest_[from] = std::max(highest_[from], answer.position);
}

void Witness::judge(scenario::Scene& scene) {
  if (!open_.empty()) breaks(fmt::format("{} parts never answered", open_.size()));
  for (std::size_t i = 0; i < scene.core().size(); ++i) {
    route::Shard& shard = scene.core().shard(i);
    if (shard.desk().durable_position() < highest_[static_cast<int>(i)]) {
      breaks(fmt::format("shard {} answered at {}, durable is {}", i, highest_[static_cast<int>(i)].batch,
                         shard.desk().durable_position().batch));
    }
    if (shard.pipeline().under_way() > 0) {
      breaks(fmt::format("{} trips under way on shard {}", shard.pipeline().under_way(), i));
    }
    for (std::size_t to = 0; to < scene.core().size(); ++to) {
      const ShardId other = static_cast<ShardId>(to);
      if (shard.post().credit(other) != route::Post::pair_credit || shard.post().waiting(other) > 0) {
        breaks(fmt::format("shard {} has {} bytes of credit towards {}, {} parcels wait", i,
                           shard.post().credit(other), to, shard.post().waiting(other)));
      }
    }
  }
}

}  // namespace hy::simulation
