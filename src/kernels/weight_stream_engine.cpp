// Big weights, tiny maps: the time goes into reading the weights, so they are read once, in the order in which they lie
// in memory, while every pixel that wants them is at hand. The lanes of a vector are output channels.

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/engine.h"
#include "kernels/shares.h"
#include "kernels/weight_stream_pass.h"

namespace tconv {
namespace {

constexpr std::int64_t most_pixels = 2048;       // of an output: its sums stay in the level 2 cache
constexpr std::int64_t pixels_at_a_time = 1024;  // of the outputs of some images
constexpr std::int64_t most_pairs = 1 << 20;     // of an input and an output pixel
constexpr std::int64_t longest_stretch = 256;    // input channels in one float32 sum
constexpr std::int64_t floats_a_line = 16;

/// The output cell that an input cell reaches through a tap, −1 when it is cropped.
std::int64_t landing(const AxisPlan& axis, std::int64_t cell, std::int64_t tap) {
  const std::int64_t output = axis.stride * cell + axis.dilation * tap - axis.padding;
  return output < axis.output ? std::max<std::int64_t>(output, -1) : -1;
}

/// One input cell: no two products meet in an output, and the layer is a matrix whose rows are the output's elements in
/// their order. Not when many of them are reached by nothing.
bool is_matrix(const LayerPlan& plan) { return plan.input_cells() == 1 && plan.output_cells() <= 2 * plan.taps(); }

/// Divides the batch. `cells`: of one output.
std::int64_t images_at_a_time(const LayerPlan& plan, std::int64_t cells) {
  std::int64_t images = std::clamp<std::int64_t>(pixels_at_a_time / cells, 1, plan.batch);
  while (plan.batch % images != 0) --images;
  return images;
}

/// A block has `vectors` vectors of lanes, the last one of a group perhaps fewer.
struct Blocks {
  std::int64_t channels = 0;  ///< of a group: what the lanes are
  std::int64_t lanes = 1;     ///< of a vector
  int vectors = 1;
  std::int64_t count = 1;  ///< of a group

  std::int64_t all_vectors() const { return ceil_div(channels, lanes); }
  int vectors_of(std::int64_t block) const {
    return static_cast<int>(std::min<std::int64_t>(vectors, all_vectors() - block * vectors));
  }
};

/// `pixels`: the most that one tap has.
Blocks blocks_of(std::int64_t channels, std::int64_t groups, std::int64_t pixels) {
  Blocks blocks;
  blocks.channels = channels;
  blocks.lanes = vector_lanes();
  const int lanes = static_cast<int>(blocks.lanes);
  int vectors = pixels <= most_stream_pixels(lanes, 4) || lanes >= 16 ? 4 : 2;
  // So that threads have something to share.
  while (vectors > 2 && groups * ceil_div(blocks.all_vectors(), vectors) < 8) --vectors;
  blocks.count = ceil_div(blocks.all_vectors(), vectors);
  blocks.vectors = static_cast<int>(ceil_div(blocks.all_vectors(), blocks.count));
  return blocks;
}

class WeightStream : public Kernel {
 public:
  WeightStream(const LayerPlan& plan, const float* weight, const float* bias, double cycles)
      : plan_(plan),
        cells_(is_matrix(plan) ? 1 : plan.output_cells()),
        images_(images_at_a_time(plan, cells_)),
        cycles_(cycles) {
    find_pairs();
    std::int64_t most = 1;
    for (std::size_t tap = 1; tap < first_pair_.size(); ++tap) {
      most = std::max(most, first_pair_[tap] - first_pair_[tap - 1]);
    }
    blocks_ = blocks_of(plan.group_out() * plan.output_cells() / cells_, plan.groups, most);
    cut_tiles();
    stretches_ = ceil_div(plan.group_in(), longest_stretch);
    pack(weight);
    pack_bias(bias);
  }

  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) override {
    const std::int64_t rounds = plan_.batch / images_;
    const std::int64_t parts = plan_.groups * blocks_.count * rounds;
    const std::int64_t shares = shares_of(cycles_, parts, team.threads());
    const std::int64_t slot_size = images_ * cells_ * block_size(0) + floats_a_line;
    sums_.reserve(team.threads() * slot_size);
    return team.share(shares, keep_going, [&](std::int64_t share, int slot) {
      const PartRange range = parts_of(share, shares, parts);
      for (std::int64_t part = range.first; part < range.last; ++part) {
        const std::int64_t block = part / rounds;
        const std::int64_t image = part % rounds * images_;
        run_block(block / blocks_.count, block % blocks_.count, input + image * plan_.in_channels * plan_.input_cells(),
                  output + image * plan_.out_channels * plan_.output_cells(), sums_.data() + slot * slot_size);
      }
    });
  }

