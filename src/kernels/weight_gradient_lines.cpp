// dw[c, o, k] = Σ x[c, i] · g[o, i·S + k·D − P]: with both laid out on one line (FlatMap), an inner product of a line
// of x with a shifted line of g for each of the weights.

#include <algorithm>
#include <compare>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/copy_strided.h"
#include "kernels/correlation_tiles.h"
#include "kernels/engine.h"
#include "kernels/flat_map.h"
#include "kernels/shares.h"
#include "kernels/weight_gradient.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t packed_line_floats = 160 * 1024;  // of g, and of x for one tile: they stay in the level 2 cache
constexpr int64_t shortest_chain = 64;       // additions in a lane: fewer, and adding up the lanes takes too long
constexpr int64_t longest_line_chain = 512;  // float32 sums in a lane; their sums are float64
constexpr int64_t least_plane = 1024;        // input cells: fewer, and chains would end with it
constexpr int64_t least_line_channels = 4;
constexpr int64_t most_partial_sums = 1 << 22;  // of all strips together
constexpr int64_t few_weights = 16 * 1024;      // of a group: strips then go to different threads
constexpr int64_t many_strips = 8;              // likewise

/// Lines of x that are whole vectors are read where they lie, unless they are so few that copying them takes no time,
/// or so long that one would be more than a chain.
bool in_place(const LayerPlan& plan) {
  return plan.x().quotients % vector_lanes() == 0 && plan.x().quotients <= longest_line_chain * vector_lanes() &&
         plan.y().quotients * plan.x().quotients >= least_plane && plan.group_out() >= least_line_channels;
}

