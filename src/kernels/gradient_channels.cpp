#include "kernels/gradient_channels.h"

#include <algorithm>
#include <optional>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/cell_blocks.h"
#include "kernels/chained_products.h"
#include "kernels/shifted_sums.h"
#include "kernels/toom_cook_steps.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t cells_of_a_call = 48;       // whole columns of every shape; between calls, more of g is fetched
constexpr int64_t most_block_vectors = 1600;  // of sums
constexpr int64_t cells_for_a_block = 10;     // take as long as what a block takes beside its cells
constexpr int64_t passed_weights =
    10 * 1024;  // floats that pass by for all cells of a block; more would leave the level 1 cache
constexpr int64_t most_covered = 1 << 20;  // floats of a block's g

/// Some planes of g (see CoveredGradient) and rows of the stamps there: what one pass adds to the sums.
struct Pass {
  int64_t planes;
  int64_t rows;
};

Pass pass_of(const LayerPlan& layer, const ShiftedShapes& shapes) {
  const int64_t row = layer.x().kernel * shapes.most_vectors() * vector_lanes();
  const int64_t most_rows = std::min(passed_weights / row, chained_products / layer.x().kernel);
  const int64_t rows = std::clamp<int64_t>(most_rows, 1, layer.y().kernel);
  if (rows < layer.y().kernel) return {1, ceil_div(layer.y().kernel, ceil_div(layer.y().kernel, rows))};
  const int64_t planes = layer.group_out() * layer.z().kernel;
  const int64_t most_planes = std::min(passed_weights / (row * rows), chained_products / (layer.x().kernel * rows));
  return {std::clamp<int64_t>(most_planes, 1, planes), rows};
}

/// Blocks of as many cells as can be, as many for each thread.
CellBlocks blocks_for(const LayerPlan& layer, const Pass& pass, int threads) {
  std::optional<CellBlocks> best;
  int64_t least = 0;
  const int64_t most = most_block_vectors / ShiftedShapes(layer.group_in()).most_vectors();
  for (int64_t cells = std::min(layer.x().input, most); cells <= most && cells <= layer.y().input * layer.x().input;
       cells += layer.x().input) {
    const CellBlocks blocks(layer, cells);
    const int64_t longest = ceil_div(blocks.count() * layer.groups, threads) * (blocks.cells() + cells_for_a_block);
    const int64_t covered = pass.planes * CoveredGradient(layer, blocks, pass.rows).plane();
    if (best && (longest > least || covered > most_covered)) continue;
    best.emplace(blocks);
    least = longest;
  }
  return *best;
}

class GradientChannels : public Kernel {
 public:
  GradientChannels(const LayerPlan& layer, const float* weight)
      : layer_(layer),
        lanes_(vector_lanes()),
        scatter_(toom_cook_steps()),
        shapes_(layer.group_in()),
        pass_(pass_of(layer, shapes_)),
        steps_(layer.group_out() * layer.taps()),
        weights_(layer.groups * shapes_.vectors() * steps_ * lanes_),
        no_bias_(lanes_) {
    for (int64_t group = 0; group < layer.groups; ++group) {
      for (int64_t unit = 0; unit < shapes_.units(); ++unit) pack(weight, group, unit);
    }
  }

  bool run(const float* grad_output, float* grad_input, const Team& team, const KeepGoing& keep_going) override {
    const CellBlocks blocks = blocks_for(layer_, pass_, team.threads());
    const CoveredGradient covered(layer_, blocks, pass_.rows);
    cells_.clear();
    for (int64_t y = 0; y < blocks.rows(); ++y) {
      for (int64_t x = 0; x < blocks.columns(); ++x) cells_.push_back(covered.cell(y, x));
    }
    taps_.clear();
    for (int64_t plane = 0; plane < pass_.planes; ++plane) {
      for (int64_t y = 0; y < pass_.rows; ++y) {
        for (int64_t x = 0; x < layer_.x().kernel; ++x) taps_.push_back(plane * covered.plane() + covered.tap(y, x));
      }
    }
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    return team.share(blocks.count() * layer_.groups, keep_going, [&](int64_t part, int slot) {
      Scratch& scratch = scratch_[static_cast<std::size_t>(slot)];
      scratch.covered.reserve(pass_.planes * covered.plane());
      scratch.sums.reserve(blocks.cells() * shapes_.vectors() * lanes_);
      const CellBlock block = blocks.at(part / layer_.groups);
      compute(grad_output, part % layer_.groups, block, covered, scratch, grad_input);
      if (past_the_caches()) scatter_.flush();
    });
  }

  std::string way() const override {
    const int vectors = shapes_.most_vectors();
    return std::to_string(vectors) + (vectors == 1 ? " vector" : " vectors") + " of channels × " +
           std::to_string(shapes_.most_columns(vectors)) + " cells in registers";
  }

 private:
  struct Scratch {
    FloatBuffer covered;
    FloatBuffer sums;  ///< [unit][cell][channel]
  };

  /// Of a unit: [output channel, tap][channel].
  float* weights(int64_t group, int64_t unit) {
    return weights_.data() + (group * shapes_.vectors() + shapes_.first_vector(unit)) * steps_ * lanes_;
  }

  void pack(const float* weight, int64_t group, int64_t unit) {
    const int64_t first = shapes_.first_vector(unit) * lanes_;
    const int64_t width = shapes_.vectors(unit) * lanes_;
    float* const to = weights(group, unit);
    for (int64_t channel = 0; channel < std::min(width, layer_.group_in() - first); ++channel) {
      const float* const from = weight + (group * layer_.group_in() + first + channel) * steps_;
      for (int64_t step = 0; step < steps_; ++step) to[step * width + channel] = from[step];
    }
  }

