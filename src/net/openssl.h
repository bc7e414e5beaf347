// Owners of OpenSSL's objects and its errors in words. Only for net/*.cpp.
#pragma once

#include <memory>
#include <string>

struct x509_st;
struct evp_pkey_st;
struct bio_st;

namespace hy::net {

struct FreeOpenssl {
  void operator()(x509_st* certificate) const;
  void operator()(evp_pkey_st* key) const;
  void operator()(bio_st* bio) const;
};
template <class T>
using Openssl = std::unique_ptr<T, FreeOpenssl>;

/// The reason of the first error in this thread's queue, which is emptied.
std::string openssl_error();

}  // namespace hy::net
