#include "sasl/scram_message.h"

#include "sasl/exchange.h"

namespace hy::sasl {
namespace {

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Cuts off what stands before the first comma, and the comma. nullopt: there is none.
std::optional<std::string_view> up_to_comma(std::string_view& rest) {
  const std::size_t comma = rest.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  std::string_view field = rest.substr(0, comma);
  rest.remove_prefix(comma + 1);
  return field;
}

/// The fields between commas, one after the other.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}
  bool more() const { return more_; }
  std::string_view next() {
    if (std::optional<std::string_view> field = up_to_comma(rest_)) return *field;
    more_ = false;
    return rest_;
  }

 private:
  std::string_view rest_;
  bool more_ = true;
};

/// The value of NAME=value; nullopt for another attribute or an empty value.
std::optional<std::string_view> value_of(char name, std::string_view field) {
  if (field.size() < 3 || field[0] != name || field[1] != '=') return std::nullopt;
  return field.substr(2);
}

// RFC 5802 §5.1: in names "=2C" is a comma, "=3D" an equals sign, and no other equals sign may stand there.
std::optional<std::string> unescape(std::string_view name) {
  std::string plain;
  plain.reserve(name.size());
  while (!name.empty()) {
    if (name.front() != '=') {
      plain += name.front();
      name.remove_prefix(1);
      continue;
    }
    if (name.starts_with("=2C")) {
      plain += ',';
    } else if (name.starts_with("=3D")) {
      plain += '=';
    } else {
      return std::nullopt;
    }
    name.remove_prefix(3);
  }
  return plain;
}

// RFC 5802 §7, cb-name.
bool is_binding_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_alpha(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

// RFC 5802 §7, c-nonce: printable ASCII but the comma, which has ended the field.
bool is_nonce(std::string_view nonce) {
  return std::ranges::all_of(nonce, [](char c) { return c >= 0x21 && c <= 0x7E; });
}

// RFC 5802 §5.1, §7: an extension that we do not know is passed over. One whose letter the RFC has given a
// meaning is out of place, and m= means that it must not be passed over.
bool is_extension(std::string_view field) {
  constexpr std::string_view given = "anmrcsipve";
  return field.size() >= 3 && is_alpha(field[0]) && field[1] == '=' && !given.contains(field[0]);
}

bool are_extensions(Fields fields) {
  while (fields.more()) {
    if (!is_extension(fields.next())) return false;
  }
  return true;
}

// RFC 5802 §7, gs2-header: flag, comma, authzid or nothing, comma. `rest` becomes what stands behind it.
bool parse_gs2_header(std::string_view& rest, ClientFirst& first) {
  const std::string_view message = rest;
  const std::optional<std::string_view> flag = up_to_comma(rest);
  if (!flag) return false;
  if (*flag == "n") {
    first.flag = BindingFlag::unsupported;
  } else if (*flag == "y") {
    first.flag = BindingFlag::not_offered;
  } else if (std::optional<std::string_view> name = value_of('p', *flag); name && is_binding_name(*name)) {
    first.flag = BindingFlag::used;
    first.binding = *name;
  } else {
    return false;
  }
  const std::optional<std::string_view> authzid = up_to_comma(rest);
  if (!authzid) return false;
  if (!authzid->empty()) {
    const std::optional<std::string_view> escaped = value_of('a', *authzid);
    if (!escaped) return false;
    std::optional<std::string> name = unescape(*escaped);
    if (!name) return false;
    first.authzid = std::move(*name);
  }
  first.gs2_header = message.substr(0, message.size() - rest.size());
  return true;
}

}  // namespace

// RFC 5802 §7, client-first-message. Where reserved-mext could stand the username is wanted, so it fails.
std::optional<ClientFirst> parse_client_first(std::string_view message) {
  if (message.contains('\0')) return std::nullopt;
  ClientFirst first;
  if (!parse_gs2_header(message, first)) return std::nullopt;
  first.bare = message;

  Fields fields(message);
  const std::optional<std::string_view> username = value_of('n', fields.next());
  if (!username || !fields.more()) return std::nullopt;
  std::optional<std::string> name = unescape(*username);
  if (!name) return std::nullopt;
  first.username = std::move(*name);

  const std::optional<std::string_view> nonce = value_of('r', fields.next());
  if (!nonce || !is_nonce(*nonce)) return std::nullopt;
  first.nonce = *nonce;
  if (!are_extensions(fields)) return std::nullopt;
  return first;
}

// RFC 5802 §7, client-final-message: binding, nonce, extensions, and the proof as the very last.
std::optional<ClientFinal> parse_client_final(std::string_view message) {
  if (message.contains('\0')) return std::nullopt;
  const std::size_t comma = message.rfind(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::optional<std::string_view> proof = value_of('p', message.substr(comma + 1));
  if (!proof) return std::nullopt;

  Fields fields(message.substr(0, comma));
  const std::optional<std::string_view> binding = value_of('c', fields.next());
  if (!binding || !fields.more()) return std::nullopt;
  const std::optional<std::string_view> nonce = value_of('r', fields.next());
  if (!nonce || !is_nonce(*nonce) || !are_extensions(fields)) return std::nullopt;

  std::optional<std::string> bound = decode_base64(*binding);
  std::optional<std::string> proven = decode_base64(*proof);
  if (!bound || !proven) return std::nullopt;
  return ClientFinal{std::move(*bound), std::string(*nonce), std::move(*proven),
                     std::string(message.substr(0, comma))};
}

}  // namespace hy::sasl
