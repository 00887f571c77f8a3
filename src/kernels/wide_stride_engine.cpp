// Wide strides: neighbouring cells of an output row belong to many phases, which would be costly to interleave. Here
// the lanes of a vector are neighbouring output cells, each with the weights of its own phase; see wide_stride_row.h.

#include <hwy/cache_control.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/engine.h"
#include "kernels/finite.h"
#include "kernels/shares.h"
#include "kernels/wide_stride_cost.h"
#include "kernels/wide_stride_pack.h"
#include "kernels/wide_stride_row.h"
#include "kernels/wide_stride_tile.h"

namespace tconv {
namespace {

constexpr std::int64_t most_phases = 1 << 16;          // of z and y together
constexpr std::int64_t most_packed_weights = 1 << 26;  // floats
constexpr std::int64_t most_packed_inputs = 1 << 22;   // floats, of the images that are packed at a time
constexpr std::int64_t longest_pass = 256;             // terms in one float32 sum
constexpr std::int64_t most_lanes = 16;
constexpr std::int64_t most_positions = 8;  // vectors of a channel in a tile
constexpr std::int64_t most_channels = 3;   // of a tile

/// The taps of a phase whose inputs exist: [first, last).
struct TapRange {
  std::size_t first = 0;
  std::size_t last = 0;
  bool operator==(const TapRange&) const = default;
};
TapRange taps_that_land(const std::vector<AxisPlan::Tap>& taps, std::int64_t quotient, std::int64_t input) {
  TapRange range;
  while (range.first < taps.size() && quotient + taps[range.first].offset >= input) ++range.first;
  range.last = range.first;
  while (range.last < taps.size() && quotient + taps[range.last].offset >= 0) ++range.last;
  return range;
}

class WideStride : public Kernel {
 public:
  WideStride(const LayerPlan& plan, const float* weight, const float* bias, double cycles)
      : plan_(plan),
        row_(plan.x(), vector_lanes()),
        pack_(plan, row_, wide_channels(vector_lanes()), weight),
        cycles_(cycles),
        bias_(static_cast<std::size_t>(plan.out_channels), 0.0F) {
    if (bias != nullptr) std::copy_n(bias, plan.out_channels, bias_.begin());
    for (int channels = 1; channels <= pack_.channels(); ++channels) {
      for (int positions = 1; positions <= most_positions; ++positions) {
        functions_.push_back(wide_tile(channels, positions, row_.reads));
      }
    }
    for (std::int64_t variant = 0; variant < row_.variants; ++variant) {
      for (const std::int32_t input : row_.order(variant)) orders_.push_back(input);
    }
    const std::int64_t image = plan.in_channels * pack_.input_channel();
    images_ = std::clamp<std::int64_t>(most_packed_inputs / image, 1, plan.batch);
    inputs_ = FloatBuffer(images_ * image);
    rows_ = wide_rows_together(plan, row_);
    const std::int64_t in_row = ceil_div(row_.vectors, row_.variants);
    // Layers of few rows, as those of 1D, are also cut along them, so that threads have something to share.
    columns_ = plan.y().quotients * plan.z().quotients >= 16 ? in_row : ceil_div(in_row, 16);
    columns_ = std::max<std::int64_t>(columns_, 2 * most_positions);
  }

  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) override {
    finite_input_ = true;
    for (std::int64_t first = 0; first < plan_.batch; first += images_) {
      const std::int64_t images = std::min(images_, plan_.batch - first);
      if (!pack_inputs(input + first * plan_.in_channels * plan_.input_cells(), images, team, keep_going)) return false;
      float* const to = output + first * plan_.out_channels * plan_.output_cells();
      const std::int64_t parts = images * plan_.groups * row_blocks() * column_blocks() * pack_.tiles() * phase_count();
      const std::int64_t shares =
          shares_of(cycles_ * static_cast<double>(images) / static_cast<double>(plan_.batch), parts, team.threads());
      const bool done = team.share(shares, keep_going, [&](std::int64_t share, int) {
        const PartRange range = parts_of(share, shares, parts);
        for (std::int64_t part = range.first; part < range.last; ++part) run_part(part, to);
        if (past_the_caches(to)) hwy::FlushStream();
      });
      if (!done) return false;
    }
    return true;
  }

  /// Taps that there are not have weights of zero.
  bool spread_specials() const override { return !finite_input_; }

  std::string way() const override {
    return std::to_string(row_.lanes) + " neighbouring cells in a vector, each with the weights of its phase, " +
           std::to_string(pack_.channels()) + " channels × " +
           std::to_string(wide_positions(static_cast<int>(row_.lanes), static_cast<int>(pack_.channels()))) +
           " vectors in registers";
  }

