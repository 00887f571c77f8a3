#pragma once
// One command for many layers: --sweep kernel=2:6 --sweep stride=1:4 runs through every combination, and {kernel} in
// a file's name says which one it is.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/layer_spec.h"
#include "document/fields.h"

namespace tconv {

/// A field of the layer and the values that it takes, on every axis.
struct Sweep {
  const Field* field = nullptr;
  std::vector<std::int64_t> values;
};

/// "kernel=2:6", "kernel=2:10:2" (every second) or "kernel=3,5,9". Throws CliError (usage).
Sweep parse_sweep(std::string_view text);

/// The most layers that one command runs through.
inline constexpr std::size_t most_swept = 10'000;

/// `layer` with every combination of the values, the last sweep's changing fastest; only `layer` without a sweep.
/// Throws CliError (usage) when there are more than `most_swept`, or when two sweeps are about one field.
std::vector<LayerSpec> swept(const LayerSpec& layer, const std::vector<Sweep>& sweeps);

/// `pattern` with {name} replaced by names[name], and by the layer's number where it is the name of a field. Throws
/// CliError (usage) for a name that there is not.
std::string expanded(std::string_view pattern, const LayerSpec& layer, const std::map<std::string, std::string>& names);

}  // namespace tconv
