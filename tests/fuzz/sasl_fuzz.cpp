// SASL exchanges under arbitrary input, in two modes: a stranger who says anything, and a client that knows
// the password and keeps to the rules but for one change. Neither must ever get in.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/random.h"
#include "base/result.h"
#include "sasl/exchange.h"
#include "sasl/scram_client.h"

namespace {

using namespace hy;
using sasl::Move;

/// The input, eaten from the front.
class Input {
 public:
  Input(const std::uint8_t* bytes, std::size_t size) : rest_(reinterpret_cast<const char*>(bytes), size) {}
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::size_t below(std::size_t bound) {
    const std::size_t high = byte();
    return (high << 8 | byte()) % bound;
  }
  /// Up to a byte of 0xFF, which does not occur in UTF-8.
  std::string_view message() {
    const std::size_t end = rest_.find('\xFF');
    const std::string_view cut = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return cut;
  }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

class FixedRandom final : public Random {
 public:
  void fill(std::span<unsigned char> out) override { std::ranges::fill(out, 0x5A); }
};

constexpr std::string_view password = "pencil";
const std::string salt(sasl::salt_size, 's');
const sasl::FalseSalt false_salt{std::string(32, 'k')};

const sasl::Verifiers& stored() {
  static const sasl::Verifiers made = sasl::make_verifiers(password, salt, 1);
  return made;
}

struct Mechanism {
  std::string_view name;
  sasl::Hash hash;
  std::string_view gs2_header;
  std::string_view binding;
};

constexpr Mechanism mechanisms[] = {
    {"SCRAM-SHA-1", sasl::Hash::sha1, "n,,", ""},
    {"SCRAM-SHA-256", sasl::Hash::sha256, "n,a=user@example.org,", ""},
    {"SCRAM-SHA-512", sasl::Hash::sha512, "n,,", ""},
    {"SCRAM-SHA-1-PLUS", sasl::Hash::sha1, "p=tls-server-end-point,,", "end point"},
    {"SCRAM-SHA-256-PLUS", sasl::Hash::sha256, "p=tls-exporter,,", "exported"},
    {"SCRAM-SHA-512-PLUS", sasl::Hash::sha512, "p=tls-exporter,a=user@example.org,", "exported"},
    {"PLAIN", sasl::Hash::sha256, "", ""},
};

std::unique_ptr<sasl::Exchange> start(const Mechanism& mechanism) {
  FixedRandom random;
  sasl::Offer offer{sasl::mechanisms_for(true, true),
                    true,
                    "example.org",
                    {{"tls-exporter", "exported"}, {"tls-server-end-point", "end point"}}};
  auto exchange = sasl::Exchange::start(mechanism.name, std::move(offer), false_salt, random);
  HY_CHECK(exchange.has_value());
  return std::move(*exchange);
}

/// Whether PLAIN was given the true password: then success is right.
bool is_honest_plain(std::string_view message) {
  constexpr std::string_view end("\0pencil", 7);
  return message.ends_with(end);
}

// Any messages and any calls in any order. A stranger cannot know the proof; a guessed PLAIN password is
// excepted.
void play_stranger(Input input) {
  const Mechanism& mechanism = mechanisms[input.below(std::size(mechanisms))];
  auto exchange = start(mechanism);
  bool may_succeed = false;
  Move last;
  for (int turn = 0; turn < 8 && !input.empty(); ++turn) {
    const std::uint8_t what = input.byte();
    Move move;
    switch (what % 8) {
      case 0:
        move = exchange->step(std::nullopt);
        break;
      case 1:
        move = exchange->verifiers(what & 8 ? &stored() : nullptr);
        break;
      case 2:
        move = exchange->hashed(std::string(input.message()));
        break;
      case 3:
        if (last.kind != Move::hash || !last.work) continue;
        move = exchange->hashed(last.work());
        last.work = {};
        break;
      default: {
        const std::string_view message = input.message();
        if (mechanism.name == "PLAIN" && is_honest_plain(message)) may_succeed = true;
        move = exchange->step(message);
        if (move.kind == Move::ask) {
          HY_CHECK(!move.account.empty() && move.account == exchange->account());
          if (what & 16) move = exchange->verifiers(what & 32 ? &stored() : nullptr);
        }
      }
    }
    HY_CHECK(move.kind != Move::success || may_succeed);
    HY_CHECK(move.kind != Move::hash || move.work);
    last = std::move(move);
  }
}

/// One insertion, deletion or substitution; false when the text is the same after it.
bool change(std::string& text, Input& input) {
  const std::string before = text;
  const std::size_t place = input.below(text.size() + 1);
  const std::string_view by = input.message().substr(0, 64);
  switch (input.byte() % 4) {
    case 0:
      text.insert(place, by);
      break;
    case 1:
      text.erase(place, 1 + input.byte() % 16U);
      break;
    case 2:
      text.replace(place, by.size(), by);
      break;
    default:
      if (place < text.size()) text[place] = static_cast<char>(text[place] ^ (input.byte() | 1));
  }
  return text != before;
}

// The client is right in all but one message, or but one part of what it knows.
void play_almost_honest(Input input) {
  const Mechanism& mechanism = mechanisms[input.below(std::size(mechanisms) - 1)];
  sasl::ScramClient::Login login{.username = "user",
                                 .password = std::string(password),
                                 .nonce = "clientside",
                                 .gs2_header = std::string(mechanism.gs2_header),
                                 .binding = std::string(mechanism.binding)};
  enum What { nothing, first, final, secret, binding, header, server_nonce };
  const What what = static_cast<What>(input.byte() % 7);
  if (what == secret && !change(login.password, input)) return;
  if (login.password.contains('\0')) return;  // HMAC pads keys with it, so it would not be another password
  if (what == binding && !change(login.binding, input)) return;

  sasl::ScramClient client(mechanism.hash, login);
  auto exchange = start(mechanism);
  std::string message = client.first();
  if (what == first && !change(message, input)) return;
  Move move = exchange->step(message);
  if (move.kind == Move::ask) move = exchange->verifiers(&stored());
  HY_CHECK(move.kind == Move::challenge || (move.kind == Move::failure && what == first));
  if (move.kind == Move::failure) return;

  if (what == server_nonce && !change(move.bytes, input)) return;
  if (what == header && !change(login.gs2_header, input)) return;  // the proof fits, but c= does not
  sasl::ScramClient finisher(mechanism.hash, login);
  const std::optional<std::string> answer = finisher.final(move.bytes);
  if (!answer) return;  // the change hid the nonce from the client
  message = *answer;
  if (what == final && !change(message, input)) return;
  const Move end = exchange->step(message);
  HY_CHECK(end.kind == (what == nothing ? Move::success : Move::failure));
  HY_CHECK(what != nothing || finisher.trusts(end.bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  Input input(bytes, size);
  if (input.byte() % 2 == 0) {
    play_stranger(input);
  } else {
    play_almost_honest(input);
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const std::optional<std::string> decoded = sasl::decode_base64(text)) {
    HY_CHECK(sasl::encode_base64(*decoded) == text);
  }
  HY_CHECK(sasl::decode_base64(sasl::encode_base64(text)) == text);
  return 0;
}
