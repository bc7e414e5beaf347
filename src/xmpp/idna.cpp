#include "xmpp/idna.h"

#include <arpa/inet.h>
#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/unistr.h>

#include "xmpp/precis.h"

namespace hy::xmpp {
namespace {

const icu::IDNA& uts46() {
  // Made once, then only read, by any thread. Nontransitional: ß and ς stay what they are.
  static const std::unique_ptr<icu::IDNA> instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    constexpr std::uint32_t options = UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                      UIDNA_CHECK_CONTEXTO | UIDNA_NONTRANSITIONAL_TO_ASCII |
                                      UIDNA_NONTRANSITIONAL_TO_UNICODE;
    std::unique_ptr<icu::IDNA> made(icu::IDNA::createUTS46Instance(options, status));
    HY_CHECK(made != nullptr && U_SUCCESS(status));
    return made;
  }();
  return *instance;
}

// RFC 7622 §3.2.1: every label is one of IDNA2008. UTS #46 lets symbols pass that RFC 5892 does not; among
// what is case folded and compatible already, the letters and digits of both are the same code points.
bool only_letters_and_digits(std::string_view domain) {
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(domain);
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    const UChar32 c = text.char32At(at);
    const Derived derived = derived_property(static_cast<char32_t>(c));
    const bool joined =
        derived == Derived::context_join || derived == Derived::context_other;  // UTS #46 looked
    if (derived != Derived::valid && !joined) return false;
  }
  return true;
}

}  // namespace

// RFC 7622 §3.2: the form to store is Unicode; whether it is a name at all, lengths included, shows in its
// ASCII form.
Result<std::string> unicode_domain(std::string_view text) {
  const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
  std::string out;
  std::string ascii;
  UErrorCode status = U_ZERO_ERROR;
  icu::IDNAInfo unicode_form;
  icu::IDNAInfo ascii_form;
  icu::StringByteSink<std::string> out_sink(&out);
  icu::StringByteSink<std::string> ascii_sink(&ascii);
  uts46().nameToUnicodeUTF8(piece, out_sink, unicode_form, status);
  uts46().nameToASCII_UTF8(piece, ascii_sink, ascii_form, status);
  if (U_FAILURE(status) || unicode_form.hasErrors() || ascii_form.hasErrors()) {
    return fail(Error::invalid, fmt::format("not a domain name (UTS #46 errors {:#x})",
                                            unicode_form.getErrors() | ascii_form.getErrors()));
  }
  if (out.ends_with('.')) out.pop_back();
  if (out.empty()) return fail(Error::invalid, "empty domain name");
  if (!only_letters_and_digits(out)) return fail(Error::invalid, "a domain name has a symbol in it");
  return out;
}

Result<std::string> ascii_domain(std::string_view prepared) {
  if (prepared.starts_with('[')) return std::string(prepared);
  const icu::StringPiece piece(prepared.data(), static_cast<std::int32_t>(prepared.size()));
  std::string out;
  UErrorCode status = U_ZERO_ERROR;
  icu::IDNAInfo form;
  icu::StringByteSink<std::string> sink(&out);
  uts46().nameToASCII_UTF8(piece, sink, form, status);
  if (U_FAILURE(status) || form.hasErrors()) {
    return fail(Error::invalid, fmt::format("{} has no ASCII form", prepared));
  }
  return out;
}

// RFC 7622 §3.2, RFC 6874: no zone identifier. One spelling, since addresses are compared byte by byte.
Result<std::string> ip_literal(std::string_view text) {
  if (text.size() < 4 || text.front() != '[' || text.back() != ']')
    return fail(Error::invalid, "bad IP literal");
  const std::string address(text.substr(1, text.size() - 2));
  in6_addr bytes{};
  if (address.find('\0') != std::string::npos || inet_pton(AF_INET6, address.c_str(), &bytes) != 1) {
    return fail(Error::invalid, "bad IPv6 address");
  }
  char spelled[INET6_ADDRSTRLEN] = {};
  HY_CHECK(inet_ntop(AF_INET6, &bytes, spelled, sizeof(spelled)) != nullptr);
  return fmt::format("[{}]", spelled);
}

}  // namespace hy::xmpp
