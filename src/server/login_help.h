// What a newcomer reads after the first start.
#pragma once

#include <span>
#include <string>

#include "server/first_login.h"
#include "server/running.h"

namespace hy::server {

std::string_view name(Service service);
std::string login_help(std::span<const FirstLogin> logins, std::span<const Listening> listening,
                       const std::string& data_dir);

}  // namespace hy::server
