// Preparation never changes its own result, stays within its bounds, and the path for ASCII decides as ICU
// does.
#include <cstdint>
#include <cstdlib>

#include "xmpp/idna.h"
#include "xmpp/jid.h"
#include "xmpp/precis.h"

using namespace hy;
using namespace hy::xmpp;

namespace {

void expect(bool condition) {
  if (!condition) std::abort();
}

using Preparation = Result<std::string> (*)(std::string_view);

void idempotent(std::string_view text, Preparation prepare) {
  const auto once = prepare(text);
  if (!once) return;
  expect(!once->empty());
  const auto twice = prepare(*once);
  expect(twice && *twice == *once);
}

/// `fast` may take a path of its own for ASCII; what it makes of a text must be what `slow` makes of it.
void agree(std::string_view text, Preparation fast, Preparation slow) {
  if (text.empty() || text.size() > 1023) return expect(!fast(text));
  const auto one = fast(text);
  const auto other = slow(text);
  if (!other || other->size() > 1023) return expect(!one);
  if (one) {
    expect(*one == *other);
  } else {
    expect(slow == username_case_mapped && other->find_first_of("\"&'/:<>@") != std::string::npos);
  }
}

void part(std::string_view text) {
  expect(text.size() <= 1023);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const Preparation prepare :
       {prepare_username, prepare_password, prepare_domain, username_case_mapped, opaque_string}) {
    idempotent(text, prepare);
  }
  agree(text, prepare_username, username_case_mapped);
  agree(text, prepare_password, opaque_string);
  if (!text.starts_with('[')) agree(text, prepare_domain, unicode_domain);

  const auto jid = Jid::parse(text);
  if (!jid) return 0;
  part(jid->local());
  part(jid->domain());
  part(jid->resource());
  expect(!jid->domain().empty());
  const auto again = Jid::parse(jid->str());
  expect(again && *again == *jid && again->local() == jid->local() && again->domain() == jid->domain() &&
         again->resource() == jid->resource());
  const auto made = Jid::make(jid->local(), jid->domain(), jid->resource());
  expect(made && *made == *jid && made->is_full() == jid->is_full());
  expect(jid->bare().str() == jid->bare_str() && jid->domain_only().str() == jid->domain());
  return 0;
}
