#include "sasl/verifiers.h"

#include <gtest/gtest.h>

#include "sasl/exchange.h"

namespace hy::sasl {
namespace {

std::string unbase64(std::string_view text) {
  return decode_base64(text).value();
}

// RFC 6070.
TEST(Digest, pbkdf2_matches_the_vectors_for_sha1) {
  EXPECT_EQ(salted_password(Hash::sha1, "password", "salt", 1).view(),
            unbase64("DGDID5YfDnHzqbUkr2ASBi/gN6Y="));
  EXPECT_EQ(salted_password(Hash::sha1, "password", "salt", 4096).view(),
            unbase64("SwB5AbdlSJq+rUnZJvch0GWkKcE="));
}

TEST(Digest, equal_wants_the_same_size_and_bytes) {
  EXPECT_TRUE(equal("", ""));
  EXPECT_TRUE(equal("abc", "abc"));
  EXPECT_FALSE(equal("abc", "abd"));
  EXPECT_FALSE(equal("abc", "ab"));
  EXPECT_FALSE(equal("", "a"));
}

TEST(Digest, a_secret_takes_the_bytes_and_a_move_leaves_none) {
  std::string bytes = "hidden";
  Secret first = Secret::take(bytes);
  EXPECT_TRUE(bytes.empty());
  Secret second = std::move(first);
  EXPECT_EQ(second.view(), "hidden");
  EXPECT_EQ(first.size(), 0U);  // NOLINT(bugprone-use-after-move): that is the point
}

TEST(Verifiers, the_three_have_their_sizes_and_the_salt_in_common) {
  const std::string salt(salt_size, 's');
  const Verifiers made = make_verifiers("secret", salt, 3);
  EXPECT_EQ(made.sha1.stored_key.size(), 20U);
  EXPECT_EQ(made.sha256.stored_key.size(), 32U);
  EXPECT_EQ(made.sha512.server_key.size(), 64U);
  for (const Verifier* one : {&made.sha1, &made.sha256, &made.sha512}) {
    EXPECT_EQ(one->salt, salt);
    EXPECT_EQ(one->iterations, 3U);
    EXPECT_NE(one->stored_key, one->server_key);
  }
  EXPECT_NE(make_verifiers("secreT", salt, 3), made);
  EXPECT_NE(make_verifiers("secret", std::string(salt_size, 't'), 3), made);
}

TEST(Verifiers, a_damaged_or_missing_one_is_not_usable) {
  const Verifiers whole = make_verifiers("secret", std::string(salt_size, 's'), 1);
  EXPECT_EQ(usable(whole, Hash::sha256), &whole.sha256);
  Verifiers some = whole;
  some.sha1 = {};
  EXPECT_EQ(usable(some, Hash::sha1), nullptr);
  some.sha256.stored_key.pop_back();
  EXPECT_EQ(usable(some, Hash::sha256), nullptr);
  some.sha512.iterations = 0;
  EXPECT_EQ(usable(some, Hash::sha512), nullptr);
  some.sha512.iterations = 0x7FFFFFFF;
  EXPECT_NE(usable(some, Hash::sha512), nullptr);
  some.sha512.iterations = 0x80000000;
  EXPECT_EQ(usable(some, Hash::sha512), nullptr);
}

TEST(Verifiers, a_false_one_is_steady_and_looks_like_a_true_one) {
  const FalseSalt secret{std::string(32, 'k')};
  const Verifier once = false_verifier(secret, Hash::sha256, "nobody", "example.org");
  EXPECT_EQ(false_verifier(secret, Hash::sha256, "nobody", "example.org"), once);
  EXPECT_EQ(once.salt.size(), salt_size);
  EXPECT_EQ(once.iterations, default_iterations);
  EXPECT_EQ(once.stored_key.size(), 32U);
  EXPECT_NE(false_verifier(secret, Hash::sha256, "nobody2", "example.org").salt, once.salt);
  EXPECT_NE(false_verifier(secret, Hash::sha256, "nobody", "example.com").salt, once.salt);
  EXPECT_NE(false_verifier(FalseSalt{std::string(32, 'l')}, Hash::sha256, "nobody", "example.org").salt,
            once.salt);
}

// A true account has one salt for all its verifiers.
TEST(Verifiers, a_false_salt_is_the_same_for_all_hashes) {
  const FalseSalt secret{std::string(32, 'k')};
  const std::string salt = false_verifier(secret, Hash::sha1, "nobody", "example.org").salt;
  EXPECT_EQ(false_verifier(secret, Hash::sha256, "nobody", "example.org").salt, salt);
  EXPECT_EQ(false_verifier(secret, Hash::sha512, "nobody", "example.org").salt, salt);
}

}  // namespace
}  // namespace hy::sasl
