#pragma once
// The ways to compute a layer, by name.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/scatter_add.h"

namespace tconv {

/// All but `fast` are plain: they sum in float64, so that their results differ by a rounding at most, and not at all
/// for whole numbers. Those are the truth that fast ones are held against.
struct Method {
  std::string_view id;     ///< `tconv apply --method <id>`
  std::string_view label;  ///< on the screen
  std::string_view what;   ///< that it does with every layer alike, in words; of the plain ones
  /// See `scatter_add`: legal layer, arrays of its shapes; nothing only when cancelled. `fast` asks whether to go on
  /// from several threads at a time.
  std::optional<Tensor> (*run)(const LayerSpec&, const Tensor& input, const Tensor& weight, const Tensor& bias,
                               const KeepGoing&);
  /// Bytes that it holds beyond `memory_needed`, which is what painting takes. Saturates: INT64_MAX also stands for
  /// what no memory can hold, a matrix of more than 2^31 − 1 entries, whose places are 32-bit numbers.
  std::int64_t (*extra_bytes)(const LayerSpec&);
};

/// All that the method holds for a legal layer, in bytes. Saturates likewise.
std::int64_t bytes_needed(const Method& method, const LayerSpec& layer);

std::span<const Method> methods();
/// The plain ones of them, painting first.
std::span<const Method> plain_methods();
/// Null when there is none of that name.
const Method* find_method(std::string_view id);

}  // namespace tconv
