#include "modes.h"

#include <fmt/format.h>
#include <unistd.h>

#include "meter.h"

namespace load {
namespace {

constexpr double stall_s = 10;
constexpr std::size_t warm_sessions =
    32;  // logged in before memory is measured: pools and caches are filled then

std::string_view name(Tls tls) {
  return tls == Tls::none ? "none" : tls == Tls::starttls ? "starttls" : "direct";
}

void figure(const Fleet& fleet, std::string_view mode, std::string_view metric, double value,
            std::string_view unit) {
  fmt::print("mode={} tls={} metric={} value={:.3f} unit={}\n", mode, name(fleet.target().tls), metric, value,
             unit);
  std::fflush(stdout);
}

// What the server and this program used between two moments.
class Span {
 public:
  explicit Span(pid_t pid) : pid_(pid), cpu_(cpu_us(pid)), own_(own_cpu_us()), begun_(now_us()) {}

  void report(const Fleet& fleet, std::string_view mode, std::string_view thing, double count) const {
    const double wall = now_us() - begun_;
    const double own = own_cpu_us() - own_;
    figure(fleet, mode, fmt::format("{}_rate", thing), count / wall * 1e6, "1/s");
    if (pid_ != 0) {
      const double used = cpu_us(pid_) - cpu_;
      figure(fleet, mode, fmt::format("cpu_per_{}", thing), used / count, "us");
      figure(fleet, mode, "server_cores", used / wall, "cores");
    }
    figure(fleet, mode, "generator_cores", own / wall, "cores");
  }

 private:
  pid_t pid_;
  double cpu_;
  double own_;
  double begun_;
};

void report_latency(const Fleet& fleet, std::string_view mode, std::vector<float>& samples) {
  figure(fleet, mode, "p50", percentile(samples, 50), "us");
  figure(fleet, mode, "p99", percentile(samples, 99), "us");
  figure(fleet, mode, "max", percentile(samples, 100), "us");
}

std::string chat_message(std::string_view to, std::size_t size) {
  std::string message = fmt::format("<message to='{}' type='chat' id='0123456789abcdef'><body>", to);
  constexpr std::string_view end = "</body></message>";
  if (message.size() + end.size() < size) message.append(size - message.size() - end.size(), 'x');
  return message.append(end);
}

struct Half {
  std::string burst;        // what it sends, whole
  std::size_t arrived = 0;  // of the partner's present burst
  double sent_at = 0;
};

}  // namespace

void pairs(Fleet& fleet, const Plan& plan, std::size_t window) {
  const std::size_t count = plan.pairs * 2;
  const std::string_view mode = window == 1 ? "pairs" : "burst";
  for (std::size_t i = 0; i < count; ++i) fleet.add(i, "load");
  fleet.bring_up(0, count);

  std::vector<Half> halves(count);
  std::vector<float> samples;
  samples.reserve(1 << 20);
  std::uint64_t delivered = 0;
  std::uint64_t errors = 0;
  bool stopping = false;
  std::size_t stopped = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string to =
        fleet.target().kind == Kind::relay ? "user1@localhost/load" : fleet.clients()[i ^ 1]->full_jid();
    const std::string message = chat_message(to, plan.size);
    for (std::size_t n = 0; n < window; ++n) halves[i].burst += message;
    fleet.clients()[i]->on_stanza = [&, i](std::string_view stanza) {
      if (!stanza.starts_with("<message")) return;
      const std::string_view opening = stanza.substr(0, stanza.find('>'));
      if (opening.find("type='error'") != opening.npos || opening.find("type=\"error\"") != opening.npos)
        ++errors;
      ++delivered;
      if (++halves[i].arrived < window) return;
      halves[i].arrived = 0;
      const double now = now_us();
      samples.push_back(static_cast<float>(now - halves[i ^ 1].sent_at));
      if (stopping) {
        ++stopped;
        return;
      }
      halves[i].sent_at = now;
      fleet.clients()[i]->send(halves[i].burst);
    };
  }
  for (std::size_t i = 0; i < count; i += 2) {
    halves[i].sent_at = now_us();
    fleet.clients()[i]->send(halves[i].burst);
  }
  fleet.run_for(plan.warm_up);
  samples.clear();
  const std::uint64_t before = delivered;
  const Span span(plan.pid);
  fleet.run_for(plan.seconds);
  fleet.check();
  if (delivered == before) throw Stalled("no message was delivered");
  span.report(fleet, mode, "message", static_cast<double>(delivered - before));
  report_latency(fleet, mode, samples);
  stopping = true;
  if (!fleet.run_until([&] { return stopped == plan.pairs; }, stall_s)) {
    throw Stalled(fmt::format("{} of {} pairs lost a message", plan.pairs - stopped, plan.pairs));
  }
  if (errors != 0) throw Stalled(fmt::format("{} messages came back as errors", errors));
}

