// Where commands get passwords from: never from an argument, which every user of the machine can read.
#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"

namespace hy::server {

/// Four groups of four letters and digits that are hard to confuse: 80 random bits.
std::string random_password(Random& random);

/// Asked for twice on the terminal, without echo; where standard input is none, its first line. Prepared.
Result<std::string> ask_password(const std::string& whose);
/// The first line of standard input, prepared (RFC 8265, OpaqueString).
Result<std::string> read_password();

}  // namespace hy::server
