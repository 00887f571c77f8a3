// The engine for maps that are computed from one map each: one channel, or depthwise layers. There is little to compute
// for each number that is moved, so it reads the input where it lies, a strip of rows at a time, and writes whole
// vectors of the output once.

#include <hwy/cache_control.h>

#include <algorithm>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/copy_strided.h"
#include "kernels/engine.h"
#include "kernels/one_channel_tile.h"
#include "kernels/shares.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t strip_floats = 80 * 1024;  // of a strip: it and the next one's inputs stay in the level 2 cache
constexpr int64_t one_map_cached_floats =
    6 * 1024 * 1024;                    // more are written past the caches: two cores do that no faster
constexpr int64_t blocks_in_place = 4;  // fewer are not worth telling apart
// Of the output, computed in the level 2 cache where rows are not aligned to vectors, then written past the caches.
constexpr int64_t staged_columns = 4096;
constexpr int64_t staged_rows = 16;

/// Null where there is none.
const OneChannelShape* shape_for(const LayerPlan& plan) {
  const AxisPattern pattern = pattern_of(plan.x());
  if (pattern == 0 || pattern != pattern_of(plan.y())) return nullptr;
  const auto fits = [&](const OneChannelShape& shape) {
    return shape.pattern == pattern && shape.stride == plan.x().stride && shape.stride == plan.y().stride;
  };
  const auto found = std::ranges::find_if(one_channel_shapes(), fits);
  return found == one_channel_shapes().end() ? nullptr : &*found;
}

double cycles_of(const LayerPlan& plan, const OneChannelShape& shape) {
  const double taps = taps_of(shape.pattern) * taps_of(shape.pattern);
  const double vector = 0.6 * taps + 1.5 * shape.stride * shape.stride + 3;
  const auto vectors = static_cast<double>(ceil_div(plan.x().quotients, int64_t{vector_lanes()}));
  const auto rows = static_cast<double>(plan.y().quotients + offsets_of(shape.pattern));
  return static_cast<double>(plan.batch * plan.out_channels) * vectors * (rows * vector + 50);
}

