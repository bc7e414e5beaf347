// What is said over DATA/control.sock: one JSON object a line, a question and its answer.
//
//     → {"ask":"user.add","jid":"juliet@example.com","password":"…","role":"user"}
//     ← {"ok":true}
//     → {"ask":"user.list","domain":"example.com","after":"","limit":100}
//     ←
//     {"ok":true,"users":[{"jid":"juliet@example.com","role":"user","disabled":false,"created":1706702400}]}
//     → {"ask":"user.show","jid":"nobody@example.com"}
//     ← {"ok":false,"error":"not-found","text":"there is no account nobody@example.com"}
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/users.h"

namespace hy::server {

inline constexpr std::size_t max_control_line = 65'536;
inline constexpr std::size_t max_listed = 500;  // so that an answer stays a line of bounded length
inline constexpr std::size_t max_control_answer = 4'194'304;

/// Answers one line (without its end) by asking `users`. Never fails: what is wrong is the answer.
std::string answer_control(std::string_view line, Users& users);

/// Users at the other end of a socket: `exchange` sends a line and returns the answer's, both without their
/// ends.
std::unique_ptr<Users> users_by_control(std::move_only_function<Result<std::string>(std::string)> exchange);

}  // namespace hy::server
