// The mail between the shards of this process, and its credit.
//
// What a turn gathered for a shard leaves as one batch at the turn's end, after the shard's writes were
// handed to the committer: so after a crash no effect is there without its cause. A parcel takes credit from
// its ordered pair of shards (4 MiB); the answer that every parcel gets gives it back. Without credit a
// parcel waits at the sender, and only the stream that it came from. Answers need no credit and an inbox is
// always emptied, so shards never wait for one another in a ring.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/loop.h"
#include "store/rows.h"
#include "xmpp/stanza.h"

namespace hy::route {

/// A trip under way, on the shard whose ledger opened it.
struct TripId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  friend bool operator==(TripId, TripId) = default;
};

/// Whom to tell that a part of a trip was taken or refused.
struct Return {
  ShardId shard{};
  TripId trip;
};

/// A stanza on its way to one owner, or one message or presence on its way to many of one shard.
struct Parcel {
  xmpp::StanzaPtr stanza;
  store::Owner owner;  // bare JID whose home shard works on it; none when there are `recipients`
  Return back;
  std::shared_ptr<const std::vector<xmpp::Jid>> recipients =
      nullptr;  // fan-out: each gets a copy with its `to`
  struct Group {
    std::size_t left;
    Return back;
    std::size_t charge;
  };
  std::shared_ptr<Group> group = nullptr;  // on the recipients' shard: answers as one, when the last has
  /// What it takes from the credit: its size and what carrying it costs.
  std::size_t charge() const { return stanza->size() + 256 + (recipients ? recipients->size() * 96 : 0); }
};

enum class Verdict { taken, refused };

/// The way back of one part (DESIGN: the counter).
struct Answer {
  TripId trip;
  Verdict verdict = Verdict::taken;
  Position position;  // of the answering shard: durable then, so is the part
  ShardId from{};
  std::size_t credit = 0;  // given back
  xmpp::StanzaPtr error;   // refused: what the sender is told, if it may be told
};

class Post {
 public:
  static constexpr std::size_t pair_credit = 4 * 1024 * 1024;

  struct Receiver {
    std::function<void(Parcel)> parcel;
    std::function<void(Answer)> answer;
  };

  Post(ShardId here, Loop& loop, std::function<void()> first_mail);
  /// All posts of the process, in the order of their shards; before any mail.
  void connect(std::vector<Post*> all, Receiver receiver);

  /// Queues the parcel, or the parcel waits for credit in order behind others to that shard, and `sent` (if
  /// given) runs when it was queued. Returns whether it was queued at once; `sent` does not run then.
  bool send(ShardId to, Parcel parcel, Job sent);
  void answer(ShardId to, Answer answer);
  /// At the end of the turn: everything gathered goes to the inboxes.
  void flush();

  std::size_t credit(ShardId to) const { return lanes_[static_cast<std::size_t>(to)].credit; }
  std::size_t waiting(ShardId to) const { return lanes_[static_cast<std::size_t>(to)].waiting.size(); }

 private:
  struct Mail {
    std::vector<std::variant<Parcel, Answer>> items;
  };
  struct Waiting {
    Parcel parcel;
    Job sent;
  };
  struct Lane {
    std::size_t credit = pair_credit;
    Mail out;
    std::deque<Waiting> waiting;
  };
  void queue(Lane& lane, std::variant<Parcel, Answer> item);
  void receive(Mail mail);
  void refill(ShardId from, std::size_t credit);

  ShardId here_;
  Loop& loop_;
  std::function<void()> first_mail_;
  bool any_ = false;
  std::vector<Post*> all_;
  Receiver receiver_;
  std::vector<Lane> lanes_;
};

}  // namespace hy::route
