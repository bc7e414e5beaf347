// Shorthand for the moves that an exchange gives back.
#pragma once

#include <string>
#include <utility>

#include "sasl/exchange.h"

namespace hy::sasl {

inline Move ask(std::string account) {
  Move move;
  move.kind = Move::ask;
  move.account = std::move(account);
  return move;
}

inline Move challenge(std::string bytes) {
  Move move;
  move.kind = Move::challenge;
  move.bytes = std::move(bytes);
  return move;
}

inline Move success(std::string bytes) {
  Move move;
  move.kind = Move::success;
  move.bytes = std::move(bytes);
  return move;
}

inline Move failure(Failure reason) {
  Move move;
  move.kind = Move::failure;
  move.reason = reason;
  return move;
}

inline Move hash(std::move_only_function<std::string()> work) {
  Move move;
  move.kind = Move::hash;
  move.work = std::move(work);
  return move;
}

}  // namespace hy::sasl