  std::string way() const override {
    const std::int64_t all = images_ * plan_.input_cells() * plan_.taps();
    const auto landed = static_cast<std::int64_t>(from_.size());
    const std::string lanes = std::to_string(block_size(0));
    if (is_matrix(plan_)) return "one matrix, read once: " + lanes + " outputs at a time";
    return "weights read once, " + lanes + " channels at a time for all pixels: " + std::to_string(landed) + " of " +
           std::to_string(all) + " pairs of pixels land";
  }

 private:
  std::int64_t block_size(std::int64_t block) const { return blocks_.vectors_of(block) * blocks_.lanes; }
  std::int64_t first_channel(std::int64_t block) const { return block * block_size(0); }
  std::int64_t used_taps() const { return static_cast<std::int64_t>(taps_.size()); }

  void find_pairs() {
    const auto& [z, y, x] = plan_.axes;
    first_pair_.push_back(0);
    if (is_matrix(plan_)) {
      taps_.push_back(0);
      for (std::int64_t n = 0; n < images_; ++n) add_pair(n, 0, 0);
      first_pair_.push_back(images_);
      return;
    }
    for (std::int64_t tap = 0; tap < plan_.taps(); ++tap) {
      const std::int64_t tap_z = tap / (x.kernel * y.kernel);
      const std::int64_t tap_y = tap / x.kernel % y.kernel;
      for (std::int64_t pixel = 0; pixel < images_ * plan_.input_cells(); ++pixel) {
        const std::int64_t cell = pixel % plan_.input_cells();
        const std::int64_t to_z = landing(z, cell / (x.input * y.input), tap_z);
        const std::int64_t to_y = landing(y, cell / x.input % y.input, tap_y);
        const std::int64_t to_x = landing(x, cell % x.input, tap % x.kernel);
        if (to_z < 0 || to_y < 0 || to_x < 0) continue;
        add_pair(pixel / plan_.input_cells(), cell, (to_z * y.output + to_y) * x.output + to_x);
      }
      const auto pairs = static_cast<std::int64_t>(from_.size());
      if (pairs == first_pair_.back()) continue;
      taps_.push_back(tap);
      first_pair_.push_back(pairs);
    }
  }

  void add_pair(std::int64_t n, std::int64_t from, std::int64_t to) {
    from_.push_back(n * plan_.in_channels * plan_.input_cells() + from);
    to_.push_back(n * cells_ + to);
  }

  /// Every tap's pairs in as few tiles as they fit, all about as large.
  void cut_tiles() {
    const std::int64_t most = most_stream_pixels(static_cast<int>(blocks_.lanes), blocks_.vectors);
    for (std::size_t tap = 0; tap < taps_.size(); ++tap) {
      const std::int64_t pairs = first_pair_[tap + 1] - first_pair_[tap];
      const std::int64_t tiles = ceil_div(pairs, most);
      for (std::int64_t tile = 0; tile < tiles; ++tile) {
        const std::int64_t first = pairs * tile / tiles;
        const std::int64_t last = pairs * (tile + 1) / tiles;
        tiles_.push_back(
            {static_cast<std::int32_t>(first_pair_[tap] + first), static_cast<std::int32_t>(last - first)});
      }
      tiles_of_tap_.push_back(static_cast<std::int32_t>(tiles));
    }
  }

  std::int64_t depth_of(std::int64_t stretch) const {
    return plan_.group_in() * (stretch + 1) / stretches_ - plan_.group_in() * stretch / stretches_;
  }
  std::int64_t group_weights() const { return blocks_.all_vectors() * blocks_.lanes * used_taps() * plan_.group_in(); }

  /// Which tap reaches each output cell of a matrix; −1: none.
  std::vector<std::int64_t> taps_by_cell() const {
    const auto& [z, y, x] = plan_.axes;
    std::vector<std::int64_t> taps(static_cast<std::size_t>(plan_.output_cells()), -1);
    for (std::int64_t tap = 0; tap < plan_.taps(); ++tap) {
      const std::int64_t to_z = landing(z, 0, tap / (x.kernel * y.kernel));
      const std::int64_t to_y = landing(y, 0, tap / x.kernel % y.kernel);
      const std::int64_t to_x = landing(x, 0, tap % x.kernel);
      if (to_z < 0 || to_y < 0 || to_x < 0) continue;
      taps[static_cast<std::size_t>((to_z * y.output + to_y) * x.output + to_x)] = tap;
    }
    return taps;
  }

