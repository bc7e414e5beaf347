// The client streams of one shard, and the ground they stand on.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

#include "base/loop.h"
#include "base/random.h"
#include "base/worker.h"
#include "stream/c2s_config.h"
#include "stream/connection_counts.h"
#include "stream/ports.h"

namespace hy::stream {

/// What a shard lends to its streams. A stream that moves stands on the other shard's from then on.
struct Ground {
  Loop& loop;
  Random& random;
  Worker& hashing;  // password hashing (PBKDF2)
  Gatekeeper& gatekeeper;
  const C2sConfig& config;
  /// Counts connections that have not logged in, of the whole server. nullptr: they are not counted.
  ConnectionCounts* strangers = nullptr;
};

/// Names a stream in this process, for as long as it lives and on whichever shard.
enum class StreamNumber : std::uint64_t {};

/// Owns the streams. One shard only. Destroying it drops what connections are left without telling their
/// sinks.
class Streams {
 public:
  explicit Streams(Ground ground);
  ~Streams();
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  /// A new connection, attached to this shard's loop; for direct TLS, start_tls() has been called. Dropped
  /// when its machine has too many that have not logged in.
  void accept(std::unique_ptr<net::Pipe> pipe);
  /// What Gatekeeper::move brought here from another shard.
  void arrive(std::unique_ptr<C2s> stream);
  /// Ends all streams, and those that still come, with this error, some in each turn. `done` runs when none
  /// is left.
  void shut_down(xmpp::StreamError reason, Job done);
  std::size_t size() const { return streams_.size(); }

  // For the streams themselves.

  const Ground& ground() const { return ground_; }
  /// Shared by all: what read() fills, and where output is put together. Each is free again when its user
  /// returns.
  std::span<char> read_buffer() { return {read_buffer_.get(), read_buffer_size}; }
  std::string& write_buffer();
  /// Runs a member in a later turn, if the stream is still here by then.
  void post(StreamNumber number, void (C2s::*member)());
  /// Takes it out of the set; for moving.
  std::unique_ptr<C2s> release(StreamNumber number);
  /// Destroys it in a later turn, after its Sink was told.
  void retire(StreamNumber number);

 private:
  static constexpr std::size_t read_buffer_size = 64 * 1024;
  C2s& add(std::unique_ptr<C2s> stream);
  C2s* find(StreamNumber number);
  void bury(StreamNumber number);
  void end_some();
  void tell_when_empty();

  const Ground ground_;
  std::unordered_map<StreamNumber, std::unique_ptr<C2s>> streams_;
  std::unique_ptr<char[]> read_buffer_;
  std::string write_buffer_;
  std::uint64_t last_number_ = 0;

  struct Leaving {
    xmpp::StreamError reason;
    Job done;
    std::vector<StreamNumber> left;  // to be ended, the next one last
  };
  std::optional<Leaving> leaving_;
};

}  // namespace hy::stream