class GradientByLines : public WeightGradientWay {
 public:
  explicit GradientByLines(const LayerSpec& layer)
      : plan_(input_gradient_plan(layer)),
        lanes_(vector_lanes()),
        in_place_(in_place(plan_)),
        map_(plan_, lanes_, in_place_ ? FlatMap::Lines::by_rows : FlatMap::Lines::run_on),
        g_row_(map_.offset(0, 1, 0)) {
    list_columns();
    choose_shape();
    const int64_t wanted = std::clamp<int64_t>(packed_line_floats / (shape_.a + lines() * gradients()),
                                               shortest_chain * lanes_, longest_line_chain * lanes_);
    if (in_place_) {
      const int64_t rows = plan_.y().quotients;
      chunks_in_row_ = plan_.x().quotients / lanes_;
      rows_in_strip_ = ceil_div(rows, ceil_div(rows, std::max<int64_t>(1, wanted / plan_.x().quotients)));
      strips_in_plane_ = ceil_div(rows, rows_in_strip_);
      strips_ = plan_.batch * plan_.z().quotients * strips_in_plane_;
    } else {
      const int64_t positions = map_.chunks() * lanes_;
      chunks_in_strip_ = ceil_div(ceil_div(positions, ceil_div(positions, wanted)), lanes_);
      strips_ = ceil_div(map_.chunks(), chunks_in_strip_);
    }
  }

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    const int64_t weights = plan_.groups * group_weights();
    if (group_weights() > few_weights || strips_ * plan_.groups < many_strips ||
        strips_ * weights > most_partial_sums) {
      return share_tiles(input, grad_output, grad_weight, team, keep_going);
    }
    partial_.resize(static_cast<std::size_t>(strips_ * weights));
    if (!share_strips(input, grad_output, team, keep_going)) return false;
    const int64_t parts = shares_of(static_cast<double>(strips_ * weights), ceil_div(weights, 64), team.threads());
    return team.share(parts, keep_going,
                      [&](int64_t part, int) { add_strips(weights, parts_of(part, parts, weights), grad_weight); });
  }

 private:
  /// Rows of positions that x has one after the other, and that are one chain of additions.
  struct Strip {
    int64_t first_chunk, last_chunk;
    int64_t rows, positions;  ///< in each row
    int64_t x;                ///< where they begin in channel 0, if in place
  };
  struct Packed {
    FloatBuffer x;
    FloatBuffer g;
    int64_t g_stride = 0;  ///< from line to line
    int64_t before = 0;    ///< a line of g begins so many positions before the strip
    std::vector<int64_t> columns;
  };
  /// What tiles of a strip have in common.
  struct Lines {
    const float* x;
    int64_t x_stride;  ///< from channel to channel
    int64_t x_row;
    const float* g;
    const std::vector<int64_t>& columns;
  };

  int64_t channels() const { return plan_.group_out(); }  ///< of x, of a group
  int64_t gradients() const { return plan_.group_in(); }  ///< of g, of a group
  int64_t lines() const { return static_cast<int64_t>(planes_.size()); }
  int64_t group_weights() const { return channels() * gradients() * plan_.taps(); }
  int64_t in_blocks() const { return ceil_div(channels(), shape_.a); }
  int64_t column_blocks() const { return ceil_div(static_cast<int64_t>(columns_.size()), shape_.columns); }

  /// Line by line, so that those of neighbouring columns are in the level 1 cache.
  void list_columns() {
    for (const AxisPlan::Tap& z : plan_.z().phases.front()) {
      for (const AxisPlan::Tap& y : plan_.y().phases.front()) {
        for (const AxisPlan::Tap& x : plan_.x().phases.front()) {
          const int64_t tap = (z.tap * plan_.y().kernel + y.tap) * plan_.x().kernel + x.tap;
          const int64_t plane = map_.plane(z.plane, y.plane, x.plane);
          planes_.push_back(plane);
          for (int64_t gradient = 0; gradient < gradients(); ++gradient) {
            columns_.push_back({gradient, plane, map_.offset(z.offset, y.offset, x.offset), tap});
          }
        }
      }
    }
    std::ranges::sort(planes_);
    planes_.erase(std::ranges::unique(planes_).begin(), planes_.end());
    for (Column& column : columns_) column.line = std::ranges::lower_bound(planes_, column.line) - planes_.begin();
    std::ranges::sort(columns_);
    for (const Column& column : columns_) places_.push_back(column.gradient * plan_.taps() + column.tap);
  }

  void choose_shape() {
    double least = 0;
    for (const CorrelationShape& shape : correlation_shapes()) {
      const auto tiles = static_cast<double>(ceil_div(channels(), shape.a) *
                                             ceil_div(static_cast<int64_t>(columns_.size()), shape.columns));
      const double multiply = 0.5 * shape.a * shape.columns;
      const double load = 0.5 * (shape.a + 1.8 * shape.columns);
      const double cycles = tiles * std::max(multiply, load);
      if (shape_.run == nullptr || cycles < least) {
        shape_ = shape;
        least = cycles;
      }
    }
  }

  Strip strip_at(int64_t index) const {
    if (!in_place_) {
      const int64_t first = index * chunks_in_strip_;
      const int64_t last = std::min(map_.chunks(), first + chunks_in_strip_);
      return {first, last, 1, (last - first) * lanes_, 0};
    }
    const int64_t plane = index / strips_in_plane_;
    const int64_t row = index % strips_in_plane_ * rows_in_strip_;
    const int64_t rows = std::min(rows_in_strip_, plan_.y().quotients - row);
    const int64_t first_row = plane * plan_.y().quotients + row;
    const int64_t sample = plane / plan_.z().quotients;
    const int64_t row_in_sample = first_row - sample * plan_.z().quotients * plan_.y().quotients;
    return {first_row * chunks_in_row_, (first_row + rows) * chunks_in_row_, rows, plan_.x().quotients,
            sample * plan_.out_channels * plan_.output_cells() + row_in_sample * plan_.x().quotients};
  }

  /// Room for a strip's lines, and where they will be.
  Lines make_room(const float* input, int64_t group, const Strip& strip, Packed& packed) const {
    const FlatMap::Window window = map_.window(strip.first_chunk, strip.last_chunk);
    packed.before = map_.position(strip.first_chunk) - window.begin;
    packed.g_stride = odd_cache_lines(window.size);
    packed.g.reserve(packed.g_stride * lines() * gradients());
    packed.columns.clear();
    for (const Column& column : columns_) {
      packed.columns.push_back((column.gradient * lines() + column.line) * packed.g_stride + packed.before +
                               column.shift);
    }
    if (in_place_) {
      return {input + group * channels() * plan_.output_cells() + strip.x, plan_.output_cells(), plan_.x().quotients,
              packed.g.data(), packed.columns};
    }
    const int64_t x_stride = odd_cache_lines(strip.positions);
    packed.x.reserve(x_stride * channels());
    return {packed.x.data(), x_stride, 0, packed.g.data(), packed.columns};
  }

  void pack_x(const float* input, int64_t group, const Strip& strip, int64_t first, int64_t last, const Lines& lines,
              Packed& packed) const {
    const FlatMap::Window window{strip.first_chunk * lanes_, strip.positions};
    std::vector<FlatMap::Piece> pieces;
    map_.list_quotient_pieces(window, plan_.out_channels, pieces);
    for (int64_t channel = first; channel < last; ++channel) {
      copy_pieces(pieces, input + (group * channels() + channel) * plan_.output_cells(), 1,
                  packed.x.data() + channel * lines.x_stride);
    }
  }

  void pack_g(const float* grad_output, int64_t group, const Strip& strip, int64_t first, int64_t last,
              Packed& packed) const {
    const FlatMap::Window window = map_.window(strip.first_chunk, strip.last_chunk);
    std::vector<FlatMap::Piece> pieces;
    std::vector<FlatMap::Piece> next;
    for (int64_t line = 0; line < lines(); ++line) {
      map_.list_pieces(window, planes_[static_cast<std::size_t>(line)], pieces);
      bool two = map_.input_stride() == 2 && line + 1 < lines();
      if (two) map_.list_pieces(window, planes_[static_cast<std::size_t>(line + 1)], next);
      two = two && alternate(pieces, next);
      for (int64_t channel = first; channel < last; ++channel) {
        const float* const from = grad_output + (group * gradients() + channel) * plan_.input_cells();
        float* const to = packed.g.data() + (channel * lines() + line) * packed.g_stride;
        if (two) {
          copy_alternating_pieces(pieces, from, to, to + packed.g_stride);
        } else {
          copy_pieces(pieces, from, map_.input_stride(), to);
        }
      }
      if (two) ++line;
    }
  }

  /// The tiles [first, last): all columns for some channels of x, which stay in the level 1 cache, then for the next.
  void correlate(const Strip& strip, const Lines& lines, int64_t first, int64_t last, bool add, float* sums) const {
    const int64_t in_row = column_blocks();
    for (int64_t index = first; index < last; ++index) {
      const int64_t channel = index / in_row * shape_.a;
      const int64_t column = index % in_row * shape_.columns;
      shape_.run({.x = lines.x + channel * lines.x_stride,
                  .x_stride = lines.x_stride,
                  .x_row = lines.x_row,
                  .x_plane = 0,
                  .g = lines.g,
                  .columns = lines.columns.data() + column,
                  .g_row = g_row_,
                  .g_plane = 0,
                  .planes = 1,
                  .rows = strip.rows,
                  .positions = strip.positions,
                  .sums = sums + channel * gradients() * plan_.taps(),
                  .add = add,
                  .a_stride = gradients() * plan_.taps(),
                  .places = places_.data() + column,
                  .a_count = static_cast<int>(std::min<int64_t>(shape_.a, channels() - channel)),
                  .column_count = static_cast<int>(
                      std::min<int64_t>(shape_.columns, static_cast<int64_t>(columns_.size()) - column))});
    }
  }

  bool share_strips(const float* input, const float* grad_output, const Team& team, const KeepGoing& keep_going) {
    return team.share(plan_.groups * strips_, keep_going, [&](int64_t part, int slot) {
      const int64_t group = part % plan_.groups;
      const Strip strip = strip_at(part / plan_.groups);
      Packed& packed = scratch_[static_cast<std::size_t>(slot)];
      const Lines lines = make_room(input, group, strip, packed);
      if (!in_place_) pack_x(input, group, strip, 0, channels(), lines, packed);
      pack_g(grad_output, group, strip, 0, gradients(), packed);
      correlate(strip, lines, 0, in_blocks() * column_blocks(), false, partial_.data() + part * group_weights());
    });
  }

  /// In the strips' order: the result does not depend on who computed them.
  void add_strips(int64_t weights, const PartRange& range, float* grad_weight) const {
    constexpr int64_t together = 64;
    for (int64_t first = range.first; first < range.last; first += together) {
      const int64_t some = std::min(together, range.last - first);
      double sums[together] = {};
      for (int64_t strip = 0; strip < strips_; ++strip) {
        const float* const from = partial_.data() + strip * weights + first;
        for (int64_t i = 0; i < some; ++i) sums[i] += static_cast<double>(from[i]);
      }
      for (int64_t i = 0; i < some; ++i) grad_weight[first + i] = static_cast<float>(sums[i]);
    }
  }

  bool share_tiles(const float* input, const float* grad_output, float* grad_weight, const Team& team,
                   const KeepGoing& keep_going) {
    Packed& packed = scratch_.front();
    constexpr int64_t together = 8;  // channels that one part packs
    const int64_t x_parts = in_place_ ? 0 : ceil_div(channels(), together);
    const int64_t g_parts = ceil_div(gradients(), together);
    const int64_t tiles = in_blocks() * column_blocks();
    const int64_t parts = std::min<int64_t>(tiles, int64_t{4} * team.threads());
    for (int64_t group = 0; group < plan_.groups; ++group) {
      for (int64_t index = 0; index < strips_; ++index) {
        const Strip strip = strip_at(index);
        const Lines lines = make_room(input, group, strip, packed);
        const bool done = team.share(x_parts + g_parts, keep_going, [&](int64_t part, int) {
          if (part < x_parts) {
            const int64_t first = part * together;
            pack_x(input, group, strip, first, std::min(channels(), first + together), lines, packed);
          } else {
            const int64_t first = (part - x_parts) * together;
            pack_g(grad_output, group, strip, first, std::min(gradients(), first + together), packed);
          }
        }) && team.share(parts, keep_going, [&](int64_t part, int) {
          correlate(strip, lines, tiles * part / parts, tiles * (part + 1) / parts, index > 0,
                    grad_weight + group * group_weights());
        });
        if (!done) return false;
      }
    }
    return true;
  }

  /// One weight of each channel of x.
  struct Column {
    int64_t gradient;
    int64_t line;   ///< of the gradient's
    int64_t shift;  ///< from the line's position
    int64_t tap;
    auto operator<=>(const Column&) const = default;
  };

  const LayerPlan plan_;
  const int lanes_;
  const bool in_place_;
  const FlatMap map_;
  const int64_t g_row_;
  std::vector<int64_t> planes_;  ///< those that some tap reads, ascending: lines of each channel of g
  std::vector<Column> columns_;
  std::vector<int64_t> places_;  ///< of each column among the weights of a channel of x
  CorrelationShape shape_{};
  int64_t strips_ = 0;
  int64_t chunks_in_strip_ = 0;  ///< unless in place
  int64_t chunks_in_row_ = 0;    ///< in place, like the next
  int64_t rows_in_strip_ = 0;
  int64_t strips_in_plane_ = 0;
  std::vector<float> partial_;   ///< sums of each strip
  std::vector<Packed> scratch_;  ///< by slot of the team
};

}  // namespace

std::unique_ptr<WeightGradientWay> weight_gradient_by_lines(const LayerSpec& layer) {
  return std::make_unique<GradientByLines>(layer);
}

}  // namespace tconv
