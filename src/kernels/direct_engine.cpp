// The engine that can do every layer: each output phase is a correlation of stride 1 with the taps that reach it, and
// the sums of several output channels, phases and neighbouring quotients stay in registers until they are complete.

#include "kernels/direct_engine.h"

#include <hwy/cache_control.h>

#include <algorithm>
#include <array>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/direct_cut.h"
#include "kernels/direct_placement.h"
#include "kernels/shares.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t packed_floats = 128 * 1024;  // of inputs at a time: they stay in the level 2 cache
constexpr int most_classes = 65536;            // each is a list of its own
constexpr double cycles_worth_a_thread = 20'000;

class DirectKernel : public Kernel {
 public:
  DirectKernel(const LayerPlan& plan, const DirectChoice& choice, const float* weight, const float* bias)
      : choice_(choice),
        cut_(plan, choice.shape, choice.lines),
        placer_(cut_.plan(), choice.shape),
        weights_(cut_.pack_weights(weight)),
        bias_(cut_.pack_bias(bias)) {}

  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    const FlatMap& map = cut_.map();
    const LayerPlan& plan = cut_.plan();
    const int64_t chunks = map.chunks();
    const auto wanted = team.threads() == 1
                            ? 1
                            : std::clamp<int64_t>(static_cast<int64_t>(choice_.cycles / cycles_worth_a_thread), 1,
                                                  int64_t{team.threads()} * 4);
    const int64_t most_chunks =
        std::max<int64_t>(1, packed_floats / (map.chunk() * std::max<int64_t>(1, cut_.lines()) * plan.group_in()));
    int64_t strips = ceil_div(chunks, most_chunks);
    if (strips * plan.groups < wanted) strips = std::min(chunks, ceil_div(wanted, plan.groups));
    // Every thread gets as many, and as many chunks.
    if (wanted > 1 && plan.groups % team.threads() != 0) strips = ceil_div(strips, team.threads()) * team.threads();
    strips = std::min(strips, chunks);
    return team.share(plan.groups * strips, keep_going, [&](int64_t part, int slot) {
      const PartRange range = parts_of(part % strips, strips, chunks);
      compute(input, output, part / strips, range.first, range.last, scratch_[static_cast<std::size_t>(slot)]);
      if (past_the_caches()) hwy::FlushStream();
    });
  }

  std::string way() const override {
    const std::string text = tile_words(choice_.shape) + " in registers, ";
    switch (choice_.lines) {
      case FlatMap::Lines::run_on:
        return text + "rows run on";
      case FlatMap::Lines::by_rows:
        return text + "row by row";
      case FlatMap::Lines::in_place:
        return text + "row by row, read in place";
    }
    return text;
  }

 private:
  bool past_the_caches() const { return cut_.plan().output_size() > cached_floats; }

  struct Scratch {
    DirectInputs inputs;
    FloatBuffer sums;
    FloatBuffer tile;
    int64_t first = 0;  ///< the chunks [first, last) are listed
    int64_t last = 0;
    std::vector<FlatMap::Chunk> chunks;
    std::vector<FlatMap::Stretch> stretches;
    const DirectClass* placed = nullptr;  ///< the class of the places
    DirectPlaces places;
    std::vector<DirectTerm> terms;
    std::array<std::uint16_t, 64> inside;  ///< see DirectTile
  };

  void compute(const float* input, float* output, int64_t group, int64_t first, int64_t last, Scratch& scratch) const {
    const FlatMap& map = cut_.map();
    DirectInputs& inputs = scratch.inputs;
    if (choice_.shape.in_place) {
      inputs.at = input + group * cut_.plan().group_in() * cut_.plan().input_cells();
      inputs.stride = cut_.plan().input_cells();
      inputs.begin = 0;
    } else {
      cut_.pack_inputs(input, group, map.window(first, last), map.position(first), inputs);
    }
    scratch.sums.reserve(cut_.tile_floats());
    scratch.tile.reserve(cut_.tile_floats());
    if (first != scratch.first || last != scratch.last) {  // otherwise another group's of the same strip
      map.list_chunks(first, last, scratch.chunks, scratch.stretches);
      scratch.first = first;
      scratch.last = last;
      scratch.placed = nullptr;
    }
    for (const DirectClass& cls : cut_.classes()) {
      if (scratch.placed != &cls) placer_.place(scratch.chunks, scratch.stretches, cls, scratch.places);
      scratch.placed = &cls;
      cut_.list_terms(cls, inputs.stride, scratch.terms);
      for (int64_t block = 0; block < cut_.blocks(); ++block) {
        DirectTile tile = tile_of(group, cls, block, scratch);
        const int64_t channel = group * cut_.plan().group_out() + block * choice_.shape.outputs;
        for (std::size_t i = 0; i < scratch.chunks.size(); ++i) {
          const DirectPlacement& placement = scratch.places.chunks[i];
          if (placement.kind == DirectPlacement::Kind::nowhere) continue;
          tile.input = inputs.at + (scratch.chunks[i].position - inputs.begin);
          if (choice_.shape.in_place) look_inside(scratch.stretches[scratch.chunks[i].first_stretch], scratch, tile);
          if (placement.kind == DirectPlacement::Kind::copied) {
            run_and_copy(tile, scratch.chunks[i], channel, cls, scratch, output);
            continue;
          }
          tile.output = output + placement.begin + channel * cut_.plan().output_cells();
          tile.rows = placement.rows;
          tile.stores = placement.kind == DirectPlacement::Kind::lanes ? scratch.places.stores.data() + placement.stores
                                                                       : nullptr;
          choice_.shape.run(tile);
        }
      }
    }
  }

  /// All but the input and where the results go, for results written at once.
  DirectTile tile_of(int64_t group, const DirectClass& cls, int64_t block, Scratch& scratch) const {
    const LayerPlan& plan = cut_.plan();
    const int outputs = choice_.shape.outputs;
    const int64_t channel_weights = cut_.channel_weights(cls);
    return {
        .input = nullptr,
        .input_stride = scratch.inputs.stride * cut_.lines(),
        .channels = cut_.plan().group_in(),
        .channels_apart = cls.channels_apart,
        .terms = scratch.terms,
        .weights =
            weights_.data() + group * cut_.group_weights() + cls.weights + block * plan.group_in() * channel_weights,
        .weights_stride = channel_weights,
        .inside = scratch.inside.data(),
        .bias = bias_.data() + (group * cut_.blocks() + block) * outputs,
        .sums = scratch.sums.data(),
        .output = nullptr,
        .output_stride = cut_.plan().output_cells(),
        .row_stride = cut_.plan().x().output,
        .outputs = static_cast<int>(std::min(int64_t{outputs}, plan.group_out() - block * outputs)),
        .rows = 0,
        .past_the_caches = past_the_caches(),
        .stores = nullptr,
    };
  }

  /// Of a tile that reads in place: the rows and lanes that lie in the input.
  void look_inside(const FlatMap::Stretch& stretch, Scratch& scratch, DirectTile& tile) const {
    const AxisPlan& x = cut_.plan().x();
    const auto offsets = static_cast<std::size_t>(offsets_of(choice_.shape.pattern));
    const std::span<const DirectTerm> all = scratch.terms;
    const auto is_outside = [&](const DirectTerm& first_of_row) {
      const int64_t y =
          stretch.y * cut_.plan().y().input_step + floor_div(first_of_row.offset - x.least_offset, x.input);
      return y < 0 || y >= cut_.plan().y().input;
    };
    std::size_t first = 0;
    std::size_t last = all.size();
    while (first < last && is_outside(all[first])) first += offsets;
    while (first < last && is_outside(all[last - offsets])) last -= offsets;
    tile.terms = all.subspan(first, last - first);

    constexpr int lanes = 16;  // bits of a word: shapes that read in place have vectors of so many
    std::uint16_t* bits = scratch.inside.data();
    for (std::size_t offset = 0; offset < offsets; ++offset) {
      const int64_t begin = stretch.x + x.least_offset + static_cast<int64_t>(offset);  // of the first lane
      for (int vector = 0; vector < choice_.shape.vectors; ++vector, ++bits) {
        const int64_t lane_0 = begin + vector * lanes;
        const auto from = static_cast<int>(std::clamp<int64_t>(-lane_0, 0, lanes));
        const auto to = static_cast<int>(std::clamp<int64_t>(x.input - lane_0, 0, lanes));
        *bits = static_cast<std::uint16_t>(((1U << to) - 1) & ~((1U << from) - 1));
      }
    }
  }

  void run_and_copy(DirectTile tile, const FlatMap::Chunk& chunk, int64_t channel, const DirectClass& cls,
                    Scratch& scratch, float* output) const {
    tile.output = scratch.tile.data();
    tile.output_stride = int64_t{choice_.shape.phases_x} * choice_.shape.phases_y * cut_.map().chunk();
    tile.row_stride = choice_.shape.phases_x * cut_.map().chunk();
    tile.rows = choice_.shape.phases_y;
    tile.past_the_caches = false;
    tile.stores = nullptr;
    choice_.shape.run(tile);
    for (std::size_t i = chunk.first_stretch; i < chunk.last_stretch; ++i) {
      placer_.copy(tile, scratch.stretches[i], cls, channel, output);
    }
  }

  const DirectChoice choice_;
  const DirectCut cut_;
  const DirectPlacer placer_;
  const FloatBuffer weights_;
  const FloatBuffer bias_;
  std::vector<Scratch> scratch_;  ///< by slot of the team
};

