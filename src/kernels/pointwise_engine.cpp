#include "kernels/pointwise_engine.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/copy_strided.h"
#include "kernels/pointwise_line.h"
#include "kernels/pointwise_tile.h"
#include "kernels/shares.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t panel_floats = 64 * 1024;   // of the input: they stay in the level 2 cache
constexpr int64_t near_weights = 96 * 1024;   // of a group: they do, while the input passes by tile by tile
constexpr int64_t least_items_a_thread = 16;  // vectors of cells; fewer are no fair shares

/// Output channels that are computed together.
struct Block {
  int64_t first;
  int outputs;
  int width;        ///< of the shape, at least `outputs`
  int64_t weights;  ///< where a group's begin
};

int most_vectors() {
  int most = 0;
  for (const PointwiseShape& shape : pointwise_shapes()) most = std::max(most, shape.vectors);
  return most;
}

/// The first of `left` vectors of cells that one tile takes: never one vector where two tiles can have two.
int64_t next_vectors(int64_t left, int64_t most) {
  return left > most && left < 2 * most ? ceil_div(left, 2) : std::min(left, most);
}

PointwiseShape shape_of(int outputs, int64_t vectors) {
  PointwiseShape found{};
  for (const PointwiseShape& shape : pointwise_shapes()) {
    if (shape.vectors != vectors || shape.outputs < outputs) continue;
    if (found.run == nullptr || shape.outputs < found.outputs) found = shape;
  }
  return found;
}

/// As equal as they can be.
std::vector<Block> blocks_of(int64_t outputs, int64_t channels) {
  int most = 0;
  for (const PointwiseShape& shape : pointwise_shapes()) most = std::max(most, shape.outputs);
  const int64_t count = ceil_div(outputs, most);
  std::vector<Block> blocks;
  int64_t weights = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t first = outputs * i / count;
    const int some = static_cast<int>(outputs * (i + 1) / count - first);
    const int width = shape_of(some, 1).outputs;
    blocks.push_back({first, some, width, weights});
    weights += channels * width;
  }
  return blocks;
}

bool written_at_once(const LayerPlan& plan, const PointwiseLine& line) {
  return line.output().in_line && line.cells() == plan.output_cells();
}

