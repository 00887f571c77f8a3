#pragma once
// The ways to compute a layer, by name.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/scatter_add.h"

namespace tconv {

struct Method {
  std::string_view id;     ///< `tconv apply --method <id>`
  std::string_view label;  ///< on the screen
  /// See `scatter_add`: legal layer, arrays of its shapes; nothing only when cancelled.
  std::optional<Tensor> (*run)(const LayerSpec&, const Tensor& input, const Tensor& weight, const Tensor& bias,
                               const KeepGoing&);
  /// Bytes that it holds beyond `memory_needed`, which is what painting takes. Saturates.
  std::int64_t (*extra_bytes)(const LayerSpec&);
};

std::span<const Method> methods();
/// Null when there is none of that name.
const Method* find_method(std::string_view id);

}  // namespace tconv
