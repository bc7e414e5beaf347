#include "server/signals.h"

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>

namespace hy::server {

Result<Signals> Signals::take_over() {
  sigset_t ours;
  sigemptyset(&ours);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&ours, signal);
  ::signal(SIGPIPE, SIG_IGN);
  if (::pthread_sigmask(SIG_BLOCK, &ours, nullptr) != 0) return fail(Error::io, "cannot block signals");
  Descriptor descriptor(::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor) return fail(Error::io, fmt::format("cannot watch signals: {}", std::strerror(errno)));
  return Signals(std::move(descriptor));
}

std::optional<Signal> Signals::next() {
  signalfd_siginfo came;
  if (::read(descriptor_.get(), &came, sizeof(came)) != sizeof(came)) return std::nullopt;
  return came.ssi_signo == SIGHUP ? Signal::reload : Signal::stop;
}

}  // namespace hy::server
