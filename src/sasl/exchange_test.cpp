#include "sasl/exchange.h"

#include <gtest/gtest.h>

#include "sasl/verifiers.h"

namespace hy::sasl {
namespace {

/// Counts up from a seed.
class CountingRandom final : public Random {
 public:
  explicit CountingRandom(unsigned char seed) : next_(seed) {}
  void fill(std::span<unsigned char> out) override {
    for (unsigned char& byte : out) byte = next_++;
  }

 private:
  unsigned char next_;
};

const FalseSalt false_salt{std::string(32, 'k')};

Offer offer(bool secure) {
  return {mechanisms_for(secure, secure), secure, "example.org", {}};
}

std::string challenge_of(Random& random) {
  auto exchange = Exchange::start("SCRAM-SHA-256", offer(false), false_salt, random);
  (*exchange)->step("n,,n=user,r=mine");
  return (*exchange)->verifiers(nullptr).bytes;
}

TEST(Mechanisms, are_the_strongest_first) {
  using Names = std::vector<std::string>;
  const Names scram = {"SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1"};
  EXPECT_EQ(mechanisms_for(false, false), scram);
  EXPECT_EQ(mechanisms_for(false, true), scram);
  EXPECT_EQ(mechanisms_for(true, false), (Names{"SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"}));
  EXPECT_EQ(mechanisms_for(true, true), (Names{"SCRAM-SHA-512-PLUS", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS",
                                               "SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"}));
}

TEST(Start, every_offered_mechanism_begins) {
  CountingRandom random(1);
  for (const std::string& name : mechanisms_for(true, true)) {
    EXPECT_TRUE(Exchange::start(name, offer(true), false_salt, random)) << name;
  }
}

TEST(Start, a_mechanism_that_was_not_offered_is_invalid) {
  CountingRandom random(1);
  for (const char* name :
       {"", "plain", "SCRAM-SHA-224", "SCRAM-SHA-1-plus", "EXTERNAL", "ANONYMOUS", "DIGEST-MD5"}) {
    auto exchange = Exchange::start(name, offer(true), false_salt, random);
    ASSERT_FALSE(exchange) << name;
    EXPECT_EQ(exchange.error(), Failure::invalid_mechanism);
  }
  EXPECT_EQ(Exchange::start("SCRAM-SHA-1-PLUS", offer(false), false_salt, random).error(),
            Failure::invalid_mechanism);
  Offer only = offer(true);
  only.mechanisms = {"SCRAM-SHA-256", "EXTERNAL"};
  EXPECT_EQ(Exchange::start("SCRAM-SHA-1", only, false_salt, random).error(), Failure::invalid_mechanism);
  EXPECT_EQ(Exchange::start("EXTERNAL", only, false_salt, random).error(), Failure::invalid_mechanism);
}

TEST(Start, plain_asks_for_encryption_even_when_offered_by_mistake) {
  CountingRandom random(1);
  Offer wrong = offer(false);
  EXPECT_EQ(Exchange::start("PLAIN", wrong, false_salt, random).error(), Failure::encryption_required);
  wrong.mechanisms.emplace_back("PLAIN");
  EXPECT_EQ(Exchange::start("PLAIN", wrong, false_salt, random).error(), Failure::encryption_required);
}

// RFC 5802 §5.1, §9: the server's part of the nonce is printable, without comma, and new each time.
TEST(Start, the_nonce_is_fresh_printable_and_24_characters_long) {
  CountingRandom random(250);
  const std::string first = challenge_of(random);
  const std::string second = challenge_of(random);
  EXPECT_NE(first, second);
  const std::size_t end = first.find(",s=");
  ASSERT_EQ(end, std::string("r=mine").size() + 24);
  for (char c : first.substr(0, end)) EXPECT_TRUE(c > 0x20 && c < 0x7F && c != ',');
  EXPECT_EQ(first.substr(0, end), "r=mine" + encode_base64("\xFA\xFB\xFC\xFD\xFE\xFF" +
                                                           std::string("\0\1\2\3\4\5\6\7\10\11\12\13", 12)));
}

TEST(FailureName, is_what_stands_on_the_wire) {
  EXPECT_EQ(name(Failure::aborted), "aborted");
  EXPECT_EQ(name(Failure::account_disabled), "account-disabled");
  EXPECT_EQ(name(Failure::credentials_expired), "credentials-expired");
  EXPECT_EQ(name(Failure::encryption_required), "encryption-required");
  EXPECT_EQ(name(Failure::incorrect_encoding), "incorrect-encoding");
  EXPECT_EQ(name(Failure::invalid_authzid), "invalid-authzid");
  EXPECT_EQ(name(Failure::invalid_mechanism), "invalid-mechanism");
  EXPECT_EQ(name(Failure::malformed_request), "malformed-request");
  EXPECT_EQ(name(Failure::mechanism_too_weak), "mechanism-too-weak");
  EXPECT_EQ(name(Failure::not_authorized), "not-authorized");
  EXPECT_EQ(name(Failure::temporary_auth_failure), "temporary-auth-failure");
}

}  // namespace
}  // namespace hy::sasl
