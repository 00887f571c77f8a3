// The engine that can do every layer: each output phase is a correlation of stride 1 with the taps that reach it, and
// the sums of several output channels, phases and neighbouring quotients stay in registers until they are complete.

#include "kernels/direct_engine.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/copy_strided.h"
#include "kernels/direct_placement.h"
#include "kernels/direct_plan.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t packed_floats = 128 * 1024;  // of inputs at a time: they stay in the level 2 cache
constexpr int most_classes = 65536;            // each is a list of its own
constexpr double cycles_worth_a_thread = 20'000;

class DirectKernel : public Kernel {
 public:
  DirectKernel(const LayerPlan& plan, const DirectChoice& choice, const float* weight, const float* bias)
      : plan_(for_shape(plan, choice.shape)),
        choice_(choice),
        shape_(choice.shape),
        map_(plan_, int64_t{vector_lanes()} * shape_.vectors, choice.lines),
        placer_(plan_, shape_),
        classes_(direct_classes(plan_, shape_, map_)),
        blocks_(ceil_div(plan.group_out(), shape_.outputs)) {
    number_planes();
    pack(weight, bias);
  }

  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    const int64_t chunks = map_.chunks();
    const auto wanted = team.threads() == 1
                            ? 1
                            : std::clamp<int64_t>(static_cast<int64_t>(choice_.cycles / cycles_worth_a_thread), 1,
                                                  int64_t{team.threads()} * 4);
    const int64_t most_chunks =
        std::max<int64_t>(1, packed_floats / (map_.chunk() * std::max<int64_t>(1, planes()) * plan_.group_in()));
    int64_t strips = ceil_div(chunks, most_chunks);
    if (strips * plan_.groups < wanted) strips = std::min(chunks, ceil_div(wanted, plan_.groups));
    strips = ceil_div(chunks, ceil_div(chunks, strips));
    const int64_t in_strip = ceil_div(chunks, strips);
    return team.share(plan_.groups * strips, keep_going, [&](int64_t part, int slot) {
      const int64_t first = part % strips * in_strip;
      compute(input, output, part / strips, first, std::min(chunks, first + in_strip),
              scratch_[static_cast<std::size_t>(slot)]);
    });
  }

  std::string way() const override {
    std::string text =
        std::to_string(shape_.outputs) + (shape_.outputs == 1 ? " output channel × " : " output channels × ");
    if (shape_.phases_y * shape_.phases_x > 1) {
      text += std::to_string(shape_.phases_y * shape_.phases_x) + " phases × ";
    }
    text += std::to_string(map_.chunk()) + " neighbouring cells in registers, ";
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
  struct Scratch {
    FloatBuffer packed;
    FloatBuffer sums;
    FloatBuffer tile;
    std::vector<FlatMap::Piece> pieces;
    std::vector<FlatMap::Piece> next_pieces;
    int64_t first = 0;  ///< the chunks [first, last) are listed
    int64_t last = 0;
    std::vector<FlatMap::Chunk> chunks;
    std::vector<FlatMap::Stretch> stretches;
    const DirectClass* placed = nullptr;  ///< the class of the places
    DirectPlaces places;
    std::vector<DirectTerm> terms;
    std::array<std::uint16_t, 64> inside;  ///< see DirectTile
  };

  /// A strip's inputs, one line after the other: all lines of a channel, then the next channel's.
  struct Packed {
    const float* at;  ///< position `begin` of the first line
    int64_t stride;   ///< from line to line
    int64_t begin;
  };

  /// Only lines that some tap reads are packed: a stride larger than the kernel leaves most out.
  void number_planes() {
    for (const DirectClass& cls : classes_) {
      for (const DirectClass::Read& read : cls.reads) planes_.push_back(read.plane);
    }
    std::ranges::sort(planes_);
    planes_.erase(std::ranges::unique(planes_).begin(), planes_.end());
  }
  int64_t plane_index(int64_t plane) const { return std::ranges::lower_bound(planes_, plane) - planes_.begin(); }
  int64_t planes() const { return static_cast<int64_t>(planes_.size()); }

  void pack(const float* weight, const float* bias) {
    const int outputs = shape_.outputs;
    int64_t size = 0;
    for (DirectClass& cls : classes_) {
      cls.weights = size;
      size += blocks_ * plan_.group_in() * cls.phase_taps * outputs;
    }
    group_weights_ = size;
    weights_ = FloatBuffer(plan_.groups * size);
    bias_ = FloatBuffer(plan_.groups * blocks_ * outputs);
    std::ranges::fill(weights_.span(), 0.0F);
    std::ranges::fill(bias_.span(), 0.0F);
    for (int64_t group = 0; group < plan_.groups; ++group) {
      for (int64_t out = 0; bias != nullptr && out < plan_.group_out(); ++out) {
        bias_.data()[group * blocks_ * outputs + out] = bias[group * plan_.group_out() + out];
      }
      for (const DirectClass& cls : classes_) pack(cls, group, weight, weights_.data() + group * size + cls.weights);
    }
  }

  void pack(const DirectClass& cls, int64_t group, const float* weight, float* packed) const {
    const int outputs = shape_.outputs;
    std::map<std::tuple<int64_t, int64_t, int>, int64_t> place;  // of (plane, offset, phase) among a channel's weights
    int64_t places = 0;
    for (const DirectClass::Read& read : cls.reads) {
      for (int phase = 0; phase < 32; ++phase) {
        if ((read.phases >> phase & 1) != 0) place[{read.plane, read.offset, phase}] = places++;
      }
    }
    for_each_tap(plan_, shape_, cls, [&](const auto& z, const auto& y, const auto& x, int phase) {
      const int64_t to =
          place.at({map_.plane(z.plane, y.plane, x.plane), map_.offset(z.offset, y.offset, x.offset), phase});
      const int64_t tap = (z.tap * plan_.y().kernel + y.tap) * plan_.x().kernel + x.tap;
      for (int64_t in = 0; in < plan_.group_in(); ++in) {
        for (int64_t out = 0; out < plan_.group_out(); ++out) {
          const int64_t block = out / outputs;
          packed[((block * plan_.group_in() + in) * cls.phase_taps + to) * outputs + out % outputs] =
              weight[plan_.weight_index(group, in, out, tap)];
        }
      }
    });
  }

  Packed pack_inputs(const float* input, int64_t group, const FlatMap::Window& window, int64_t first_position,
                     Scratch& scratch) const {
    constexpr int64_t line = 16;
    const int64_t aligned = (line - (first_position - window.begin) % line) % line;  // the first tile, without offset
    int64_t stride = ceil_div(window.size + aligned, line);
    stride = (stride | 1) * line;  // an odd number of lines: channels do not meet in the same lines of the cache
    scratch.packed.reserve(stride * planes() * plan_.group_in());
    const float* const first_channel = input + group * plan_.group_in() * plan_.input_cells();
    for (int64_t index = 0; index < planes(); ++index) {
      map_.list_pieces(window, planes_[static_cast<std::size_t>(index)], scratch.pieces);
      bool two = map_.input_stride() == 2 && index + 1 < planes();
      if (two) map_.list_pieces(window, planes_[static_cast<std::size_t>(index + 1)], scratch.next_pieces);
      two = two && alternate(scratch.pieces, scratch.next_pieces);
      for (int64_t channel = 0; channel < plan_.group_in(); ++channel) {
        const float* const from = first_channel + channel * plan_.input_cells();
        float* const to = scratch.packed.data() + (channel * planes() + index) * stride + aligned;
        if (two) {
          copy_alternating_pieces(scratch.pieces, from, to, to + stride);
        } else {
          copy_pieces(scratch.pieces, from, map_.input_stride(), to);
        }
      }
      if (two) ++index;
    }
    return {scratch.packed.data() + aligned, stride, window.begin};
  }

  void compute(const float* input, float* output, int64_t group, int64_t first, int64_t last, Scratch& scratch) const {
    const Packed packed = shape_.in_place
                              ? Packed{input + group * plan_.group_in() * plan_.input_cells(), plan_.input_cells(), 0}
                              : pack_inputs(input, group, map_.window(first, last), map_.position(first), scratch);
    const int64_t floats = int64_t{shape_.phases_x} * shape_.phases_y * shape_.outputs * map_.chunk();
    scratch.sums.reserve(floats);
    scratch.tile.reserve(floats);
    if (first != scratch.first || last != scratch.last) {  // otherwise another group's of the same strip
      map_.list_chunks(first, last, scratch.chunks, scratch.stretches);
      scratch.first = first;
      scratch.last = last;
      scratch.placed = nullptr;
    }
    for (const DirectClass& cls : classes_) {
      if (scratch.placed != &cls) placer_.place(scratch.chunks, scratch.stretches, cls, scratch.places);
      scratch.placed = &cls;
      scratch.terms.clear();
      for (const DirectClass::Read& read : cls.reads) {
        scratch.terms.push_back({plane_index(read.plane) * packed.stride + read.offset, read.phases});
      }
      if (shape_.pattern != 0) mark_rows(shape_, scratch.terms);
      for (int64_t block = 0; block < blocks_; ++block) {
        DirectTile tile = tile_of(packed, group, cls, block, scratch);
        const int64_t channel = group * plan_.group_out() + block * shape_.outputs;
        for (std::size_t i = 0; i < scratch.chunks.size(); ++i) {
          const DirectPlacement& placement = scratch.places.chunks[i];
          if (placement.kind == DirectPlacement::Kind::nowhere) continue;
          tile.input = packed.at + (scratch.chunks[i].position - packed.begin);
          if (shape_.in_place) look_inside(scratch.stretches[scratch.chunks[i].first_stretch], scratch, tile);
          if (placement.kind == DirectPlacement::Kind::copied) {
            run_and_copy(tile, scratch.chunks[i], channel, cls, scratch, output);
            continue;
          }
          tile.output = output + placement.begin + channel * plan_.output_cells();
          tile.rows = placement.rows;
          tile.stores = placement.kind == DirectPlacement::Kind::lanes ? scratch.places.stores.data() + placement.stores
                                                                       : nullptr;
          shape_.run(tile);
        }
      }
    }
  }

  /// All but the input and where the results go, for results written at once.
  DirectTile tile_of(const Packed& packed, int64_t group, const DirectClass& cls, int64_t block,
                     Scratch& scratch) const {
    const int64_t first_out = block * shape_.outputs;
    return {
        .input = nullptr,
        .input_stride = packed.stride * planes(),
        .channels = plan_.group_in(),
        .channels_apart = cls.channels_apart,
        .terms = scratch.terms,
        .weights = weights_.data() + group * group_weights_ + cls.weights +
                   block * plan_.group_in() * cls.phase_taps * shape_.outputs,
        .weights_stride = cls.phase_taps * shape_.outputs,
        .inside = scratch.inside.data(),
        .bias = bias_.data() + group * blocks_ * shape_.outputs + first_out,
        .sums = scratch.sums.data(),
        .output = nullptr,
        .output_stride = plan_.output_cells(),
        .row_stride = plan_.x().output,
        .outputs = static_cast<int>(std::min<int64_t>(shape_.outputs, plan_.group_out() - first_out)),
        .rows = 0,
        .past_the_caches = plan_.output_size() > cached_floats,
        .stores = nullptr,
    };
  }

  /// Of a tile that reads in place: the rows and lanes that lie in the input.
  void look_inside(const FlatMap::Stretch& stretch, Scratch& scratch, DirectTile& tile) const {
    const AxisPlan& x = plan_.x();
    const auto offsets = static_cast<std::size_t>(offsets_of(shape_.pattern));
    const std::span<const DirectTerm> all = scratch.terms;
    const auto is_outside = [&](const DirectTerm& first_of_row) {
      const int64_t y = stretch.y * plan_.y().input_step + floor_div(first_of_row.offset - x.least_offset, x.input);
      return y < 0 || y >= plan_.y().input;
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
      for (int vector = 0; vector < shape_.vectors; ++vector, ++bits) {
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
    tile.output_stride = int64_t{shape_.phases_x} * shape_.phases_y * map_.chunk();
    tile.row_stride = shape_.phases_x * map_.chunk();
    tile.rows = shape_.phases_y;
    tile.past_the_caches = false;
    tile.stores = nullptr;
    shape_.run(tile);
    for (std::size_t i = chunk.first_stretch; i < chunk.last_stretch; ++i) {
      placer_.copy(tile, scratch.stretches[i], cls, channel, output);
    }
  }

  const LayerPlan plan_;
  const DirectChoice choice_;
  const DirectShape shape_;
  const FlatMap map_;
  const DirectPlacer placer_;
  std::vector<DirectClass> classes_;
  std::vector<int64_t> planes_;  ///< lines that are packed, ascending
  const int64_t blocks_;         ///< of output channels of a group
  int64_t group_weights_ = 0;
  FloatBuffer weights_;
  FloatBuffer bias_;
  std::vector<Scratch> scratch_;  ///< by slot of the team
};

Estimate estimate_direct(const LayerPlan& plan) {
  double classes = 1;
  for (const AxisPlan& axis : plan.axes) classes *= static_cast<double>(std::min(axis.stride, axis.output));
  if (classes > most_classes)
    return {false, 0, "only for layers of at most " + std::to_string(most_classes) + " phases"};
  const DirectChoice choice = best_direct_choice(plan);
  const double bytes = 4.0 * static_cast<double>(plan.input_size() + plan.weight_size() + plan.output_size());
  const double memory = bytes / (bytes > 24e6 ? 6 : 20);
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
