#include "core/layer_spec.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace tconv {
namespace {

using std::int64_t;
using wide = __int128;  // sizes are checked before they are trusted: no product of two int64 leaves this type

int64_t saturate(wide value) {
  constexpr wide low = std::numeric_limits<int64_t>::min();
  constexpr wide high = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::clamp(value, low, high));
}

wide wide_output_size(const AxisSpec& a) {
  // Each product is cut to int64 before the sum: two of the largest would leave even this type.
  const wide spread = saturate((static_cast<wide>(a.input) - 1) * a.stride);
  const wide reach = saturate(static_cast<wide>(a.dilation) * (static_cast<wide>(a.kernel) - 1));
  return spread - a.padding_begin - a.padding_end + reach + a.output_padding + 1;
}

wide clamped_product(std::initializer_list<wide> factors) {
  constexpr wide cap = static_cast<wide>(1) << 62;
  wide product = 1;
  for (const wide factor : factors) product = std::min(cap, product * std::min(cap, std::max<wide>(factor, 0)));
  return product;
}

wide spatial_product(const LayerSpec& layer, int64_t (*extent)(const AxisSpec&)) {
  wide product = 1;
  for (const AxisSpec& axis : layer.spatial()) product = clamped_product({product, extent(axis)});
  return product;
}

int64_t input_extent(const AxisSpec& axis) { return axis.input; }
int64_t kernel_extent(const AxisSpec& axis) { return axis.kernel; }

wide input_elements(const LayerSpec& layer) {
  return clamped_product({layer.batch, layer.in_channels, spatial_product(layer, input_extent)});
}

wide weight_elements(const LayerSpec& layer) {
  return clamped_product({layer.in_channels, layer.out_channels / std::max<int64_t>(1, layer.groups),
                          spatial_product(layer, kernel_extent)});
}

wide output_elements(const LayerSpec& layer) {
  return clamped_product({layer.batch, layer.out_channels, spatial_product(layer, output_size)});
}

void require_at_least(std::vector<Problem>& problems, const char* field, int axis, int64_t value, int64_t least) {
  if (value >= least) return;
  problems.push_back({field, axis, "must be at least " + std::to_string(least), std::to_string(value), least});
}

/// The common divisor of a and b that is nearest to `wanted`; of two equally near ones the smaller. Divisors come in
/// pairs of which one is at most the root, so channel counts of any size are quick.
int64_t nearest_common_divisor(int64_t wanted, int64_t a, int64_t b) {
  const int64_t common = std::gcd(a, b);
  int64_t best = 1;
  const auto consider = [&](int64_t divisor) {
    const int64_t distance = std::abs(divisor - wanted);
    const int64_t best_distance = std::abs(best - wanted);
    if (distance < best_distance || (distance == best_distance && divisor < best)) best = divisor;
  };
  constexpr int64_t search_end = 1 << 20;  // beyond it only the largest divisor is offered
  consider(common);
  for (int64_t d = 1; d <= search_end && d <= common / d; ++d) {
    if (common % d != 0) continue;
    consider(d);
    consider(common / d);
  }
  return best;
}

std::vector<Problem> validate_axis(const AxisSpec& a, int index) {
  std::vector<Problem> problems;
  require_at_least(problems, "input", index, a.input, 1);
  require_at_least(problems, "kernel", index, a.kernel, 1);
  require_at_least(problems, "stride", index, a.stride, 1);
  require_at_least(problems, "padding_begin", index, a.padding_begin, 0);
  require_at_least(problems, "padding_end", index, a.padding_end, 0);
  require_at_least(problems, "dilation", index, a.dilation, 1);
  require_at_least(problems, "output_padding", index, a.output_padding, 0);
  if (!problems.empty()) return problems;  // the rules below compare fields that are legal by themselves

  const int64_t bound = std::max(a.stride, a.dilation);
  if (a.output_padding >= bound) {
    problems.push_back({"output_padding", index, "must be less than max(stride, dilation) = " + std::to_string(bound),
                        std::to_string(a.output_padding), bound - 1});
  }
  if (wide_output_size(a) < 1) {
    AxisSpec uncropped = a;
    uncropped.padding_begin = uncropped.padding_end = 0;
    const wide spare = wide_output_size(uncropped) - 1;  // what both paddings may take together
    // The one end that can mend it alone is named; both when neither can, or when they are meant as one.
    const bool both = a.padding_begin == a.padding_end || std::min(a.padding_begin, a.padding_end) > spare;
    const bool end = a.padding_begin <= spare;
    const wide nearest = both ? spare / 2 : spare - (end ? a.padding_begin : a.padding_end);
    const std::string found = std::to_string(a.padding_begin) +
                              (a.padding_begin == a.padding_end ? "" : ", " + std::to_string(a.padding_end));
    problems.push_back({both  ? "padding"
                        : end ? "padding_end"
                              : "padding_begin",
                        index, "crops away the whole output; the output size must be at least 1",
                        "padding " + found + " and an output of " + std::to_string(saturate(wide_output_size(a))),
                        saturate(nearest)});
  }
  return problems;
}

std::string in_gib(wide bytes) {
  const wide tenths = bytes * 10 / (static_cast<wide>(1) << 30);
  return std::to_string(saturate(tenths / 10)) + "." + std::to_string(saturate(tenths % 10)) + " GiB";
}

