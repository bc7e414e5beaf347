#include "server/live.h"

#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include "net/certificate.h"
#include "net/pool.h"
#include "net/tcp.h"
#include "server/core.h"
#include "server/live_users.h"
#include "store_rocksdb/accounts.h"
#include "store_rocksdb/database.h"
#include "store_rocksdb/documents.h"
#include "xmpp/idna.h"

namespace hy::server {
namespace {

constexpr std::size_t hash_queue =
    512;  // passwords waiting to be hashed; beyond it a login is refused for now
constexpr std::size_t read_queue = 64 * 1024;
constexpr std::size_t read_threads = 4;

/// A certificate for each domain: the one configured, else one of our own making in DATA/tls.
Result<std::vector<net::CertificateSource>> certificate_sources(const Config& config, const DataDir& data,
                                                                const Clock& clock) {
  const std::string folder = data.file("tls");
  std::vector<net::CertificateSource> sources;
  for (const Domain& domain : config.domains) {
    HY_TRY(ascii, xmpp::ascii_domain(domain.name));
    if (!domain.certificate.empty()) {
      sources.push_back({std::move(ascii), domain.certificate, domain.key});
      continue;
    }
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(Error::io, fmt::format("cannot make the folder {}: {}", folder, error.message()));
    HY_TRY(own, net::own_certificate(folder, ascii, clock));
    sources.push_back(std::move(own));
  }
  return sources;
}

/// The key under the salts of accounts that do not exist: kept, so that a restart does not tell them apart.
Result<sasl::FalseSalt> false_salt(const DataDir& data, Random& random) {
  const std::string path = data.file("false-salt.key");
  constexpr std::size_t size = 32;
  if (std::filesystem::exists(path)) {
    HY_TRY(key, read_small(path, size));
    if (key.size() != size) return fail(Error::corrupt, fmt::format("{} is damaged; delete it", path));
    return sasl::FalseSalt{std::move(key)};
  }
  std::string key(size, '\0');
  random.fill({reinterpret_cast<unsigned char*>(key.data()), key.size()});
  HY_TRY_VOID(write_private(path, key));
  return sasl::FalseSalt{std::move(key)};
}

[[noreturn]] void disk_failed(const Error& error) {
  log::error("the store cannot be written, the server ends", "reason={}", log::value(error.context));
  log::flush();
  std::_Exit(70);
}

class Live final : public Running {
 public:
  static Result<std::unique_ptr<Running>> start(const Config& config, const DataDir& data);
  ~Live() override { stop(); }

  Users& users() override { return *users_; }
  std::vector<Listening> listening() const override { return listening_; }
  Result<void> reload(const Config&) override { return tls_->certificates->reload(clock_); }
  void stop() override;

 private:
  struct Thread {
    net::EpollLoop loop;
    SystemRandom random;
    std::unique_ptr<net::TcpNetwork> network;
    std::unique_ptr<Worker> hashing, reading;
    std::vector<std::unique_ptr<net::Listener>> listeners;
    std::thread thread;
  };

  Live(unsigned shards, std::shared_ptr<net::TlsOptions> tls);
  Result<void> make_core(const Config& config, const DataDir& data);
  Result<void> listen(const Config& config);
  Result<void> listen(Service service, const std::vector<std::string>& at, bool loopback_only);
  void run();

