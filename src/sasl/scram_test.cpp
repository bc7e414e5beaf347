#include "sasl/scram.h"

#include <gtest/gtest.h>

#include "sasl/scram_client.h"
#include "sasl/verifiers.h"

namespace hy::sasl {
namespace {

using Kind = Move::Kind;

const std::string salt(salt_size, 's');
const FalseSalt false_salt{std::string(32, 'k')};

/// Why it failed; nullopt when it did not.
std::optional<Failure> reason(const Move& move) {
  return move.kind == Kind::failure ? std::optional(move.reason) : std::nullopt;
}

const Verifiers& pencil() {
  static const Verifiers made = make_verifiers("pencil", salt, 7);
  return made;
}

Offer offer(bool secure) {
  Offer offer{mechanisms_for(secure, secure), secure, "example.org", {}};
  if (secure) offer.bindings = {{"tls-exporter", "exported"}, {"tls-server-end-point", "end point"}};
  return offer;
}

Scram server(std::string_view mechanism, bool secure, std::string nonce = "serverside") {
  return Scram(*scram_mechanism(mechanism), offer(secure), false_salt, std::move(nonce));
}

ScramClient::Login user() {
  return {.username = "user", .password = "pencil", .nonce = "clientside"};
}

ScramClient::Login bound_user() {
  ScramClient::Login login = user();
  login.gs2_header = "p=tls-exporter,,";
  login.binding = "exported";
  return login;
}

/// The whole exchange of a client that keeps to the rules.
Move play(Scram& server, ScramClient& client, const Verifiers* found) {
  Move move = server.step(client.first());
  if (move.kind != Kind::ask) return move;
  move = server.verifiers(found);
  if (move.kind != Kind::challenge) return move;
  return server.step(client.final(move.bytes).value());
}

Failure first_fails(std::string_view mechanism, bool secure, std::string_view message) {
  Scram scram = server(mechanism, secure);
  Move move = scram.step(message);
  EXPECT_EQ(move.kind, Kind::failure) << message;
  return move.reason;
}

/// The server after its challenge, and the client's honest answer to change.
struct Challenged {
  Scram scram;
  std::string final;

