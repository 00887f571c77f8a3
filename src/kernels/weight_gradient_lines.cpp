// dw[c, o, k] = Σ x[c, i] · g[o, i·S + k·D − P]: with both laid out on one line (FlatMap), an inner product of a line
// of x with a shifted line of g for each of the weights.

#include <algorithm>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/copy_strided.h"
#include "kernels/correlation_tiles.h"
#include "kernels/engine.h"
#include "kernels/flat_map.h"
#include "kernels/weight_gradient.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t packed_floats = 160 * 1024;  // of x and g at a time: they stay in the level 2 cache
constexpr int64_t shortest_chain = 64;         // additions in a lane: fewer, and adding up the lanes takes too long
constexpr int64_t longest_chain = 512;         // float32 sums in a lane; their sums are float64
constexpr int64_t panel_floats = 96 * 1024;
constexpr int64_t most_partial_sums = 1 << 22;  // of all strips together
constexpr int64_t few_weights = 16 * 1024;      // of a group: strips then go to different threads

/// The taps that read one line of g.
struct Line {
  int64_t plane;
  std::vector<int64_t> shifts;  ///< of the taps, from the line's position
  std::vector<int64_t> taps;
};

std::vector<Line> lines_of(const LayerPlan& plan, const FlatMap& map) {
  std::vector<Line> lines;
  for (const AxisPlan::Tap& z : plan.z().phases.front()) {
    for (const AxisPlan::Tap& y : plan.y().phases.front()) {
      for (const AxisPlan::Tap& x : plan.x().phases.front()) {
        const int64_t plane = map.plane(z.plane, y.plane, x.plane);
        auto line = std::ranges::find(lines, plane, &Line::plane);
        if (line == lines.end()) line = lines.insert(lines.end(), {plane, {}, {}});
        line->shifts.push_back(map.offset(z.offset, y.offset, x.offset));
        line->taps.push_back((z.tap * plan.y().kernel + y.tap) * plan.x().kernel + x.tap);
      }
    }
  }
  std::ranges::sort(lines, {}, &Line::plane);
  return lines;
}

CorrelationShape best_shape(const LayerPlan& plan, const std::vector<Line>& lines) {
  CorrelationShape best{};
  double least = 0;
  for (const CorrelationShape& shape : correlation_shapes()) {
    double tiles = 0;
    for (const Line& line : lines)
      tiles += static_cast<double>(ceil_div(static_cast<int64_t>(line.taps.size()), shape.t));
    tiles *= static_cast<double>(ceil_div(plan.group_out(), shape.a) * ceil_div(plan.group_in(), shape.b));
    const double multiply = 0.5 * shape.a * shape.b * shape.t;
    const double load = 0.5 * (shape.a + 1.8 * shape.b * shape.t);
    const double cycles = tiles * std::max(multiply, load);
    if (best.run == nullptr || cycles < least) {
      best = shape;
      least = cycles;
    }
  }
  return best;
}

