#pragma once

#include <cstdint>
#include <vector>

#include "kernels/flat_map.h"

namespace tconv {

/// to[i] = from[i·step] for i in [0, count); step >= 1.
void copy_strided(const float* from, std::int64_t step, std::int64_t count, float* to);

/// to_even[i] = from[2·i], to_odd[i] = from[2·i + 1] for i in [0, count).
void copy_pairs(const float* from, std::int64_t count, float* to_even, float* to_odd);

/// to[i] = from[i] for i in [0, count), what is whole cache lines of `to` past the caches; see hwy::FlushStream.
void copy_past_the_caches(const float* from, std::int64_t count, float* to);

/// Copies the pieces of a line, `step` cells of the input apart; `from` is a channel, `to` its window.
void copy_pieces(const std::vector<FlatMap::Piece>& pieces, const float* from, std::int64_t step, float* to);

}  // namespace tconv
