#include "server/password.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "server/descriptor.h"
#include "xmpp/jid.h"

namespace hy::server {
namespace {

constexpr std::size_t max_password = 1023;

/// Turns the terminal's echo off while it lives.
class Silence {
 public:
  explicit Silence(int terminal) : terminal_(terminal) {
    changed_ = ::tcgetattr(terminal, &before_) == 0;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = changed_ && ::tcsetattr(terminal, TCSAFLUSH, &silent) == 0;
  }
  ~Silence() {
    if (changed_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int terminal_;
  bool changed_ = false;
  termios before_{};
};

Result<std::string> read_line(int from) {
  std::string line;
  char next = 0;
  while (true) {
    const ssize_t got = ::read(from, &next, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Error::io, fmt::format("cannot read the password: {}", std::strerror(errno)));
    if (got == 0 || next == '\n') break;
    if (line.size() == max_password) {
      return fail(Error::invalid, fmt::format("the password is longer than {} bytes", max_password));
    }
    line += next;
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

Result<std::string> ask(int terminal, const std::string& question) {
  const auto say = [terminal](std::string_view text) {
    return ::write(terminal, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  };
  const Silence silence(terminal);
  if (!say(question)) return fail(Error::io, "cannot write to the terminal");
  auto line = read_line(terminal);
  (void)say("\n");
  return line;
}

Result<std::string> prepared(const std::string& password) {
  if (password.empty()) return fail(Error::invalid, "the password is empty");
  auto result = xmpp::prepare_password(password);
  if (!result)
    return fail(Error::invalid, "the password has characters that RFC 8265 forbids, as control characters");
  return result;
}

}  // namespace

std::string random_password(Random& random) {
  // 32 of them: no i, l, o, u, which are misread or make words. With 32 each byte's low five bits are
  // uniform.
  constexpr std::string_view letters = "0123456789abcdefghjkmnpqrstvwxyz";
  static_assert(letters.size() == 32);
  std::array<unsigned char, 16> bytes;
  random.fill(bytes);
  std::string password;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i != 0 && i % 4 == 0) password += '-';
    password += letters[bytes[i] % 32];
  }
  return password;
}

Result<std::string> read_password() {
  HY_TRY(line, read_line(STDIN_FILENO));
  return prepared(line);
}

Result<std::string> ask_password(const std::string& whose) {
  if (!::isatty(STDIN_FILENO)) return read_password();
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
  if (!terminal)
    return fail(Error::io, "there is no terminal to ask for the password; give it on standard input");
  HY_TRY(first, ask(terminal.get(), fmt::format("Password for {}: ", whose)));
  HY_TRY(second, ask(terminal.get(), "The same again: "));
  if (first != second) return fail(Error::invalid, "the two passwords differ");
  return prepared(first);
}

}  // namespace hy::server