  Challenged() : scram(server("SCRAM-SHA-256", false)) {
    ScramClient client(Hash::sha256, user());
    scram.step(client.first());
    final = client.final(scram.verifiers(&pencil()).bytes).value();
  }
  Failure fails_with(std::string_view message) {
    Move move = scram.step(message);
    EXPECT_EQ(move.kind, Kind::failure) << message;
    return move.reason;
  }
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

void expect_vector(std::string_view mechanism, std::string client_nonce, std::string server_nonce,
                   std::string_view salt_text, std::string_view proof, std::string_view signature) {
  SCOPED_TRACE(mechanism);
  Scram scram = server(mechanism, false, server_nonce);
  const Move named = scram.step("n,,n=user,r=" + client_nonce);
  ASSERT_EQ(named.kind, Kind::ask);
  EXPECT_EQ(named.account, "user");
  EXPECT_EQ(scram.account(), "user");
  const Verifiers stored = make_verifiers("pencil", decode_base64(salt_text).value(), 4096);
  const Move challenge = scram.verifiers(&stored);
  ASSERT_EQ(challenge.kind, Kind::challenge);
  EXPECT_EQ(challenge.bytes, "r=" + client_nonce + server_nonce + ",s=" + std::string(salt_text) + ",i=4096");
  const Move end = scram.step("c=biws,r=" + client_nonce + server_nonce + ",p=" + std::string(proof));
  ASSERT_EQ(end.kind, Kind::success);
  EXPECT_EQ(end.bytes, "v=" + std::string(signature));
}

// RFC 5802 §5.
TEST(Scram, vector_of_rfc5802) {
  expect_vector("SCRAM-SHA-1", "fyko+d2lbbFgONRv9qkxdawL", "3rfcNHYJY1ZVvWVs7j", "QSXCR+Q6sek8bf92",
                "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

// RFC 7677 §3.
TEST(Scram, vector_of_rfc7677) {
  expect_vector("SCRAM-SHA-256", "rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
                "W22ZaJ0SNY7soEsUEjb6gQ==", "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

// No RFC has one; worked out with Python's hashlib.
TEST(Scram, vector_for_sha512) {
  expect_vector("SCRAM-SHA-512", "rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
                "W22ZaJ0SNY7soEsUEjb6gQ==",
                "gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
                "ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==");
}

TEST(Scram, every_mechanism_lets_the_right_password_in_and_no_other) {
  for (const std::string& name : mechanisms_for(true, true)) {
    if (name == "PLAIN") continue;
    SCOPED_TRACE(name);
    const ScramMechanism& mechanism = *scram_mechanism(name);
    const bool plus = mechanism.binds == ScramMechanism::Binds::yes;
    ScramClient right(mechanism.hash, plus ? bound_user() : user());
    Scram scram = server(name, true);
    const Move end = play(scram, right, &pencil());
    ASSERT_EQ(end.kind, Kind::success);
    EXPECT_TRUE(right.trusts(end.bytes));

    ScramClient::Login login = plus ? bound_user() : user();
    login.password = "pencil2";
    ScramClient wrong(mechanism.hash, login);
    Scram other = server(name, true);
    const Move refused = play(other, wrong, &pencil());
    EXPECT_EQ(refused.kind, Kind::failure);
    EXPECT_EQ(reason(refused), Failure::not_authorized);
  }
}

TEST(Scram, both_announced_bindings_work) {
  ScramClient::Login login = user();
  login.gs2_header = "p=tls-server-end-point,,";
  login.binding = "end point";
  ScramClient client(Hash::sha1, login);
  Scram scram = server("SCRAM-SHA-1-PLUS", true);
  EXPECT_EQ(play(scram, client, &pencil()).kind, Kind::success);
}

TEST(Scram, without_initial_response_the_challenge_is_empty_once) {
  Scram scram = server("SCRAM-SHA-1", false);
  const Move move = scram.step(std::nullopt);
  EXPECT_EQ(move.kind, Kind::challenge);
  EXPECT_EQ(move.bytes, "");
  EXPECT_EQ(scram.step("n,,n=user,r=x").kind, Kind::ask);

  Scram again = server("SCRAM-SHA-1", false);
  again.step(std::nullopt);
  EXPECT_EQ(reason(again.step(std::nullopt)), Failure::malformed_request);
  EXPECT_EQ(again.step("n,,n=user,r=x").kind, Kind::failure);
}

TEST(Scram, an_empty_message_is_malformed) {
  EXPECT_EQ(first_fails("SCRAM-SHA-1", false, ""), Failure::malformed_request);
  Challenged at;
  EXPECT_EQ(at.fails_with(""), Failure::malformed_request);
}

TEST(Scram, a_mandatory_extension_fails) {
  EXPECT_EQ(first_fails("SCRAM-SHA-1", false, "n,,m=1,n=user,r=x"), Failure::malformed_request);
  Challenged at;
  EXPECT_EQ(at.fails_with(replaced(at.final, ",p=", ",m=1,p=")), Failure::malformed_request);
}

TEST(Scram, unknown_extensions_are_passed_over_and_covered_by_the_proof) {
  ScramClient::Login login = user();
  login.extensions = ",x=1,Q=two";
  ScramClient client(Hash::sha256, login);
  Scram scram = server("SCRAM-SHA-256", false);
  EXPECT_EQ(play(scram, client, &pencil()).kind, Kind::success);
  Challenged at;
  EXPECT_EQ(at.fails_with(replaced(at.final, ",p=", ",x=1,p=")), Failure::not_authorized);
}

TEST(Scram, y_is_a_downgrade_where_plus_was_offered) {
  EXPECT_EQ(first_fails("SCRAM-SHA-256", true, "y,,n=user,r=x"), Failure::not_authorized);
  ScramClient::Login login = user();
  login.gs2_header = "y,,";
  ScramClient client(Hash::sha256, login);
  Scram scram = server("SCRAM-SHA-256", false);
  EXPECT_EQ(play(scram, client, &pencil()).kind, Kind::success);
}

TEST(Scram, n_is_accepted_where_plus_was_offered) {
  ScramClient client(Hash::sha256, user());
  Scram scram = server("SCRAM-SHA-256", true);
  EXPECT_EQ(play(scram, client, &pencil()).kind, Kind::success);
}

TEST(Scram, p_fails_with_a_mechanism_without_plus) {
  EXPECT_EQ(first_fails("SCRAM-SHA-256", true, "p=tls-exporter,,n=user,r=x"), Failure::malformed_request);
}

TEST(Scram, plus_fails_without_p) {
  EXPECT_EQ(first_fails("SCRAM-SHA-256-PLUS", true, "n,,n=user,r=x"), Failure::malformed_request);
  EXPECT_EQ(first_fails("SCRAM-SHA-256-PLUS", true, "y,,n=user,r=x"), Failure::malformed_request);
}

TEST(Scram, a_binding_that_was_not_announced_fails) {
  EXPECT_EQ(first_fails("SCRAM-SHA-1-PLUS", true, "p=tls-unique,,n=user,r=x"), Failure::not_authorized);
  EXPECT_EQ(first_fails("SCRAM-SHA-1-PLUS", true, "p=TLS-EXPORTER,,n=user,r=x"), Failure::not_authorized);
}

TEST(Scram, an_empty_binding_binds_nothing) {
  Offer none = offer(true);
  none.bindings = {{"tls-unique", ""}};
  Scram scram(*scram_mechanism("SCRAM-SHA-1-PLUS"), none, false_salt, "nonce");
  EXPECT_EQ(reason(scram.step("p=tls-unique,,n=user,r=x")), Failure::not_authorized);
}

TEST(Scram, other_binding_bytes_fail) {
  ScramClient::Login login = bound_user();
  login.binding = "exporteD";
  ScramClient client(Hash::sha256, login);
  Scram scram = server("SCRAM-SHA-256-PLUS", true);
  EXPECT_EQ(reason(play(scram, client, &pencil())), Failure::not_authorized);
}

TEST(Scram, the_gs2_header_is_compared_to_the_byte) {
  // The proof is right each time: what c= says is the only difference.
  for (const char* claimed : {"y,,", "n,a=user@example.org,", "n,", "n,,,", "N,,"}) {
    SCOPED_TRACE(claimed);
    ScramClient honest(Hash::sha256, user());
    ScramClient::Login login = user();
    login.gs2_header = claimed;
    ScramClient other(Hash::sha256, login);
    Scram scram = server("SCRAM-SHA-256", false);
    scram.step(honest.first());
    const Move challenge = scram.verifiers(&pencil());
    EXPECT_EQ(reason(scram.step(other.final(challenge.bytes).value())), Failure::not_authorized);
  }
}

TEST(Scram, the_nonce_is_compared_to_the_byte) {
  for (const char* nonce : {"clientside", "serverside", "clientsideserversidE", "clientsideserverside2",
                            "Clientsideserverside", "clientsideserversid"}) {
    Challenged at;
    EXPECT_EQ(at.fails_with(replaced(at.final, "clientsideserverside", nonce)), Failure::not_authorized)
        << nonce;
  }
}

// As above, with a proof that covers the false nonce.
TEST(Scram, a_proof_does_not_make_up_for_the_nonce) {
  for (const char* nonce : {"clientsideserverside", "clientsideserversidE", "clientside"}) {
    SCOPED_TRACE(nonce);
    Scram scram = server("SCRAM-SHA-256", false);
    scram.step("n,,n=user,r=clientside");
    const std::string challenge = scram.verifiers(&pencil()).bytes;
    const std::string without_proof = std::string("c=biws,r=") + nonce;
    const std::string authenticated = "n=user,r=clientside," + challenge + "," + without_proof;
    const Secret salted = salted_password(Hash::sha256, "pencil", salt, 7);
    std::string proof = hmac(Hash::sha256, salted.view(), "Client Key");
    const std::string signature = hmac(Hash::sha256, pencil().sha256.stored_key, authenticated);
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
    const Move end = scram.step(without_proof + ",p=" + encode_base64(proof));
    const bool right = nonce == std::string_view("clientsideserverside");
    EXPECT_EQ(reason(end), right ? std::nullopt : std::optional(Failure::not_authorized));
  }
}

TEST(Scram, a_proof_of_another_length_is_malformed) {
  const std::string head = "c=biws,r=clientsideserverside,p=";
  for (std::size_t size : {0, 1, 20, 31, 33, 64}) {
    Challenged at;
    EXPECT_EQ(at.fails_with(head + encode_base64(std::string(size, 'p'))), Failure::malformed_request)
        << size;
  }
  Challenged at;
  EXPECT_EQ(at.fails_with(head + encode_base64(std::string(32, 'p'))), Failure::not_authorized);
}

TEST(Scram, every_bit_of_the_proof_counts) {
  for (int bit = 0; bit < 256; ++bit) {
    Challenged at;
    const std::size_t comma = at.final.rfind(',');
    std::string proof = decode_base64(at.final.substr(comma + 3)).value();
    const auto place = static_cast<std::size_t>(bit / 8);
    proof[place] = static_cast<char>(proof[place] ^ (1 << bit % 8));
    EXPECT_EQ(at.fails_with(at.final.substr(0, comma + 3) + encode_base64(proof)), Failure::not_authorized);
  }
}

TEST(Scram, authzid_is_empty_or_ones_own_bare_jid) {
  for (const char* own : {"n,a=user@example.org,", "n,a=USER@example.org,", "n,a=user@EXAMPLE.org,"}) {
    SCOPED_TRACE(own);
    ScramClient::Login login = user();
    login.gs2_header = own;
    ScramClient client(Hash::sha256, login);
    Scram scram = server("SCRAM-SHA-256", false);
    EXPECT_EQ(play(scram, client, &pencil()).kind, Kind::success);
  }
  for (const char* other : {"a=other@example.org", "a=user@example.com", "a=user", "a=example.org",
                            "a=user@example.org/phone", "a=user@", "a=@example.org", "a=us er@example.org"}) {
    EXPECT_EQ(first_fails("SCRAM-SHA-256", false, std::string("n,") + other + ",n=user,r=x"),
              Failure::invalid_authzid)
        << other;
  }
}

TEST(Scram, the_username_is_prepared) {
  ScramClient::Login login = user();
  login.username = "USER";
  ScramClient client(Hash::sha256, login);
  Scram scram = server("SCRAM-SHA-256", false);
  EXPECT_EQ(play(scram, client, &pencil()).kind, Kind::success);
  EXPECT_EQ(scram.account(), "user");
}

TEST(Scram, a_username_that_no_account_can_have_fails) {
  for (const char* name : {"us er", "user@example.org", "a/b", "\xFF", "a=2Cb\x01"}) {
    EXPECT_EQ(first_fails("SCRAM-SHA-256", false, std::string("n,,n=") + name + ",r=x"),
              Failure::not_authorized)
        << name;
  }
}

TEST(Scram, an_unknown_user_is_answered_like_a_wrong_password) {
  const auto challenge_for = [](std::string_view mechanism, const Verifiers* found) {
    Scram scram = server(mechanism, false);
    scram.step("n,,n=user,r=clientside");
    return scram.verifiers(found).bytes;
  };
  const std::string first = challenge_for("SCRAM-SHA-256", nullptr);
  EXPECT_EQ(challenge_for("SCRAM-SHA-256", nullptr), first);
  EXPECT_EQ(challenge_for("SCRAM-SHA-1", nullptr), first);
  const Verifiers real = make_verifiers("pencil", salt, default_iterations);
  EXPECT_EQ(challenge_for("SCRAM-SHA-256", &real).size(), first.size());

  ScramClient client(Hash::sha256, user());
  Scram scram = server("SCRAM-SHA-256", false);
  const Move end = play(scram, client, nullptr);
  EXPECT_EQ(end.kind, Kind::failure);
  EXPECT_EQ(reason(end), Failure::not_authorized);
}

TEST(Scram, a_malformed_final_of_an_unknown_user_is_malformed_too) {
  Scram scram = server("SCRAM-SHA-256", false);
  scram.step("n,,n=user,r=clientside");
  scram.verifiers(nullptr);
  EXPECT_EQ(reason(scram.step("c=biws,r=clientsideserverside,p=AAAA")), Failure::malformed_request);
}

TEST(Scram, an_account_without_this_verifier_is_unknown) {
  Verifiers some = pencil();
  some.sha256 = {};
  ScramClient client(Hash::sha256, user());
  Scram scram = server("SCRAM-SHA-256", false);
  EXPECT_EQ(reason(play(scram, client, &some)), Failure::not_authorized);
}

TEST(Scram, a_call_out_of_turn_fails_for_good) {
  Scram early = server("SCRAM-SHA-256", false);
  EXPECT_EQ(early.verifiers(&pencil()).kind, Kind::failure);
  EXPECT_EQ(early.step("n,,n=user,r=x").kind, Kind::failure);

  Scram busy = server("SCRAM-SHA-256", false);
  busy.step("n,,n=user,r=x");
  EXPECT_EQ(reason(busy.step("n,,n=user,r=x")), Failure::malformed_request);
  EXPECT_EQ(busy.verifiers(&pencil()).kind, Kind::failure);

  Scram hashing = server("SCRAM-SHA-256", false);
  EXPECT_EQ(hashing.hashed("x").kind, Kind::failure);

  Challenged at;
  EXPECT_EQ(at.scram.step(at.final).kind, Kind::success);
  EXPECT_EQ(reason(at.scram.step(at.final)), Failure::malformed_request);
}

}  // namespace
}  // namespace hy::sasl
