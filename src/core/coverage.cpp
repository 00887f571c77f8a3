#include "core/coverage.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <numeric>
#include <utility>

namespace tconv {

using std::int64_t;

std::vector<int64_t> phase_counts(const AxisSpec& axis) {
  std::vector<int64_t> counts(static_cast<std::size_t>(axis.stride), 0);
  for (int64_t tap = 0; tap < axis.kernel; ++tap) ++counts[static_cast<std::size_t>(tap * axis.dilation % axis.stride)];
  return counts;
}

bool is_even(const AxisSpec& axis) {
  return axis.stride == 1 || (std::gcd(axis.stride, axis.dilation) == 1 && axis.kernel % axis.stride == 0);
}

bool is_even(const LayerSpec& layer) {
  return std::ranges::all_of(layer.spatial(), [](const AxisSpec& axis) { return is_even(axis); });
}

double phase_variance(const AxisSpec& axis) {
  const auto counts = phase_counts(axis);
  const auto phases = static_cast<double>(counts.size());
  const double mean = static_cast<double>(axis.kernel) / phases;
  double sum = 0;
  for (const int64_t count : counts) sum += (static_cast<double>(count) - mean) * (static_cast<double>(count) - mean);
  return sum / phases;
}

int64_t gap(const AxisSpec& axis) { return axis.dilation == 1 ? std::max<int64_t>(0, axis.stride - axis.kernel) : 0; }

namespace {

/// The taps of a run of one phase: first … last−1 of that phase's taps in ascending order.
struct TapRun {
  int64_t phase = 0;
  int64_t first = 0;
  int64_t last = 0;
  auto operator<=>(const TapRun&) const = default;
};

/// Which taps fall on which phase, and which of them reach a given output cell.
class TapsByPhase {
 public:
  explicit TapsByPhase(const AxisSpec& axis) : axis_(axis), taps_(static_cast<std::size_t>(axis.stride)) {
    for (int64_t tap = 0; tap < axis.kernel; ++tap) {
      taps_[static_cast<std::size_t>(tap * axis.dilation % axis.stride)].push_back(tap);
    }
  }

  const std::vector<int64_t>& of_phase(int64_t phase) const { return taps_[static_cast<std::size_t>(phase)]; }

  /// A tap k reaches the cell from the input cell (place − k·D)/S, which must exist: 0 <= place − k·D <= (I−1)·S.
  TapRun reaching(int64_t cell) const {
    const int64_t place = cell + axis_.padding_begin;
    const int64_t phase = place % axis_.stride;
    const std::vector<int64_t>& taps = of_phase(phase);
    const int64_t least = place - (axis_.input - 1) * axis_.stride;
    const auto first = std::ranges::partition_point(taps, [&](int64_t tap) { return tap * axis_.dilation < least; });
    const auto last = std::ranges::partition_point(taps, [&](int64_t tap) { return tap * axis_.dilation <= place; });
    return {phase, first - taps.begin(), std::max(first, last) - taps.begin()};
  }

 private:
  AxisSpec axis_;
  std::vector<std::vector<int64_t>> taps_;
};

}  // namespace

std::vector<int64_t> axis_coverage(const AxisSpec& axis) {
  const TapsByPhase taps(axis);
  std::vector<int64_t> counts(static_cast<std::size_t>(std::max<int64_t>(0, output_size(axis))));
  for (std::size_t cell = 0; cell < counts.size(); ++cell) {
    const TapRun run = taps.reaching(static_cast<int64_t>(cell));
    counts[cell] = run.last - run.first;
  }
  return counts;
}

CountRule count_rule(const AxisSpec& axis) {
  const int64_t reached = axis.stride / std::gcd(axis.stride, axis.dilation);
  return {reached, axis.kernel / reached, axis.kernel % reached};
}

namespace {

/// The output cells of an axis, told apart by the taps that reach them.
struct CellKinds {
  std::vector<TapRun> runs;       ///< one per kind
  std::vector<std::size_t> kind;  ///< of every output cell: an index into `runs`
};

CellKinds cell_kinds(const AxisSpec& axis, const TapsByPhase& taps) {
  std::map<TapRun, std::size_t> known;
  CellKinds result;
  const int64_t size = output_size(axis);
  for (int64_t cell = 0; cell < size; ++cell) {
    const TapRun run = taps.reaching(cell);
    const auto [entry, is_new] = known.emplace(run, result.runs.size());
    if (is_new) result.runs.push_back(run);
    result.kind.push_back(entry->second);
  }
  return result;
}

/// One axis of taps becomes one of kinds of cells: from (outer, taps, inner) to (outer, kinds, inner), by differences
/// of running sums.
std::vector<double> summed_over(const std::vector<double>& from, std::size_t outer, const AxisSpec& axis,
                                std::size_t inner, const TapsByPhase& taps, const std::vector<TapRun>& runs) {
  std::vector<double> to(outer * runs.size() * inner);
  std::vector<std::vector<double>> running(static_cast<std::size_t>(axis.stride));
  for (std::size_t o = 0; o < outer; ++o) {
    for (int64_t phase = 0; phase < axis.stride; ++phase) {
      std::vector<double>& sums = running[static_cast<std::size_t>(phase)];
      sums.assign(inner, 0.0);
      for (const int64_t tap : taps.of_phase(phase)) {
        const double* row =
            from.data() + (o * static_cast<std::size_t>(axis.kernel) + static_cast<std::size_t>(tap)) * inner;
        const std::size_t before = sums.size() - inner;
        for (std::size_t i = 0; i < inner; ++i) sums.push_back(sums[before + i] + row[i]);
      }
    }
    for (std::size_t k = 0; k < runs.size(); ++k) {
      const std::vector<double>& sums = running[static_cast<std::size_t>(runs[k].phase)];
      const double* first = sums.data() + static_cast<std::size_t>(runs[k].first) * inner;
      const double* last = sums.data() + static_cast<std::size_t>(runs[k].last) * inner;
      for (std::size_t i = 0; i < inner; ++i) to[(o * runs.size() + k) * inner + i] = last[i] - first[i];
    }
  }
  return to;
}

}  // namespace

namespace {

/// Asks whether to go on once in a million cells.
class RarelyAsked {
 public:
  explicit RarelyAsked(const KeepGoing& keep_going) : keep_going_(keep_going) {}

