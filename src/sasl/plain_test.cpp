#include "sasl/plain.h"

#include <gtest/gtest.h>

#include "sasl/verifiers.h"

namespace hy::sasl {
namespace {

using Kind = Move::Kind;
using namespace std::string_literals;

const FalseSalt false_salt{std::string(32, 'k')};

/// Why it failed; nullopt when it did not.
std::optional<Failure> reason(const Move& move) {
  return move.kind == Kind::failure ? std::optional(move.reason) : std::nullopt;
}

const Verifiers& pencil() {
  static const Verifiers made = make_verifiers("pencil", std::string(salt_size, 's'), 7);
  return made;
}

Plain server() {
  return Plain("example.org", false_salt);
}

/// The whole exchange. `worked` tells whether the hash was computed.
Move play(std::string_view message, const Verifiers* found, bool* worked = nullptr) {
  Plain plain = server();
  Move move = plain.step(message);
  if (move.kind != Kind::ask) return move;
  move = plain.verifiers(found);
  EXPECT_EQ(move.kind, Kind::hash);
  std::string key = move.work();
  EXPECT_FALSE(key.empty());
  if (worked != nullptr) *worked = true;
  return plain.hashed(std::move(key));
}

TEST(Plain, the_right_password_gets_in_without_additional_bytes) {
  const Move end = play("\0user\0pencil"s, &pencil());
  EXPECT_EQ(end.kind, Kind::success);
  EXPECT_EQ(end.bytes, "");
}

TEST(Plain, a_wrong_password_does_not) {
  for (const std::string& password : {"pencil2"s, "penci"s, "Pencil"s, "p"s}) {
    const Move end = play("\0user\0"s + password, &pencil());
    EXPECT_EQ(end.kind, Kind::failure);
    EXPECT_EQ(reason(end), Failure::not_authorized);
  }
}

TEST(Plain, an_unknown_user_takes_the_same_way) {
  bool worked = false;
  const Move end = play("\0user\0pencil"s, nullptr, &worked);
  EXPECT_EQ(end.kind, Kind::failure);
  EXPECT_EQ(reason(end), Failure::not_authorized);
  EXPECT_TRUE(worked);
}

TEST(Plain, even_the_right_key_does_not_let_an_unknown_user_in) {
  Plain plain = server();
  plain.step("\0user\0pencil"s);
  plain.verifiers(nullptr);
  const std::string key = false_verifier(false_salt, Hash::sha256, "user", "example.org").stored_key;
  EXPECT_EQ(reason(plain.hashed(key)), Failure::not_authorized);
}

TEST(Plain, a_password_that_cannot_be_prepared_fails_after_the_same_work) {
  const Verifiers stored = make_verifiers("pen\x01", std::string(salt_size, 's'), 7);
  bool worked = false;
  EXPECT_EQ(reason(play("\0user\0pen\x01"s, &stored, &worked)), Failure::not_authorized);
  EXPECT_TRUE(worked);
  EXPECT_EQ(reason(play("\0user\0\xFF\xFE"s, &pencil())), Failure::not_authorized);
}

// RFC 8265 §4.2.2: a space that is not ASCII becomes U+0020.
TEST(Plain, the_password_is_prepared) {
  const Verifiers stored = make_verifiers("pen cil", std::string(salt_size, 's'), 7);
  EXPECT_EQ(play("\0user\0pen\xC2\xA0"s + "cil", &stored).kind, Kind::success);
}

TEST(Plain, the_username_is_prepared) {
  Plain plain = server();
  const Move move = plain.step("\0USER\0pencil"s);
  EXPECT_EQ(move.kind, Kind::ask);
  EXPECT_EQ(move.account, "user");
  EXPECT_EQ(plain.account(), "user");
  EXPECT_EQ(reason(play("\0us er\0pencil"s, &pencil())), Failure::not_authorized);
}

TEST(Plain, authzid_is_empty_or_ones_own_bare_jid) {
  EXPECT_EQ(play("user@example.org\0user\0pencil"s, &pencil()).kind, Kind::success);
  for (const std::string& other : {"other@example.org"s, "user@example.com"s, "user"s, "example.org"s,
                                   "user@example.org/phone"s, "@"s}) {
    EXPECT_EQ(reason(play(other + "\0user\0pencil"s, &pencil())), Failure::invalid_authzid) << other;
  }
}

TEST(Plain, three_fields_of_which_two_are_not_empty) {
  for (const std::string& message :
       {""s, "\0"s, "\0\0"s, "user"s, "\0user"s, "user\0pencil"s, "\0user\0"s, "\0\0pencil"s, "a\0\0"s,
        "\0user\0pencil\0"s, "\0user\0pen\0cil"s, "\0\0user\0pencil"s}) {
    EXPECT_EQ(reason(play(message, &pencil())), Failure::malformed_request);
  }
}

TEST(Plain, without_initial_response_the_challenge_is_empty_once) {
  Plain plain = server();
  const Move move = plain.step(std::nullopt);
  EXPECT_EQ(move.kind, Kind::challenge);
  EXPECT_EQ(move.bytes, "");
  EXPECT_EQ(plain.step("\0user\0pencil"s).kind, Kind::ask);

  Plain again = server();
  again.step(std::nullopt);
  EXPECT_EQ(reason(again.step(std::nullopt)), Failure::malformed_request);
}

TEST(Plain, an_account_with_another_verifier_only_is_judged_by_it) {
  Verifiers some;
  some.sha1 = pencil().sha1;
  EXPECT_EQ(play("\0user\0pencil"s, &some).kind, Kind::success);
  EXPECT_EQ(reason(play("\0user\0pencil2"s, &some)), Failure::not_authorized);
  EXPECT_EQ(play("\0user\0pencil"s, &pencil()).kind, Kind::success);
  Verifiers none;
  EXPECT_EQ(reason(play("\0user\0pencil"s, &none)), Failure::not_authorized);
}

TEST(Plain, the_work_outlives_its_exchange) {
  Move move;
  {
    Plain plain = server();
    plain.step("\0user\0pencil"s);
    move = plain.verifiers(&pencil());
  }
  EXPECT_EQ(move.work(), pencil().sha256.stored_key);
}

TEST(Plain, a_call_out_of_turn_fails_for_good) {
  Plain early = server();
  EXPECT_EQ(early.verifiers(&pencil()).kind, Kind::failure);
  EXPECT_EQ(early.step("\0user\0pencil"s).kind, Kind::failure);
  Plain unasked = server();
  EXPECT_EQ(unasked.hashed("").kind, Kind::failure);
  Plain busy = server();
  busy.step("\0user\0pencil"s);
  busy.verifiers(&pencil());
  EXPECT_EQ(reason(busy.step("\0user\0pencil"s)), Failure::malformed_request);
  EXPECT_EQ(busy.hashed(pencil().sha256.stored_key).kind, Kind::failure);
}

}  // namespace
}  // namespace hy::sasl
