// The only file that sees the JSON library. It throws on what does not fit; each side has one catch.
#include "server/control_protocol.h"

#include <nlohmann/json.hpp>

#include "xmpp/datetime.h"

namespace hy::server {
namespace {

using Json = nlohmann::json;

// Indices are those of Error::Code.
std::optional<Error::Code> code_named(std::string_view text) {
  for (int code = Error::cancelled; code <= Error::internal; ++code) {
    if (name(static_cast<Error::Code>(code)) == text) return static_cast<Error::Code>(code);
  }
  return std::nullopt;
}

std::string line_of(const Json& json) {
  // Bytes that are no UTF-8 become U+FFFD instead of an exception: texts of errors may quote anything.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json refusal(const Error& error) {
  return {{"ok", false}, {"error", name(error.code)}, {"text", error.context}};
}

Json outcome(const Result<void>& result) {
  return result ? Json{{"ok", true}} : refusal(result.error());
}

Json to_json(const User& user) {
  return {
      {"jid", user.jid.str()},
      {"role", user.role == Role::admin ? "admin" : "user"},
      {"disabled", user.disabled},
      {"created", std::chrono::duration_cast<std::chrono::seconds>(user.created.time_since_epoch()).count()}};
}

Result<Role> role_named(const std::string& text) {
  if (text == "user") return Role::user;
  if (text == "admin") return Role::admin;
  return fail(Error::invalid, fmt::format("\"{}\" is not a role: user or admin", text));
}

Result<xmpp::Jid> bare_jid(const std::string& text) {
  auto jid = xmpp::Jid::parse(text);
  if (!jid || !jid->is_bare() || jid->is_domain()) {
    return fail(Error::invalid, fmt::format("\"{}\" is not an address like juliet@example.com", text));
  }
  return jid;
}

Result<std::string> password_in(const Json& question) {
  auto prepared = xmpp::prepare_password(question.at("password").get<std::string>());
  if (!prepared || prepared->empty()) {
    return fail(Error::invalid, "the password is empty or has characters that RFC 8265 forbids");
  }
  return prepared;
}

Result<void> check_served(Users& users, const xmpp::Jid& jid) {
  HY_TRY(domains, users.domains());
  if (std::ranges::find(domains, jid.domain()) != domains.end()) return {};
  return fail(Error::invalid, fmt::format("{} is not served here", jid.domain()));
}

Result<Json> answer(const Json& question, Users& users) {
  const auto ask = question.at("ask").get<std::string>();
  const auto jid = [&question] { return bare_jid(question.at("jid").get<std::string>()); };
  if (ask == "user.add") {
    HY_TRY(account, jid());
    HY_TRY(password, password_in(question));
    HY_TRY(role, role_named(question.value("role", "user")));
    HY_TRY_VOID(check_served(users, account));
    return outcome(users.add({.jid = account, .password = password, .role = role}));
  }
  if (ask == "user.remove") {
    HY_TRY(account, jid());
    return outcome(users.remove(account));
  }
  if (ask == "user.password") {
    HY_TRY(account, jid());
    HY_TRY(password, password_in(question));
    return outcome(users.set_password(account, password));
  }
  if (ask == "user.show") {
    HY_TRY(account, jid());
    HY_TRY(user, users.show(account));
    return Json{{"ok", true}, {"users", {to_json(user)}}};
  }
  if (ask == "user.list") {
    const auto after_text = question.value("after", "");
    xmpp::Jid after;
    if (!after_text.empty()) {
      HY_TRY(parsed, bare_jid(after_text));
      after = parsed;
    }
    const auto limit = std::min<std::size_t>(question.value("limit", max_listed), max_listed);
    HY_TRY(found, users.list(question.at("domain").get<std::string>(), after, limit));
    Json list = Json::array();
    for (const User& user : found) list.push_back(to_json(user));
    return Json{{"ok", true}, {"users", std::move(list)}};
  }
  if (ask == "domains") {
    HY_TRY(domains, users.domains());
    return Json{{"ok", true}, {"domains", domains}};
  }
  return fail(Error::invalid, fmt::format("unknown question \"{}\"", ask));
}

class ControlUsers final : public Users {
 public:
  explicit ControlUsers(std::move_only_function<Result<std::string>(std::string)> exchange)
      : exchange_(std::move(exchange)) {}

