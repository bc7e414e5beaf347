#include "sim/link.h"

#include "sim/world.h"

namespace hy::sim {
namespace {

std::size_t index(Side side) {
  return side == Side::server ? 0 : 1;
}

}  // namespace

void Link::put(Side from, Segment segment) {
  Lane& lane = this->lane(from);
  if (lane.dead || lane.finished) return;
  lane.finished = segment.kind == Segment::fin;
  lane.unsent_bytes += segment.bytes.size();
  if (!lane.unsent.empty() && lane.unsent.back().kind == segment.kind && segment.kind <= Segment::secret) {
    lane.unsent.back().bytes += segment.bytes;
  } else {
    lane.unsent.push_back(std::move(segment));
  }
}

void Link::flush(Side from) {
  Lane& lane = this->lane(from);
  while (!lane.unsent.empty()) {
    Segment& segment = lane.unsent.front();
    const std::size_t used = lane.flying_bytes + lane.arrived_bytes;
    const std::size_t room = options_.window > used ? options_.window - used : 0;
    if (segment.kind <= Segment::secret && segment.bytes.size() > room) {
      if (room == 0) return;
      lane.unsent_bytes -= room;
      launch(lane, {segment.kind, segment.bytes.substr(0, room)});
      segment.bytes.erase(0, room);
      return;
    }
    lane.unsent_bytes -= segment.bytes.size();
    launch(lane, std::move(segment));
    lane.unsent.pop_front();
  }
}

void Link::launch(Lane& lane, Segment segment) {
  const auto spread = static_cast<std::uint64_t>((options_.max_latency - options_.min_latency).count());
  Instant due = world_.now() + options_.min_latency + Duration(world_.draw(spread + 1));
  if (!lane.flying.empty()) due = std::max(due, lane.flying.back().due);
  lane.flying_bytes += segment.bytes.size();
  lane.flying.push_back({due, std::move(segment)});
}

const Segment* Link::front(Side at) const {
  const Lane& lane = this->lane(other(at));
  return lane.arrived.empty() ? nullptr : &lane.arrived.front();
}

void Link::consume(Side at, std::size_t size) {
  const Side from = other(at);
  Lane& lane = this->lane(from);
  Segment& segment = lane.arrived.front();
  if (size < segment.bytes.size() && segment.kind <= Segment::secret) {
    segment.bytes.erase(0, size);
    lane.arrived_bytes -= size;
  } else {
    lane.arrived_bytes -= segment.bytes.size();
    lane.arrived.pop_front();
  }
  if (lane.unsent.empty()) return;
  flush(from);
  if (auto& opened = opened_[index(from)]) opened();
}

void Link::reset(Side by) {
  Lane& mine = lane(by);
  Lane& theirs = lane(other(by));
  linger_[index(by)].reset();
  theirs.unsent.clear();
  theirs.flying.clear();
  theirs.arrived.clear();
  theirs.unsent_bytes = theirs.flying_bytes = theirs.arrived_bytes = 0;
  theirs.drained = true;
  if (mine.dead) return;
  mine.unsent.clear();
  mine.unsent_bytes = 0;
  mine.dead = true;
  launch(mine, {Segment::reset, {}});
}

void Link::close(Side by) {
  put(by, {Segment::fin, {}});
  flush(by);
  lane(other(by)).drained = true;
  drop_arrived(by);
  if (!over()) linger_[index(by)] = world_.now() + 5s;
}

void Link::drop_arrived(Side at) {
  while (const Segment* segment = front(at)) consume(at, segment->bytes.size());
  if (over()) linger_[index(at)].reset();
}

bool Link::over() const {
  const auto gone = [](const Lane& lane) {
    return lane.unsent.empty() && lane.flying.empty() && lane.arrived.empty() && (lane.finished || lane.dead);
  };
  return gone(lanes_[0]) && gone(lanes_[1]);
}

std::string Link::binding(net::Binding kind) const {
  switch (kind) {
    case net::Binding::tls_server_end_point:
      return "simulated certificate of " + hello.server_name;
    case net::Binding::tls_exporter:
      return fmt::format("simulated exporter {:012}", id_);
    case net::Binding::tls_unique:
      return hello.version == "TLSv1.2" ? fmt::format("unique {:05}", id_) : std::string();
  }
  return {};
}

void Link::watch(Side side, std::move_only_function<void()> arrived, std::move_only_function<void()> opened) {
  arrived_[index(side)] = std::move(arrived);
  opened_[index(side)] = std::move(opened);
}

std::optional<Instant> Link::arrival(Side from) const {
  const Lane& lane = this->lane(from);
  return lane.flying.empty() ? std::nullopt : std::optional(lane.flying.front().due);
}

void Link::deliver(Side from) {
  Lane& lane = this->lane(from);
  Segment segment = std::move(lane.flying.front().segment);
  lane.flying.pop_front();
  lane.flying_bytes -= segment.bytes.size();
  lane.arrived_bytes += segment.bytes.size();
  if (segment.kind == Segment::reset) {
    Lane& back = this->lane(other(from));
    back.dead = true;
    back.unsent.clear();
    back.flying.clear();
    back.unsent_bytes = back.flying_bytes = 0;
  }
  if (!lane.arrived.empty() && lane.arrived.back().kind == segment.kind && segment.kind <= Segment::secret) {
    lane.arrived.back().bytes += segment.bytes;
  } else {
    lane.arrived.push_back(std::move(segment));
  }
  if (lane.drained) return drop_arrived(other(from));
  if (auto& arrived = arrived_[index(other(from))]) arrived();
}

std::optional<Instant> Link::linger_end() const {
  if (linger_[0] && linger_[1]) return std::min(*linger_[0], *linger_[1]);
  return linger_[0] ? linger_[0] : linger_[1];
}

void Link::end_linger() {
  for (Side side : {Side::server, Side::client}) {
    const auto end = linger_[index(side)];
    if (end && *end <= world_.now()) reset(side);
  }
}

}  // namespace hy::sim