  SystemClock clock_;
  std::shared_ptr<net::TlsOptions> tls_;
  std::shared_ptr<store_rocksdb::Database> database_;
  std::vector<std::unique_ptr<Thread>> threads_;
  net::Pool hashing_;
  net::Pool reading_{"hy-read", read_threads, read_queue};
  std::unique_ptr<Core> core_;
  std::unique_ptr<LiveUsers> users_;
  std::vector<Listening> listening_;
  bool running_ = false;
};

Result<std::unique_ptr<Running>> Live::start(const Config& config, const DataDir& data) {
  SystemClock clock;
  HY_TRY(sources, certificate_sources(config, data, clock));
  HY_TRY(certificates, net::Certificates::load(std::move(sources), clock));
  auto tls = std::make_shared<net::TlsOptions>();
  tls->certificates = std::move(certificates);
  std::unique_ptr<Live> live(new Live(config.shard_count(), std::move(tls)));
  HY_TRY_VOID(live->make_core(config, data));
  HY_TRY_VOID(live->listen(config));
  live->run();
  return live;
}

Live::Live(unsigned shards, std::shared_ptr<net::TlsOptions> tls)
    : tls_(std::move(tls)),
      hashing_("hy-hash", std::max(1u, std::thread::hardware_concurrency()), hash_queue) {
  auto ports = std::make_shared<net::Ports>();
  for (unsigned i = 0; i < shards; ++i) {
    auto thread = std::make_unique<Thread>();
    thread->network = std::make_unique<net::TcpNetwork>(thread->loop, ports, tls_);
    thread->hashing = hashing_.worker(thread->loop);
    thread->reading = reading_.worker(thread->loop);
    threads_.push_back(std::move(thread));
  }
}

Result<void> Live::make_core(const Config& config, const DataDir& data) {
  HY_TRY(database, store_rocksdb::Database::open({.path = data.file("store")}));
  database_ = std::move(database);
  HY_TRY(salt, false_salt(data, threads_.front()->random));
  CorePorts ports{.shards = {},
                  .engine = *database_,
                  .open_stores =
                      [this](store::Desk& desk, const CorePorts::ForShard& at) {
                        return route::Stores{
                            std::make_unique<store_rocksdb::Accounts>(database_, desk, *at.reading),
                            std::make_unique<store_rocksdb::Documents>(database_, desk, *at.reading)};
                      },
                  .disk_failed = disk_failed,
                  .false_salt = std::move(salt)};
  for (auto& thread : threads_) {
    ports.shards.push_back({&thread->loop, &thread->random, thread->hashing.get(), thread->reading.get()});
  }
  HY_TRY(core, Core::make(config, clock_, std::move(ports)));
  core_ = std::move(core);
  users_ = std::make_unique<LiveUsers>(*core_);
  return {};
}

Result<void> Live::listen(const Config& config) {
  const bool loopback_only = config.loopback_only();
  HY_TRY_VOID(listen(Service::c2s, config.listen.c2s, loopback_only));
  HY_TRY_VOID(listen(Service::c2s_tls, config.listen.c2s_tls, loopback_only));
  if (listening_.empty()) return fail(Error::invalid, "there is no address to listen on: see [listen]");
  return {};
}

// Every shard listens on every address; the kernel spreads the connections. Port 0 is settled by the first.
Result<void> Live::listen(Service service, const std::vector<std::string>& at, bool loopback_only) {
  const bool direct_tls = service == Service::c2s_tls;
  for (const std::string& text : at) {
    HY_TRY(all, endpoints(text, loopback_only));
    for (Endpoint& endpoint : all) {
      for (std::size_t i = 0; i < threads_.size(); ++i) {
        auto listener = threads_[i]->network->listen(
            endpoint.at, [shard = &core_->shard(i), direct_tls](std::unique_ptr<net::Pipe> pipe) {
              shard->accept(std::move(pipe), direct_tls);
            });
        if (!listener && endpoint.need == Endpoint::Need::if_possible) break;
        if (!listener) return std::unexpected(listener.error());
        endpoint.at.port = (*listener)->port();
        if (i == 0) listening_.push_back({service, endpoint.at});
        threads_[i]->listeners.push_back(std::move(*listener));
      }
    }
  }
  return {};
}

void Live::run() {
  core_->committer().start();
  for (auto& thread : threads_) {
    thread->thread = std::thread([loop = &thread->loop] { loop->run(); });
  }
  running_ = true;
}

// Listeners, streams, scopes, committer, pools, loops, stores: each while what it needs is still there.
void Live::stop() {
  if (!std::exchange(running_, false)) return;
  std::vector<std::future<void>> closed;
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    auto promise = std::make_shared<std::promise<void>>();
    closed.push_back(promise->get_future());
    threads_[i]->loop.post([this, i, promise] {
      threads_[i]->listeners.clear();
      core_->shard(i).close({xmpp::StreamCondition::system_shutdown}, [promise] { promise->set_value(); });
    });
  }
  for (std::future<void>& one : closed) one.wait();
  core_->committer().stop();
  hashing_.stop();
  reading_.stop();
  for (auto& thread : threads_) thread->loop.stop();
  for (auto& thread : threads_) thread->thread.join();
  users_.reset();
  core_.reset();
}

}  // namespace

Result<std::unique_ptr<Running>> start_live(const Config& config, const DataDir& data) {
  return Live::start(config, data);
}

Result<void> check_certificates(const Config& config) {
  for (const Domain& domain : config.domains) {
    if (domain.certificate.empty()) continue;
    if (auto loaded = net::CertificateChain::load(domain.certificate, domain.key); !loaded) {
      return std::unexpected(loaded.error());
    }
  }
  return {};
}

}  // namespace hy::server
