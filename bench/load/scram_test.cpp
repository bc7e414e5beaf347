#include "scram.h"

#include <gtest/gtest.h>

namespace load {
namespace {

// RFC 5802 §5, its example.
TEST(Scram, proves_the_password_of_the_example) {
  Scram scram("user", "pencil", "fyko+d2lbbFgONRv9qkxdawL");
  EXPECT_EQ(scram.first(), "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
  EXPECT_EQ(scram.final("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"),
            "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
}

TEST(Scram, refuses_a_challenge_without_salt_or_count) {
  Scram scram("user", "pencil", "n");
  EXPECT_EQ(scram.final("r=nx,i=4096"), std::nullopt);
  EXPECT_EQ(scram.final("r=nx,s=QSXCR+Q6sek8bf92,i=0"), std::nullopt);
}

TEST(Base64, round_trip) {
  for (const std::string text : {"", "a", "ab", "abc", "abcd"}) EXPECT_EQ(unbase64(base64(text)), text);
}

}  // namespace
}  // namespace load