  void compute(const float* grad_output, int64_t group, const CellBlock& block, const CoveredGradient& covered,
               Scratch& scratch, float* grad_input) {
    const AxisPlan& y = layer_.y();
    const AxisPlan& x = layer_.x();
    const int64_t planes = layer_.group_out() * layer_.z().kernel;
    for (int64_t plane = 0; plane < planes; plane += pass_.planes) {
      for (int64_t tap = 0; tap < y.kernel; tap += pass_.rows) {
        const int64_t rows = std::min(pass_.rows, y.kernel - tap);
        const int64_t count = std::min(pass_.planes, planes - plane);
        covered.copy(grad_output, group, block, plane, count, tap, rows, scratch.covered.data());
        const bool last = plane + count == planes && tap + rows == y.kernel;
        const int64_t ahead = ceil_div(count, shapes_.units() * ceil_div(block.cells(), cells_of_a_call));
        int64_t fetched = plane + count;
        for (int64_t unit = 0; unit < shapes_.units(); ++unit) {
          const int64_t width = shapes_.vectors(unit) * lanes_;
          for (int64_t first = 0; first < block.cells(); first += cells_of_a_call) {
            const int64_t some = std::min(cells_of_a_call, block.cells() - first);
            float* const sums =
                scratch.sums.data() + shapes_.first_vector(unit) * lanes_ * block.cells() + first * width;
            shapes_.run(unit,
                        {.values = weights(group, unit) + (plane * y.kernel + tap) * x.kernel * width,
                         .lines = scratch.covered.data(),
                         .columns = cells_.data() + first,
                         .steps = taps_.data(),
                         .step_count = count * rows * x.kernel,
                         .sums = sums,
                         .add = plane > 0 || tap > 0},
                        some);
            for (int64_t i = 0; i < ahead && fetched < std::min(planes, plane + 2 * count); ++i, ++fetched) {
              covered.fetch(grad_output, group, block, fetched, tap, rows);
            }
          }
          if (last) {
            write(group, unit, block, scratch.sums.data() + shapes_.first_vector(unit) * lanes_ * block.cells(),
                  grad_input);
          }
        }
      }
    }
  }

  void write(int64_t group, int64_t unit, const CellBlock& block, const float* sums, float* grad_input) const {
    const int64_t map = layer_.input_cells();
    const int64_t cell = (block.z * layer_.y().input + block.y) * layer_.x().input + block.x;
    for (int64_t v = 0; v < shapes_.vectors(unit); ++v) {
      const int64_t channel = (shapes_.first_vector(unit) + v) * lanes_;
      scatter_.scatter(
          sums + v * lanes_, shapes_.vectors(unit) * lanes_, no_bias_.data(),
          static_cast<int>(std::min(lanes_, layer_.group_in() - channel)), block.cells(),
          grad_input + (block.sample * layer_.in_channels + group * layer_.group_in() + channel) * map + cell, map,
          past_the_caches());
    }
  }

  bool past_the_caches() const { return layer_.input_size() > cached_floats; }

  const LayerPlan layer_;
  const int64_t lanes_;
  const ToomCookSteps& scatter_;
  const ShiftedShapes shapes_;
  const Pass pass_;
  const int64_t steps_;  ///< of a group: output channels × taps
  FloatBuffer weights_;  ///< [group][unit]
  FloatBuffer no_bias_;
  std::vector<int64_t> cells_;    ///< of a block: where their stamps begin
  std::vector<int64_t> taps_;     ///< of a pass: where they are in a stamp
  std::vector<Scratch> scratch_;  ///< by slot of the team
};

}  // namespace

Estimate gradient_channels_estimate(const LayerPlan& layer) {
  if (layer.x().kernel > chained_products) return {};
  const ShiftedShapes shapes(layer.group_in());
  const Pass pass = pass_of(layer, shapes);
  const CellBlocks blocks = blocks_for(layer, pass, 1);
  const CoveredGradient covered(layer, blocks, pass.rows);
  if (pass.planes * covered.plane() > most_covered) return {};
  const auto planes = static_cast<double>(layer.group_out() * layer.z().kernel);
  const double rows = static_cast<double>(ceil_div(layer.y().kernel, pass.rows));
  const double passes = planes / static_cast<double>(pass.planes) * rows;
  const auto vectors = static_cast<double>(blocks.cells() * shapes.vectors());
  const double multiply = static_cast<double>(layer.group_out() * layer.taps()) * shapes.cycles(blocks.cells()) / 0.92;
  const double copied = planes * rows * static_cast<double>(covered.plane()) / 5;
  const double block = multiply + copied + vectors * (2 * passes + 16);
  // Blocks at the border have fewer cells.
  const double cells = static_cast<double>(layer.batch * layer.input_cells()) / static_cast<double>(blocks.cells());
  const double groups = static_cast<double>(layer.groups);
  const double weights = 4.0 * static_cast<double>(layer.weight_size());
  const double streamed = weights * static_cast<double>(blocks.count()) /
                          (weights > 24e6    ? 9
                           : weights > 640e3 ? 16
                                             : 64);
  const double bytes = weights + 4.0 * static_cast<double>(layer.input_size() + layer.output_size());
  return {true, std::max(cells * groups * block, streamed) + 0.3 * memory_cycles(bytes), ""};
}

std::unique_ptr<Kernel> input_gradient_by_channels(const LayerPlan& layer, const float* weight) {
  return std::make_unique<GradientChannels>(layer, weight);
}

}  // namespace tconv
