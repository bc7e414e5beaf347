#include "net/certificate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "net/loopback_test.h"

namespace hy::net {
namespace {

class ShiftedClock final : public Clock {
 public:
  Instant now() const override { return Instant(); }
  WallTime wall() const override { return SystemClock().wall() + shift; }
  Duration shift{};
};

std::string contents(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Certificate : public testing::Test {
 protected:
  Certificate() {
    log::set_output([this](log::Level, std::string_view line) { logged += std::string(line) + "\n"; });
  }
  ~Certificate() override { log::set_output({}); }
  TemporaryFolder folder;
  ShiftedClock clock;
  std::string logged;
};

TEST_F(Certificate, is_made_when_missing_with_the_domain_and_its_subdomains) {
  const auto made = own_certificate(folder.path + "/tls", "example.org", clock);
  ASSERT_TRUE(made) << made.error().context;
  EXPECT_EQ(made->certificate, folder.path + "/tls/example.org.crt");
  const auto loaded = CertificateChain::load(made->certificate, made->key);
  ASSERT_TRUE(loaded) << loaded.error().context;
  EXPECT_EQ(loaded->names(), (std::vector<std::string>{"example.org", "*.example.org"}));
  EXPECT_TRUE(loaded->self_signed());
  const auto days = std::chrono::floor<std::chrono::days>(loaded->expires() - clock.wall()).count();
  EXPECT_GE(days, 824);
  EXPECT_LE(days, 825);
  struct stat status{};
  ASSERT_EQ(stat(made->key.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(made->key + ".new"));
}

TEST_F(Certificate, is_kept_until_it_is_about_to_expire_and_then_made_anew) {
  const auto first = own_certificate(folder.path, "example.org", clock);
  const std::string text = contents(first->certificate);
  clock.shift = std::chrono::days(825 - 31);
  ASSERT_TRUE(own_certificate(folder.path, "example.org", clock));
  EXPECT_EQ(contents(first->certificate), text);
  clock.shift = std::chrono::days(825 - 30);
  ASSERT_TRUE(own_certificate(folder.path, "example.org", clock));
  EXPECT_NE(contents(first->certificate), text);
}

TEST_F(Certificate, an_interrupted_making_is_begun_anew) {
  const auto first = own_certificate(folder.path, "example.org", clock);
  unlink(first->certificate.c_str());
  const auto again = own_certificate(folder.path, "example.org", clock);
  ASSERT_TRUE(again);
  EXPECT_TRUE(CertificateChain::load(again->certificate, again->key));
}

TEST_F(Certificate, without_its_key_is_an_error) {
  const auto first = own_certificate(folder.path, "example.org", clock);
  unlink(first->key.c_str());
  const auto again = own_certificate(folder.path, "example.org", clock);
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().context.find("has no key beside it"), std::string::npos);
}

TEST_F(Certificate, names_that_are_no_domain_make_no_file) {
  for (const char* name : {"", "../evil", "a/b", ".hidden", "-x", "a b", "a,DNS:evil", "bücher"}) {
    const auto made = own_certificate(folder.path, name, clock);
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().code, Error::invalid);
  }
  EXPECT_TRUE(own_certificate(folder.path, "localhost", clock));
  EXPECT_TRUE(own_certificate(folder.path, "127.0.0.1", clock));
  EXPECT_TRUE(own_certificate(folder.path, std::string(200, 'a'), clock))
      << "longer than a common name may be";
}

TEST_F(Certificate, files_that_are_not_what_they_should_be_are_errors_in_words) {
  const auto one = *own_certificate(folder.path, "one.example", clock);
  const auto two = *own_certificate(folder.path, "two.example", clock);
  const std::string junk = folder.path + "/junk";
  std::ofstream(junk) << "not PEM";
  const std::string locked = folder.path + "/locked";
  const auto why = [](const std::string& certificate, const std::string& key) {
    const auto loaded = CertificateChain::load(certificate, key);
    return loaded ? std::string("loaded") : loaded.error().context;
  };
  EXPECT_EQ(why(one.certificate, one.key), "loaded");
  EXPECT_EQ(why("/nowhere.crt", one.key),
            "the certificate /nowhere.crt cannot be read: No such file or directory");
  EXPECT_EQ(why(one.certificate, "/nowhere.key"),
            "the key /nowhere.key cannot be read: No such file or directory");
  EXPECT_EQ(why(folder.path, one.key), "the certificate " + folder.path + " cannot be read: Is a directory");
  EXPECT_TRUE(why(junk, one.key).starts_with(junk + " is not a certificate in PEM form"))
      << why(junk, one.key);
  EXPECT_TRUE(why(one.certificate, junk).starts_with(junk + " is not a private key in PEM form"));
  EXPECT_TRUE(why(one.certificate, two.key).starts_with("the key " + two.key + " does not belong to"));
}

TEST_F(Certificate, an_encrypted_key_is_refused_and_nobody_is_asked) {
  const auto made = *own_certificate(folder.path, "one.example", clock);
  const std::string locked = folder.path + "/locked";
  const std::string command =
      "openssl ec -in " + made.key + " -aes128 -passout pass:secret -out " + locked + " 2>/dev/null";
  if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no openssl program here";
  const auto loaded = CertificateChain::load(made.certificate, locked);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().context.find("without a passphrase"), std::string::npos);
}

TEST_F(Certificate, a_damaged_second_certificate_in_a_chain_is_an_error) {
  const auto made = *own_certificate(folder.path, "one.example", clock);
  const std::string chain = folder.path + "/chain";
  std::ofstream(chain) << contents(made.certificate)
                       << "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  EXPECT_FALSE(CertificateChain::load(chain, made.key));
  std::ofstream(chain) << contents(made.certificate) << contents(made.certificate);
  EXPECT_TRUE(CertificateChain::load(chain, made.key));
}

TEST_F(Certificate, expiry_is_told_in_the_log) {
  const std::vector<CertificateSource> sources{*own_certificate(folder.path, "one.example", clock)};
  logged.clear();
  EXPECT_TRUE(CertificateSet::load(sources, clock));
  EXPECT_EQ(logged, "");
  clock.shift = std::chrono::days(825 - 13);
  EXPECT_TRUE(CertificateSet::load(sources, clock));
  EXPECT_NE(logged.find("certificate expires soon"), std::string::npos) << logged;
  clock.shift = std::chrono::days(826);
  EXPECT_TRUE(CertificateSet::load(sources, clock));
  EXPECT_NE(logged.find("certificate expired"), std::string::npos) << logged;
  clock.shift = -std::chrono::days(1);
  EXPECT_TRUE(CertificateSet::load(sources, clock));
  EXPECT_NE(logged.find("not valid yet"), std::string::npos) << logged;
}

TEST_F(Certificate, is_chosen_by_exact_name_then_wildcard_then_the_first) {
  const std::vector<CertificateSource> sources{*own_certificate(folder.path, "first.example", clock),
                                               *own_certificate(folder.path, "example.org", clock),
                                               *own_certificate(folder.path, "im.example.org", clock)};
  const auto set = *CertificateSet::load(sources, clock);
  ssl_ctx_st* first = set->choose("first.example");
  ssl_ctx_st* org = set->choose("example.org");
  ssl_ctx_st* im = set->choose("im.example.org");
  EXPECT_NE(first, org);
  EXPECT_NE(org, im);
  EXPECT_EQ(set->choose("EXAMPLE.org"), org);
  EXPECT_EQ(set->choose("conference.example.org"), org);
  EXPECT_EQ(set->choose("a.im.example.org"), im);
  EXPECT_EQ(set->choose("a.b.example.org"), first) << "a wildcard covers one label";
  EXPECT_EQ(set->choose("elsewhere"), first);
  EXPECT_EQ(set->choose(""), first);
}

TEST_F(Certificate, reload_takes_the_new_files_or_keeps_the_old) {
  const CertificateSource source = *own_certificate(folder.path, "example.org", clock);
  const auto certificates = *Certificates::load({source}, clock);
  const auto before = certificates->current();
  std::ofstream(source.key) << "broken";
  EXPECT_FALSE(certificates->reload(clock));
  EXPECT_EQ(certificates->current(), before);
  unlink(source.key.c_str());
  unlink(source.certificate.c_str());
  ASSERT_TRUE(own_certificate(folder.path, "example.org", clock));
  EXPECT_TRUE(certificates->reload(clock));
  EXPECT_NE(certificates->current(), before);
  EXPECT_FALSE(Certificates::load({}, clock));
}

}  // namespace
}  // namespace hy::net
