#include "feature/all.h"

namespace hy::feature {

void install_all(route::Hub& hub, const route::Services& services) {
#define FEATURE(name) name(hub, services);
#include "feature/all.def"
#undef FEATURE
}

}  // namespace hy::feature