 private:
  std::int64_t row_blocks() const { return ceil_div(plan_.y().quotients, rows_); }
  std::int64_t column_blocks() const {
    return std::max<std::int64_t>(1, ceil_div(ceil_div(row_.vectors, row_.variants), columns_));
  }
  std::int64_t phase_count() const { return static_cast<std::int64_t>(pack_.phases().size()); }
  const std::vector<AxisPlan::Tap>& z_taps(std::int64_t phase) const {
    return plan_.z().phases[static_cast<std::size_t>(phase)];
  }
  const std::vector<AxisPlan::Tap>& y_taps(std::int64_t phase) const {
    return plan_.y().phases[static_cast<std::size_t>(phase)];
  }
  static std::size_t function(std::int64_t channels, std::int64_t positions) {
    return static_cast<std::size_t>((channels - 1) * most_positions + positions - 1);
  }

  bool pack_inputs(const float* input, std::int64_t images, const Team& team, const KeepGoing& keep_going) {
    const std::int64_t rows = plan_.z().input * plan_.y().input;
    const std::int64_t cells = plan_.x().input;
    const std::int64_t parts = images * plan_.in_channels;
    const std::int64_t shares = shares_of(static_cast<double>(parts * rows * (cells / 8 + 10)), parts, team.threads());
    return team.share(shares, keep_going, [&](std::int64_t share, int) {
      const PartRange range = parts_of(share, shares, parts);
      for (std::int64_t channel = range.first; channel < range.last; ++channel) {
        float* const to = inputs_.data() + channel * pack_.input_channel() + row_.margin;
        const float* const from = input + channel * rows * cells;
        bool finite = true;
        for (std::int64_t row = 0; row < rows; ++row) {
          finite = copy_finite(from + row * cells, cells, to + row * row_.row_length) && finite;
        }
        if (!finite) finite_input_ = false;
      }
    });
  }

  bool past_the_caches(const float* output) const {
    constexpr std::int64_t larger_than_caches = 5 << 20;  // floats
    const auto vector = static_cast<std::uintptr_t>(row_.lanes);
    return plan_.output_size() > larger_than_caches && plan_.x().output % row_.lanes == 0 &&
           reinterpret_cast<std::uintptr_t>(output) % (vector * sizeof(float)) == 0;
  }

  /// Parts that follow one another read the same inputs: (image, group, block of rows, block of columns, tile,
  /// phases).
  void run_part(std::int64_t part, float* output) const {
    const WidePhases& phase = pack_.phases()[static_cast<std::size_t>(part % phase_count())];
    part /= phase_count();
    const std::int64_t tile = part % pack_.tiles();
    part /= pack_.tiles();
    const std::int64_t columns = part % column_blocks();
    part /= column_blocks();
    const std::int64_t block = part % row_blocks();
    part /= row_blocks();
    const std::int64_t group = part % plan_.groups;
    const std::int64_t image = part / plan_.groups;

    const std::int64_t channel = group * plan_.group_out() + tile * pack_.channels();
    Rows rows;
    rows.channels = static_cast<int>(pack_.channels_of(tile));
    rows.output = output + (image * plan_.out_channels + channel) * plan_.output_cells();
    rows.window = pack_.next_window(tile, phase);
    rows.columns = columns;
    rows.tile.input = inputs_.data();
    rows.tile.terms = pack_.inputs(phase);
    rows.tile.weights = pack_.weights(group, tile, phase);
    rows.tile.row = row_.numbers;
    rows.tile.bias = bias_.data() + channel;
    rows.tile.output_step = plan_.output_cells();
    rows.tile.past_the_caches = past_the_caches(output);

    const AxisPlan& z = plan_.z();
    const AxisPlan& y = plan_.y();
    const std::int64_t first_input = (image * plan_.in_channels + group * plan_.group_in()) * pack_.input_channel();
    const std::int64_t end = std::min((block + 1) * rows_, ceil_div(y.output - phase.y, y.stride));
    for (std::int64_t qz = 0; qz * z.stride + phase.z < z.output; ++qz) {
      const TapRange in_z = taps_that_land(z_taps(phase.z), qz, z.input);
      for (std::int64_t qy = block * rows_; qy < end; qy += rows.count) {
        const TapRange in_y = taps_that_land(y_taps(phase.y), qy, y.input);
        rows.count = 1;
        while (qy + rows.count < end && taps_that_land(y_taps(phase.y), qy + rows.count, y.input) == in_y) ++rows.count;
        find_passes(in_z, in_y, y_taps(phase.y).size(), rows);
        rows.at = first_input + (qz * y.input + qy) * row_.row_length;
        rows.to = ((qz * z.stride + phase.z) * y.output + qy * y.stride + phase.y) * plan_.x().output;
        run_rows(rows);
      }
    }
  }

