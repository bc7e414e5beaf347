// The certificates of a server, one per domain, chosen by the name a client asks for; loaded anew while
// running.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

struct ssl_ctx_st;

namespace hy::net {

struct CertificateSource {
  std::string domain;       // ASCII (A-labels)
  std::string certificate;  // file: PEM, the chain from the server's own upwards
  std::string key;          // file: PEM, without a passphrase
};

/// What was loaded at one time. Immutable; used by all shards.
class CertificateSet {
 public:
  static Result<std::shared_ptr<const CertificateSet>> load(const std::vector<CertificateSource>& sources,
                                                            const Clock& clock);

  /// By exact name, else by the wildcard of its parent (`*.example.org`), else that of the first source.
  /// Names are the sources' domains, then those in the certificates. `server_name` in any case of letters.
  ssl_ctx_st* choose(std::string_view server_name) const;

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  std::vector<std::unique_ptr<ssl_ctx_st, Free>> contexts_;
  std::map<std::string, ssl_ctx_st*, std::less<>> by_name_;
};

/// Shared by all shards. Safe to use from any thread.
class Certificates {
 public:
  /// Error::io: a file cannot be read; Error::invalid: it is no certificate or key, or the two do not match.
  /// One that has expired, or soon will, is loaded with a warning in the log.
  static Result<std::shared_ptr<Certificates>> load(std::vector<CertificateSource> sources,
                                                    const Clock& clock);

  std::shared_ptr<const CertificateSet> current() const { return current_.load(); }
  /// Reads the files again. After an error the old ones stay. Connections keep what they began with.
  Result<void> reload(const Clock& clock);
  const std::vector<CertificateSource>& sources() const { return sources_; }

 private:
  Certificates(std::vector<CertificateSource> sources, std::shared_ptr<const CertificateSet> first)
      : sources_(std::move(sources)), current_(std::move(first)) {}
  std::vector<CertificateSource> sources_;
  std::atomic<std::shared_ptr<const CertificateSet>> current_;
};

}  // namespace hy::net