class PointwiseKernel : public Kernel {
 public:
  PointwiseKernel(const LayerPlan& plan, const PointwiseLine& line, double cycles, const float* weight,
                  const float* bias)
      : plan_(plan),
        line_(line),
        cycles_(cycles),
        lanes_(vector_lanes()),
        most_vectors_(most_vectors()),
        vectors_(ceil_div(line.cells(), lanes_)),
        in_place_(line.input().in_line),
        at_once_(written_at_once(plan, line)),
        blocks_(blocks_of(plan.group_out(), plan.group_in())) {
    const int64_t group_weights = plan.group_in() * plan.group_out();
    const bool tile_by_tile = in_place_ && at_once_ && group_weights <= near_weights;
    panel_vectors_ =
        tile_by_tile ? most_vectors_ : std::max<int64_t>(most_vectors_, panel_floats / (plan.group_in() * lanes_));
    panel_vectors_ -= panel_vectors_ % most_vectors_;
    pack(weight, bias);
  }

  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    const int64_t units = plan_.batch * plan_.groups;
    const auto blocks = static_cast<int64_t>(blocks_.size());
    const bool few = units * vectors_ < least_items_a_thread * team.threads();
    const int64_t out_parts = few && team.threads() > 1 ? std::min<int64_t>(blocks, 2 * team.threads()) : 1;
    if (out_parts > 1) {
      return team.share(units * out_parts, keep_going, [&](int64_t part, int slot) {
        compute(input, output, part / out_parts, parts_of(part % out_parts, out_parts, blocks), {0, vectors_},
                scratch_[static_cast<std::size_t>(slot)]);
      });
    }
    const int64_t items = units * vectors_;
    const int64_t shares = shares_of(cycles_, items, team.threads());
    return team.share(shares, keep_going, [&](int64_t share, int slot) {
      const PartRange range = parts_of(share, shares, items);
      for (int64_t item = range.first; item < range.last;) {
        const int64_t unit = item / vectors_;
        const int64_t end = std::min(range.last, (unit + 1) * vectors_);
        compute(input, output, unit, {0, blocks}, {item - unit * vectors_, end - unit * vectors_},
                scratch_[static_cast<std::size_t>(slot)]);
        item = end;
      }
    });
  }

  std::string way() const override {
    return "a product of matrices, " + std::to_string(blocks_.front().width) + " output channels × " +
           std::to_string(most_vectors_ * lanes_) + " neighbouring cells in registers, " +
           (in_place_ ? "cells read in place" : "cells gathered") +
           (at_once_ ? "" : ", results put to their places row by row");
  }

 private:
  struct Scratch {
    FloatBuffer packed;
    FloatBuffer sums;
    FloatBuffer results;
    std::vector<FlatMap::Piece> pieces;
    std::vector<PointwiseLine::Place> places;
  };
  /// Some neighbouring cells of a sample and group.
  struct Panel {
    const float* x;  ///< of the group's first channel
    float* output;   ///< likewise
    int64_t group;
    PartRange blocks;
    PartRange cells;
    int64_t vectors;
    int64_t cells_behind;  ///< those behind the panel that come next
  };

  void pack(const float* weight, const float* bias) {
    group_weights_ = blocks_.back().weights + plan_.group_in() * blocks_.back().width;
    width_ = blocks_.front().width;
    for (const Block& block : blocks_) width_ = std::max<int64_t>(width_, block.width);
    const auto blocks = static_cast<int64_t>(blocks_.size());
    weights_ = FloatBuffer(plan_.groups * group_weights_);
    bias_ = FloatBuffer(plan_.groups * blocks * width_);
    std::ranges::fill(weights_.span(), 0.0F);
    std::ranges::fill(bias_.span(), 0.0F);
    for (int64_t group = 0; group < plan_.groups; ++group) {
      for (int64_t i = 0; i < blocks; ++i) {
        const Block& block = blocks_[static_cast<std::size_t>(i)];
        float* to = weights_.data() + group * group_weights_ + block.weights;
        for (int64_t in = 0; in < plan_.group_in(); ++in, to += block.width) {
          for (int out = 0; out < block.outputs; ++out) {
            to[out] = weight[plan_.weight_index(group, in, block.first + out, 0)];
          }
        }
        for (int out = 0; bias != nullptr && out < block.outputs; ++out) {
          bias_.data()[(group * blocks + i) * width_ + out] = bias[group * plan_.group_out() + block.first + out];
        }
      }
    }
  }

  void compute(const float* input, float* output, int64_t unit, PartRange blocks, PartRange vectors,
               Scratch& scratch) const {
    const int64_t group = unit % plan_.groups;
    for (int64_t first = vectors.first; first < vectors.last;) {
      const int64_t left = vectors.last - first;
      const int64_t some =
          panel_vectors_ == most_vectors_ ? next_vectors(left, most_vectors_) : std::min(left, panel_vectors_);
      const int64_t end = std::min((first + some) * lanes_, line_.cells());
      compute({.x = input + unit * plan_.group_in() * plan_.input_cells(),
               .output = output + unit * plan_.group_out() * plan_.output_cells(),
               .group = group,
               .blocks = blocks,
               .cells = {first * lanes_, end},
               .vectors = some,
               .cells_behind = std::min(vectors.last * lanes_, line_.cells()) - end},
              scratch);
      first += some;
    }
  }

  void compute(const Panel& panel, Scratch& scratch) const {
    constexpr int64_t line = 16;
    const int64_t pitch = (ceil_div(panel.vectors * lanes_, line) | 1) * line;  // as DirectKernel's
    scratch.packed.reserve(pitch * plan_.group_in());
    scratch.sums.reserve(width_ * most_vectors_ * lanes_);
    if (!in_place_) gather(panel, pitch, scratch);
    if (!at_once_) {
      scratch.results.reserve(width_ * pitch);
      line_.list_places(panel.cells.first, panel.cells.last, scratch.places);
    }
    for (int64_t block = panel.blocks.first; block < panel.blocks.last; ++block) {
      multiply(panel, block, pitch, scratch);
      if (at_once_) continue;
      const Block& of = blocks_[static_cast<std::size_t>(block)];
      for (int out = 0; out < of.outputs; ++out) {
        write_places(scratch.places, line_.output().step, bias_of(panel.group, block)[out],
                     scratch.results.data() + out * pitch, panel.output + (of.first + out) * plan_.output_cells());
      }
    }
  }

  const float* bias_of(int64_t group, int64_t block) const {
    return bias_.data() + (group * static_cast<int64_t>(blocks_.size()) + block) * width_;
  }

  void gather(const Panel& panel, int64_t pitch, Scratch& scratch) const {
    line_.list_input(panel.cells.first, panel.cells.last, scratch.pieces);
    const int64_t cells = panel.cells.last - panel.cells.first;
    for (int64_t channel = 0; channel < plan_.group_in(); ++channel) {
      float* const to = scratch.packed.data() + channel * pitch;
      copy_pieces(scratch.pieces, panel.x + channel * plan_.input_cells(), line_.input().step, to);
      std::fill(to + cells, to + panel.vectors * lanes_, 0.0F);
    }
  }

  /// All cells of the panel for a block of output channels. The first block leaves what it reads in place in order for
  /// those that follow, and they fetch what it will read next.
  void multiply(const Panel& panel, int64_t block, int64_t pitch, Scratch& scratch) const {
    const Block& of = blocks_[static_cast<std::size_t>(block)];
    const int64_t number = block - panel.blocks.first;
    const bool alone = panel.blocks.last - panel.blocks.first == 1;
    const int64_t all = panel.cells.last - panel.cells.first;
    PointwiseTile tile{.x = nullptr,
                       .x_stride = 0,
                       .channels = plan_.group_in(),
                       .weights = weights_.data() + panel.group * group_weights_ + of.weights,
                       .bias = bias_of(panel.group, block),
                       .sums = scratch.sums.data(),
                       .output = nullptr,
                       .output_stride = at_once_ ? plan_.output_cells() : pitch,
                       .outputs = of.outputs,
                       .cells = 0,
                       .past_the_caches = at_once_ && plan_.output_size() > cached_floats};
    for (int64_t vector = 0; vector < panel.vectors;) {
      const int64_t vectors = next_vectors(panel.vectors - vector, most_vectors_);
      const int64_t cell = vector * lanes_;
      const float* const here = panel.x + line_.input().begin + panel.cells.first + cell;
      float* const packed = scratch.packed.data() + (in_place_ ? cell * plan_.group_in() : cell);
      tile.cells = std::min(all - cell, vectors * lanes_);
      tile.packed = nullptr;
      tile.ahead = nullptr;
      if (!in_place_) {
        tile.x = packed;
        tile.x_stride = pitch;
      } else if (number == 0) {
        tile.x = here;
        tile.x_stride = plan_.input_cells();
        if (!alone || tile.cells < vectors * lanes_) tile.packed = packed;
      } else {
        tile.x = packed;
        tile.x_stride = vectors * lanes_;
        if (number <= most_vectors_ && number * lanes_ <= panel.cells_behind) {
          tile.ahead = here + panel.vectors * lanes_ + (number - 1) * lanes_;
          tile.ahead_stride = plan_.input_cells();
        }
      }
      tile.output = at_once_ ? panel.output + of.first * plan_.output_cells() + panel.cells.first + cell
                             : scratch.results.data() + cell;
      shape_of(of.width, vectors).run(tile);
      vector += vectors;
    }
  }

  const LayerPlan plan_;
  const PointwiseLine line_;
  const double cycles_;
  const int64_t lanes_;
  const int64_t most_vectors_;
  const int64_t vectors_;  ///< of a sample's cells
  const bool in_place_;
  const bool at_once_;  ///< results go from the registers to the output
  const std::vector<Block> blocks_;
  int64_t panel_vectors_ = 0;
  int64_t group_weights_ = 0;
  int64_t width_ = 0;  ///< of the widest block
  FloatBuffer weights_;
  FloatBuffer bias_;
  std::vector<Scratch> scratch_;  ///< by slot of the team
};

