// Sees every part of every trip and every answer, and keeps what breaks the promise of the way back.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "route/trace.h"
#include "scenario/scene.h"

namespace hy::simulation {

class Witness final : public route::Trace {
 public:
  void part(route::Return trip, ShardId to, const xmpp::Stanza& stanza) override;
  void answered(route::Return trip, const route::Answer& answer) override;

  /// At the end, when nothing runs any more: every part has answered once, at a position that is durable;
  /// nothing is under way and all credit is back.
  void judge(scenario::Scene& scene);

  std::size_t parts() const { return parts_; }
  const std::vector<std::string>& broken() const { return broken_; }
  void breaks(std::string what) { broken_.push_back(std::move(what)); }

 private:
  using Trip =
      std::tuple<int, std::uint32_t, std::uint32_t, int>;  // shard, slot, generation; the shard asked
  std::map<Trip, int> open_;
  std::map<int, Position> highest_;
  std::size_t parts_ = 0;
  std::vector<std::string> broken_;
};

}  // namespace hy::simulation
