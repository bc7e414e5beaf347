#include "xmpp/hints.h"

namespace hy::xmpp {

// XEP-0334 §4.
Hints read_hints(const Stanza& stanza) {
  Hints hints;
  if (stanza.is_error()) return hints;
  for (const xml::View child : stanza.root.children()) {
    if (child.ns() != hints_ns) continue;
    hints.no_permanent_store |= child.name() == "no-permanent-store";
    hints.no_store |= child.name() == "no-store";
    hints.no_copy |= child.name() == "no-copy";
    hints.store |= child.name() == "store";
  }
  return hints;
}

}  // namespace hy::xmpp
