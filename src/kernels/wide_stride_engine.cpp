// Wide strides: neighbouring cells of an output row belong to many phases, which would be costly to interleave. Here
// the lanes of a vector are neighbouring output cells, each with the weights of its own phase; see wide_stride_row.h.

#include <hwy/cache_control.h>

#include <algorithm>
#include <cmath>

#include "kernels/buffer.h"
#include "kernels/engine.h"
#include "kernels/shares.h"
#include "kernels/wide_stride_row.h"
#include "kernels/wide_stride_tile.h"

namespace tconv {
namespace {

constexpr std::int64_t most_phases = 1 << 16;          // of z and y together
constexpr std::int64_t most_packed_weights = 1 << 26;  // floats
constexpr std::int64_t most_packed_inputs = 1 << 22;   // floats, of the images that are packed at a time
constexpr std::int64_t inputs_in_cache = 48 * 1024;    // floats that stay in the level 2 cache for all weights
constexpr std::int64_t longest_stretch = 256;          // terms in one float32 sum
constexpr std::int64_t most_lanes = 16;
constexpr std::int64_t most_positions = 8;  // vectors of a channel in a tile
constexpr std::int64_t most_channels = 3;   // of a tile

std::int64_t ceiling(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

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

/// The output rows of one phase of z and one of y.
struct PhasePair {
  std::int64_t z = 0;
  std::int64_t y = 0;
  std::int64_t first_term = 0;
  std::int64_t terms = 0;
};

class WideStride : public Kernel {
 public:
  WideStride(const LayerPlan& plan, const float* weight, const float* bias, double cycles)
      : plan_(plan), row_(plan.x(), vector_lanes()), cycles_(cycles) {
    const std::int64_t most = wide_channels(vector_lanes());
    tiles_ = ceiling(plan.group_out(), most);
    channels_ = ceiling(plan.group_out(), tiles_);
    for (int channels = 1; channels <= most; ++channels) {
      for (int positions = 1; positions <= most_positions; ++positions) {
        functions_.push_back(wide_tile(channels, positions, row_.repeat));
      }
    }
    for (std::int64_t variant = 0; variant < row_.variants; ++variant) {
      for (const std::int32_t input : row_.order(variant)) orders_.push_back(input);
    }
    term_count_ = plan.group_in() * static_cast<std::int64_t>(row_.levels.size());  // of a tap of z and y
    for (std::int64_t z = 0; z < std::min(plan.z().stride, plan.z().output); ++z) {
      for (std::int64_t y = 0; y < std::min(plan.y().stride, plan.y().output); ++y) add_phases(z, y);
    }
    pack_weights(weight);
    bias_.assign(static_cast<std::size_t>(plan.out_channels), 0.0F);
    if (bias != nullptr) std::copy_n(bias, plan.out_channels, bias_.begin());

    const std::int64_t image = plan.in_channels * plan.z().input * plan.y().input * row_.row_length;
    images_ = std::clamp<std::int64_t>(most_packed_inputs / image, 1, plan.batch);
    inputs_ = FloatBuffer(images_ * image);
    std::ranges::fill(inputs_.span(), 0.0F);
    const std::int64_t plane = plan.group_in() * plan.z().input * row_.row_length;  // of one y
    rows_ = std::clamp<std::int64_t>(inputs_in_cache / plane, 1, plan.y().quotients);
  }

  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) override {
    for (std::int64_t first = 0; first < plan_.batch; first += images_) {
      const std::int64_t images = std::min(images_, plan_.batch - first);
      if (!pack_inputs(input + first * plan_.in_channels * plan_.input_cells(), images, team, keep_going)) return false;
      float* const to = output + first * plan_.out_channels * plan_.output_cells();
      const std::int64_t parts = images * plan_.groups * row_blocks() * tiles_ * phase_count();
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

  std::string way() const override {
    return std::to_string(row_.lanes) + " neighbouring cells in a vector, each with the weights of its phase, " +
           std::to_string(channels_) + " channels × " +
           std::to_string(wide_positions(static_cast<int>(row_.lanes), static_cast<int>(channels_))) +
           " vectors in registers";
  }

 private:
  std::int64_t row_blocks() const { return ceiling(plan_.y().quotients, rows_); }
  std::int64_t phase_count() const { return static_cast<std::int64_t>(phases_.size()); }
  const std::vector<AxisPlan::Tap>& z_taps(std::int64_t phase) const {
    return plan_.z().phases[static_cast<std::size_t>(phase)];
  }
  const std::vector<AxisPlan::Tap>& y_taps(std::int64_t phase) const {
    return plan_.y().phases[static_cast<std::size_t>(phase)];
  }
  /// Floats of a channel's packed inputs.
  std::int64_t packed_channel() const { return plan_.z().input * plan_.y().input * row_.row_length; }
  std::int64_t channels_of(std::int64_t tile) const {
    return std::min(channels_, plan_.group_out() - tile * channels_);
  }

  static std::size_t function(std::int64_t channels, std::int64_t positions) {
    return static_cast<std::size_t>((channels - 1) * most_positions + positions - 1);
  }

  /// Terms are ordered (z tap, y tap, input channel, level).
  void add_phases(std::int64_t z, std::int64_t y) {
    const auto first = static_cast<std::int64_t>(terms_.size());
    for (const AxisPlan::Tap& z_tap : z_taps(z)) {
      for (const AxisPlan::Tap& y_tap : y_taps(y)) {
        const std::int64_t rows = z_tap.offset * plan_.y().input + y_tap.offset;
        for (std::int64_t channel = 0; channel < plan_.group_in(); ++channel) {
          for (const std::int64_t level : row_.levels) {
            terms_.push_back(channel * packed_channel() + rows * row_.row_length - level);
          }
        }
      }
    }
    phases_.push_back({z, y, first, static_cast<std::int64_t>(terms_.size()) - first});
  }

  /// Weights before a tile of a group.
  std::int64_t weights_before(std::int64_t group, std::int64_t tile) const {
    return (group * plan_.group_out() + tile * channels_) * static_cast<std::int64_t>(terms_.size()) * row_.windows *
           row_.numbers;
  }

  /// (group, tile, phases, window, term, output channel of the tile, number)
  void pack_weights(const float* weight) {
    weights_ = FloatBuffer(weights_before(plan_.groups, 0));
    float* to = weights_.data();
    for (std::int64_t group = 0; group < plan_.groups; ++group) {
      for (std::int64_t tile = 0; tile < tiles_; ++tile) {
        const float* from = weight + plan_.weight_index(group, 0, tile * channels_, 0);
        for (const PhasePair& phase : phases_) {
          for (std::int64_t window = 0; window < row_.windows; ++window) {
            to = pack_window(phase, window, from, channels_of(tile), to);
          }
        }
      }
    }
  }

  float* pack_window(const PhasePair& phase, std::int64_t window, const float* weight, std::int64_t channels,
                     float* to) const {
    std::vector<std::vector<std::int32_t>> taps;
    for (const std::int64_t level : row_.levels) taps.push_back(row_.taps(level, window));
    for (const AxisPlan::Tap& z_tap : z_taps(phase.z)) {
      for (const AxisPlan::Tap& y_tap : y_taps(phase.y)) {
        const float* from = weight + (z_tap.tap * plan_.y().kernel + y_tap.tap) * plan_.x().kernel;
        for (std::int64_t in = 0; in < plan_.group_in(); ++in, from += plan_.group_out() * plan_.taps()) {
          for (const std::vector<std::int32_t>& row : taps) {
            for (std::int64_t out = 0; out < channels; ++out) {
              for (const std::int32_t tap : row) *to++ = tap < 0 ? 0.0F : from[out * plan_.taps() + tap];
            }
          }
        }
      }
    }
    return to;
  }

  bool pack_inputs(const float* input, std::int64_t images, const Team& team, const KeepGoing& keep_going) {
    const std::int64_t rows = plan_.z().input * plan_.y().input;
    const std::int64_t cells = plan_.x().input;
    const std::int64_t parts = images * plan_.in_channels;
    const std::int64_t shares = shares_of(static_cast<double>(parts * rows * (cells / 8 + 10)), parts, team.threads());
    return team.share(shares, keep_going, [&](std::int64_t share, int) {
      const PartRange range = parts_of(share, shares, parts);
      for (std::int64_t row = range.first * rows; row < range.last * rows; ++row) {
        std::copy_n(input + row * cells, cells, inputs_.data() + row * row_.row_length + row_.margin);
      }
    });
  }

  bool past_the_caches(const float* output) const {
    constexpr std::int64_t larger_than_caches = 5 << 20;  // floats
    const auto vector = static_cast<std::uintptr_t>(row_.lanes);
    return plan_.output_size() > larger_than_caches && plan_.x().output % row_.lanes == 0 &&
           reinterpret_cast<std::uintptr_t>(output) % (vector * sizeof(float)) == 0;
  }

  /// Parts that follow one another read the same inputs: (image, group, block of rows, tile, phases).
  void run_part(std::int64_t part, float* output) const {
    const PhasePair& phase = phases_[static_cast<std::size_t>(part % phase_count())];
    part /= phase_count();
    const std::int64_t tile_number = part % tiles_;
    part /= tiles_;
    const std::int64_t block = part % row_blocks();
    part /= row_blocks();
    const std::int64_t group = part % plan_.groups;
    const std::int64_t image = part / plan_.groups;

    const std::int64_t channel = group * plan_.group_out() + tile_number * channels_;
    Rows rows;
    rows.channels = static_cast<int>(channels_of(tile_number));
    rows.output = output + (image * plan_.out_channels + channel) * plan_.output_cells();
    rows.tile.input = inputs_.data();
    rows.tile.terms = terms_.data() + phase.first_term;
    rows.tile.weights = weights_.data() + weights_before(group, tile_number) +
                        phase.first_term * rows.channels * row_.windows * row_.numbers;
    rows.window = row_.windows == 1 ? 0 : phase.terms * rows.channels * row_.numbers;
    rows.tile.row = row_.numbers;
    rows.tile.bias = bias_.data() + channel;
    rows.tile.output_step = plan_.output_cells();
    rows.tile.past_the_caches = past_the_caches(output);

    const AxisPlan& z = plan_.z();
    const AxisPlan& y = plan_.y();
    const std::int64_t first_input = (image * plan_.in_channels + group * plan_.group_in()) * packed_channel();
    const std::int64_t end = std::min((block + 1) * rows_, ceiling(y.output - phase.y, y.stride));
    for (std::int64_t qz = 0; qz * z.stride + phase.z < z.output; ++qz) {
      const TapRange in_z = taps_that_land(z_taps(phase.z), qz, z.input);
      for (std::int64_t qy = block * rows_; qy < end; qy += rows.count) {
        const TapRange in_y = taps_that_land(y_taps(phase.y), qy, y.input);
        rows.count = 1;
        while (qy + rows.count < end && taps_that_land(y_taps(phase.y), qy + rows.count, y.input) == in_y) ++rows.count;
        find_runs(in_z, in_y, y_taps(phase.y).size(), rows.runs);
        rows.tile.runs = rows.runs;
        rows.at = first_input + (qz * y.input + qy) * row_.row_length;
        rows.to = ((qz * z.stride + phase.z) * y.output + qy * y.stride + phase.y) * plan_.x().output;
        run_rows(rows);
      }
    }
  }

  /// Output rows of the same phases that read the same taps, `y.stride` apart.
  struct Rows {
    std::int64_t count = 1;
    std::int64_t at = 0;  ///< the first one's inputs, but for the terms
    std::int64_t to = 0;  ///< the first one's first cell
    int channels = 1;
    std::int64_t window = 0;  ///< floats from one variant's weights to the next one's, 0: they share
    float* output = nullptr;  ///< the tile's first channel
    WideTile tile;
    std::vector<WideRun> runs;
  };

  void find_runs(TapRange z, TapRange y, std::size_t y_taps, std::vector<WideRun>& runs) const {
    runs.clear();
    std::int64_t length = 0;
    for (std::size_t tap = z.first; tap < z.last; ++tap) {
      std::int64_t first = static_cast<std::int64_t>(tap * y_taps + y.first) * term_count_;
      const std::int64_t end = static_cast<std::int64_t>(tap * y_taps + y.last) * term_count_;
      while (first < end) {
        const std::int64_t count = std::min(end - first, longest_stretch - length);
        length = (length + count) % longest_stretch;
        runs.push_back({first, count, length == 0});
        first += count;
      }
    }
  }

  void run_rows(Rows& rows) const {
    for (std::int64_t variant = 0; variant < row_.variants; ++variant) {
      const std::int64_t in_row = (row_.vectors - variant + row_.variants - 1) / row_.variants;
      Vectors vectors{row_.first_input(variant), variant * row_.lanes, in_row};
      if (variant == row_.last_variant) ++vectors.in_row;
      run_vectors(rows, variant, vectors);
    }
    if (row_.rest == 0 || row_.last_variant >= 0) return;
    const std::int64_t variant = row_.vectors % row_.variants;
    const std::int64_t before = row_.vectors / row_.variants;
    run_vectors(rows, variant,
                {row_.first_input(variant) + before * row_.cells_apart, row_.vectors * row_.lanes, 1, true});
  }

  /// Those of one variant, in each of some rows.
  struct Vectors {
    std::int64_t at;  ///< the first one's inputs, from the row's begin
    std::int64_t to;  ///< its first cell
    std::int64_t in_row;
    bool rest = false;  ///< it reaches beyond the row
  };

  void run_vectors(const Rows& rows, std::int64_t variant, const Vectors& vectors) const {
    const std::int64_t most = wide_positions(static_cast<int>(row_.lanes), rows.channels);
    const std::int64_t count = rows.count * vectors.in_row;
    if (count == 0) return;
    const std::int64_t tiles = ceiling(count, most);
    const std::int64_t each = count / tiles;
    WideTile tile = rows.tile;
    tile.weights += variant * rows.window + row_.first_number(variant);
    tile.order = orders_.data() + variant * row_.lanes;
    const bool ends = variant == row_.last_variant && !vectors.rest;
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
        if (ends) {
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
    functions_[function(rows.channels, positions)](tile);
    for (int channel = 0; channel < rows.channels; ++channel) {
      for (int p = 0; p < positions; ++p) {
        std::copy_n(scratch + channel * tile.output_step + places[p], row_.rest,
                    rows.output + channel * plan_.output_cells() + to[p]);
      }
    }
  }

  LayerPlan plan_;
  WideRow row_;
  double cycles_;
  std::int64_t tiles_ = 1;     ///< of the output channels of a group
  std::int64_t channels_ = 1;  ///< of a tile, the last one perhaps fewer
  std::int64_t term_count_ = 1;
  std::int64_t rows_ = 1;    ///< of a block
  std::int64_t images_ = 1;  ///< that are packed at a time
  std::vector<std::int32_t> orders_;
  std::vector<PhasePair> phases_;
  std::vector<std::int64_t> terms_;
  std::vector<WideTileFunction> functions_;
  std::vector<float> bias_;
  FloatBuffer weights_, inputs_;
};

/// Pairs of an output cell of an axis and a tap that reaches it.
double landings(const AxisPlan& axis) {
  double pairs = 0;
  for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
    // 0 <= S·i + below < O
    const std::int64_t below = tap * axis.dilation - axis.padding;
    const std::int64_t first = below >= 0 ? 0 : ceiling(-below, axis.stride);
    const std::int64_t last = below >= axis.output ? 0 : ceiling(axis.output - below, axis.stride);
    pairs += static_cast<double>(std::max<std::int64_t>(0, std::min(last, axis.input) - first));
  }
  return pairs;
}

Estimate estimate(const LayerPlan& plan) {
  if (plan.weight_by_output) return {false, 0, "for transposed convolutions only"};
  if (plan.x().stride < WideRow::least_stride) return {false, 0, "for strides of 5 and more along a row"};
  const std::int64_t phases = std::min(plan.z().stride, plan.z().output) * std::min(plan.y().stride, plan.y().output);
  const int lanes = vector_lanes();
  const WideRow row(plan.x(), lanes);
  const auto levels = static_cast<std::int64_t>(row.levels.size());
  const double rows_of_weights = static_cast<double>(plan.weight_size() / plan.x().kernel * levels);
  if (phases > most_phases || rows_of_weights * static_cast<double>(row.windows * row.numbers) > most_packed_weights ||
      plan.in_channels * plan.z().input * plan.y().input > most_packed_weights / row.row_length) {
    return {false, 0, "the weights of a row, written out for every phase, would take too much memory"};
  }

  const std::int64_t tiles = ceiling(plan.group_out(), wide_channels(lanes));
  const double channels = static_cast<double>(plan.group_out()) / static_cast<double>(tiles);
  const double positions = wide_positions(lanes, static_cast<int>(std::ceil(channels)));
  // Two multiply-adds and two loads a cycle; the inputs' lanes also have to be put in order.
  const double term = std::max({channels * positions / 2 / 0.9, (channels + positions) / 2,
                                row.repeat ? 0 : (channels * positions + positions) / 3}) /
                      (channels * positions);
  const double vectors = static_cast<double>(row.vectors + (row.rest > 0 ? 1 : 0));
  const double outputs = static_cast<double>(plan.batch * plan.out_channels) * vectors;
  const double rows = static_cast<double>(plan.z().output * plan.y().output);
  const double products =
      outputs * landings(plan.z()) * landings(plan.y()) * static_cast<double>(plan.group_in() * levels) * term;
  const double sums = outputs * rows * 3;
  const double bytes = static_cast<double>(plan.output_size()) * 4;
  const double memory = bytes / (bytes > 24e6 ? 6 : 20);
  const double inputs = static_cast<double>(plan.input_size() + plan.input_size() / plan.x().input * 10);
  const double used = static_cast<double>(plan.x().kernel) / static_cast<double>(levels * plan.x().stride);
  return {true, std::max(products + sums, memory) + inputs + 1000,
          "vectors along an output row, whatever its phases: " + std::to_string(std::lround(100 * used)) +
              " % of the products count"};
}

std::unique_ptr<Kernel> prepare(const LayerPlan& plan, const float* weight, const float* bias) {
  return std::make_unique<WideStride>(plan, weight, bias, estimate(plan).cycles);
}

}  // namespace

Engine wide_stride_engine() { return {"wide_stride", &estimate, &prepare}; }

}  // namespace tconv
