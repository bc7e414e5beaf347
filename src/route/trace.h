// Port: watches trips. Nothing in production yet; the simulation checks the promise of the return path with
// it.
#pragma once

#include "route/post.h"

namespace hy::route {

class Trace {
 public:
  virtual ~Trace() = default;
  /// On the sender's shard: a part of the trip goes to the shard `to`.
  virtual void part(Return trip, ShardId to, const xmpp::Stanza& stanza) = 0;
  /// On the sender's shard: that part has answered.
  virtual void answered(Return trip, const Answer& answer) = 0;
};

}  // namespace hy::route
