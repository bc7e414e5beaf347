// The two messages of a SCRAM client, taken apart: grammar only, nothing is judged here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hy::sasl {

/// RFC 5802 §6: what the client says about channel binding.
enum class BindingFlag {
  unsupported,  // n: the client has none
  not_offered,  // y: the client has one and thinks that the server has none
  used,         // p=NAME
};

struct ClientFirst {
  BindingFlag flag = BindingFlag::unsupported;
  std::string binding;   // its name, when used
  std::string authzid;   // unescaped; empty without
  std::string username;  // unescaped, not prepared
  std::string nonce;
  std::string gs2_header;  // as it came, with both commas
  std::string bare;        // as it came, behind the GS2 header
};

struct ClientFinal {
  std::string binding;  // c=, decoded
  std::string nonce;
  std::string proof;          // decoded
  std::string without_proof;  // as it came, up to the comma before p=
};

/// nullopt: malformed, or with an extension that wants to be understood (m=).
std::optional<ClientFirst> parse_client_first(std::string_view message);
std::optional<ClientFinal> parse_client_final(std::string_view message);

}  // namespace hy::sasl
