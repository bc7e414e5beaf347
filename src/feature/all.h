// Every feature of the server, in the order of all.def.
#pragma once

#include "route/hub.h"
#include "route/services.h"

namespace hy::feature {

#define FEATURE(name) void name(route::Hub& hub, const route::Services& services);
#include "feature/all.def"
#undef FEATURE

/// Fills a shard's hub.
void install_all(route::Hub& hub, const route::Services& services);

}  // namespace hy::feature
