// dw[c, o, k] = Σ x[c, i] · g[o, i·S + k·D − P]: with both laid out on one line (FlatMap), an inner product of a line
// of x with a shifted line of g for each of the weights.

#include <algorithm>
#include <cstring>

#include "kernels/buffer.h"
#include "kernels/correlation_tiles.h"
#include "kernels/flat_map.h"
#include "kernels/prepared_gradients.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t packed_floats = 160 * 1024;   // of x and g at a time: they stay in the level 2 cache
constexpr int64_t longest_chain = 512;          // float32 sums in a lane; their sums are float64
constexpr int64_t most_partial_sums = 1 << 22;  // of all strips together
constexpr int64_t few_weights = 16 * 1024;      // of a group: strips then go to different threads

int64_t ceiling(int64_t a, int64_t b) { return (a + b - 1) / b; }

void copy_in(const std::vector<FlatMap::Piece>& pieces, const float* from, int64_t step, float* to) {
  for (const FlatMap::Piece& piece : pieces) {
    if (piece.from < 0) {
      std::fill_n(to + piece.to, piece.length, 0.0F);
    } else if (step == 1) {
      std::copy_n(from + piece.from, piece.length, to + piece.to);
    } else {
      for (int64_t i = 0; i < piece.length; ++i) to[piece.to + i] = from[piece.from + i * step];
    }
  }
}

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
  return lines;
}

CorrelationShape best_shape(const LayerPlan& plan, const std::vector<Line>& lines) {
  CorrelationShape best{};
  double least = 0;
  for (const CorrelationShape& shape : correlation_shapes()) {
    double tiles = 0;
    for (const Line& line : lines)
      tiles += static_cast<double>(ceiling(static_cast<int64_t>(line.taps.size()), shape.t));
    tiles *= static_cast<double>(ceiling(plan.group_out(), shape.a) * ceiling(plan.group_in(), shape.b));
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

}  // namespace

class WeightGradient::Work {
 public:
  explicit Work(const LayerSpec& layer)
      : plan_(input_gradient_plan(layer)),
        lanes_(vector_lanes()),
        map_(plan_, lanes_, false),
        lines_(lines_of(plan_, map_)),
        shape_(best_shape(plan_, lines_)) {
    const int64_t positions = map_.chunks() * lanes_;
    const int64_t floats_at_once = channels() + static_cast<int64_t>(lines_.size()) * gradients();
    const int64_t wanted =
        std::clamp<int64_t>(packed_floats / floats_at_once, int64_t{16} * lanes_, longest_chain * lanes_);
    chunks_in_strip_ = ceiling(ceiling(positions, ceiling(positions, wanted)), lanes_);
    strips_ = ceiling(map_.chunks(), chunks_in_strip_);
  }

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    const int64_t weights = group_weights();
    const bool by_strips = weights <= few_weights && strips_ * plan_.groups * weights <= most_partial_sums;
    const int64_t partial = by_strips ? strips_ : 1;
    sums_.assign(static_cast<std::size_t>(partial * plan_.groups * weights), 0.0);
    const bool done = by_strips ? share_strips(input, grad_output, team, keep_going)
                                : share_tiles(input, grad_output, team, keep_going);
    if (!done) return false;
    // In the strips' order: the result does not depend on who computed them.
    for (int64_t i = 0; i < plan_.groups * weights; ++i) {
      double sum = 0;
      for (int64_t strip = 0; strip < partial; ++strip)
        sum += sums_[static_cast<std::size_t>(strip * plan_.groups * weights + i)];
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
    const auto odd_lines = [](int64_t floats) { return (ceiling(floats, 16) | 1) * 16; };  // see DirectKernel
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
      copy_in(pieces, input + (group * channels() + channel) * plan_.output_cells(), 1,
              packed.x.data() + channel * packed.x_stride);
    }
  }

  void pack_g(const float* grad_output, int64_t group, int64_t strip, int64_t first, int64_t last,
              Packed& packed) const {
    const FlatMap::Window window = map_.window(strip * chunks_in_strip_, last_chunk(strip));
    std::vector<FlatMap::Piece> pieces;
    for (int64_t line = 0; line < lines(); ++line) {
      map_.list_pieces(window, lines_[static_cast<std::size_t>(line)].plane, pieces);
      for (int64_t channel = first; channel < last; ++channel) {
        copy_in(pieces, grad_output + (group * gradients() + channel) * plan_.input_cells(), map_.input_stride(),
                packed.g.data() + (channel * lines() + line) * packed.g_stride);
      }
    }
  }

  /// All taps of some channels of x with some of g.
  void correlate(const Packed& packed, int64_t strip, int64_t channel, int64_t gradient, double* sums) const {
    for (int64_t line = 0; line < lines(); ++line) {
      const Line& of = lines_[static_cast<std::size_t>(line)];
      for (std::size_t tap = 0; tap < of.taps.size(); tap += static_cast<std::size_t>(shape_.t)) {
        shape_.run({
            .x = packed.x.data() + channel * packed.x_stride,
            .x_stride = packed.x_stride,
            .g = packed.g.data() + (gradient * lines() + line) * packed.g_stride + packed.before,
            .g_stride = packed.g_stride * lines(),
            .shifts = of.shifts.data() + tap,
            .positions = positions(strip),
            .sums = sums + (channel * gradients() + gradient) * plan_.taps(),
            .a_stride = gradients() * plan_.taps(),
            .b_stride = plan_.taps(),
            .t_places = of.taps.data() + tap,
            .a_count = static_cast<int>(std::min<int64_t>(shape_.a, channels() - channel)),
            .b_count = static_cast<int>(std::min<int64_t>(shape_.b, gradients() - gradient)),
            .t_count = static_cast<int>(std::min(static_cast<std::size_t>(shape_.t), of.taps.size() - tap)),
        });
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
      double* const sums = sums_.data() + part_of_sums(strip, group);
      for (int64_t channel = 0; channel < channels(); channel += shape_.a) {
        for (int64_t gradient = 0; gradient < gradients(); gradient += shape_.b) {
          correlate(packed, strip, channel, gradient, sums);
        }
      }
    });
  }

  int64_t part_of_sums(int64_t strip, int64_t group) const { return (strip * plan_.groups + group) * group_weights(); }

  bool share_tiles(const float* input, const float* grad_output, const Team& team, const KeepGoing& keep_going) {
    Packed& packed = scratch_.front();
    constexpr int64_t together = 8;  // channels that one part packs
    const int64_t x_parts = ceiling(channels(), together);
    const int64_t g_parts = ceiling(gradients(), together);
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
        double* const sums = sums_.data() + part_of_sums(0, group);
        done = done && team.share(ceiling(channels(), shape_.a), keep_going, [&](int64_t part, int) {
          for (int64_t gradient = 0; gradient < gradients(); gradient += shape_.b) {
            correlate(packed, strip, part * shape_.a, gradient, sums);
          }
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
  std::vector<double> sums_;
  std::vector<Packed> scratch_;  ///< by slot of the team
};

WeightGradient::WeightGradient(const LayerSpec& layer) : work_(std::make_unique<Work>(layer)) {}
WeightGradient::~WeightGradient() = default;

bool WeightGradient::run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
                         const KeepGoing& keep_going) {
  return work_->run(input, grad_output, grad_weight, team, keep_going);
}

}  // namespace tconv
