#include "kernels/gradient_rows.h"

#include <algorithm>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/correlation_tiles.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t longest_chain = 96;    // at most so many vectors are added up one after the other
constexpr int64_t cells_together = 32;   // of a part, at least: all weights pass by for them
constexpr double cycles_of_a_row = 6;    // of a stamp, in a tile, beside the products
constexpr double cycles_of_a_tile = 90;  // beside the products

/// Some rows of the stamps of some output channels: what one tile adds up stays in the level 1 cache.
struct Chain {
  int64_t channels;
  int64_t rows;
};

Chain chain_of(const LayerPlan& layer) {
  const int64_t vectors = layer.x().kernel / vector_lanes();
  const int64_t rows = std::clamp<int64_t>(longest_chain / vectors, 1, layer.y().kernel);
  const int64_t even = ceil_div(layer.y().kernel, ceil_div(layer.y().kernel, rows));
  const int64_t channels = rows < layer.y().kernel ? 1 : longest_chain / vectors / rows;
  return {std::clamp<int64_t>(channels, 1, layer.group_out()), even};
}

struct Choice {
  CorrelationShape shape{};
  double cycles = 0;
};

Choice choice_of(const LayerPlan& layer) {
  const Chain chain = chain_of(layer);
  const auto chains =
      static_cast<double>(ceil_div(layer.group_out(), chain.channels) * ceil_div(layer.y().kernel, chain.rows));
  const auto rows = static_cast<double>(layer.group_out() * layer.y().kernel);
  const auto vectors = static_cast<double>(layer.group_out() * layer.taps() / vector_lanes());
  Choice best;
  for (const CorrelationShape& shape : correlation_shapes()) {
    const auto tiles = static_cast<double>(layer.batch * layer.groups * ceil_div(layer.group_in(), shape.a) *
                                           ceil_div(layer.y().input * layer.x().input, shape.columns));
    const double multiply = 0.5 * shape.a * shape.columns / 0.9;
    const double load = 0.5 * (1.8 * shape.a + 1.8 * shape.columns);
    const double cycles =
        tiles * (vectors * std::max(multiply, load) + rows * cycles_of_a_row + chains * cycles_of_a_tile);
    if (best.shape.run == nullptr || cycles < best.cycles) best = {shape, cycles};
  }
  return best;
}

class GradientRows : public Kernel {
 public:
  GradientRows(const LayerPlan& layer, const float* weight)
      : layer_(layer),
        shape_(choice_of(layer).shape),
        chain_(chain_of(layer)),
        line_(odd_cache_lines(layer.group_out() * layer.taps())),
        columns_(layer.x().padding + std::max(layer.x().output, reach(layer.x()))),
        rows_together_(std::min(layer.y().input, ceil_div(cells_together, layer.x().input))),
        weights_(layer.in_channels * line_) {
    const int64_t size = layer.group_out() * layer.taps();
    for (int64_t in = 0; in < layer.in_channels; ++in) {
      std::copy_n(weight + in * size, size, weights_.data() + in * line_);
    }
    for (int64_t y = 0; y < rows_together_; ++y) {
      for (int64_t x = 0; x < layer.x().input; ++x) {
        cells_.push_back(y * layer.y().stride * columns_ + x * layer.x().stride);
        places_.push_back(y * layer.x().input + x);
      }
    }
  }

  bool run(const float* grad_output, float* grad_input, const Team& team, const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    const int64_t parts = ceil_div(layer_.y().input, rows_together_);
    return team.share(layer_.batch * layer_.groups * parts, keep_going, [&](int64_t part, int slot) {
      compute(grad_output, grad_input, part / parts, part % parts * rows_together_,
              scratch_[static_cast<std::size_t>(slot)]);
    });
  }

  std::string way() const override {
    return "rows of the kernel as vectors, " + std::to_string(shape_.a) + " channels × " +
           std::to_string(shape_.columns) + " cells in registers";
  }

 private:
  /// Cells of g, the padded ones before them left out, that stamps reach along an axis.
  static int64_t reach(const AxisPlan& axis) { return (axis.input - 1) * axis.stride + axis.kernel - axis.padding; }