  /// Where the lanes of one group find their weights, from the first one of an input channel; −1: nowhere.
  std::vector<std::int64_t> lane_sources() const {
    std::vector<std::int64_t> sources;
    const std::vector<std::int64_t> by_cell = is_matrix(plan_) ? taps_by_cell() : std::vector<std::int64_t>{0};
    for (std::int64_t channel = 0; channel < plan_.group_out(); ++channel) {
      for (const std::int64_t tap : by_cell) sources.push_back(tap < 0 ? -1 : channel * plan_.taps() + tap);
    }
    sources.resize(static_cast<std::size_t>(blocks_.all_vectors() * blocks_.lanes), -1);
    return sources;
  }

  /// (group, block, stretch, tap, input channel, lane)
  void pack(const float* weight) {
    weights_ = FloatBuffer(plan_.groups * group_weights());
    const std::vector<std::int64_t> sources = lane_sources();
    for (std::int64_t lane = 0; lane < blocks_.channels; ++lane) {
      if (sources[static_cast<std::size_t>(lane)] < 0) unreached_.push_back(lane);
    }
    const std::int64_t channel_weights = plan_.group_out() * plan_.taps();
    float* packed = weights_.data();
    const float* channel = weight;
    for (std::int64_t group = 0; group < plan_.groups; ++group) {
      for (std::int64_t block = 0; block < blocks_.count; ++block) {
        const float* from = channel;
        const std::int64_t* source = sources.data() + first_channel(block);
        for (std::int64_t stretch = 0; stretch < stretches_; ++stretch) {
          const std::int64_t slab = depth_of(stretch) * block_size(block);
          for (std::int64_t depth = 0; depth < depth_of(stretch); ++depth, from += channel_weights) {
            float* to = packed + depth * block_size(block);
            for (const std::int64_t tap : taps_) {
              for (std::int64_t lane = 0; lane < block_size(block); ++lane) {
                to[lane] = source[lane] < 0 ? 0.0F : from[source[lane] + tap];
              }
              to += slab;
            }
          }
          packed += slab * used_taps();
        }
      }
      channel += plan_.group_in() * channel_weights;
    }
  }

  /// (group, lane)
  void pack_bias(const float* bias) {
    const std::int64_t padded = blocks_.all_vectors() * blocks_.lanes;
    bias_ = FloatBuffer(plan_.groups * padded);
    if (bias == nullptr) return;
    const std::int64_t repeats = blocks_.channels / plan_.group_out();
    for (std::int64_t group = 0; group < plan_.groups; ++group) {
      for (std::int64_t lane = 0; lane < blocks_.channels; ++lane) {
        bias_.data()[group * padded + lane] = bias[group * plan_.group_out() + lane / repeats];
      }
    }
  }

  void run_block(std::int64_t group, std::int64_t block, const float* input, float* output, float* sums) const {
    const std::int64_t size = block_size(block);
    const std::int64_t first = first_channel(block);
    const float* bias = bias_.data() + group * blocks_.all_vectors() * blocks_.lanes + first;
    for (std::int64_t pixel = 0; pixel < images_ * cells_; ++pixel) std::copy_n(bias, size, sums + pixel * size);

    StreamPass pass;
    pass.input = input + group * plan_.group_in() * plan_.input_cells();
    pass.channel_step = plan_.input_cells();
    pass.vectors = blocks_.vectors_of(block);
    pass.weights = weights_.data() + group * group_weights() + first * used_taps() * plan_.group_in();
    pass.sums = sums;
    pass.from = from_.data();
    pass.to = to_.data();
    pass.tiles = tiles_.data();
    pass.tiles_of_tap = tiles_of_tap_.data();
    pass.taps = used_taps();
    for (std::int64_t stretch = 0; stretch < stretches_; ++stretch) {
      pass.depth = depth_of(stretch);
      const float* after = pass.weights + pass.depth * size * pass.taps;
      pass.weights_after = weights_.data() + weights_.size() - after;
      run_stream_pass(pass);
      pass.input += pass.depth * pass.channel_step;
      pass.weights = after;
    }

    // Their weights are zeros, which make NaN of infinities.
    for (auto lane = std::ranges::lower_bound(unreached_, first); lane != unreached_.end() && *lane < first + size;
         ++lane) {
      for (std::int64_t pixel = 0; pixel < images_ * cells_; ++pixel)
        sums[pixel * size + *lane - first] = bias[*lane - first];
    }
    for (std::int64_t n = 0; n < images_; ++n) {
      float* image = output + (n * plan_.out_channels + group * plan_.group_out()) * plan_.output_cells();
      store_stream_sums(
          {sums + n * cells_ * size, size, std::min(size, blocks_.channels - first), cells_, image + first * cells_});
    }
  }

