// An address, prepared by RFC 7622: what compares equal is equal byte by byte.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hy::xmpp {

/// localpart@domainpart/resourcepart. Always valid and prepared, unless default-made ("no address").
class Jid {
 public:
  Jid() = default;
  /// Error::invalid when a part is empty where it must not be, longer than 1,023 bytes before or after
  /// preparation, or holds what PRECIS (local part: UsernameCaseMapped; resource: OpaqueString) or IDNA (UTS
  /// #46) refuse.
  static Result<Jid> parse(std::string_view text);
  /// Empty `local` or `resource` means none.
  static Result<Jid> make(std::string_view local, std::string_view domain, std::string_view resource = {});

  explicit operator bool() const { return !text_.empty(); }
  std::string_view local() const { return std::string_view(text_).substr(0, local_size_); }
  std::string_view domain() const;
  std::string_view resource() const;
  bool is_bare() const { return bare_size_ == text_.size(); }
  bool is_full() const { return !is_bare(); }
  bool is_domain() const { return local_size_ == 0 && is_bare(); }

  Jid bare() const;
  Jid domain_only() const;
  Result<Jid> with_resource(std::string_view resource) const;
  bool same_bare(const Jid& other) const { return bare_str() == other.bare_str(); }

  const std::string& str() const { return text_; }
  std::string_view bare_str() const { return std::string_view(text_).substr(0, bare_size_); }

  friend bool operator==(const Jid& a, const Jid& b) { return a.text_ == b.text_; }
  friend auto operator<=>(const Jid& a, const Jid& b) { return a.text_ <=> b.text_; }

 private:
  /// True when all parts are ASCII that needs no more than lower case.
  bool assign_plain(std::string_view local, std::string_view domain, std::string_view resource);
  static Result<Jid> make_slowly(std::string_view local, std::string_view domain, std::string_view resource);
  Result<void> append_resource(std::string_view resource);

  std::string text_;
  std::uint16_t local_size_ = 0;
  std::uint16_t bare_size_ = 0;
};

/// RFC 8265: a user name as typed at login, prepared (UsernameCaseMapped). Error::invalid like Jid::make.
Result<std::string> prepare_username(std::string_view text);
/// RFC 8265 §4: a password, prepared (OpaqueString).
Result<std::string> prepare_password(std::string_view text);
/// RFC 7622 §3.2: a domain part, prepared (UTS #46, one trailing dot removed; IP literals kept).
Result<std::string> prepare_domain(std::string_view text);

}  // namespace hy::xmpp

template <>
struct std::hash<hy::xmpp::Jid> {
  std::size_t operator()(const hy::xmpp::Jid& jid) const noexcept {
    return std::hash<std::string>()(jid.str());
  }
};
