// A connection, as streams see it: bytes in, bytes out, TLS on request. TCP in production, memory in
// simulation.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/loop.h"
#include "base/result.h"

namespace hy::net {

struct Address {
  std::string ip;  // textual; IPv4-mapped IPv6 addresses as IPv4
  std::uint16_t port = 0;
};

/// Channel bindings (RFC 5929, RFC 9266).
enum class Binding { tls_server_end_point, tls_exporter, tls_unique };

struct Read {
  enum State {
    data,         // `size` bytes were read
    would_block,  // nothing now; on_readable runs when there is more
    ended,        // the peer has finished sending (FIN, close_notify); writing may go on
    failed,       // reset, TLS alert, handshake failure: neither direction works any more
  };
  State state = would_block;
  std::size_t size = 0;
};

/// Port. Used on the shard it is attached to, only. Destroying it without close() drops the connection at
/// once.
class Pipe {
 public:
  virtual ~Pipe() = default;

  /// `job` runs, once a turn, while read() may have something other than would_block to say: a reader may
  /// stop before that and is told again. After ended it runs only for a failure, after failed never. Replaces
  /// the job set before. It may destroy, close or detach the pipe.
  virtual void on_readable(Job job) = 0;
  /// Into the caller's buffer (one per loop, shared by all pipes). Decrypts. Never blocks. Ended and failed
  /// are said again each time.
  virtual Read read(std::span<char> into) = 0;
  /// While paused on_readable does not run and the peer feels TCP's back-pressure. Starts unpaused.
  virtual void pause() = 0;
  virtual void resume() = 0;

  /// Queues a copy; what a turn has gathered goes out in one write at its end. Never fails: a broken pipe
  /// tells through on_readable. The caller watches queued() and sets the bound.
  virtual void write(std::string_view bytes) = 0;
  /// Bytes accepted by write() that the kernel has not taken yet.
  virtual std::size_t queued() const = 0;
  /// queued() plus what the kernel has sent but the peer's TCP not acknowledged.
  virtual std::size_t unacknowledged() const = 0;
  /// `job` runs, in a turn of its own, each time queued() has fallen to zero. It may destroy, close or detach
  /// the pipe.
  virtual void on_drained(Job job) = 0;

  /// Begins TLS as the server: all bytes read from now on belong to the handshake. What was written before
  /// goes out first, in the clear. Error::unavailable without a certificate. read() says would_block until it
  /// is finished.
  virtual Result<void> start_tls() = 0;
  /// True once the handshake has ended. What is written before waits for that and goes out inside.
  virtual bool secure() const = 0;
  /// The server name the client asked for (SNI); empty without.
  virtual std::string server_name() const = 0;
  /// The protocol agreed by ALPN; empty without.
  virtual std::string alpn() const = 0;
  /// "TLSv1.3", "TLSv1.2"; empty when not secure.
  virtual std::string tls_version() const = 0;
  /// The binding's bytes; empty when this connection has none of that kind (tls_unique: TLS 1.2 only;
  /// tls_exporter: TLS 1.3, or 1.2 with extended master secret).
  virtual std::string binding(Binding kind) const = 0;

  virtual const Address& peer() const = 0;

  /// Sends what is queued, then closes for writing, waits up to five seconds for the peer to do so too, then
  /// drops. Nothing is read or reported any more; the pipe may be destroyed at once and finishes by itself.
  virtual void close() = 0;

  /// Leaves the loop, inside or outside on_readable, with no job set any more; only attach() and destruction
  /// are allowed then. Bytes already read from the socket but not handed out (TLS records) stay inside.
  virtual void detach() = 0;
  /// Enters `loop`, on its thread. on_readable must be set anew and runs soon if bytes are waiting.
  virtual void attach(Loop& loop) = 0;
};

using Accept = std::move_only_function<void(std::unique_ptr<Pipe>)>;

/// Port. Accepts connections until destroyed.
class Listener {
 public:
  virtual ~Listener() = default;
  /// The port bound, for port 0.
  virtual std::uint16_t port() const = 0;
};

/// Port. Where connections of one shard come from.
class Network {
 public:
  virtual ~Network() = default;
  /// Error::io with address and reason (in use, no permission) in words. Accepted pipes are attached to this
  /// network's loop, which runs `accept`. Pipes know how to start TLS where certificates were given.
  virtual Result<std::unique_ptr<Listener>> listen(const Address& at, Accept accept) = 0;
};

}  // namespace hy::net
