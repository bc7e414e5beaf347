// The binary: the command line, wired to the real server.
#include "server/command_line.h"
#include "server/live.h"

int main(int argc, char** argv) {
  const hy::server::Wiring wiring{hy::server::start_live, hy::server::open_stored_users,
                                  hy::server::check_certificates};
  return hy::server::run_command_line(argc, argv, wiring);
}