  /// So many cells come next.
  bool after(std::size_t cells) {
    cells_ += cells;
    if (cells_ < (std::size_t{1} << 20) || !keep_going_) return true;
    cells_ = 0;
    return keep_going_();
  }

 private:
  const KeepGoing& keep_going_;
  std::size_t cells_ = 0;
};

/// The shape of a map, and memory for its cells.
std::pair<Shape, std::vector<float>> empty_map(const LayerSpec& layer) {
  std::vector<int64_t> extents;
  for (const AxisSpec& axis : layer.spatial()) extents.push_back(output_size(axis));
  const Shape shape{std::span<const int64_t>(extents)};
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(shape.elements()));
  return {shape, std::move(values)};
}

/// The sums of every combination of kinds of cells, along (z, y, x).
struct KindSums {
  std::array<CellKinds, 3> kinds;
  std::vector<double> sums;

  /// Appends the cells of one slice; false when told to stop.
  bool append_slice(std::size_t z, std::vector<float>& values, RarelyAsked& ask) const {
    for (const std::size_t y : kinds[1].kind) {
      if (!ask.after(kinds[2].kind.size())) return false;
      const double* row = sums.data() + (kinds[0].kind[z] * kinds[1].runs.size() + y) * kinds[2].runs.size();
      for (const std::size_t x : kinds[2].kind) values.push_back(static_cast<float>(row[x]));
    }
    return true;
  }
};

KindSums kind_sums(const LayerSpec& layer, std::span<const float> kernel) {
  const auto axes = layer.as_3d();
  KindSums result;
  result.sums.assign(kernel.begin(), kernel.end());
  std::size_t outer = 1;
  std::size_t inner = kernel.size();
  for (std::size_t a = 0; a < 3; ++a) {
    const TapsByPhase taps(axes[a]);
    result.kinds[a] = cell_kinds(axes[a], taps);
    inner /= static_cast<std::size_t>(axes[a].kernel);
    result.sums = summed_over(result.sums, outer, axes[a], inner, taps, result.kinds[a].runs);
    outer *= result.kinds[a].runs.size();
  }
  return result;
}

}  // namespace

std::optional<Tensor> coverage_map(const LayerSpec& layer, std::span<const float> kernel, const KeepGoing& keep_going) {
  const KindSums sums = kind_sums(layer, kernel);
  auto [shape, values] = empty_map(layer);
  RarelyAsked ask(keep_going);
  for (std::size_t z = 0; z < sums.kinds[0].kind.size(); ++z) {
    if (!sums.append_slice(z, values, ask)) return std::nullopt;
  }
  return Tensor(shape, std::move(values));
}

Tensor coverage_map(const LayerSpec& layer, std::span<const float> kernel) {
  return *coverage_map(layer, kernel, KeepGoing{});
}

Tensor coverage_slice(const LayerSpec& layer, std::span<const float> kernel, int64_t slice) {
  const auto axes = layer.as_3d();
  const Shape shape{output_size(axes[1]), output_size(axes[2])};
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(shape.elements()));
  const KeepGoing always;
  RarelyAsked ask(always);
  kind_sums(layer, kernel).append_slice(static_cast<std::size_t>(slice), values, ask);
  return {shape, std::move(values)};
}

namespace {

/// Appends depth · rows · cols, one row of cells after the other; most rows repeat an earlier one. False when told to
/// stop.
bool append_products(int64_t depth, const std::vector<int64_t>& rows, const std::vector<int64_t>& cols,
                     std::vector<float>& values, RarelyAsked& ask) {
  constexpr std::size_t most_known = 64;
  std::map<int64_t, std::vector<float>> known;  // rows, by their count
  for (const int64_t y : rows) {
    if (!ask.after(cols.size())) return false;
    if (known.size() > most_known) known.clear();
    std::vector<float>& row = known[y];
    if (row.empty()) {
      for (const int64_t x : cols) row.push_back(static_cast<float>(depth * y * x));
    }
    values.insert(values.end(), row.begin(), row.end());
  }
  return true;
}

}  // namespace

Tensor coverage_slice(const LayerSpec& layer, int64_t slice) {
  const auto axes = layer.as_3d();
  const Shape shape{output_size(axes[1]), output_size(axes[2])};
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(shape.elements()));
  const KeepGoing always;
  RarelyAsked ask(always);
  append_products(axis_coverage(axes[0])[static_cast<std::size_t>(slice)], axis_coverage(axes[1]),
                  axis_coverage(axes[2]), values, ask);
  return {shape, std::move(values)};
}

std::optional<Tensor> coverage_map(const LayerSpec& layer, const KeepGoing& keep_going) {
  const auto axes = layer.as_3d();
  const std::array counts{axis_coverage(axes[0]), axis_coverage(axes[1]), axis_coverage(axes[2])};
  auto [shape, values] = empty_map(layer);
  RarelyAsked ask(keep_going);
  for (const int64_t z : counts[0]) {
    if (!append_products(z, counts[1], counts[2], values, ask)) return std::nullopt;
  }
  return Tensor(shape, std::move(values));
}

Tensor coverage_map(const LayerSpec& layer) { return *coverage_map(layer, KeepGoing{}); }

}  // namespace tconv
