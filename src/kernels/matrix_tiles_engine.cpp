// Every phase as products of matrices, tile by tile, on processors that multiply whole tiles (matrix_tiles.h): cells of
// the line are columns, output channels rows, and a tap is the same line read some positions further on.

#include "kernels/matrix_tiles_engine.h"

#include <hwy/cache_control.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/direct_cut.h"
#include "kernels/direct_placement.h"
#include "kernels/matrix_tiles.h"
#include "kernels/shares.h"
#include "kernels/tile_cells.h"
#include "kernels/tile_speed.h"

namespace tconv {
namespace {

using std::int64_t;
using std::uint32_t;

constexpr int64_t cell_words = 192 * 1024;  // of the parts of a strip: they stay in the level 2 cache
constexpr int64_t chunks_together = 8;      // for which a block's weights stay there, too, and then results

DirectShape shape_of(const LayerPlan& plan) {
  return {.phases_x = static_cast<int>(plan.x().stride),
          .phases_y = 1,
          .outputs = static_cast<int>(tile_rows),
          .vectors = static_cast<int>(tile_columns) / vector_lanes(),
          .pattern = 0,
          .in_place = false,
          .run = nullptr};
}

/// So many that their parts stay in the level 2 cache, and no fewer than what the taps read beyond them.
int64_t chunks_in_strip(const FlatMap& map, const LayerPlan& plan, int64_t lines) {
  const int64_t words = tile_step_words * ceil_div(plan.group_in(), tile_numbers) * std::max<int64_t>(1, lines);
  return std::max({int64_t{1}, cell_words / words, (map.window(0, 1).size - 1) / tile_columns});
}

/// The weights of all blocks: [group][class][block][phase x][step][part][output][pair].
class TileWeights {
 public:
  /// One phase of one class.
  struct Phase {
    int64_t begin;  ///< of block 0 of group 0, in words
    std::vector<std::size_t> reads;
  };

  TileWeights(const DirectCut& cut, const DirectShape& shape, const float* weight) : cut_(cut) {
    const LayerPlan& plan = cut.plan();
    channel_blocks_ = ceil_div(plan.group_in(), tile_numbers);
    for (const DirectClass& cls : cut.classes()) {
      std::vector<Phase> phases(static_cast<std::size_t>(shape.phases_x));
      for (std::size_t phase = 0; phase < phases.size(); ++phase) {
        phases[phase].begin = group_words_;
        for (std::size_t read = 0; read < cls.reads.size(); ++read) {
          if ((cls.reads[read].phases >> phase & 1) != 0) phases[phase].reads.push_back(read);
        }
        group_words_ += cut.blocks() * words_of_phase(phases[phase]);
      }
      classes_.push_back(std::move(phases));
    }
    words_ = FloatBuffer(plan.groups * group_words_);
    for (int64_t group = 0; group < plan.groups; ++group) {
      for (int64_t first = 0; first < plan.group_in(); first += tile_numbers) {
        for (std::size_t cls = 0; cls < classes_.size(); ++cls) pack(group, cls, first, shape, weight);
      }
    }
  }

  const std::vector<Phase>& phases(std::size_t cls) const { return classes_[cls]; }
  int64_t channel_blocks() const { return channel_blocks_; }
  int64_t words_of_phase(const Phase& phase) const {
    return static_cast<int64_t>(phase.reads.size()) * channel_blocks_ * tile_step_words;
  }
  const uint32_t* of(int64_t group, const Phase& phase, int64_t block) const {
    return words_of(words_) + group * group_words_ + phase.begin + block * words_of_phase(phase);
  }
  const LargestMagnitude& largest() const { return largest_; }

 private:
  /// Of one class and the input channels [first, first + tile_numbers), whose weights stay near from tap to tap.
  void pack(int64_t group, std::size_t index, int64_t first, const DirectShape& shape, const float* weight) {
    const LayerPlan& plan = cut_.plan();
    const DirectClass& cls = cut_.classes()[index];
    const int64_t channels = std::min(tile_numbers, plan.group_in() - first);
    std::array<float, tile_numbers> row{};
    for_each_tap(plan, shape, cls, [&](const auto& z, const auto& y, const auto& x, int number) {
      const Phase& phase = classes_[index][static_cast<std::size_t>(number)];
      const std::pair place(cut_.map().plane(z.plane, y.plane, x.plane),
                            cut_.map().offset(z.offset, y.offset, x.offset));
      const auto read = std::ranges::lower_bound(
          phase.reads, place, {}, [&](std::size_t r) { return std::pair(cls.reads[r].plane, cls.reads[r].offset); });
      const int64_t step = (read - phase.reads.begin()) * channel_blocks_ + first / tile_numbers;
      const int64_t tap = (z.tap * plan.y().kernel + y.tap) * plan.x().kernel + x.tap;
      for (int64_t out = 0; out < plan.group_out(); ++out) {
        for (int64_t i = 0; i < channels; ++i) {
          row[static_cast<std::size_t>(i)] = weight[plan.weight_index(group, first + i, out, tap)];
        }
        uint32_t* const to = words_of(words_) + group * group_words_ + phase.begin +
                             out / tile_rows * words_of_phase(phase) + step * tile_step_words +
                             out % tile_rows * tile_pairs;
        largest_.note(split_line(row.data(), tile_pairs, to, tile_rows * tile_pairs));
      }
    });
  }