  Result<void> add(NewUser user) override {
    return done(ask({{"ask", "user.add"},
                     {"jid", user.jid.str()},
                     {"password", user.password},
                     {"role", user.role == Role::admin ? "admin" : "user"}}));
  }
  Result<void> remove(xmpp::Jid jid) override {
    return done(ask({{"ask", "user.remove"}, {"jid", jid.str()}}));
  }
  Result<void> set_password(xmpp::Jid jid, std::string password) override {
    return done(ask({{"ask", "user.password"}, {"jid", jid.str()}, {"password", password}}));
  }
  Result<std::vector<User>> list(std::string domain, xmpp::Jid after, std::size_t limit) override {
    return users_in(
        ask({{"ask", "user.list"}, {"domain", domain}, {"after", after.str()}, {"limit", limit}}));
  }
  Result<User> show(xmpp::Jid jid) override {
    HY_TRY(found, users_in(ask({{"ask", "user.show"}, {"jid", jid.str()}})));
    if (found.size() != 1) return fail(Error::invalid, "the server's answer was not understood");
    return found.front();
  }
  Result<std::vector<std::string>> domains() override {
    HY_TRY(answer, ask({{"ask", "domains"}}));
    return read<std::vector<std::string>>(
        [&answer] { return answer.at("domains").get<std::vector<std::string>>(); });
  }

 private:
  // The server is ours, but perhaps of another version: an answer that does not fit is an error like any.
  template <class T>
  static Result<T> read(auto reader) {
    try {
      return reader();
    } catch (const Json::exception&) {
      return fail(Error::invalid, "the server's answer was not understood");
    }
  }

  Result<Json> ask(const Json& question) {
    HY_TRY(line, exchange_(line_of(question)));
    HY_TRY(answer, read<Json>([&line]() -> Result<Json> { return Json::parse(line); }));
    HY_TRY(ok, read<bool>([&answer]() -> Result<bool> { return answer.at("ok").get<bool>(); }));
    if (ok) return answer;
    HY_TRY(error, read<Error>([&answer]() -> Result<Error> {
             return Error{code_named(answer.at("error").get<std::string>()).value_or(Error::internal),
                          answer.at("text").get<std::string>()};
           }));
    return std::unexpected(std::move(error));
  }
  static Result<void> done(Result<Json> answer) {
    HY_TRY_VOID(answer);
    return {};
  }
  static Result<std::vector<User>> users_in(Result<Json> answer) {
    if (!answer) return std::unexpected(std::move(answer.error()));
    return read<std::vector<User>>([&answer]() -> Result<std::vector<User>> {
      std::vector<User> users;
      for (const Json& entry : answer->at("users")) {
        User user;
        HY_TRY(jid, bare_jid(entry.at("jid").get<std::string>()));
        HY_TRY(role, role_named(entry.at("role").get<std::string>()));
        user.jid = jid;
        user.role = role;
        user.disabled = entry.at("disabled").get<bool>();
        user.created = WallTime(std::chrono::seconds(entry.at("created").get<std::int64_t>()));
        users.push_back(std::move(user));
      }
      return users;
    });
  }

  std::move_only_function<Result<std::string>(std::string)> exchange_;
};

}  // namespace

std::string answer_control(std::string_view line, Users& users) {
  try {
    auto answered = answer(Json::parse(line), users);
    return line_of(answered ? *answered : refusal(answered.error()));
  } catch (const Json::exception&) {
    // The library's text may quote the line, and with it a password.
    return line_of(refusal({Error::invalid, "not a question of the control protocol"}));
  }
}

std::unique_ptr<Users> users_by_control(std::move_only_function<Result<std::string>(std::string)> exchange) {
  return std::make_unique<ControlUsers>(std::move(exchange));
}

}  // namespace hy::server
