#include "kernels/pointwise_engine.h"

#include <hwy/cache_control.h>

#include <algorithm>
#include <optional>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/copy_strided.h"
#include "kernels/pointwise_line.h"
#include "kernels/pointwise_tile.h"
#include "kernels/pointwise_weights.h"
#include "kernels/shares.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t panel_floats = 64 * 1024;       // of the input: they stay in the level 2 cache
constexpr int64_t small_panel_floats = 8 * 1024;  // likewise of few channels, in that of level 1
constexpr int64_t least_channels_by_tile = 16;    // fewer, and a tile is done before its results are written
constexpr int64_t near_weights = 96 * 1024;       // of a group: they do, while the input passes by tile by tile
constexpr int64_t fair_items = 16;                // vectors of cells for a thread; fewer are no equal shares

/// Results are the whole output, in order: they go there from the registers.
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
        most_vectors_(pointwise_vectors()),
        vectors_(ceil_div(line.cells(), lanes_)),
        in_place_(line.input().in_line),
        at_once_(written_at_once(plan, line)),
        tile_by_tile_(in_place_ && at_once_ && plan.group_in() >= least_channels_by_tile &&
                      plan.group_in() * plan.group_out() <= near_weights),
        weights_(plan, weight, bias) {
    const int64_t room = plan.group_in() < least_channels_by_tile ? small_panel_floats : panel_floats;
    const int64_t fit = room / (plan.group_in() * lanes_);
    panel_vectors_ = tile_by_tile_ ? most_vectors_ : std::max(most_vectors_, fit);
  }

  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    const int64_t units = plan_.batch * plan_.groups;
    const int64_t blocks = weights_.blocks();
    const int64_t items = units * vectors_;
    const int64_t parts = shares_of(cycles_, std::min<int64_t>(blocks, int64_t{2} * team.threads()), team.threads());
    if (items < fair_items * team.threads() && parts > 1) {
      return team.share(units * parts, keep_going, [&](int64_t part, int slot) {
        compute(input, output, part / parts, parts_of(part % parts, parts, blocks), {0, vectors_},
                scratch_[static_cast<std::size_t>(slot)]);
        flush();
      });
    }
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
      flush();
    });
  }

  std::string way() const override {
    return "a product of matrices, " + std::to_string(weights_.widest()) +
           (weights_.widest() == 1 ? " output channel × " : " output channels × ") +
           std::to_string(most_vectors_ * lanes_) + " neighbouring cells in registers, " +
           (in_place_ ? "cells read in place" : "cells gathered") +
           (at_once_ ? "" : ", results put to their places row by row");
  }

 private:
  bool past_the_caches() const { return at_once_ && plan_.output_size() > cached_floats; }
  void flush() const {
    if (past_the_caches()) hwy::FlushStream();
  }

  struct Scratch {
    FloatBuffer packed;
    FloatBuffer sums;
    FloatBuffer results;
    std::vector<FlatMap::Piece> pieces;
    std::vector<PointwiseLine::Place> places;
  };
  /// Some neighbouring cells of a sample and group.
  struct Panel {
    const float* x;  ///< the group's first channel
    float* output;   ///< likewise
    PartRange cells;
    int64_t vectors;
    PartRange next_cells;  ///< of the panel that follows, perhaps none
    int64_t pitch;         ///< of scratch, from channel to channel
  };

  void compute(const float* input, float* output, int64_t unit, PartRange blocks, PartRange vectors,
               Scratch& scratch) const {
    const int64_t all = vectors.last - vectors.first;
    const int64_t panels = ceil_div(all, panel_vectors_);
    const auto vectors_of = [&](int64_t panel) {
      if (panel == panels) return PartRange{vectors.last, vectors.last};
      const PartRange range = parts_of(panel, panels, all);
      return PartRange{vectors.first + range.first, vectors.first + range.last};
    };
    const auto cells_of = [&](PartRange range) {
      return PartRange{std::min(range.first * lanes_, line_.cells()), std::min(range.last * lanes_, line_.cells())};
    };
    const int64_t most = ceil_div(all, panels);
    const int64_t pitch = odd_cache_lines(most * lanes_);
    scratch.packed.reserve(pitch * plan_.group_in());
    scratch.sums.reserve(weights_.widest() * most_vectors_ * lanes_);
    if (!at_once_) scratch.results.reserve(weights_.widest() * pitch);
    for (int64_t panel = 0; panel < panels; ++panel) {
      const PartRange range = vectors_of(panel);
      compute({.x = input + unit * plan_.group_in() * plan_.input_cells(),
               .output = output + unit * plan_.group_out() * plan_.output_cells(),
               .cells = cells_of(range),
               .vectors = range.last - range.first,
               .next_cells = cells_of(vectors_of(panel + 1)),
               .pitch = pitch},
              unit % plan_.groups, blocks, scratch);
    }
  }

  void compute(const Panel& panel, int64_t group, PartRange blocks, Scratch& scratch) const {
    if (!in_place_) gather(panel, scratch);
    if (!at_once_) line_.list_places(panel.cells.first, panel.cells.last, scratch.places);
    for (int64_t block = blocks.first; block < blocks.last;) {
      const int64_t last = tile_by_tile_ ? blocks.last : block + 1;
      const PointwiseWeights::Run run = weights_.run_of(group, block, last);
      multiply(panel, run, blocks, scratch);
      block += run.blocks;
      if (at_once_) continue;
      write_places({.places = &scratch.places,
                    .step = line_.output().step,
                    .from = scratch.results.data(),
                    .pitch = panel.pitch,
                    .bias = run.bias,
                    .outputs = run.outputs,
                    .to = panel.output + run.channel * plan_.output_cells(),
                    .output_stride = plan_.output_cells()});
    }
  }

  void gather(const Panel& panel, Scratch& scratch) const {
    line_.list_input(panel.cells.first, panel.cells.last, scratch.pieces);
    const int64_t cells = panel.cells.last - panel.cells.first;
    for (int64_t channel = 0; channel < plan_.group_in(); ++channel) {
      float* const to = scratch.packed.data() + channel * panel.pitch;
      copy_pieces(scratch.pieces, panel.x + channel * plan_.input_cells(), line_.input().step, to);
      std::fill(to + cells, to + panel.vectors * lanes_, 0.0F);
    }
  }

  /// All cells of the panel for some blocks of output channels. The first block leaves what it reads in place in order
  /// for those that follow, and they fetch what it will read next.
  void multiply(const Panel& panel, const PointwiseWeights::Run& run, PartRange blocks, Scratch& scratch) const {
    const int64_t number = run.first - blocks.first;
    const int64_t all = panel.cells.last - panel.cells.first;
    const bool packs = in_place_ && number == 0;
    PointwiseTile tile{.x = nullptr,
                       .x_stride = panel.pitch,
                       .channels = plan_.group_in(),
                       .cells = 0,
                       .packed = nullptr,
                       .blocks = run.blocks,
                       .weights = run.weights,
                       .bias = run.bias,
                       .outputs = run.outputs,
                       .output = nullptr,
                       .output_stride = at_once_ ? plan_.output_cells() : panel.pitch,
                       .past_the_caches = past_the_caches(),
                       .sums = scratch.sums.data()};
    float* const output =
        at_once_ ? panel.output + run.channel * plan_.output_cells() + panel.cells.first : scratch.results.data();
    for (int64_t vector = 0, index = 0; vector < panel.vectors; ++index) {
      const int64_t vectors = next_pointwise_vectors(panel.vectors - vector, most_vectors_);
      const int64_t cell = vector * lanes_;
      float* const packed = scratch.packed.data() + (in_place_ ? cell * plan_.group_in() : cell);
      tile.cells = std::min(all - cell, vectors * lanes_);
      tile.output = output + cell;
      tile.x = packed;
      if (packs) {
        tile.x = panel.x + line_.input().begin + panel.cells.first + cell;
        tile.x_stride = plan_.input_cells();
        tile.packed = blocks.last - blocks.first > 1 || tile.cells < vectors * lanes_ ? packed : nullptr;
      } else if (in_place_) {
        tile.x_stride = vectors * lanes_;
      }
      if (tile_by_tile_) {
        const int64_t lines = ceil_div(panel.next_cells.last - panel.next_cells.first, pointwise_cache_line);
        const int64_t next = line_.input().begin + panel.next_cells.first + (number - 1) * pointwise_cache_line;
        tile.ahead[0] = {panel.x + next, plan_.input_cells(), pointwise_cache_line,
                         static_cast<int>(lines + 1 - number)};
      }
      tile.ahead[1] = {};
      if (!at_once_ && index < run.outputs) {  // what results will be written over
        const PointwiseLine::Place& first = scratch.places.front();
        const PointwiseLine::Place& last = scratch.places.back();
        const int64_t floats = last.to + last.cells - first.to;
        tile.ahead[1] = {panel.output + (run.channel + index) * plan_.output_cells() + first.to,
                         std::min(pointwise_cache_line, floats / plan_.group_in()), 0, 1};
      }
      run.tiles[vectors - 1](tile);
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
  const bool at_once_;
  const bool
      tile_by_tile_;  ///< all blocks for one tile's cells, then for the next; otherwise block by block of a panel
  int64_t panel_vectors_ = 0;
  const PointwiseWeights weights_;
  std::vector<Scratch> scratch_;  ///< by slot of the team
};

double multiply_cycles(const LayerPlan& plan, const PointwiseLine& line) {
  const int64_t vectors = ceil_div(line.cells(), int64_t{vector_lanes()});
  const int64_t most = pointwise_vectors();
  double cycles = 0;  // of a channel of all cells of a sample and group
  double tiles = 0;
  for (const PointwiseBlocks& blocks : pointwise_blocks(plan)) {
    const auto count = static_cast<double>(blocks.count);
    const auto of_tile = [&](int64_t width) {
      const auto sums = static_cast<double>(blocks.width * width);
      return count * std::max({sums / 2 * 1.04, (static_cast<double>(blocks.width + width) + 2) / 2, 4.0});
    };
    int64_t left = vectors;
    const int64_t whole = left < 2 * most ? 0 : left / most - 1;
    cycles += static_cast<double>(whole) * of_tile(most);
    tiles += static_cast<double>(whole) * count;
    for (left -= whole * most; left > 0; tiles += count) {
      const int64_t width = next_pointwise_vectors(left, most);
      cycles += of_tile(width);
      left -= width;
    }
  }
  return static_cast<double>(plan.batch * plan.groups) * (cycles * static_cast<double>(plan.group_in()) + tiles * 28);
}

Estimate estimate_pointwise(const LayerPlan& plan) {
  const std::optional<PointwiseLine> line = PointwiseLine::of(plan);
  if (!line) return {false, 0, "only for kernels of one tap that reaches the output"};
  double cycles = multiply_cycles(plan, *line);
  const auto cells = static_cast<double>(plan.batch * line->cells());
  if (!line->input().in_line) {
    cycles += static_cast<double>(plan.in_channels) * cells / (line->input().step <= 2 ? 3 : 0.5);
  }
  if (!written_at_once(plan, *line)) {
    cycles += static_cast<double>(plan.output_size()) / 10;
    cycles += static_cast<double>(plan.out_channels) * cells / (line->output().step <= 2 ? 4 : 0.8);
  }
  const double bytes = 4.0 * static_cast<double>(plan.input_size() + plan.weight_size() + plan.output_size());
  const double memory = memory_cycles(bytes);
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
