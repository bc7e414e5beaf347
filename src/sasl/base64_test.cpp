#include <gtest/gtest.h>

#include "sasl/exchange.h"

namespace hy::sasl {
namespace {

// RFC 4648 §10.
TEST(Base64, the_vectors_of_the_rfc_go_both_ways) {
  const std::vector<std::pair<std::string, std::string>> vectors = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text), bytes);
  }
}

TEST(Base64, every_byte_survives) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (std::size_t cut = 0; cut < 4; ++cut) {
    const std::string bytes = all.substr(cut);
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
  }
  EXPECT_EQ(encode_base64("\xFB\xFF\xFE"), "+//+");
}

TEST(Base64, padding_is_required_and_only_at_the_end) {
  for (const char* text : {"Zg", "Zg=", "Zm8", "Zm9vY", "=", "==", "===", "====", "Z===", "Zg==Zg==", "Zm=v",
                           "Z=9v", "Zg===", "Zm8=="}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

TEST(Base64, bits_that_stand_for_nothing_are_zero) {
  EXPECT_EQ(decode_base64("Zh=="), std::nullopt);
  EXPECT_EQ(decode_base64("Zm9="), std::nullopt);
  EXPECT_EQ(decode_base64("//=="), std::nullopt);
  EXPECT_EQ(decode_base64("/w=="), "\xFF");
}

TEST(Base64, foreign_characters_are_refused) {
  for (const char* text : {"Zm9 ", " Zm9v", "Zm9v\n", "Zm-v", "Zm_v", "Zm9v Zm9", "Zm\xC3\xA9"}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
  EXPECT_EQ(decode_base64(std::string_view("Zm9\0", 4)), std::nullopt);
}

}  // namespace
}  // namespace hy::sasl