void check_axis_numbers(std::vector<Problem>& problems, const LayerSpec& layer, int64_t most) {
  const auto check = [&](const char* field, int axis, int64_t value) {
    if (value <= most) return;
    problems.push_back({field, axis, "may be at most " + std::to_string(most), std::to_string(value), most});
  };
  for (int i = 0; i < layer.dims; ++i) {
    const AxisSpec& a = layer.axes[static_cast<std::size_t>(i)];
    check("kernel", i, a.kernel);
    check("stride", i, a.stride);
    check("padding_begin", i, a.padding_begin);
    check("padding_end", i, a.padding_end);
    check("dilation", i, a.dilation);
  }
}

void check_limits(std::vector<Problem>& problems, const LayerSpec& layer, const Limits& limits) {
  check_axis_numbers(problems, layer, limits.axis_number);
  if (!problems.empty()) return;
  const auto check = [&](const char* what, wide elements) {
    if (elements <= limits.elements) return;
    problems.push_back({what, -1, "may have at most " + std::to_string(limits.elements) + " elements",
                        elements >= static_cast<wide>(1) << 62 ? "more than 2^62" : std::to_string(saturate(elements)),
                        std::nullopt});
  };
  check("input", input_elements(layer));
  check("weight", weight_elements(layer));
  check("output", output_elements(layer));
  if (!problems.empty()) return;
  const int64_t needed = memory_needed(layer);
  if (needed > limits.memory_bytes) {
    problems.push_back({"output", -1, "needs memory within the " + in_gib(limits.memory_bytes) + " that are free",
                        in_gib(needed), std::nullopt});
  }
}

}  // namespace

std::array<AxisSpec, 3> LayerSpec::as_3d() const {
  std::array<AxisSpec, 3> out{};
  const auto missing = static_cast<std::size_t>(3 - dims);
  for (std::size_t i = missing; i < 3; ++i) out[i] = axes[i - missing];
  return out;
}

bool LayerSpec::operator==(const LayerSpec& other) const {
  return dims == other.dims && std::ranges::equal(spatial(), other.spatial()) && batch == other.batch &&
         in_channels == other.in_channels && out_channels == other.out_channels && groups == other.groups &&
         bias == other.bias;
}

int64_t output_size(const AxisSpec& axis) { return saturate(wide_output_size(axis)); }

int64_t stamp_extent(const AxisSpec& axis) {
  return saturate(static_cast<wide>(axis.dilation) * (static_cast<wide>(axis.kernel) - 1) + 1);
}

namespace {

Shape shape_of(const LayerSpec& layer, int64_t first, int64_t second, int64_t (*extent)(const AxisSpec&)) {
  std::vector<int64_t> extents{first, second};
  for (const AxisSpec& axis : layer.spatial()) extents.push_back(extent(axis));
  return Shape(extents);
}

}  // namespace

Shape input_shape(const LayerSpec& layer) { return shape_of(layer, layer.batch, layer.in_channels, input_extent); }

Shape weight_shape(const LayerSpec& layer) {
  return shape_of(layer, layer.in_channels, layer.out_channels / std::max<int64_t>(1, layer.groups), kernel_extent);
}

Shape output_shape(const LayerSpec& layer) { return shape_of(layer, layer.batch, layer.out_channels, output_size); }

int64_t memory_needed(const LayerSpec& layer) {
  return saturate((input_elements(layer) + weight_elements(layer) + output_elements(layer)) * 4 +
                  spatial_product(layer, output_size) * 8);
}

std::vector<Problem> validate(const LayerSpec& layer, const Limits& limits) {
  std::vector<Problem> problems;
  if (layer.dims < 1 || layer.dims > 3) {
    return {{"dims", -1, "must be 1, 2 or 3", std::to_string(layer.dims), layer.dims < 1 ? 1 : 3}};
  }
  for (int i = 0; i < layer.dims; ++i) {
    const auto of_axis = validate_axis(layer.axes[static_cast<std::size_t>(i)], i);
    problems.insert(problems.end(), of_axis.begin(), of_axis.end());
  }
  require_at_least(problems, "batch", -1, layer.batch, 1);
  require_at_least(problems, "in_channels", -1, layer.in_channels, 1);
  require_at_least(problems, "out_channels", -1, layer.out_channels, 1);
  require_at_least(problems, "groups", -1, layer.groups, 1);
  if (layer.in_channels >= 1 && layer.out_channels >= 1 && layer.groups >= 1 &&
      (layer.in_channels % layer.groups != 0 || layer.out_channels % layer.groups != 0)) {
    problems.push_back({"groups", -1, "must divide in_channels and out_channels",
                        std::to_string(layer.groups) + " for " + std::to_string(layer.in_channels) + " and " +
                            std::to_string(layer.out_channels) + " channels",
                        nearest_common_divisor(layer.groups, layer.in_channels, layer.out_channels)});
  }
  if (problems.empty()) check_limits(problems, layer, limits);
  return problems;
}

std::vector<Problem> validate_arrays(const LayerSpec& layer, const Shape& input, const Shape& weight,
                                     const Shape* bias) {
  std::vector<Problem> problems;
  const auto require = [&](const char* name, const Shape& found, const Shape& wanted) {
    if (found != wanted) problems.push_back({name, -1, "must have shape " + wanted.text(), found.text(), std::nullopt});
  };
  require("input", input, input_shape(layer));
  require("weight", weight, weight_shape(layer));
  if (bias != nullptr) require("bias", *bias, Shape{layer.out_channels});
  return problems;
}

}  // namespace tconv