class GradientByLines : public WeightGradientWay {
 public:
  explicit GradientByLines(const LayerSpec& layer)
      : plan_(input_gradient_plan(layer)),
        lanes_(vector_lanes()),
        map_(plan_, lanes_, FlatMap::Lines::run_on),
        lines_(lines_of(plan_, map_)),
        shape_(best_shape(plan_, lines_)) {
    const int64_t positions = map_.chunks() * lanes_;
    const int64_t floats_at_once = channels() + static_cast<int64_t>(lines_.size()) * gradients();
    const int64_t wanted =
        std::clamp<int64_t>(packed_floats / floats_at_once, int64_t{16} * lanes_, longest_chain * lanes_);
    chunks_in_strip_ = ceil_div(ceil_div(positions, ceil_div(positions, wanted)), lanes_);
    strips_ = ceil_div(map_.chunks(), chunks_in_strip_);
  }

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    const int64_t weights = plan_.groups * group_weights();
    if (group_weights() > few_weights || strips_ * weights > most_partial_sums) {
      return share_tiles(input, grad_output, grad_weight, team, keep_going);
    }
    partial_.resize(static_cast<std::size_t>(strips_ * weights));
    if (!share_strips(input, grad_output, team, keep_going)) return false;
    // In the strips' order: the result does not depend on who computed them.
    for (int64_t i = 0; i < weights; ++i) {
      double sum = 0;
      for (int64_t strip = 0; strip < strips_; ++strip) {
        sum += static_cast<double>(partial_[static_cast<std::size_t>(strip * weights + i)]);
      }
      grad_weight[i] = static_cast<float>(sum);
    }
    return true;
  }

 private:
  struct Packed {
    FloatBuffer x;
    FloatBuffer g;
    int64_t x_stride = 0;
    int64_t g_stride = 0;  ///< from line to line
    int64_t before = 0;    ///< a line of g begins so many positions before the strip
  };

  int64_t channels() const { return plan_.group_out(); }  ///< of x, of a group
  int64_t gradients() const { return plan_.group_in(); }  ///< of g, of a group
  int64_t lines() const { return static_cast<int64_t>(lines_.size()); }
  int64_t group_weights() const { return channels() * gradients() * plan_.taps(); }
  int64_t last_chunk(int64_t strip) const { return std::min(map_.chunks(), (strip + 1) * chunks_in_strip_); }
  int64_t positions(int64_t strip) const { return (last_chunk(strip) - strip * chunks_in_strip_) * lanes_; }

  void make_room(int64_t strip, Packed& packed) const {
    const FlatMap::Window window = map_.window(strip * chunks_in_strip_, last_chunk(strip));
    packed.before = strip * chunks_in_strip_ * lanes_ - window.begin;
    const auto odd_lines = [](int64_t floats) { return (ceil_div(floats, 16) | 1) * 16; };  // see DirectKernel
    packed.x_stride = odd_lines(positions(strip));
    packed.g_stride = odd_lines(window.size);
    packed.x.reserve(packed.x_stride * channels());
    packed.g.reserve(packed.g_stride * lines() * gradients());
  }

  void pack_x(const float* input, int64_t group, int64_t strip, int64_t first, int64_t last, Packed& packed) const {
    const FlatMap::Window window{strip * chunks_in_strip_ * lanes_, positions(strip)};
    std::vector<FlatMap::Piece> pieces;
    map_.list_quotient_pieces(window, plan_.out_channels, pieces);
    for (int64_t channel = first; channel < last; ++channel) {
      copy_pieces(pieces, input + (group * channels() + channel) * plan_.output_cells(), 1,
                  packed.x.data() + channel * packed.x_stride);
    }
  }

  void pack_g(const float* grad_output, int64_t group, int64_t strip, int64_t first, int64_t last,
              Packed& packed) const {
    const FlatMap::Window window = map_.window(strip * chunks_in_strip_, last_chunk(strip));
    std::vector<FlatMap::Piece> pieces;
    std::vector<FlatMap::Piece> next;
    for (int64_t line = 0; line < lines(); ++line) {
      map_.list_pieces(window, lines_[static_cast<std::size_t>(line)].plane, pieces);
      bool two = map_.input_stride() == 2 && line + 1 < lines();
      if (two) map_.list_pieces(window, lines_[static_cast<std::size_t>(line + 1)].plane, next);
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

  /// Channels of x whose lines stay in the level 2 cache while those of g pass by.
  int64_t panel_of(const Team& team) const {
    const int64_t wanted =
        std::min(panel_floats / std::max<int64_t>(1, chunks_in_strip_ * lanes_), ceil_div(channels(), team.threads()));
    return ceil_div(std::max<int64_t>(wanted, 1), shape_.a) * shape_.a;
  }

  /// All weights of the channels [first, last) of x.
  void correlate_panel(const Packed& packed, int64_t strip, int64_t first, int64_t last, bool add, float* sums) const {
    for (int64_t gradient = 0; gradient < gradients(); gradient += shape_.b) {
      for (int64_t line = 0; line < lines(); ++line) {
        const Line& of = lines_[static_cast<std::size_t>(line)];
        for (std::size_t tap = 0; tap < of.taps.size(); tap += static_cast<std::size_t>(shape_.t)) {
          // Some lines of g stay in the level 1 cache for all channels of the panel.
          CorrelationTile tile{
              .x = nullptr,
              .x_stride = packed.x_stride,
              .g = packed.g.data() + (gradient * lines() + line) * packed.g_stride + packed.before,
              .g_stride = packed.g_stride * lines(),
              .shifts = of.shifts.data() + tap,
              .positions = positions(strip),
              .sums = nullptr,
              .add = add,
              .a_stride = gradients() * plan_.taps(),
              .b_stride = plan_.taps(),
              .t_places = of.taps.data() + tap,
              .a_count = 0,
              .b_count = static_cast<int>(std::min<int64_t>(shape_.b, gradients() - gradient)),
              .t_count = static_cast<int>(std::min(static_cast<std::size_t>(shape_.t), of.taps.size() - tap)),
          };
          for (int64_t channel = first; channel < last; channel += shape_.a) {
            tile.x = packed.x.data() + channel * packed.x_stride;
            tile.sums = sums + (channel * gradients() + gradient) * plan_.taps();
            tile.a_count = static_cast<int>(std::min<int64_t>(shape_.a, last - channel));
            shape_.run(tile);
          }
        }
      }
    }
  }

  bool share_strips(const float* input, const float* grad_output, const Team& team, const KeepGoing& keep_going) {
    return team.share(plan_.groups * strips_, keep_going, [&](int64_t part, int slot) {
      const int64_t group = part % plan_.groups;
      const int64_t strip = part / plan_.groups;
      Packed& packed = scratch_[static_cast<std::size_t>(slot)];
      make_room(strip, packed);
      pack_x(input, group, strip, 0, channels(), packed);
      pack_g(grad_output, group, strip, 0, gradients(), packed);
      float* const sums = partial_.data() + (strip * plan_.groups + group) * group_weights();
      correlate_panel(packed, strip, 0, channels(), false, sums);
    });
  }

  int64_t part_of_sums(int64_t strip, int64_t group) const { return (strip * plan_.groups + group) * group_weights(); }

  bool share_tiles(const float* input, const float* grad_output, float* grad_weight, const Team& team,
                   const KeepGoing& keep_going) {
    Packed& packed = scratch_.front();
    constexpr int64_t together = 8;  // channels that one part packs
    const int64_t x_parts = ceil_div(channels(), together);
    const int64_t g_parts = ceil_div(gradients(), together);
    for (int64_t group = 0; group < plan_.groups; ++group) {
      for (int64_t strip = 0; strip < strips_; ++strip) {
        make_room(strip, packed);
        bool done = team.share(x_parts + g_parts, keep_going, [&](int64_t part, int) {
          if (part < x_parts) {
            pack_x(input, group, strip, part * together, std::min(channels(), (part + 1) * together), packed);
          } else {
            part -= x_parts;
            pack_g(grad_output, group, strip, part * together, std::min(gradients(), (part + 1) * together), packed);
          }
        });
        float* const sums = grad_weight + group * group_weights();
        const int64_t panel = panel_of(team);
        done = done && team.share(ceil_div(channels(), panel), keep_going, [&](int64_t part, int) {
          correlate_panel(packed, strip, part * panel, std::min(channels(), (part + 1) * panel), strip > 0, sums);
        });
        if (!done) return false;
      }
    }
    return true;
  }

  const LayerPlan plan_;
  const int lanes_;
  const FlatMap map_;
  const std::vector<Line> lines_;
  const CorrelationShape shape_;
  int64_t chunks_in_strip_ = 0;
  int64_t strips_ = 0;
  std::vector<float> partial_;   ///< sums of each strip
  std::vector<Packed> scratch_;  ///< by slot of the team
};

}  // namespace

std::unique_ptr<WeightGradientWay> weight_gradient_by_lines(const LayerSpec& layer) {
  return std::make_unique<GradientByLines>(layer);
}

}  // namespace tconv
