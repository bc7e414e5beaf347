#include "xmpp/jid.h"

#include "xmpp/ascii.h"
#include "xmpp/idna.h"
#include "xmpp/precis.h"

namespace hy::xmpp {
namespace {

// RFC 7622 §3.1: of each part, before and after preparation.
constexpr std::size_t max_part = 1023;

Result<void> check_size(std::string_view part, std::string_view what) {
  if (part.empty()) return fail(Error::invalid, fmt::format("empty {}", what));
  if (part.size() > max_part)
    return fail(Error::invalid, fmt::format("{} longer than {} bytes", what, max_part));
  return {};
}

/// A part that is prepared by `slow` unless `table` covers all of it.
Result<std::string> prepare(std::string_view text, std::string_view what, const ascii::Table& table,
                            Result<std::string> (*slow)(std::string_view)) {
  HY_TRY_VOID(check_size(text, what));
  std::string out(text.size(), '\0');
  if (ascii::map(out.data(), text, table)) return out;
  auto prepared = slow(text);
  if (!prepared) return fail(Error::invalid, fmt::format("{}: {}", what, prepared.error().context));
  HY_TRY_VOID(check_size(*prepared, what));
  return prepared;
}

// RFC 7622 §3.3: UsernameCaseMapped, and of its result none of the eight characters that have a meaning of
// their own in addresses, URIs or XML. They can come out of wide forms, so that they are looked for
// afterwards.
Result<std::string> slow_local(std::string_view text) {
  HY_TRY(prepared, username_case_mapped(text));
  if (prepared.find_first_of("\"&'/:<>@") != std::string::npos) {
    return fail(Error::invalid, "one of \"&'/:<>@ in it");
  }
  return prepared;
}

std::string_view without_trailing_dot(std::string_view domain) {
  return domain.ends_with('.') ? domain.substr(0, domain.size() - 1) : domain;
}

}  // namespace

Result<std::string> prepare_username(std::string_view text) {
  return prepare(text, "localpart", ascii::local_table, slow_local);
}

// RFC 8265 §4.2. A password has no length but that of the message which brings it; nobody's is longer than
// this.
Result<std::string> prepare_password(std::string_view text) {
  return prepare(text, "password", ascii::opaque_table, opaque_string);
}

// RFC 7622 §3.2: one trailing dot is not part of the name.
Result<std::string> prepare_domain(std::string_view text) {
  HY_TRY_VOID(check_size(text, "domainpart"));
  const std::string_view name = without_trailing_dot(text);
  std::string out(name.size(), '\0');
  if (ascii::map_domain(out.data(), name)) return out;
  auto prepared = text.front() == '[' ? ip_literal(text) : unicode_domain(text);
  if (!prepared) return fail(Error::invalid, "domainpart: " + prepared.error().context);
  HY_TRY_VOID(check_size(*prepared, "domainpart"));
  return prepared;
}

// RFC 7622 §3.1: the resource begins behind the first slash; of what stands before it, the local part ends at
// the first @.
Result<Jid> Jid::parse(std::string_view text) {
  constexpr auto npos = std::string_view::npos;
  const std::size_t slash = text.find('/');
  const std::string_view bare = text.substr(0, slash);
  const std::string_view resource = slash == npos ? std::string_view() : text.substr(slash + 1);
  const std::size_t at = bare.find('@');
  if (at == 0) return fail(Error::invalid, "empty localpart");
  if (slash != npos && resource.empty()) return fail(Error::invalid, "empty resourcepart");
  if (at == npos) return make({}, bare, resource);
  return make(bare.substr(0, at), bare.substr(at + 1), resource);
}

Result<Jid> Jid::make(std::string_view local, std::string_view domain, std::string_view resource) {
  Result<Jid> made(std::in_place);
  if (!made->assign_plain(local, without_trailing_dot(domain), resource)) {
    made = make_slowly(local, domain, resource);
  }
  return made;
}

/// At least one part needs more than the fast path, or is refused.
Result<Jid> Jid::make_slowly(std::string_view local, std::string_view domain, std::string_view resource) {
  Jid jid;
  if (!local.empty()) {
    HY_TRY(prepared, prepare_username(local));
    jid.text_ = std::move(prepared);
    jid.local_size_ = static_cast<std::uint16_t>(jid.text_.size());
    jid.text_ += '@';
  }
  HY_TRY(prepared_domain, prepare_domain(domain));
  jid.text_ += prepared_domain;
  jid.bare_size_ = static_cast<std::uint16_t>(jid.text_.size());
  if (!resource.empty()) HY_TRY_VOID(jid.append_resource(resource));
  return jid;
}

bool Jid::assign_plain(std::string_view local, std::string_view domain, std::string_view resource) {
  if (local.size() > max_part || resource.size() > max_part || domain.size() > max_part) return false;
  const std::size_t local_end = local.empty() ? 0 : local.size() + 1;
  const std::size_t bare_end = local_end + domain.size();
  const std::size_t full_end = resource.empty() ? bare_end : bare_end + 1 + resource.size();
  bool plain = true;
  text_.resize_and_overwrite(full_end, [&](char* out, std::size_t) {
    plain = ascii::map(out, local, ascii::local_table) && ascii::map_domain(out + local_end, domain);
    if (!local.empty()) out[local.size()] = '@';
    if (plain && !resource.empty()) {
      out[bare_end] = '/';
      plain = ascii::map(out + bare_end + 1, resource, ascii::opaque_table);
    }
    return plain ? full_end : 0;
  });
  if (!plain) return false;
  local_size_ = static_cast<std::uint16_t>(local.size());
  bare_size_ = static_cast<std::uint16_t>(bare_end);
  return true;
}

Result<void> Jid::append_resource(std::string_view resource) {
  HY_TRY(prepared, prepare(resource, "resourcepart", ascii::opaque_table, opaque_string));
  text_.reserve(text_.size() + 1 + prepared.size());
  text_ += '/';
  text_ += prepared;
  return {};
}

std::string_view Jid::domain() const {
  const std::size_t begin = local_size_ == 0 ? 0 : local_size_ + 1U;
  return bare_str().substr(std::min(begin, bare_str().size()));
}

std::string_view Jid::resource() const {
  if (text_.size() <= bare_size_) return {};
  return std::string_view(text_).substr(bare_size_ + 1U);
}

Jid Jid::bare() const {
  Jid jid;
  jid.text_ = bare_str();
  jid.local_size_ = local_size_;
  jid.bare_size_ = bare_size_;
  return jid;
}

Jid Jid::domain_only() const {
  Jid jid;
  jid.text_ = domain();
  jid.bare_size_ = static_cast<std::uint16_t>(jid.text_.size());
  return jid;
}

Result<Jid> Jid::with_resource(std::string_view resource) const {
  if (!*this) return fail(Error::invalid, "a resource without an address");
  Jid jid = bare();
  HY_TRY_VOID(jid.append_resource(resource));
  return jid;
}

}  // namespace hy::xmpp