  const DirectCut& cut_;
  std::vector<std::vector<Phase>> classes_;
  int64_t channel_blocks_ = 0;
  int64_t group_words_ = 0;
  FloatBuffer words_;
  LargestMagnitude largest_;
};

class MatrixTilesKernel : public Kernel {
 public:
  MatrixTilesKernel(const LayerPlan& plan, FlatMap::Lines lines, double cycles, const float* weight, const float* bias)
      : shape_(shape_of(plan)),
        lines_(lines),
        cycles_(cycles),
        cut_(plan, shape_, lines),
        placer_(cut_.plan(), shape_),
        weights_(cut_, shape_, weight),
        bias_(cut_.pack_bias(bias)) {}

  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    largest_.reset();
    // Another engine will be asked. Weights that are not finite may yet need what is finite of this one's results.
    if (std::isfinite(weights_.largest().value()) && !weights_.largest().in_range()) return true;
    const LayerPlan& plan = cut_.plan();
    const int64_t chunks = cut_.map().chunks();
    const int64_t wanted = shares_of(cycles_, plan.groups * chunks * cut_.blocks(), team.threads());
    int64_t strips = ceil_div(chunks, chunks_in_strip(cut_.map(), plan, cut_.lines()));
    if (strips > 1 && plan.groups % team.threads() != 0) strips = ceil_div(strips, team.threads()) * team.threads();
    strips = std::min(strips, chunks);
    int64_t shares = 1;  // of the blocks
    if (plan.groups * strips < wanted) {
      if (chunks >= 4 * wanted) {
        strips = ceil_div(wanted, plan.groups);
      } else {
        shares = std::min(cut_.blocks(), ceil_div(wanted, plan.groups * strips));
      }
    }
    return team.share(plan.groups * strips * shares, keep_going, [&](int64_t part, int slot) {
      const PartRange range = parts_of(part / shares % strips, strips, chunks);
      const PartRange blocks = parts_of(part % shares, shares, cut_.blocks());
      const TileUse use;
      compute(input, output, part / shares / strips, range, blocks, scratch_[static_cast<std::size_t>(slot)]);
      if (past_the_caches()) hwy::FlushStream();
    });
  }

  bool spread_specials() const override { return !weights_.largest().in_range() || !largest_.in_range(); }

  std::string way() const override {
    return "32 output channels × 32 neighbouring cells in tiles, every number as three of bfloat16, " +
           std::string(lines_ == FlatMap::Lines::run_on ? "rows run on" : "row by row");
  }

 private:
  bool past_the_caches() const { return cut_.plan().output_size() > cached_floats; }

  struct Scratch {
    DirectInputs inputs;
    FloatBuffer cells;  ///< parts: [line][channels' block][part][pair][position]
    FloatBuffer results;
    FloatBuffer row;
    std::vector<FlatMap::Chunk> chunks;
    std::vector<FlatMap::Stretch> stretches;
    DirectPlaces places;
    std::vector<DirectTerm> terms;
    std::vector<std::vector<int64_t>> steps;  ///< by phase, in bytes
  };

  int64_t block_pitch(const DirectInputs& inputs) const { return tile_parts * tile_pairs * inputs.stride; }

  void compute(const float* input, float* output, int64_t group, PartRange range, PartRange blocks, Scratch& scratch) {
    const FlatMap& map = cut_.map();
    const FlatMap::Window window = map.window(range.first, range.last);
    cut_.pack_inputs(input, group, window, map.position(range.first), scratch.inputs);
    split(window, scratch);
    map.list_chunks(range.first, range.last, scratch.chunks, scratch.stretches);
    scratch.results.reserve(chunks_together * chunk_results());
    scratch.row.reserve(cut_.tile_floats());
    for (std::size_t cls = 0; cls < cut_.classes().size(); ++cls) {
      placer_.place(scratch.chunks, scratch.stretches, cut_.classes()[cls], scratch.places);
      list_steps(cls, scratch);
      for (int64_t block = blocks.first; block < blocks.last; ++block) {
        for (std::size_t chunk = 0; chunk < scratch.chunks.size(); chunk += chunks_together) {
          const std::size_t last = std::min(scratch.chunks.size(), chunk + chunks_together);
          multiply(group, cls, block, chunk, last, scratch);
          for (std::size_t i = chunk; i < last; ++i) {
            write(group, cls, block, i, scratch.results.data() + static_cast<int64_t>(i - chunk) * chunk_results(),
                  scratch, output);
          }
        }
      }
    }
  }

