// A client's whole stream under arbitrary bytes, TLS, time, faults and a server that holds, sends and ends as
// it likes.
//
// What must hold, whatever comes: nobody gets a session who did not say the password; each session ends once;
// what we write is well-formed; when the connection has gone and time has passed, nothing is left.
//
// Bytes below 0xF5 go over the line as they stand. The others, which UTF-8 does not know, are steps.
#include <cstdint>
#include <string>
#include <string_view>

#include "stream/fakes.h"

namespace {

using namespace hy;
using namespace hy::stream;
using fake::Client;
using fake::World;

constexpr std::string_view password = "8Kc0:not-in-any-corpus";

class Play {
 public:
  Play(const std::uint8_t* bytes, std::size_t size) : rest_(reinterpret_cast<const char*>(bytes), size) {
    const std::uint8_t setup = byte();
    world_.config.starttls = static_cast<Starttls>(setup % 3);
    if (setup & 8) world_.config.bytes_per_second = world_.config.burst_bytes = 2000;
    if (setup & 16) world_.config.stanzas_per_turn = 1;
    if (setup & 64) {
      world_.config.unwritten_bytes = 0;
      world_.config.output_bytes = 50 * byte();
    }
    const sasl::Verifiers& known = verifiers();
    world_.accounts = {{"romeo@example.org", known}, {"juliet@example.org", known}};
    client_.emplace(world_, 0, setup & 4 ? Client::Tls::direct : Client::Tls::none);
    client_->line->bindings = {{net::Binding::tls_exporter, "exported"}};
    if (setup & 32) client_->line->read_size = 1 + byte() % 4;
    client_->line->break_at = setup & 128 ? byte() : 0;
  }

  void run() {
    while (!rest_.empty()) {
      const std::size_t plain =
          std::ranges::find_if(rest_, [](char c) { return std::uint8_t(c) >= 0xF5; }) - rest_.begin();
      if (plain > 0) {
        put(rest_.substr(0, plain));
        rest_.remove_prefix(plain);
      } else {
        step(byte());
      }
    }
    world_.run();
    finish();
  }

 private:
  static const sasl::Verifiers& verifiers() {
    static const sasl::Verifiers made = sasl::make_verifiers(password, std::string(sasl::salt_size, 's'), 1);
    return made;
  }

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  void put(std::string_view bytes) {
    if (client_->over()) return;
    client_->put(bytes);
    if (client_->line->pipe) client_->line->pipe->tell();
  }

  void step(std::uint8_t code) {
    switch (code) {
      case 0xF5:
        return put(fake::header);
      case 0xF6:
        return put("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
      case 0xF7:
        return log_in(byte());
      case 0xF8:
        return put(fake::bind_request);
      case 0xF9:
        return world_.run();
      case 0xFA:
        return world_.advance(Duration(1ms) * (1 << byte() % 20));
      case 0xFB:
        if (client_->line->handshaking && !client_->over()) client_->handshake();
        return;
      case 0xFC:
        return serve(byte());
      case 0xFD:
        return cable(byte());
      case 0xFE:
        return keep(byte());
      default:
        return put(byte() % 2 ? "<presence/>" : fake::closing);
    }
  }

  void log_in(std::uint8_t how) {
    knows_password_ = knows_password_ || how % 4 < 2;
    put(fake::plain(how % 2 ? "juliet" : "romeo", how % 4 < 2 ? password : "wrong"));
  }

  /// What the server does with a session.
  void serve(std::uint8_t what) {
    for (auto& shard : world_.shards) {
      for (auto& sink : shard->gatekeeper.sinks) {
        if (!sink->ends.empty()) continue;
        switch (what % 6) {
          case 0:
            sink->outlet->go_on();
            break;
          case 1:
            sink->outlet->send("<message><body>hi</body></message>");
            break;
          case 2:
            sink->outlet->send(big_);
            break;
          case 3:
            sink->outlet->end(xmpp::StreamCondition::conflict);
            break;
          case 4:
            sink->flow = Flow::hold;
            break;
          default:
            sink->flow = Flow::go_on;
            break;
        }
      }
    }
  }

  /// What befalls the connection.
  void cable(std::uint8_t what) {
    if (client_->over()) return;
    switch (what % 5) {
      case 0:
        return client_->end_input();
      case 1:
        return client_->break_line();
      case 2:
        client_->line->room = 0;
        return;
      case 3:
        return client_->take(what * 100);
      default:
        return client_->take(SIZE_MAX);
    }
  }

  /// What the gatekeeper does.
  void keep(std::uint8_t what) {
    for (auto& shard : world_.shards) {
      fake::Gatekeeper& gatekeeper = shard->gatekeeper;
      switch (what % 6) {
        case 0:
          gatekeeper.slow = !gatekeeper.slow;
          break;
        case 1:
          gatekeeper.open_gates();
          break;
        case 2:
          gatekeeper.throttled = !gatekeeper.throttled;
          break;
        case 3:
          gatekeeper.store_fails = !gatekeeper.store_fails;
          break;
        case 4:
          gatekeeper.throws = !gatekeeper.throws;
          break;
        default:
          shard->worker.full = !shard->worker.full;
          break;
      }
    }
  }

  void finish() {
    check_output();
    for (auto& shard : world_.shards) {
      HY_CHECK(knows_password_ || shard->gatekeeper.sinks.empty());
      for (auto& sink : shard->gatekeeper.sinks) {
        sink->flow = Flow::go_on;
        if (sink->ends.empty()) sink->outlet->go_on();
      }
    }
    if (!client_->over()) client_->break_line();
    world_.advance(1h);
    for (auto& shard : world_.shards) {
      HY_CHECK(shard->streams.size() == 0);
      HY_CHECK(shard->loop.timers() == 0);
      for (auto& sink : shard->gatekeeper.sinks) HY_CHECK(sink->ends.size() == 1);
    }
    HY_CHECK(client_->over());
  }

  void check_output() const {
    std::string_view output = client_->line->output;
    while (!output.empty()) {
      HY_CHECK(output.starts_with("<?xml"));
      std::string_view document = output.substr(0, output.find("<?xml", 1));
      output.remove_prefix(document.size());
      xml::Scanner scanner({.bytes = 4 << 20});
      for (;;) {
        const xml::Event event = scanner.next(document);
        if (event == xml::Event::need_more) break;
        HY_CHECK(event != xml::Event::failed && event != xml::Event::text);
        if (event == xml::Event::opened || event == xml::Event::element) (void)scanner.take();
        if (event == xml::Event::closed) {
          HY_CHECK(document.empty() && output.empty());
          break;
        }
      }
    }
  }

  std::string_view rest_;
  World world_{2};
  std::optional<Client> client_;
  bool knows_password_ = false;
  const std::string big_ = "<message><body>" + std::string(100'000, 'x') + "</body></message>";
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > 64 * 1024) return 0;
  Play(bytes, size).run();
  return 0;
}