void idle(Fleet& fleet, const Plan& plan) {
  for (std::size_t i = 0; i < plan.sessions + warm_sessions; ++i) fleet.add(i, "idle");
  fleet.bring_up(0, warm_sessions);
  fleet.run_for(plan.warm_up);
  const Memory before = memory(plan.pid);
  fleet.bring_up(warm_sessions, plan.sessions + warm_sessions);
  fleet.run_for(plan.warm_up + 1);
  fleet.check();
  const Memory after = memory(plan.pid);
  const auto sessions = static_cast<double>(plan.sessions);
  figure(fleet, "idle", "resident_before", before.resident_kb / 1024, "MiB");
  figure(fleet, "idle", "private_before", before.private_kb / 1024, "MiB");
  figure(fleet, "idle", "resident_per_session", (after.resident_kb - before.resident_kb) / sessions, "KiB");
  figure(fleet, "idle", "private_per_session", (after.private_kb - before.private_kb) / sessions, "KiB");
  const double used = cpu_us(plan.pid);
  fleet.run_for(plan.seconds);
  figure(fleet, "idle", "server_cores", (cpu_us(plan.pid) - used) / plan.seconds / 1e6, "cores");
}

void login(Fleet& fleet, const Plan& plan) {
  constexpr std::size_t under_way = 16;
  for (std::size_t i = 0; i < under_way; ++i) fleet.add(i % fleet.accounts(), fmt::format("login{}", i));
  std::vector<double> begun(under_way);
  std::vector<float> samples;
  std::vector<bool> leaving(under_way);
  const auto turn = [&] {
    for (std::size_t i = 0; i < under_way; ++i) {
      Client& client = *fleet.clients()[i];
      if (client.ready() && !leaving[i]) {
        samples.push_back(static_cast<float>(now_us() - begun[i]));
        leaving[i] = true;
        client.leave();
      } else if (client.ended()) {
        if (!leaving[i]) throw Stalled(fmt::format("a client could not log in: {}", client.failure()));
        leaving[i] = false;
        begun[i] = now_us();
        client.connect();
      }
    }
    return false;
  };
  for (std::size_t i = 0; i < under_way; ++i) {
    begun[i] = now_us();
    fleet.clients()[i]->connect();
  }
  fleet.run_until(turn, plan.warm_up);
  samples.clear();
  const Span span(plan.pid);
  fleet.run_until(turn, plan.seconds);
  if (samples.empty()) throw Stalled("no log-in");
  span.report(fleet, "login", "login", static_cast<double>(samples.size()));
  report_latency(fleet, "login", samples);
}

void presence(Fleet& fleet, const Plan& plan) {
  std::size_t arrived = 0;
  std::uint64_t delivered = 0;
  for (std::size_t i = 0; i < plan.sessions; ++i) fleet.add(0, fmt::format("presence{}", i));
  fleet.bring_up(0, plan.sessions);
  fleet.run_for(plan.warm_up);  // presence of the late ones is still coming
  Client& sender = *fleet.clients().front();
  const std::string mark = "<status>busy bench ";
  for (auto& client : fleet.clients()) {
    client->on_stanza = [&](std::string_view stanza) {
      if (stanza.find(mark) == std::string_view::npos) return;
      ++delivered;
      ++arrived;
    };
  }
  std::vector<float> samples;
  std::size_t round = 0;
  const Span span(plan.pid);
  const double until = now_us() + plan.seconds * 1e6;
  while (now_us() < until) {
    arrived = 0;
    const double begun = now_us();
    sender.send(fmt::format("<presence><show>dnd</show>{}{}</status></presence>", mark, ++round));
    if (!fleet.run_until([&] { return arrived >= plan.sessions; }, stall_s)) {
      throw Stalled(fmt::format("{} of {} sessions saw a presence", arrived, plan.sessions));
    }
    samples.push_back(static_cast<float>(now_us() - begun));
  }
  span.report(fleet, "presence", "delivery", static_cast<double>(delivered));
  report_latency(fleet, "presence", samples);
}

}  // namespace load
