// The end of a connection: what is queued goes out, then FIN, then the peer has five seconds for its own.
#pragma once

#include "net/loop_epoll.h"
#include "net/output.h"
#include "net/socket.h"

namespace hy::net {

enum class Peers { open, finished };  // whether the peer has sent FIN already

/// Goes on by itself; belongs to the loop. What the peer still sends is dropped.
void linger(EpollLoop& loop, Socket socket, Output output, Peers peers);

}  // namespace hy::net
