// Scenarios as text: who is on line, who sends what, who receives what. What nobody is said to receive must
// not come.
//
//     accounts romeo juliet
//     romeo/orchard logs in
//     juliet/balcony is on line with priority 5
//     romeo/orchard sends
//       <message to='juliet@localhost' type='chat' id='1'><body>Hi</body></message>
//     juliet/balcony receives
//       <message from='romeo@localhost/orchard' to='juliet@localhost' type='chat'
//       id='1'><body>*</body></message>
//     time passes 5m
//     romeo/orchard ends with connection-timeout
//
// One step a line; what it sends or receives stands indented below. An attribute value or a text `*` matches
// any, a last child <any/> whatever else there is inside. {x*1000} is a thousand x, {x#*3} is x1x2x3, \xFF a
// byte. A line that begins with # is a comment. Further steps: NAME connects | connects to the TLS port |
// shakes hands (TLS at once) | opens | starts TLS | opens secured | opens anew | begins anew (what it sends
// next is a header) | closes | resets | is closed | is cut, NAME sends white space, NAME ends with CONDITION,
// NAME goes off line, NAME stops reading | reads on | reads again (only an error is then looked at),
// the server stops | starts | restarts, nothing becomes durable, things become durable.
//
// A bystander is on line all the time and must not notice anything.
#pragma once

#include <string>

#include "scenario/scene.h"

namespace hy::scenario {

struct Variant {
  std::size_t shards = 3;
  std::uint64_t seed = 1;
  bool split_reads = false;
  std::uint64_t fail_at =
      0;  // this operation fails; expectations are then not checked, but that all ends well
};

/// Runs a script. Empty: it went as written. Else what did not, with file and line.
std::string run_script(const std::string& path, const Variant& variant, std::uint64_t* operations = nullptr);

/// How an element differs from what a scenario expects; empty when it matches.
std::string difference(xml::View expected, xml::View actual);

}  // namespace hy::scenario
