// The life of a server: configuration, data, shards, control socket; then signals and questions until it is
// to stop.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/log.h"
#include "server/commands.h"
#include "server/control_socket.h"
#include "server/first_login.h"
#include "server/login_help.h"
#include "server/signals.h"

namespace hy::server {
namespace {

// A mistake in the new file leaves everything as it was: a server that runs is not stopped by an editor.
void reload(const Place& place, Running& running) {
  auto config = load(place);
  if (!config) return log::error("reload refused", "reason={}", log::value(config.error().context));
  log::set_level(config->log_level);
  if (auto done = running.reload(*config); !done) {
    return log::error("reload refused", "reason={}", log::value(done.error().context));
  }
  log::info("reloaded", "file={}", log::value(config->file));
}

void wait_for_the_end(const Place& place, Running& running, ControlSocket& control, Signals& signals) {
  while (true) {
    control.step(signals.descriptor(), 1h);
    while (const std::optional<Signal> signal = signals.next()) {
      if (*signal == Signal::stop) return;
      reload(place, running);
    }
  }
}

Result<void> run(const Wiring& wiring, const Place& place, const Config& config) {
  log::set_level(config.log_level);
  HY_TRY(signals, Signals::take_over());
  HY_TRY(data, DataDir::open(config.data_dir));
  HY_TRY(running, wiring.start(config, data));
  const SystemClock clock;
  HY_TRY(control, ControlSocket::make(data.path(), running->users(), clock));
  for (const Listening& listening : running->listening()) {
    log::info("listening", "service={} address={} port={}", name(listening.service), listening.at.ip,
              listening.at.port);
  }
  std::string help;
  if (config.loopback_only()) {
    SystemRandom random;
    HY_TRY(logins, first_logins(data.path(), config.domains.front().name, running->users(), random));
    help = login_help(logins, running->listening(), data.path());
  }
  log::info("started", "version={} domains={} data={}", version(), config.domains.size(),
            log::value(data.path()));
  log::flush();
  std::fputs(help.c_str(), stdout);  // last, so that no log line stands between
  std::fflush(stdout);
  wait_for_the_end(place, *running, *control, signals);
  log::info("stopping", "");
  control.reset();
  running->stop();
  log::info("stopped", "");
  log::flush();
  return {};
}

/// A folder that goes with its owner.
class Temporary {
 public:
  static Result<Temporary> make() {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / "hongyan-demo-XXXXXX").string();
    if (!::mkdtemp(path.data())) {
      return fail(Error::io,
                  fmt::format("cannot make a temporary folder {}: {}", path, std::strerror(errno)));
    }
    return Temporary(std::move(path));
  }
  Temporary(Temporary&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Temporary& operator=(Temporary&&) = delete;
  ~Temporary() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  const std::string& path() const { return path_; }

 private:
  explicit Temporary(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace

Result<Config> load(const Place& place) {
  std::string file = place.config;
  if (file.empty() && std::filesystem::exists("hongyan.toml")) file = "hongyan.toml";
  auto config = file.empty() ? Result<Config>(Config::defaults()) : read_config(file);
  if (config && !place.data.empty()) config->data_dir = place.data;
  return config;
}

Result<void> serve(const Wiring& wiring, const Place& place) {
  HY_TRY(config, load(place));
  return run(wiring, place, config);
}

Result<void> demo(const Wiring& wiring) {
  HY_TRY(folder, Temporary::make());
  Config config = Config::defaults();
  config.data_dir = folder.path();
  config.log_level = log::Level::warn;
  config.listen.c2s = {"127.0.0.1:0"};
  config.listen.c2s_tls = {"127.0.0.1:0"};
  return run(wiring, {}, config);
}

}  // namespace hy::server