  int64_t chunk_results() const { return shape_.phases_x * tile_rows * tile_columns; }

  void split(const FlatMap::Window& window, Scratch& scratch) {
    const LayerPlan& plan = cut_.plan();
    const DirectInputs& inputs = scratch.inputs;
    const int64_t aligned = inputs.at - inputs.floats.data();
    const int64_t part_stride = tile_pairs * inputs.stride;
    scratch.cells.reserve(cut_.lines() * weights_.channel_blocks() * block_pitch(inputs));
    float largest = 0;
    for (int64_t line = 0; line < cut_.lines(); ++line) {
      for (int64_t pair = 0; pair < weights_.channel_blocks() * tile_pairs; ++pair) {
        uint32_t* const to = words_of(scratch.cells) + aligned +
                             (line * weights_.channel_blocks() + pair / tile_pairs) * block_pitch(inputs) +
                             pair % tile_pairs * inputs.stride;
        const float* const even = inputs.at + (2 * pair * cut_.lines() + line) * inputs.stride;
        if (2 * pair >= plan.group_in()) {
          for (int64_t part = 0; part < tile_parts; ++part) std::fill_n(to + part * part_stride, window.size, 0U);
          continue;
        }
        const float* const odd = 2 * pair + 1 < plan.group_in() ? even + cut_.lines() * inputs.stride : nullptr;
        largest = std::max(largest, split_cells(even, odd, window.size, to, part_stride));
      }
    }
    largest_.note(largest);
  }

  void list_steps(std::size_t cls, Scratch& scratch) const {
    const int64_t pitch = block_pitch(scratch.inputs);
    cut_.list_terms(cut_.classes()[cls], weights_.channel_blocks() * pitch, scratch.terms);
    scratch.steps.resize(static_cast<std::size_t>(shape_.phases_x));
    for (std::size_t phase = 0; phase < scratch.steps.size(); ++phase) {
      scratch.steps[phase].clear();
      for (const std::size_t read : weights_.phases(cls)[phase].reads) {
        for (int64_t block = 0; block < weights_.channel_blocks(); ++block) {
          scratch.steps[phase].push_back(4 * (scratch.terms[read].offset + block * pitch));
        }
      }
    }
  }

  /// The chunks [first, last) of a block: all of them with one phase's weights, then with the next one's.
  void multiply(int64_t group, std::size_t cls, int64_t block, std::size_t first, std::size_t last,
                Scratch& scratch) const {
    const LayerPlan& plan = cut_.plan();
    const int64_t aligned = scratch.inputs.at - scratch.inputs.floats.data();
    const auto& phases = weights_.phases(cls);
    for (std::size_t phase = 0; phase < phases.size(); ++phase) {
      const uint32_t* const weights = weights_.of(group, phases[phase], block);
      for (std::size_t i = first; i < last; ++i) {
        if (scratch.places.chunks[i].kind == DirectPlacement::Kind::nowhere) continue;
        const auto number = static_cast<int64_t>(i - first);
        const uint32_t* const cells =
            words_of(scratch.cells) + aligned + scratch.chunks[i].position - scratch.inputs.begin;
        multiply_tiles({.rows = packed_rows(weights),
                        .rows_step = 4 * tile_step_words,
                        .columns = {cells, 4 * scratch.inputs.stride, 4 * tile_columns / 2,
                                    4 * tile_pairs * scratch.inputs.stride},
                        .steps = scratch.steps[phase],
                        .half = plan.group_out() - block * tile_rows <= tile_rows / 2,
                        .add = false,
                        .results = scratch.results.data() + number * chunk_results() +
                                   static_cast<int64_t>(phase) * tile_rows * tile_columns});
      }
    }
  }