  LayerPlan plan_;
  std::int64_t cells_;   ///< of an output whose channels are the lanes
  std::int64_t images_;  ///< at a time
  double cycles_;
  std::vector<std::int64_t> taps_;        ///< those that land
  std::vector<std::int64_t> first_pair_;  ///< by such a tap, and the end
  std::vector<std::int64_t> from_, to_;
  std::vector<StreamTile> tiles_;
  std::vector<std::int32_t> tiles_of_tap_;
  Blocks blocks_;
  std::vector<std::int64_t> unreached_;  ///< outputs of a matrix that no tap reaches, of a group
  std::int64_t stretches_ = 1;
  FloatBuffer weights_, bias_, sums_;
};

/// Pairs of an input and an output cell of one axis, over all taps.
std::int64_t pairs_of(const AxisPlan& axis) {
  std::int64_t pairs = 0;
  for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
    for (std::int64_t cell = 0; cell < axis.input; ++cell) pairs += landing(axis, cell, tap) >= 0 ? 1 : 0;
  }
  return pairs;
}

Estimate estimate_weight_stream(const LayerPlan& plan) {
  if (plan.weight_by_output) return {false, 0, "only for transposed convolutions"};
  const bool matrix = is_matrix(plan);
  const std::int64_t cells = matrix ? 1 : plan.output_cells();
  if (cells > most_pixels) return {false, 0, "only for maps of a few pixels, where the weights are what is large"};
  if (!matrix && plan.input_cells() * images_at_a_time(plan, cells) > most_pairs / plan.taps()) {
    return {false, 0, "only for fewer taps"};
  }
  const Blocks blocks = blocks_of(plan.group_out() * plan.output_cells() / cells, plan.groups, 1);
  if (4 * blocks.channels < blocks.lanes) return {false, 0, "only for channels that fill a vector"};

  const std::int64_t pairs = matrix ? 1 : pairs_of(plan.z()) * pairs_of(plan.y()) * pairs_of(plan.x());
  const double all_pairs = static_cast<double>(plan.batch * pairs);
  const double vectors = static_cast<double>(plan.groups * blocks.all_vectors());
  const double stretches = static_cast<double>(ceil_div(plan.group_in(), longest_stretch));
  const double products = all_pairs * vectors * static_cast<double>(plan.group_in()) / 2 / 0.85;
  const bool near = cells * images_at_a_time(plan, cells) * blocks.vectors * blocks.lanes <= 8 * 1024;
  const double sums = all_pairs * vectors * stretches * (near ? 2 : 5);  // in the level 1 cache, or in the next one
  const double rounds = static_cast<double>(plan.batch / images_at_a_time(plan, cells));
  const double weights = vectors * static_cast<double>(blocks.lanes * (matrix ? 1 : plan.taps()) * plan.group_in()) * 4;
  const double speed = weights > 16e6 ? 6 : weights > 5e5 ? 16 : 32;  // bytes a cycle of memory, level 3 and 2
  const double reading = weights / speed * rounds;
  const double cycles = side_by_side(products, reading) + sums + 0.4 * static_cast<double>(plan.output_size()) + 1000;
  return {true, cycles,
          "the weights are read once, and only pairs of pixels that land cost a product" +
              std::string(reading > products ? ": reading is what takes the time" : "")};
}

std::unique_ptr<Kernel> prepare_weight_stream(const LayerPlan& plan, const float* weight, const float* bias) {
  return std::make_unique<WeightStream>(plan, weight, bias, estimate_weight_stream(plan).cycles);
}

}  // namespace

Engine weight_stream_engine() { return {"weight_stream", &estimate_weight_stream, &prepare_weight_stream}; }

}  // namespace tconv
