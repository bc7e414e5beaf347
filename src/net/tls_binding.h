// Channel bindings: bytes that both ends of one TLS connection, and nobody between them, know.
#pragma once

#include <string>

struct ssl_st;

namespace hy::net {

// Each empty when this connection has none of that kind. After the handshake only.
std::string end_point(ssl_st* ssl);
std::string exporter(ssl_st* ssl);
std::string unique(ssl_st* ssl);

}  // namespace hy::net
