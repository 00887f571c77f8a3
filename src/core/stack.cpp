#include "core/stack.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace tconv {
namespace {

using std::int64_t;
using wide = __int128;

constexpr int64_t cap = int64_t{1} << 61;

int64_t capped_product(int64_t a, int64_t b) {
  return static_cast<int64_t>(std::min<wide>(cap, static_cast<wide>(a) * b));
}
int64_t capped_sum(int64_t a, int64_t b) { return static_cast<int64_t>(std::min<wide>(cap, static_cast<wide>(a) + b)); }

bool has_taps(StackKind kind) { return kind == StackKind::transposed || kind == StackKind::convolution; }

/// r^dims of a shuffle.
int64_t cells_of(const LayerSpec& spec) {
  int64_t product = 1;
  for (const AxisSpec& axis : spec.spatial()) product = capped_product(product, axis.stride);
  return product;
}

/// "layer 3 (up1)".
std::string place_name(const Stack& stack, std::size_t index) {
  const std::string& name = stack[index].name;
  return "layer " + std::to_string(index + 1) + (name.empty() ? "" : " (" + name + ")");
}

void keep_fields(std::vector<Problem>& problems, std::vector<Problem> found,
                 std::initializer_list<std::string_view> fields) {
  for (Problem& problem : found) {
    if (std::ranges::find(fields, problem.field) != fields.end()) problems.push_back(std::move(problem));
  }
}

/// What is wrong with a forward convolution of stride 1.
std::vector<Problem> convolution_problems(const LayerSpec& spec, const Limits& limits) {
  // The rules of numbers and channels are those of a transposed one; only the padding works the other way round.
  LayerSpec uncropped = spec;
  std::vector<Problem> problems;
  for (int i = 0; i < spec.dims; ++i) {
    AxisSpec& axis = uncropped.axes[static_cast<std::size_t>(i)];
    for (const auto& [field, value] :
         {std::pair{"padding_begin", axis.padding_begin}, {"padding_end", axis.padding_end}}) {
      if (value < 0) problems.push_back({field, i, "must be at least 0", std::to_string(value), 0});
      if (value > limits.axis_number) {
        problems.push_back({field, i, "may be at most " + std::to_string(limits.axis_number), std::to_string(value),
                            limits.axis_number});
      }
    }
    axis.stride = 1;
    axis.padding_begin = axis.padding_end = axis.output_padding = 0;
  }
  for (Problem& problem : validate(uncropped, limits)) {
    if (problem.field != "output") problems.push_back(std::move(problem));
  }
  if (!problems.empty()) return problems;
  LayerSpec result = uncropped;
  for (int i = 0; i < spec.dims; ++i) {
    const AxisSpec& axis = spec.axes[static_cast<std::size_t>(i)];
    const StackAxis next =
        next_axis({.output = axis.input, .pattern = {}, .profile = {}}, StackKind::convolution, axis);
    if (next.output < 1) {
      problems.push_back({"kernel", i, "must fit into the padded input; the output size must be at least 1",
                          "an extent of " + std::to_string(stamp_extent(axis)) + " in " +
                              std::to_string(axis.input + axis.padding_begin + axis.padding_end) + " cells",
                          std::nullopt});
    }
    AxisSpec& of_result = result.axes[static_cast<std::size_t>(i)];
    of_result = {.input = std::max<int64_t>(1, next.output)};
  }
  if (problems.empty()) keep_fields(problems, validate(result, limits), {"output"});
  return problems;
}

std::vector<Problem> enlarging_problems(const StackLayer& layer, int64_t channels_in, const Limits& limits) {
  LayerSpec spec = layer.spec;
  for (AxisSpec& axis : spec.spatial()) axis = {.input = axis.input, .kernel = axis.stride, .stride = axis.stride};
  std::vector<Problem> problems;
  const int64_t shared = layer.kind == StackKind::shuffle ? cells_of(spec) : 1;
  if (shared >= 1 && channels_in % shared != 0) {
    return {{"in_channels", -1, "must be a multiple of " + std::to_string(shared) + " to be shuffled",
             std::to_string(channels_in), std::nullopt}};
  }
  keep_fields(problems, validate(spec, limits), {"input", "stride", "output", "in_channels", "out_channels"});
  if (problems.empty() && spec.out_channels != channels_in / shared) {
    problems.push_back({"out_channels", -1,
                        "must be the " + std::to_string(channels_in / shared) + " channels that come out of " +
                            std::string(kind_name(layer.kind)),
                        std::to_string(spec.out_channels), channels_in / shared});
  }
  return problems;
}

/// What is wrong with a layer in its place; its spec has the sizes that come in.
std::vector<Problem> problems_of(const StackLayer& layer, const Limits& limits) {
  if (layer.spec.dims < 1 || layer.spec.dims > 3) return validate(layer.spec, limits);
  switch (layer.kind) {
    case StackKind::transposed:
      return validate(layer.spec, limits);
    case StackKind::convolution:
      return convolution_problems(layer.spec, limits);
    case StackKind::nearest:
    case StackKind::shuffle:
      break;
  }
  return enlarging_problems(layer, layer.spec.in_channels, limits);
}

/// Whether a layer can follow the one before it.
std::vector<Problem> joint_problems(const Stack& stack, std::size_t index, const StackLayer& before) {
  const StackLayer& layer = stack[index];
  const std::string name = place_name(stack, index - 1);
  if (layer.spec.dims != before.spec.dims) {
    return {{"dims", -1, "must be the " + std::to_string(before.spec.dims) + " of " + name,
             std::to_string(layer.spec.dims), before.spec.dims}};
  }
  if (layer.joined < 0) return {{"joined", -1, "must be at least 0", std::to_string(layer.joined), 0}};
  const int64_t channels = capped_sum(before.spec.out_channels, layer.joined);
  if (layer.spec.in_channels != channels) {
    const std::string joined =
        layer.joined == 0 ? ""
                          : ", with the " + std::to_string(layer.joined) + " joined ones " + std::to_string(channels);
    return {{"in_channels", -1,
             "must be the " + std::to_string(before.spec.out_channels) + " output channels of " + name + joined,
             std::to_string(layer.spec.in_channels), channels}};
  }
  return {};
}

void add_cost(StackDepth& depth) {
  const LayerSpec& spec = depth.layer.spec;
  if (!has_taps(depth.layer.kind)) return;
  int64_t weights = capped_product(spec.in_channels, spec.out_channels / spec.groups);
  int64_t cells = 1;
  for (std::size_t i = 0; i < depth.axes.size(); ++i) {
    weights = capped_product(weights, spec.axes[i].kernel);
    const StackAxis& axis = depth.axes[i];
    cells = capped_product(cells, depth.layer.kind == StackKind::transposed ? axis.input : axis.output);
  }
  depth.macs = capped_product(weights, cells);
  depth.parameters = capped_sum(weights, spec.bias ? spec.out_channels : 0);
}

}  // namespace