  /// Some rows of dx, of all channels of a group of a sample.
  void compute(const float* grad_output, float* grad_input, int64_t group_of_sample, int64_t first_row,
               FloatBuffer& scratch) const {
    const int64_t rows = std::min(rows_together_, layer_.y().input - first_row);
    const int64_t group = group_of_sample % layer_.groups;
    float* const to =
        grad_input + group_of_sample * layer_.group_in() * layer_.input_cells() + first_row * layer_.x().input;
    for (int64_t out = 0; out < layer_.group_out(); out += chain_.channels) {
      const int64_t channels = std::min(chain_.channels, layer_.group_out() - out);
      const float* const g = grad_output + (group_of_sample * layer_.group_out() + out) * layer_.output_cells();
      for (int64_t tap = 0; tap < layer_.y().kernel; tap += chain_.rows) {
        const int64_t taps = std::min(chain_.rows, layer_.y().kernel - tap);
        const int64_t row = first_row * layer_.y().stride + tap - layer_.y().padding;  // of g
        const int64_t g_rows = (rows - 1) * layer_.y().stride + taps;
        pad(g, channels, row, g_rows, scratch);
        CorrelationTile tile{
            .x = nullptr,
            .x_stride = line_,
            .x_row = layer_.x().kernel,
            .x_plane = layer_.taps(),
            .g = scratch.data(),
            .columns = nullptr,
            .g_row = columns_,
            .g_plane = g_rows * columns_,
            .planes = channels,
            .rows = taps,
            .positions = layer_.x().kernel,
            .sums = nullptr,
            .add = out > 0 || tap > 0,
            .a_stride = layer_.input_cells(),
            .places = nullptr,
            .a_count = 0,
            .column_count = 0,
        };
        const float* const weights =
            weights_.data() + group * layer_.group_in() * line_ + (out * layer_.y().kernel + tap) * layer_.x().kernel;
        const int64_t cells = rows * layer_.x().input;
        for (int64_t cell = 0; cell < cells; cell += shape_.columns) {
          tile.columns = cells_.data() + cell;
          tile.places = places_.data() + cell;
          tile.column_count = static_cast<int>(std::min<int64_t>(shape_.columns, cells - cell));
          for (int64_t in = 0; in < layer_.group_in(); in += shape_.a) {
            tile.x = weights + in * line_;
            tile.sums = to + in * layer_.input_cells();
            tile.a_count = static_cast<int>(std::min<int64_t>(shape_.a, layer_.group_in() - in));
            shape_.run(tile);
          }
        }
      }
    }
  }

  /// Rows [row, row + count) of some channels of g, with zeros around: near, and one after the other.
  void pad(const float* g, int64_t channels, int64_t row, int64_t count, FloatBuffer& scratch) const {
    scratch.reserve(channels * count * columns_);
    for (int64_t channel = 0; channel < channels; ++channel) {
      for (int64_t r = row; r < row + count; ++r) {
        float* const to = scratch.data() + (channel * count + r - row) * columns_;
        if (r < 0 || r >= layer_.y().output) {
          std::fill_n(to, columns_, 0.0F);
          continue;
        }
        const float* const from = g + channel * layer_.output_cells() + r * layer_.x().output;
        std::fill_n(to, layer_.x().padding, 0.0F);
        std::copy_n(from, layer_.x().output, to + layer_.x().padding);
        std::fill(to + layer_.x().padding + layer_.x().output, to + columns_, 0.0F);
      }
    }
  }

  const LayerPlan layer_;
  const CorrelationShape shape_;
  const Chain chain_;
  const int64_t line_;     ///< from one input channel's weights to the next's
  const int64_t columns_;  ///< of a padded row of g
  const int64_t rows_together_;
  FloatBuffer weights_;
  std::vector<int64_t> cells_;        ///< where the stamps of a part's cells begin
  std::vector<int64_t> places_;       ///< of those cells in a channel
  std::vector<FloatBuffer> scratch_;  ///< by slot of the team
};

}  // namespace

Estimate gradient_rows_estimate(const LayerPlan& layer) {
  const AxisPlan& z = layer.z();
  const bool flat = z.input == 1 && z.output == 1 && z.kernel == 1 && z.padding == 0;
  const bool dense = (layer.y().dilation == 1 || layer.y().kernel == 1) && layer.x().dilation == 1;
  if (!flat || !dense || layer.x().kernel % vector_lanes() != 0) return {};
  const double bytes = 4.0 * static_cast<double>(layer.input_size() + layer.weight_size() + layer.output_size());
  return {true, choice_of(layer).cycles + memory_cycles(bytes), ""};
}

std::unique_ptr<Kernel> input_gradient_by_rows(const LayerPlan& layer, const float* weight) {
  return std::make_unique<GradientRows>(layer, weight);
}

}  // namespace tconv
