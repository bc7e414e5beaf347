// One simulated connection: two lanes of bytes between a server's side and a client's, with latency and a
// window.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/pipe.h"

namespace hy::sim {

class World;

struct NetworkOptions {
  Duration min_latency{};
  Duration max_latency{};
  /// What a side may have on its way: not yet read by the other. As TCP's two buffers.
  std::size_t window = 256 * 1024;
  /// Reads give a random part of what is there, at least a byte.
  bool split_reads = false;
  /// Whether pipes know how to start TLS.
  bool certificates = true;
};

enum class Side { server, client };
constexpr Side other(Side side) {
  return side == Side::server ? Side::client : Side::server;
}

struct Segment {
  enum Kind {
    clear,   // bytes outside of TLS
    secret,  // bytes inside of TLS
    hello,   // a handshake's whole message; `bytes` holds its fields
    fin,
    reset,
  };
  Kind kind = clear;
  std::string bytes;
};

/// What the client's hello says.
struct Hello {
  std::string server_name;
  std::string alpn;
  std::string version = "TLSv1.3";
};

class Link {
 public:
  Link(World& world, const NetworkOptions& options, std::uint64_t id)
      : world_(world), options_(options), id_(id) {}

  std::uint64_t id() const { return id_; }
  const NetworkOptions& options() const { return options_; }

  /// Behind what this side has put before; leaves with flush().
  void put(Side from, Segment segment);
  /// As much as the window takes goes on its way.
  void flush(Side from);
  std::size_t unsent(Side from) const { return lane(from).unsent_bytes; }
  std::size_t flying(Side from) const { return lane(from).flying_bytes; }

  /// What has arrived at this side and was not consumed; nullptr when nothing has.
  const Segment* front(Side at) const;
  /// Up to `size` bytes of the front segment, or the segment if it has none. The sender's window opens.
  void consume(Side at, std::size_t size = 0);

  /// This side gives up: what it has not sent is lost, what flies arrives, then the other side fails.
  void reset(Side by);
  /// Sends what is queued and FIN; drops what arrives; resets when the other side has not finished in five
  /// seconds.
  void close(Side by);
  /// Neither side can send any more, or both have finished.
  bool over() const;
  bool dead(Side side) const { return lane(side).dead; }

  /// Bytes of a channel binding, equal on both sides.
  std::string binding(net::Binding kind) const;
  Hello hello;  // once one has arrived at the server

  /// Called when something has arrived at this side, or the window for what it sends has opened.
  void watch(Side side, std::move_only_function<void()> arrived, std::move_only_function<void()> opened);
  void unwatch(Side side) { watch(side, {}, {}); }

  // For the network.
  std::optional<Instant> arrival(Side from) const;
  void deliver(Side from);
  std::optional<Instant> linger_end() const;
  void end_linger();

 private:
  struct Flying {
    Instant due;
    Segment segment;
  };
  struct Lane {  // what one side sends
    std::deque<Segment> unsent;
    std::deque<Flying> flying;
    std::deque<Segment> arrived;
    std::size_t unsent_bytes = 0;
    std::size_t flying_bytes = 0;
    std::size_t arrived_bytes = 0;
    bool dead = false;      // its sender may not send any more
    bool finished = false;  // its sender's FIN was put
    bool drained = false;   // the receiver drops all that arrives
  };
  Lane& lane(Side from) { return lanes_[from == Side::server ? 0 : 1]; }
  const Lane& lane(Side from) const { return lanes_[from == Side::server ? 0 : 1]; }
  void launch(Lane& lane, Segment segment);
  void drop_arrived(Side at);

  World& world_;
  NetworkOptions options_;
  std::uint64_t id_;
  std::array<Lane, 2> lanes_;
  std::array<std::optional<Instant>, 2> linger_;
  std::array<std::move_only_function<void()>, 2> arrived_;
  std::array<std::move_only_function<void()>, 2> opened_;
};

}  // namespace hy::sim
