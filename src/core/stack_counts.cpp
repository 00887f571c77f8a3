// One axis through one layer: the footprint of a cell, and the paths that lead to each cell.

#include <algorithm>

#include "core/scatter_add.h"
#include "core/stack.h"

namespace tconv {
namespace {

using std::int64_t;
using wide = __int128;
using Counts = std::vector<int64_t>;

constexpr int64_t most_paths = int64_t{1} << 61;
constexpr int64_t most_work = int64_t{1} << 24;  // additions for one axis of one layer

int64_t within_paths(wide value) { return static_cast<int64_t>(std::clamp<wide>(value, -most_paths, most_paths)); }

std::size_t at(int64_t index) { return static_cast<std::size_t>(index); }

/// The remainder of a division rounded downwards: 0 <= result < n.
int64_t wide_modulo(wide value, int64_t n) { return static_cast<int64_t>((value % n + n) % n); }

bool counted(const Counts& counts) {
  return std::ranges::all_of(counts, [](int64_t count) { return count < most_paths; });
}

/// The taps of a kernel by the place modulo `n` that they move a cell to: place and how many.
struct TapGroup {
  int64_t place;
  int64_t taps;
};
std::vector<TapGroup> tap_groups(const AxisSpec& spec, int64_t n) {
  std::vector<TapGroup> groups;
  for (int64_t tap = 0; tap < std::min(spec.kernel, n); ++tap) {
    // Taps that are n apart land on the same place, whatever the dilation.
    groups.push_back({wide_modulo(static_cast<wide>(tap) * spec.dilation, n), (spec.kernel - 1 - tap) / n + 1});
  }
  return groups;
}

/// Of an input without ends that repeats after before.size() cells. Empty when it is too long or too much work.
Counts next_pattern(const Counts& before, StackKind kind, const AxisSpec& spec, int64_t scale) {
  if (before.empty() || scale > longest_pattern) return {};
  const auto cells = static_cast<int64_t>(before.size());
  Counts after(at(scale), 0);
  if (kind == StackKind::nearest || kind == StackKind::shuffle) {
    for (int64_t i = 0; i < scale; ++i) after[at(i)] = before[at(i / spec.stride)];
    return after;
  }
  if (std::min(spec.kernel, scale) > most_work / cells) return {};
  const bool spreads = kind == StackKind::transposed;
  for (const TapGroup& group : tap_groups(spec, scale)) {
    for (int64_t i = 0; i < cells; ++i) {
      const wide place = spreads ? static_cast<wide>(i) * spec.stride + group.place - spec.padding_begin
                                 : static_cast<wide>(i) - group.place + spec.padding_begin;
      int64_t& sum = after[at(wide_modulo(place, scale))];
      sum = within_paths(sum + static_cast<wide>(before[at(i)]) * group.taps);
    }
  }
  return counted(after) ? after : Counts{};
}

/// Of the real map, `output` cells long.
Counts next_profile(const Counts& before, StackKind kind, const AxisSpec& spec, int64_t output) {
  if (before.empty() || output > longest_profile) return {};
  const auto cells = static_cast<int64_t>(before.size());
  Counts after(at(output), 0);
  if (kind == StackKind::nearest || kind == StackKind::shuffle) {
    for (int64_t i = 0; i < output; ++i) after[at(i)] = before[at(i / spec.stride)];
    return after;
  }
  if (spec.kernel > most_work / cells) return {};
  for (int64_t tap = 0; tap < spec.kernel; ++tap) {
    if (kind == StackKind::transposed) {
      const CellRange range = cells_that_land(spec, tap);
      for (int64_t i = range.first; i <= range.last; ++i) {
        int64_t& sum = after[at(i * spec.stride + tap * spec.dilation - spec.padding_begin)];
        sum = within_paths(static_cast<wide>(sum) + before[at(i)]);
      }
    } else {
      const int64_t shift = tap * spec.dilation - spec.padding_begin;  // output cell o reads input cell o + shift
      for (int64_t o = std::max<int64_t>(0, -shift); o < std::min(output, cells - shift); ++o) {
        after[at(o)] = within_paths(static_cast<wide>(after[at(o)]) + before[at(o + shift)]);
      }
    }
  }
  return counted(after) ? after : Counts{};
}

/// The shortest stretch after which a pattern repeats; it divides the pattern's length.
int64_t shortest_period(const Counts& pattern) {
  const auto cells = static_cast<int64_t>(pattern.size());
  for (int64_t period = 1; period < cells; ++period) {
    if (cells % period == 0 && std::equal(pattern.begin() + period, pattern.end(), pattern.begin())) return period;
  }
  return cells;
}

int64_t next_size(int64_t input, StackKind kind, const AxisSpec& spec) {
  const wide reach = static_cast<wide>(spec.dilation) * (spec.kernel - 1);
  switch (kind) {
    case StackKind::transposed:
      return output_size(spec);
    case StackKind::convolution:
      return within_paths(static_cast<wide>(input) + spec.padding_begin + spec.padding_end - reach);
    case StackKind::nearest:
    case StackKind::shuffle:
      break;
  }
  return within_paths(static_cast<wide>(input) * spec.stride);
}

}  // namespace

StackAxis first_axis(int64_t input) {
  StackAxis axis{.input = input, .output = input, .pattern = {1}, .least = 1, .most = 1, .period = 1, .profile = {}};
  if (input >= 1 && input <= longest_profile) axis.profile.assign(at(input), 1);
  return axis;
}

StackAxis next_axis(const StackAxis& before, StackKind kind, const AxisSpec& given) {
  AxisSpec spec = given;
  spec.input = before.output;
  StackAxis after;
  after.input = before.output;
  after.output = next_size(before.output, kind, spec);

  const bool taps = kind == StackKind::transposed || kind == StackKind::convolution;
  const int64_t stride = kind == StackKind::convolution ? 1 : spec.stride;
  const wide extent = taps ? static_cast<wide>(spec.dilation) * (spec.kernel - 1) : stride - 1;
  const wide crop = taps ? spec.padding_begin : 0;
  after.scale = within_paths(static_cast<wide>(before.scale) * stride);
  const wide spread = static_cast<wide>(before.first) * stride;
  after.first = within_paths(kind == StackKind::convolution ? spread + crop - extent : spread - crop);
  after.reach = within_paths(static_cast<wide>(before.reach - 1) * stride + extent + 1);
  const double half = static_cast<double>(extent) / 2;
  after.own_drift = kind == StackKind::convolution
                        ? static_cast<double>(crop) - half
                        : half - static_cast<double>(crop) - static_cast<double>(stride - 1) / 2;
  after.drift = before.drift * static_cast<double>(stride) + after.own_drift;

  after.pattern = next_pattern(before.pattern, kind, spec, after.scale);
  after.profile = next_profile(before.profile, kind, spec, after.output);
  if (!after.pattern.empty()) {
    const auto [least, most] = std::ranges::minmax_element(after.pattern);
    after.least = *least;
    after.most = *most;
    after.period = shortest_period(after.pattern);
  }
  return after;
}

}  // namespace tconv
