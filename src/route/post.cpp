#include "route/post.h"

namespace hy::route {

Post::Post(ShardId here, Loop& loop, std::function<void()> first_mail)
    : here_(here), loop_(loop), first_mail_(std::move(first_mail)) {}

void Post::connect(std::vector<Post*> all, Receiver receiver) {
  all_ = std::move(all);
  receiver_ = std::move(receiver);
  lanes_ = std::vector<Lane>(all_.size());
}

bool Post::send(ShardId to, Parcel parcel, Job sent) {
  Lane& lane = lanes_[static_cast<std::size_t>(to)];
  const std::size_t charge = parcel.charge();
  // A parcel larger than all the credit goes when nothing else is under way, so that it goes at all.
  if (!lane.waiting.empty() || (lane.credit < charge && lane.credit < pair_credit)) {
    lane.waiting.push_back({std::move(parcel), std::move(sent)});
    return false;
  }
  lane.credit -= std::min(lane.credit, charge);
  queue(lane, std::move(parcel));
  return true;
}

void Post::answer(ShardId to, Answer answer) {
  answer.from = here_;
  queue(lanes_[static_cast<std::size_t>(to)], std::move(answer));
}

void Post::queue(Lane& lane, std::variant<Parcel, Answer> item) {
  lane.out.items.push_back(std::move(item));
  if (!std::exchange(any_, true)) first_mail_();
}

void Post::flush() {
  any_ = false;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lanes_[i].out.items.empty()) continue;
    Post* to = all_[i];
    to->loop_.post([to, mail = std::exchange(lanes_[i].out, {})]() mutable { to->receive(std::move(mail)); });
  }
}

void Post::receive(Mail mail) {
  for (auto& item : mail.items) {
    if (auto* parcel = std::get_if<Parcel>(&item)) {
      receiver_.parcel(std::move(*parcel));
      continue;
    }
    Answer& answer = std::get<Answer>(item);
    const ShardId from = answer.from;
    const std::size_t credit = answer.credit;
    receiver_.answer(std::move(answer));
    refill(from, credit);
  }
}

void Post::refill(ShardId from, std::size_t credit) {
  Lane& lane = lanes_[static_cast<std::size_t>(from)];
  lane.credit = std::min(lane.credit + credit, pair_credit);
  while (!lane.waiting.empty()) {
    Waiting& first = lane.waiting.front();
    const std::size_t charge = first.parcel.charge();
    if (lane.credit < charge && lane.credit < pair_credit) return;
    lane.credit -= std::min(lane.credit, charge);
    queue(lane, std::move(first.parcel));
    Job sent = std::move(first.sent);
    lane.waiting.pop_front();
    if (sent) sent();
  }
}

}  // namespace hy::route