Estimate estimate_direct(const LayerPlan& plan) {
  if (direct_class_count(plan) > most_classes) {
    return {false, 0, "only for layers of at most " + std::to_string(most_classes) + " phases"};
  }
  const DirectChoice choice = best_direct_choice(plan);
  const double bytes = 4.0 * static_cast<double>(plan.input_size() + plan.weight_size() + plan.output_size());
  const double memory = memory_cycles(bytes);
  return {true, std::max(choice.cycles, memory) + 0.2 * std::min(choice.cycles, memory),
          "every product of every phase, " + std::to_string(choice.shape.outputs) + " × " +
              std::to_string(choice.shape.phases_x * choice.shape.phases_y) + " × " +
              std::to_string(choice.shape.vectors) + " vectors of sums"};
}

std::unique_ptr<Kernel> prepare_direct(const LayerPlan& plan, const float* weight, const float* bias) {
  return std::make_unique<DirectKernel>(plan, best_direct_choice(plan), weight, bias);
}

}  // namespace

std::unique_ptr<Kernel> direct_kernel(const LayerPlan& plan, const float* weight, const float* bias) {
  return prepare_direct(plan, weight, bias);
}

Engine direct_engine() { return {"direct", &estimate_direct, &prepare_direct}; }

}  // namespace tconv
