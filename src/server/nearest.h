// The word that was perhaps meant.
#pragma once

#include <span>
#include <string_view>

namespace hy::server {

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `known`, when it is near enough that a slip is likely (a third of the word); else empty.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace hy::server