std::string_view kind_name(StackKind kind) {
  constexpr std::array<std::string_view, 4> names{"transposed", "convolution", "nearest", "shuffle"};
  return names[static_cast<std::size_t>(kind)];
}

bool StackDepth::known() const {
  return std::ranges::none_of(axes, [](const StackAxis& axis) { return axis.pattern.empty(); });
}

bool StackDepth::even() const {
  return known() && std::ranges::all_of(axes, [](const StackAxis& axis) { return axis.least == axis.most; });
}

int64_t StackDepth::least() const {
  int64_t product = 1;
  for (const StackAxis& axis : axes) product = capped_product(product, axis.least);
  return product;
}

int64_t StackDepth::most() const {
  int64_t product = 1;
  for (const StackAxis& axis : axes) product = capped_product(product, axis.most);
  return product;
}

double StackDepth::ratio() const {
  if (!known()) return std::numeric_limits<double>::quiet_NaN();
  double ratio = 1;
  for (const StackAxis& axis : axes) {
    if (axis.least == 0) return std::numeric_limits<double>::infinity();
    ratio *= static_cast<double>(axis.most) / static_cast<double>(axis.least);
  }
  return ratio;
}

int64_t StackDepth::evening_kernel() const {
  if (!known()) return 0;
  int64_t kernel = 1;
  for (const StackAxis& axis : axes) kernel = kernel / std::gcd(kernel, axis.period) * axis.period;  // 3 of 2^13: fits
  return kernel;
}

StackReport report_on(const Stack& stack, const Limits& limits) {
  StackReport report;
  const auto layers = static_cast<int64_t>(stack.size());
  if (layers < 1 || layers > longest_stack) {
    report.problems.push_back({"layers", -1, "must be 1 to " + std::to_string(longest_stack), std::to_string(layers),
                               layers < 1 ? 1 : longest_stack});
    return report;
  }
  for (std::size_t index = 0; index < stack.size(); ++index) {
    StackDepth depth{.layer = stack[index], .axes = {}};
    LayerSpec& spec = depth.layer.spec;
    const StackDepth* before = index > 0 ? &report.depths.back() : nullptr;
    auto problems = before != nullptr ? joint_problems(stack, index, before->layer) : std::vector<Problem>{};
    if (problems.empty()) {
      spec.batch = 1;
      for (std::size_t i = 0; before != nullptr && i < before->axes.size(); ++i)
        spec.axes[i].input = before->axes[i].output;
      problems = problems_of(depth.layer, limits);
    }
    if (!problems.empty()) {
      for (Problem& problem : problems) problem.field = place_name(stack, index) + ", " + problem.field;
      report.problems = std::move(problems);
      return report;
    }
    for (std::size_t i = 0; i < spec.spatial().size(); ++i) {
      const StackAxis begin = before != nullptr ? before->axes[i] : first_axis(spec.axes[i].input);
      depth.axes.push_back(next_axis(begin, depth.layer.kind, spec.axes[i]));
    }
    add_cost(depth);
    report.parameters = capped_sum(report.parameters, depth.parameters);
    report.macs = capped_sum(report.macs, depth.macs);
    report.depths.push_back(std::move(depth));
  }
  return report;
}

Stack repeated(const LayerSpec& layer, int64_t depth) {
  Stack stack;
  for (int64_t i = 0; i < std::min(depth, longest_stack + 1); ++i) {
    StackLayer& one = stack.emplace_back();
    one.spec = layer;
    if (i > 0) one.spec.in_channels = layer.out_channels;
  }
  return stack;
}

StackLayer size_keeping_convolution(int dims, int64_t channels, int64_t kernel) {
  StackLayer layer{.name = {}, .kind = StackKind::convolution, .spec = {}};
  layer.spec.dims = dims;
  layer.spec.in_channels = layer.spec.out_channels = channels;
  for (AxisSpec& axis : layer.spec.spatial()) {
    axis.kernel = kernel;
    axis.padding_begin = (kernel - 1) / 2;
    axis.padding_end = kernel - 1 - axis.padding_begin;
  }
  return layer;
}

}  // namespace tconv