  void write(int64_t group, std::size_t cls, int64_t block, std::size_t index, const float* results, Scratch& scratch,
             float* output) const {
    const LayerPlan& plan = cut_.plan();
    const DirectPlacement& placement = scratch.places.chunks[index];
    if (placement.kind == DirectPlacement::Kind::nowhere) return;
    const int64_t channel = group * plan.group_out() + block * tile_rows;
    DirectTile tile{};
    tile.bias = bias_.data() + (group * cut_.blocks() + block) * tile_rows;
    tile.outputs = static_cast<int>(std::min(tile_rows, plan.group_out() - block * tile_rows));
    if (placement.kind != DirectPlacement::Kind::copied) {
      tile.output = output + placement.begin + channel * plan.output_cells();
      tile.output_stride = plan.output_cells();
      tile.past_the_caches = past_the_caches();
      if (placement.kind == DirectPlacement::Kind::lanes) tile.stores = scratch.places.stores.data() + placement.stores;
      return write_tiles(results, shape_.phases_x, tile);
    }
    tile.output = scratch.row.data();
    tile.output_stride = shape_.phases_x * tile_columns;
    write_tiles(results, shape_.phases_x, tile);
    const FlatMap::Chunk& chunk = scratch.chunks[index];
    for (std::size_t i = chunk.first_stretch; i < chunk.last_stretch; ++i) {
      placer_.copy(tile, scratch.stretches[i], cut_.classes()[cls], channel, output);
    }
  }

  const DirectShape shape_;
  const FlatMap::Lines lines_;
  const double cycles_;
  const DirectCut cut_;
  const DirectPlacer placer_;
  const TileWeights weights_;
  const FloatBuffer bias_;
  std::vector<Scratch> scratch_;  ///< by slot of the team
  LargestMagnitude largest_;      ///< of the last input
};

struct TilesChoice {
  FlatMap::Lines lines = FlatMap::Lines::run_on;
  double cycles = 0;
};

TilesChoice tiles_choice_of(const LayerPlan& plan) {
  TilesChoice best;
  for (const FlatMap::Lines lines : {FlatMap::Lines::by_rows, FlatMap::Lines::run_on}) {
    const FlatMap map(plan, tile_columns, lines);
    const auto chunks = static_cast<double>(map.chunks());
    const double blocks = static_cast<double>(ceil_div(plan.group_out(), tile_rows / 2)) / 2;
    const auto steps = static_cast<double>(plan.taps() * ceil_div(plan.group_in(), tile_numbers));
    const auto groups = static_cast<double>(plan.groups);
    const auto phases = static_cast<double>(plan.z().stride * plan.y().stride * plan.x().stride);
    double cycles = groups * chunks * blocks * steps * tile_step_cycles();
    cycles += groups * chunks * static_cast<double>(plan.group_out()) * phases * 32 * 0.3;
    const int64_t lines_read = std::min(map.input_planes(), plan.taps());
    const int64_t strip = std::min(map.chunks(), chunks_in_strip(map, plan, lines_read));
    const double read = static_cast<double>(map.window(0, strip).size) / static_cast<double>(strip) * chunks;
    cycles += static_cast<double>(plan.in_channels * lines_read) * read * 2;
    cycles += groups * blocks * steps * 4 * 1024 * 6 / 4 / 10;
    if (best.cycles == 0 || cycles < best.cycles) best = {lines, cycles};
  }
  return best;
}

Estimate estimate_matrix_tiles(const LayerPlan& plan) {
  if (!matrix_tiles_there()) return {false, 0, "only for processors that multiply tiles of matrices (AMX)"};
  if (plan.x().stride > most_tile_phases) return {false, 0, "only for strides of at most 4 along a row"};
  if (direct_class_count(plan) > 1024) return {false, 0, "only for layers of at most 1024 phases"};
  const double padded = static_cast<double>(plan.groups * plan.taps() * ceil_div(plan.group_out(), tile_rows) *
                                            ceil_div(plan.group_in(), tile_numbers) * tile_step_words);
  if (padded > 1e8 && padded > 16 * static_cast<double>(plan.weight_size())) {
    return {false, 0, "only for groups of many channels, or of few weights"};
  }
  const double cycles = tiles_choice_of(plan).cycles;
  const double bytes =
      4.0 * static_cast<double>(plan.input_size() + plan.output_size()) + 6.0 * static_cast<double>(plan.weight_size());
  const double memory = memory_cycles(bytes);
  return {true, std::max(cycles, memory) + 0.2 * std::min(cycles, memory),
          "six products of parts for every product of every phase, in tiles that take " +
              std::to_string(std::lround(tile_product_cycles())) + " cycles here"};
}

std::unique_ptr<Kernel> prepare_matrix_tiles(const LayerPlan& plan, const float* weight, const float* bias) {
  const TilesChoice choice = tiles_choice_of(plan);
  return std::make_unique<MatrixTilesKernel>(plan, choice.lines, choice.cycles, weight, bias);
}

}  // namespace

Engine matrix_tiles_engine() { return {"matrix_tiles", &estimate_matrix_tiles, &prepare_matrix_tiles}; }

}  // namespace tconv
