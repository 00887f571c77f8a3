#include "kernels/weight_gradient_channels.h"

#include <algorithm>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/cell_blocks.h"
#include "kernels/chained_products.h"
#include "kernels/outer_tiles.h"
#include "kernels/shares.h"
#include "kernels/shifted_sums.h"
#include "kernels/toom_cook_steps.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t passed_values = 12 * 1024;    // floats of x that stay in the level 1 cache for all columns
constexpr int64_t passed_gradient = 16 * 1024;  // floats of g that should stay there, too
constexpr int64_t most_of_a_window = 1 << 20;   // floats of g
constexpr int64_t wanted_parts = 16;            // enough to keep some threads busy
constexpr int64_t least_slice = 256;            // columns: fewer, and putting x in order for them takes too long
constexpr int64_t least_share_cells = 256;      // fewer, and adding up the shares takes too long
constexpr int64_t most_sums = 1 << 22;          // floats, of all shares
constexpr int64_t far_floats = 4 << 20;         // of x and g: more do not stay in the caches

/// How the work is cut into parts: by output channels, and into shares of the cells that have sums of their own. It
/// does not depend on the number of threads, lest the result does.
struct Cut {
  explicit Cut(const LayerPlan& layer)
      : shapes(layer.group_in()),
        blocks(layer, std::min(chained_products, passed_values / (shapes.most_vectors() * vector_lanes()))),
        covered(layer, blocks, layer.y().kernel),
        columns(layer.group_out() * layer.taps()),
        planes(layer.group_out() * layer.z().kernel) {
    const int64_t wanted = ceil_div(wanted_parts, layer.groups);
    slices = std::clamp<int64_t>(std::min(wanted, columns / least_slice), 1, planes);
    const int64_t in_slice = ceil_div(planes, slices);
    pass = std::clamp<int64_t>(passed_gradient / covered.plane(), 1, in_slice);
    pass = ceil_div(in_slice, ceil_div(in_slice, pass));
    const int64_t sums = layer.groups * shapes.vectors() * vector_lanes() * columns;
    const int64_t worth = layer.batch * layer.input_cells() / least_share_cells;
    shares = std::min({ceil_div(wanted, slices), worth, most_sums / sums, blocks.count()});
    shares = std::max<int64_t>(1, shares);
  }
  ShiftedShapes shapes;
  CellBlocks blocks;
  CoveredGradient covered;
  int64_t columns;  ///< weights of an input channel
  int64_t planes;   ///< see CoveredGradient
  int64_t slices;   ///< of the planes
  int64_t pass;     ///< planes that are looked at together
  int64_t shares;
};

