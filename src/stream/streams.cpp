#include "stream/streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/log.h"
#include "stream/c2s.h"

namespace hy::stream {

Streams::Streams(Ground ground) : ground_(ground), read_buffer_(new char[read_buffer_size]) {}

Streams::~Streams() = default;

// DESIGN §7: connections of one machine before login are counted. One too many gets no answer: it would cost
// more than the connection did.
void Streams::accept(std::unique_ptr<net::Pipe> pipe) {
  std::optional<ConnectionCounts::Hold> hold;
  if (ground_.strangers) {
    hold = ground_.strangers->acquire(pipe->peer());
    if (!hold)
      return log::debug("connection dropped", "peer={} reason=too-many", log::value(pipe->peer().ip));
  }
  const auto shard = static_cast<std::uint16_t>(ground_.gatekeeper.here());
  const std::uint64_t count = ++last_number_;
  const auto number = StreamNumber{std::uint64_t{shard} << 48 | count};
  C2s& stream =
      add(std::make_unique<C2s>(*this, number, fmt::format("{}-{}", shard, count), std::move(pipe)));
  stream.start(std::move(hold));
  if (leaving_) stream.end(leaving_->reason);
}

void Streams::arrive(std::unique_ptr<C2s> stream) {
  C2s& here = add(std::move(stream));
  here.arrive(*this);
  if (leaving_) here.end(leaving_->reason);
}

C2s& Streams::add(std::unique_ptr<C2s> stream) {
  const StreamNumber number = stream->number();
  return *(streams_[number] = std::move(stream));
}

C2s* Streams::find(StreamNumber number) {
  auto found = streams_.find(number);
  return found == streams_.end() ? nullptr : found->second.get();
}

std::string& Streams::write_buffer() {
  constexpr std::size_t keep = 256 * 1024;
  if (write_buffer_.capacity() > keep) write_buffer_ = {};
  write_buffer_.clear();
  return write_buffer_;
}

void Streams::post(StreamNumber number, void (C2s::*member)()) {
  ground_.loop.post([this, number, member] {
    if (C2s* stream = find(number)) (stream->*member)();
  });
}

std::unique_ptr<C2s> Streams::release(StreamNumber number) {
  auto found = streams_.find(number);
  HY_CHECK(found != streams_.end());
  std::unique_ptr<C2s> stream = std::move(found->second);
  streams_.erase(found);
  tell_when_empty();
  return stream;
}

void Streams::retire(StreamNumber number) {
  ground_.loop.post([this, number] { bury(number); });
}

void Streams::bury(StreamNumber number) {
  C2s* stream = find(number);
  if (!stream || !stream->wind_up()) return;
  streams_.erase(number);
  tell_when_empty();
}

// RFC 6120 §4.9.3.19: system-shutdown and its like, to everybody. In slices: each ended session costs
// presence to all its contacts.
void Streams::shut_down(xmpp::StreamError reason, Job done) {
  HY_CHECK(!leaving_);
  leaving_.emplace(Leaving{std::move(reason), std::move(done), {}});
  for (const auto& [number, stream] : streams_) leaving_->left.push_back(number);
  std::ranges::sort(leaving_->left, std::greater<>());  // the same order in each replay
  end_some();
  tell_when_empty();
}

void Streams::end_some() {
  for (int i = 0; i < 64 && !leaving_->left.empty(); ++i) {
    const StreamNumber number = leaving_->left.back();
    leaving_->left.pop_back();
    if (C2s* stream = find(number)) stream->end(leaving_->reason);
  }
  if (!leaving_->left.empty()) ground_.loop.post([this] { end_some(); });
}

void Streams::tell_when_empty() {
  if (leaving_ && streams_.empty() && leaving_->done) {
    ground_.loop.post(std::exchange(leaving_->done, {}));
  }
}

}  // namespace hy::stream