  /// Output rows of the same phases that read the same taps, `y.stride` apart.
  struct Rows {
    std::int64_t count = 1;
    std::int64_t at = 0;       ///< the first one's inputs, but for the terms
    std::int64_t to = 0;       ///< the first one's first cell
    std::int64_t columns = 0;  ///< which block of them
    int channels = 1;
    std::int64_t window = 0;  ///< floats from one variant's weights to the next one's, 0: they share
    float* output = nullptr;  ///< the tile's first channel
    WideTile tile;
    std::vector<WideRun> runs;
    std::vector<std::size_t> passes;  ///< where each ends in `runs`
  };

  /// Passes of so few terms that rounding does not grow with their number; at least one, for the bias.
  void find_passes(TapRange z, TapRange y, std::size_t y_taps, Rows& rows) const {
    rows.runs.clear();
    rows.passes.clear();
    const auto per_z_tap = static_cast<std::int64_t>(y.last - y.first) * pack_.terms_of_tap();
    const std::int64_t all = static_cast<std::int64_t>(z.last - z.first) * per_z_tap;
    const std::int64_t passes = std::max<std::int64_t>(1, ceil_div(all, longest_pass));
    std::int64_t term = 0;
    for (std::int64_t pass = 0; pass < passes; ++pass) {
      const std::int64_t end = all * (pass + 1) / passes;
      while (term < end) {
        const std::int64_t z_tap = term / per_z_tap;
        const std::int64_t count = std::min(end, (z_tap + 1) * per_z_tap) - term;
        const auto tap = (static_cast<std::int64_t>(z.first) + z_tap) * static_cast<std::int64_t>(y_taps) +
                         static_cast<std::int64_t>(y.first);
        rows.runs.push_back({tap * pack_.terms_of_tap() + term - z_tap * per_z_tap, count});
        term += count;
      }
      rows.passes.push_back(rows.runs.size());
    }
  }

  void run_rows(Rows& rows) const {
    std::size_t first = 0;
    for (const std::size_t last : rows.passes) {
      rows.tile.runs = std::span(rows.runs).subspan(first, last - first);
      rows.tile.add = first > 0;
      run_pass(rows);
      first = last;
    }
  }

  void run_pass(const Rows& rows) const {
    // Cells that are computed twice must not be added to.
    const std::int64_t last_variant = rows.passes.size() == 1 ? row_.last_variant : -1;
    const std::int64_t first = rows.columns * columns_;
    const bool last_columns = rows.columns + 1 == column_blocks();
    for (std::int64_t variant = 0; variant < row_.variants; ++variant) {
      const std::int64_t in_row = (row_.vectors - variant + row_.variants - 1) / row_.variants;
      const std::int64_t here = std::clamp<std::int64_t>(in_row - first, 0, columns_);
      const bool ends = variant == last_variant && last_columns;
      run_vectors(rows, variant,
                  {row_.first_input(variant) + first * row_.cells_apart, (variant + first * row_.variants) * row_.lanes,
                   here + (ends ? 1 : 0), ends, false});
    }
    if (row_.rest == 0 || last_variant >= 0 || !last_columns) return;
    const std::int64_t variant = row_.vectors % row_.variants;
    const std::int64_t before = row_.vectors / row_.variants * row_.cells_apart;
    run_vectors(rows, variant, {row_.first_input(variant) + before, row_.vectors * row_.lanes, 1, false, true});
  }

  /// Those of one variant, in each of some rows.
  struct Vectors {
    std::int64_t at;  ///< the first one's inputs, from the row's begin
    std::int64_t to;  ///< its first cell
    std::int64_t in_row;
    bool ends;  ///< the last one ends where the row ends
    bool rest;  ///< the only one reaches beyond the row
  };