class GradientByChannels : public WeightGradientWay {
 public:
  explicit GradientByChannels(const LayerPlan& layer)
      : layer_(layer),
        cut_(layer),
        lanes_(vector_lanes()),
        steps_(toom_cook_steps()),
        far_(layer.input_size() + layer.output_size() > far_floats),
        no_bias_(lanes_) {
    for (int64_t y = 0; y < cut_.blocks.rows(); ++y) {
      for (int64_t x = 0; x < cut_.blocks.columns(); ++x) cells_.push_back(cut_.covered.cell(y, x));
    }
    for (int64_t plane = 0; plane < cut_.pass; ++plane) {
      for (int64_t y = 0; y < layer.y().kernel; ++y) {
        for (int64_t x = 0; x < layer.x().kernel; ++x) {
          taps_.push_back(plane * cut_.covered.plane() + cut_.covered.tap(y, x));
        }
      }
    }
  }

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    sums_.reserve(layer_.groups * cut_.shares * group_sums());
    const int64_t units = cut_.shapes.units();
    return team.share(layer_.groups * cut_.shares * cut_.slices, keep_going, [&](int64_t part, int slot) {
      const int64_t group = part / cut_.slices / cut_.shares;
      const int64_t share = part / cut_.slices % cut_.shares;
      add_up(input, grad_output, group, share, parts_of(part % cut_.slices, cut_.slices, cut_.planes),
             scratch_[static_cast<std::size_t>(slot)]);
    }) && team.share(layer_.groups * units, keep_going, [&](int64_t part, int) {
      write(part / units, part % units, grad_weight);
    });
  }

 private:
  struct Scratch {
    FloatBuffer values;  ///< [unit][cell][channel]
    FloatBuffer covered;
  };

  int64_t group_sums() const { return cut_.shapes.vectors() * lanes_ * cut_.columns; }
  /// [column][channel of the unit]
  float* sums(int64_t group, int64_t unit, int64_t share) {
    return sums_.data() + (group * cut_.shares + share) * group_sums() +
           cut_.shapes.first_vector(unit) * lanes_ * cut_.columns;
  }

  void add_up(const float* input, const float* grad_output, int64_t group, int64_t share, const PartRange& planes,
              Scratch& scratch) {
    scratch.values.reserve(cut_.blocks.cells() * cut_.shapes.vectors() * lanes_);
    scratch.covered.reserve(cut_.pass * cut_.covered.plane());
    const PartRange range = parts_of(share, cut_.shares, cut_.blocks.count());
    for (int64_t index = range.first; index < range.last; ++index) {
      const CellBlock block = cut_.blocks.at(index);
      const CellBlock next = cut_.blocks.at(std::min(index + 1, range.last - 1));
      put_in_order(input, group, block, scratch.values.data());
      for (int64_t plane = planes.first; plane < planes.last; plane += cut_.pass) {
        const int64_t count = std::min(cut_.pass, planes.last - plane);
        cut_.covered.copy(grad_output, group, block, plane, count, 0, layer_.y().kernel, scratch.covered.data());
        if (far_) fetch_next(input, grad_output, group, planes, block, next, plane);
        const int64_t taps = layer_.y().kernel * layer_.x().kernel;
        for (int64_t unit = 0; unit < cut_.shapes.units(); ++unit) {
          cut_.shapes.run(unit,
                          {.values = scratch.values.data() + cut_.shapes.first_vector(unit) * lanes_ * block.cells(),
                           .lines = scratch.covered.data(),
                           .columns = taps_.data(),
                           .steps = cells_.data(),
                           .step_count = block.cells(),
                           .sums = sums(group, unit, share) + plane * taps * cut_.shapes.vectors(unit) * lanes_,
                           .add = index > range.first},
                          count * taps);
        }
      }
    }
  }

  void put_in_order(const float* input, int64_t group, const CellBlock& block, float* values) const {
    for (int64_t unit = 0; unit < cut_.shapes.units(); ++unit) {
      const int64_t first = cut_.shapes.first_vector(unit) * lanes_;
      const int64_t width = cut_.shapes.vectors(unit) * lanes_;
      transpose(cells_of(input, group * layer_.group_in() + first, block), layer_.input_cells(),
                std::min(width, layer_.group_in() - first), block.cells(), values + first * block.cells(), width);
    }
  }

  /// What comes next is on its way while what is here is added up.
  void fetch_next(const float* input, const float* grad_output, int64_t group, const PartRange& planes,
                  const CellBlock& block, const CellBlock& next, int64_t plane) const {
    const int64_t after = plane + cut_.pass;
    const bool there = after < planes.last;
    const int64_t begin = there ? after : planes.first;
    for (int64_t i = begin; i < std::min(planes.last, begin + cut_.pass); ++i) {
      cut_.covered.fetch(grad_output, group, there ? block : next, i, 0, layer_.y().kernel);
    }
    const int64_t all = planes.last - planes.first;
    const int64_t last = layer_.group_in() * std::min(after - planes.first, all) / all;
    for (int64_t i = layer_.group_in() * (plane - planes.first) / all; i < last; ++i) {
      fetch_floats(cells_of(input, group * layer_.group_in() + i, next), next.cells());
    }
  }

  /// Where a block's cells of a channel lie, one after the other.
  const float* cells_of(const float* input, int64_t channel, const CellBlock& block) const {
    return input + (block.sample * layer_.in_channels + channel) * layer_.input_cells() +
           (block.z * layer_.y().input + block.y) * layer_.x().input + block.x;
  }

  /// The sums of all shares, to where the weights lie.
  void write(int64_t group, int64_t unit, float* grad_weight) {
    const int64_t vectors = cut_.shapes.vectors(unit);
    float* const all = sums(group, unit, 0);
    for (int64_t share = 1; share < cut_.shares; ++share) {
      const float* const some = sums(group, unit, share);
      for (int64_t i = 0; i < cut_.columns * vectors * lanes_; ++i) all[i] += some[i];
    }
    for (int64_t v = 0; v < vectors; ++v) {
      const int64_t channel = (cut_.shapes.first_vector(unit) + v) * lanes_;
      steps_.scatter(all + v * lanes_, vectors * lanes_, no_bias_.data(),
                     static_cast<int>(std::min(lanes_, layer_.group_in() - channel)), cut_.columns,
                     grad_weight + (group * layer_.group_in() + channel) * cut_.columns, cut_.columns, false);
    }
  }

  const LayerPlan layer_;
  const Cut cut_;
  const int64_t lanes_;
  const ToomCookSteps& steps_;
  const bool far_;
  FloatBuffer no_bias_;
  std::vector<int64_t> cells_;  ///< of a block: where their stamps begin
  std::vector<int64_t> taps_;   ///< of a pass: where they are in a stamp
  FloatBuffer sums_;            ///< [group][share][unit]
  std::vector<Scratch> scratch_;
};

}  // namespace

Estimate weight_gradient_channels_estimate(const LayerPlan& layer) {
  const Cut cut(layer);
  if (cut.pass * cut.covered.plane() > most_of_a_window) return {};
  const auto cells = static_cast<double>(cut.blocks.cells());
  const double columns = static_cast<double>(cut.columns);
  const double vectors = static_cast<double>(cut.shapes.vectors());
  const double multiply = cells * cut.shapes.cycles(cut.columns) / 0.93;
  const double copied = static_cast<double>(cut.planes * cut.covered.plane()) / 8;
  const double block =
      multiply + copied + 3 * cells * vectors * static_cast<double>(cut.slices) + 2 * columns * vectors;
  const double blocks = static_cast<double>(layer.batch * layer.input_cells()) / cells;
  const double bytes = 4.0 * static_cast<double>(layer.input_size() + layer.weight_size() + layer.output_size());
  return {true,
          static_cast<double>(layer.groups) *
                  (blocks * block + columns * vectors * (4 + 2 * static_cast<double>(cut.shares))) +
              0.3 * memory_cycles(bytes),
          ""};
}

std::unique_ptr<WeightGradientWay> weight_gradient_by_channels(const LayerPlan& layer) {
  return std::make_unique<GradientByChannels>(layer);
}

}  // namespace tconv