double multiply_cycles(const LayerPlan& plan, const PointwiseLine& line) {
  const int64_t vectors = ceil_div(line.cells(), int64_t{vector_lanes()});
  const int64_t most = most_vectors();
  double cycles = 0;  // of a channel of all cells of a sample and group
  double tiles = 0;
  for (const Block& block : blocks_of(plan.group_out(), plan.group_in())) {
    const auto of_tile = [&](int64_t width) {
      const auto sums = static_cast<double>(block.width * width);
      return std::max({sums / 2 * 1.04, (static_cast<double>(block.width + width) + 1) / 2, 4.0});
    };
    int64_t left = vectors;
    const int64_t whole = left < 2 * most ? 0 : left / most - 1;
    cycles += static_cast<double>(whole) * of_tile(most);
    tiles += static_cast<double>(whole);
    for (left -= whole * most; left > 0; ++tiles) {
      const int64_t width = next_vectors(left, most);
      cycles += of_tile(width);
      left -= width;
    }
  }
  return static_cast<double>(plan.batch * plan.groups) * (cycles * static_cast<double>(plan.group_in()) + tiles * 60);
}

Estimate estimate_pointwise(const LayerPlan& plan) {
  const std::optional<PointwiseLine> line = PointwiseLine::of(plan);
  if (!line) return {false, 0, "only for kernels of one tap that reaches the output"};
  double cycles = multiply_cycles(plan, *line);
  const auto cells = static_cast<double>(plan.batch * line->cells());
  if (!line->input().in_line) {
    const double a_cycle = line->input().step <= 2 ? 5 : 0.5;
    cycles += static_cast<double>(plan.in_channels) * cells / a_cycle;
  }
  if (!written_at_once(plan, *line)) {
    cycles += static_cast<double>(plan.output_size()) / 10;
    cycles += static_cast<double>(plan.out_channels) * cells / (line->output().step <= 2 ? 8 : 0.8);
  }
  const double bytes = 4.0 * static_cast<double>(plan.input_size() + plan.weight_size() + plan.output_size());
  const double memory = bytes / (bytes > 24e6 ? 6 : 20);
  return {true, std::max(cycles, memory) + 0.2 * std::min(cycles, memory),
          "a product of matrices, every cell with one tap"};
}

std::unique_ptr<Kernel> prepare_pointwise(const LayerPlan& plan, const float* weight, const float* bias) {
  return std::make_unique<PointwiseKernel>(plan, *PointwiseLine::of(plan), estimate_pointwise(plan).cycles, weight,
                                           bias);
}

}  // namespace

Engine pointwise_engine() { return {"pointwise", &estimate_pointwise, &prepare_pointwise}; }

}  // namespace tconv