  void run_vectors(const Rows& rows, std::int64_t variant, const Vectors& vectors) const {
    const std::int64_t most = wide_positions(static_cast<int>(row_.lanes), rows.channels);
    const std::int64_t count = rows.count * vectors.in_row;
    if (count == 0) return;
    const std::int64_t tiles = ceil_div(count, most);
    const std::int64_t each = count / tiles;
    WideTile tile = rows.tile;
    tile.weights += variant * rows.window + row_.first_number(variant);
    tile.order = orders_.data() + variant * row_.lanes;
    const std::int64_t next_row = plan_.y().stride * row_.output;
    const std::int64_t length = row_.row_length;
    const std::int64_t next_at = row_.cells_apart;
    const std::int64_t next_to = row_.variants * row_.lanes;
    const std::int64_t last_at = row_.last_input() - vectors.at;
    const std::int64_t last_to = row_.output - row_.lanes - vectors.to;
    std::int64_t at[most_positions];
    std::int64_t to[most_positions];
    std::int64_t row_at = rows.at + vectors.at;
    std::int64_t row_to = rows.to + vectors.to;
    std::int64_t vector = 0;
    for (std::int64_t left = tiles, over = count % tiles; left > 0; --left, --over) {
      const std::int64_t positions = each + (over > 0 ? 1 : 0);
      for (std::int64_t p = 0; p < positions; ++p) {
        at[p] = row_at + vector * next_at;
        to[p] = row_to + vector * next_to;
        if (++vector < vectors.in_row) continue;
        if (vectors.ends) {
          at[p] = row_at + last_at;
          to[p] = row_to + last_to;
        }
        vector = 0;
        row_at += length;
        row_to += next_row;
      }
      tile.at = at;
      if (vectors.rest) {
        run_rest(tile, rows, static_cast<int>(positions), to);
      } else {
        tile.to = to;
        tile.output = rows.output;
        functions_[function(rows.channels, positions)](tile);
      }
    }
  }

  /// Vectors that reach beyond the row: by way of a scratch.
  void run_rest(WideTile& tile, const Rows& rows, int positions, const std::int64_t* to) const {
    alignas(64) float scratch[most_channels * most_positions * most_lanes];
    std::int64_t places[most_positions];
    for (int p = 0; p < positions; ++p) places[p] = p * row_.lanes;
    tile.output = scratch;
    tile.to = places;
    tile.output_step = positions * row_.lanes;
    tile.past_the_caches = false;
    if (tile.add) {
      std::ranges::fill(scratch, 0.0F);
      copy_rest(rows, positions, to, scratch, true);
    }
    functions_[function(rows.channels, positions)](tile);
    copy_rest(rows, positions, to, scratch, false);
  }

  void copy_rest(const Rows& rows, int positions, const std::int64_t* to, float* scratch, bool into_scratch) const {
    for (int channel = 0; channel < rows.channels; ++channel) {
      for (int p = 0; p < positions; ++p, scratch += row_.lanes) {
        float* const output = rows.output + channel * plan_.output_cells() + to[p];
        std::copy_n(into_scratch ? output : scratch, row_.rest, into_scratch ? scratch : output);
      }
    }
  }

  LayerPlan plan_;
  WideRow row_;
  WidePack pack_;
  double cycles_;
  std::int64_t rows_ = 1;     ///< of a block
  std::int64_t columns_ = 1;  ///< vectors of each variant of a block
  std::int64_t images_ = 1;   ///< that are packed at a time
  std::vector<std::int32_t> orders_;
  std::vector<WideTileFunction> functions_;
  std::vector<float> bias_;
  FloatBuffer inputs_;
  std::atomic<bool> finite_input_ = true;
};

Estimate estimate_wide_stride(const LayerPlan& plan) {
  if (plan.weight_by_output) return {false, 0, "only for transposed convolutions"};
  if (plan.x().stride < WideRow::least_stride) return {false, 0, "only for strides of 5 and more along a row"};
  const std::int64_t phases = std::min(plan.z().stride, plan.z().output) * std::min(plan.y().stride, plan.y().output);
  const WideRow row(plan.x(), vector_lanes());
  const auto levels = static_cast<std::int64_t>(row.levels.size());
  const double rows_of_weights = static_cast<double>(plan.weight_size() / plan.x().kernel * levels);
  if (phases > most_phases || rows_of_weights * static_cast<double>(row.windows * row.numbers) > most_packed_weights ||
      plan.in_channels * plan.z().input * plan.y().input > most_packed_weights / row.row_length) {
    return {false, 0, "only for weights that take less memory, written out for every phase of a row"};
  }

  const double used = static_cast<double>(plan.x().kernel) / static_cast<double>(levels * plan.x().stride);
  return {true, wide_stride_cycles(plan, row),
          "vectors along an output row, whatever its phases: " + std::to_string(std::lround(100 * used)) +
              " % of the products count"};
}

std::unique_ptr<Kernel> prepare_wide_stride(const LayerPlan& plan, const float* weight, const float* bias) {
  return std::make_unique<WideStride>(plan, weight, bias, estimate_wide_stride(plan).cycles);
}

}  // namespace

Engine wide_stride_engine() { return {"wide_stride", &estimate_wide_stride, &prepare_wide_stride}; }

}  // namespace tconv