class OneChannel : public Kernel {
 public:
  OneChannel(const LayerPlan& plan, const float* weight, const float* bias)
      : plan_(plan),
        shape_(*shape_for(plan)),
        offsets_(offsets_of(shape_.pattern)),
        block_(int64_t{vector_lanes()} * shape_.vectors),
        first_(ceil_div(std::max<int64_t>(0, -plan.x().least_offset), block_)),
        last_(std::min(floor_div(plan.x().input - plan.x().most_offset, block_),
                       floor_div(plan.x().output, block_ * shape_.stride))),
        weights_(plan.weight_size()),
        bias_(static_cast<std::size_t>(plan.out_channels)) {
    if (bias != nullptr) std::copy_n(bias, plan.out_channels, bias_.data());
    pack(weight);
  }

  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) override {
    const double cycles = cycles_of(plan_, shape_);
    const int64_t wanted = shares_of(cycles, maps() * plan_.y().quotients, team.threads());
    int64_t rows = std::max(2 * offsets_, strip_floats / std::max(plan_.x().input, block_ * shape_.stride));
    rows = std::min(rows, ceil_div(plan_.y().quotients, ceil_div(wanted, maps())));
    rows = ceil_div(rows, offsets_) * offsets_;
    const int64_t strips = ceil_div(plan_.y().quotients, rows);
    const int64_t shares = shares_of(cycles, maps() * strips, team.threads());
    const bool aligned =
        reinterpret_cast<std::uintptr_t>(output) % vector_bytes() == 0 && plan_.x().output % vector_lanes() == 0;
    const bool past_the_caches = plan_.output_size() > one_map_cached_floats;
    staged_.resize(past_the_caches && !aligned ? static_cast<std::size_t>(team.threads()) : 0);
    return team.share(shares, keep_going, [&](int64_t share, int slot) {
      const PartRange parts = parts_of(share, shares, maps() * strips);
      for (int64_t part = parts.first; part < parts.last; ++part) {
        const int64_t map = part / strips;
        const int64_t quotient = part % strips * rows;
        compute({.channel = map % plan_.out_channels,
                 .quotient = quotient,
                 .rows = std::min(rows, plan_.y().quotients - quotient),
                 .input = input + map * plan_.input_cells(),
                 .output = output + map * plan_.output_cells(),
                 .past_the_caches = past_the_caches && aligned,
                 .staged = past_the_caches && !aligned ? &staged_[static_cast<std::size_t>(slot)] : nullptr,
                 .last = part + 1 == maps() * strips});
      }
      if (past_the_caches) hwy::FlushStream();
    });
  }

  std::string way() const override {
    return "down " + std::to_string(block_) + " columns of cells, sums of " + std::to_string(offsets_ * shape_.stride) +
           " rows in registers";
  }

 private:
  struct Strip {
    int64_t channel;
    int64_t quotient;
    int64_t rows;  ///< of quotients
    const float* input;
    float* output;
    bool past_the_caches;
    FloatBuffer* staged;  ///< null: cells are written at once
    bool last;
  };

  int64_t maps() const { return plan_.batch * plan_.out_channels; }
  std::size_t vector_bytes() const { return static_cast<std::size_t>(vector_lanes()) * sizeof(float); }

  void pack(const float* weight) {
    const auto number = [&](const AxisPlan& axis, std::size_t phase, const AxisPlan::Tap& tap) {
      return taps_before(shape_.pattern, static_cast<int>(tap.offset - axis.least_offset), static_cast<int>(phase));
    };
    for (std::size_t y = 0; y < plan_.y().phases.size(); ++y) {
      for (const AxisPlan::Tap& tap_y : plan_.y().phases[y]) {
        for (std::size_t x = 0; x < plan_.x().phases.size(); ++x) {
          for (const AxisPlan::Tap& tap_x : plan_.x().phases[x]) {
            const int64_t to = number(plan_.y(), y, tap_y) * plan_.x().kernel + number(plan_.x(), x, tap_x);
            const int64_t tap = tap_y.tap * plan_.x().kernel + tap_x.tap;
            for (int64_t channel = 0; channel < plan_.out_channels; ++channel) {
              weights_.data()[channel * plan_.taps() + to] = weight[plan_.weight_index(channel, 0, 0, tap)];
            }
          }
        }
      }
    }
  }

  /// Rows that read nothing above or below the map, in blocks where there are some.
  void compute(const Strip& strip) const {
    const AxisPlan& y = plan_.y();
    const int64_t end = strip.quotient + strip.rows;
    const int64_t first = std::clamp(-y.least_offset, strip.quotient, end);
    const int64_t inside = std::min({end, y.input - y.most_offset, y.output / shape_.stride}) - first;
    const int64_t rows = inside / offsets_ * offsets_;
    if (rows <= 0 || last_ - first_ < blocks_in_place) return run_edge(strip, strip.quotient, end, 0, plan_.x().output);
    const int64_t width = block_ * shape_.stride;
    run_edge(strip, strip.quotient, first, 0, plan_.x().output);
    run_edge(strip, first, first + rows, 0, first_ * width);
    run_blocks(strip, first, rows);
    run_edge(strip, first, first + rows, last_ * width, plan_.x().output);
    run_edge(strip, first + rows, end, 0, plan_.x().output);
  }

  /// Some rows of quotients and the columns [first_column, last_column) of the output, the first of a quotient.
  void run_edge(const Strip& strip, int64_t first, int64_t last, int64_t first_column, int64_t last_column) const {
    if (first >= last || first_column >= last_column) return;
    const int64_t row = first * shape_.stride;
    shape_.run_edge({.input = strip.input,
                     .input_rows = plan_.y().input,
                     .input_columns = plan_.x().input,
                     .first_row = first + plan_.y().least_offset,
                     .first_column = first_column / shape_.stride + plan_.x().least_offset,
                     .weights = weights_.data() + strip.channel * plan_.taps(),
                     .bias = bias_[static_cast<std::size_t>(strip.channel)],
                     .output = strip.output + row * plan_.x().output + first_column,
                     .output_pitch = plan_.x().output,
                     .rows = std::min(last * shape_.stride, plan_.y().output) - row,
                     .columns = last_column - first_column,
                     .past_the_caches = strip.past_the_caches});
  }

  void run_blocks(const Strip& strip, int64_t first, int64_t rows) const {
    const int64_t width = block_ * shape_.stride;
    const int64_t first_row = first + plan_.y().least_offset;
    const float* const ahead = strip.input + (strip.last ? 0 : (first_row + rows + offsets_ - 1) * plan_.x().input);
    float* const output = strip.output + first * shape_.stride * plan_.x().output;
    OneChannelTile tile{.input = strip.input + first_row * plan_.x().input + plan_.x().least_offset,
                        .input_pitch = plan_.x().input,
                        .quotients = rows,
                        .weights = weights_.data() + strip.channel * plan_.taps(),
                        .bias = bias_[static_cast<std::size_t>(strip.channel)],
                        .output = nullptr,
                        .output_pitch = plan_.x().output,
                        .past_the_caches = strip.past_the_caches,
                        .ahead = nullptr};
    if (strip.staged == nullptr) {
      for (int64_t block = first_; block < last_; ++block)
        run_block(tile, block, ahead + block * block_ * rows, output + block * width);
      return;
    }
    const int64_t together = std::max<int64_t>(1, staged_columns / width);
    const int64_t some = ceil_div(staged_rows, shape_.stride * offsets_) * offsets_;
    strip.staged->reserve(together * width * some * shape_.stride);
    float* const staged = strip.staged->data();
    tile.output_pitch = together * width;
    for (int64_t block = first_; block < last_; block += together) {
      const int64_t end = std::min(block + together, last_);
      for (int64_t row = 0; row < rows; row += some) {
        OneChannelTile part = tile;
        part.input += row * plan_.x().input;
        part.quotients = std::min(some, rows - row);
        for (int64_t b = block; b < end; ++b)
          run_block(part, b, ahead + (b * rows + row) * block_, staged + (b - block) * width);
        float* const to = output + row * shape_.stride * plan_.x().output + block * width;
        for (int64_t y = 0; y < part.quotients * shape_.stride; ++y) {
          copy_past_the_caches(staged + y * tile.output_pitch, (end - block) * width, to + y * plan_.x().output);
        }
      }
    }
  }

  /// `ahead`: see OneChannelTile.
  void run_block(OneChannelTile tile, int64_t block, const float* ahead, float* output) const {
    tile.input += block * block_;
    tile.output = output;
    tile.ahead = ahead;
    shape_.run(tile);
  }

  const LayerPlan plan_;
  const OneChannelShape shape_;
  const int64_t offsets_;
  const int64_t block_;  ///< quotients of a row that are computed together
  const int64_t first_;  ///< block whose taps read nothing beside the rows of the map
  const int64_t last_;   ///< the first behind it that is not so, or is not written whole
  FloatBuffer weights_;  ///< [channel][tap of y][tap of x], both in the order of the shape
  std::vector<float> bias_;
  std::vector<FloatBuffer> staged_;  ///< by slot of the team
};

Estimate estimate_one_channel(const LayerPlan& plan) {
  if (plan.group_in() != 1 || plan.group_out() != 1)
    return {false, 0, "only for one channel in and one out of every group"};
  const AxisPlan& z = plan.z();
  if (plan.weight_by_output || z.input * z.kernel * z.output != 1) return {false, 0, "only for maps of two axes"};
  const OneChannelShape* const shape = shape_for(plan);
  if (shape == nullptr) return {false, 0, "only for some popular kernels and strides"};
  const double cycles = cycles_of(plan, *shape);
  const double bytes = 4.0 * static_cast<double>(plan.input_size() + plan.output_size());
  const double memory = memory_cycles(bytes);
  return {true, std::max(cycles, memory) + 0.2 * std::min(cycles, memory), "every number is read and written once"};
}

std::unique_ptr<Kernel> prepare_one_channel(const LayerPlan& plan, const float* weight, const float* bias) {
  return std::make_unique<OneChannel>(plan, weight, bias);
}

}  // namespace

Engine one_channel_engine() { return {"one_channel", &estimate_one_channel, &prepare_one_channel}; }

}  // namespace tconv
