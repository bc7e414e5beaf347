#include "sasl/scram_client.h"

#include <gtest/gtest.h>

namespace hy::sasl {
namespace {

ScramClient client(std::string username = "user") {
  return ScramClient(Hash::sha256, {.username = std::move(username), .password = "pencil", .nonce = "mine"});
}

TEST(ScramClient, escapes_its_name) {
  EXPECT_EQ(client("a,b=c").first(), "n,,n=a=2Cb=3Dc,r=mine");
}

TEST(ScramClient, wants_its_own_nonce_a_salt_and_a_count) {
  EXPECT_TRUE(client().final("r=mineyours,s=c2FsdA==,i=1"));
  for (const char* text :
       {"", "r=other,s=c2FsdA==,i=1", "r=mineyours,i=1",
        "r=mineyours,s=c2FsdA==", "r=mineyours,i=1,s=c2FsdA==", "r=mineyours,s=c2FsdA,i=1",
        "r=mineyours,s=c2FsdA==,i=", "r=mineyours,s=c2FsdA==,i=0", "r=mineyours,s=c2FsdA==,i=-1"}) {
    EXPECT_FALSE(client().final(text)) << text;
  }
}

TEST(ScramClient, refuses_more_work_than_is_sensible) {
  EXPECT_TRUE(client().final("r=mineyours,s=c2FsdA==,i=100000"));
  EXPECT_FALSE(client().final("r=mineyours,s=c2FsdA==,i=100001"));
  EXPECT_FALSE(client().final("r=mineyours,s=c2FsdA==,i=99999999999"));
}

TEST(ScramClient, trusts_nobody_before_the_end) {
  EXPECT_FALSE(client().trusts("v="));
  EXPECT_FALSE(client().trusts(""));
}

}  // namespace
}  // namespace hy::sasl
