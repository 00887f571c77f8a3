// dw = for each tap the product of two matrices: all channels of g, read along the line from where the tap reaches, by
// all channels of x. The numbers that a product adds up are neighbours on the line; where x has no cell it is zero.

#include "kernels/weight_gradient_matrix_tiles.h"

#include <algorithm>
#include <cmath>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/copy_strided.h"
#include "kernels/matrix_tiles.h"
#include "kernels/outer_tiles.h"
#include "kernels/shares.h"
#include "kernels/tile_cells.h"
#include "kernels/tile_speed.h"

namespace tconv {
namespace {

using std::int64_t;
using std::uint32_t;

constexpr int64_t strip_words = 1 << 19;       // of both arrays' parts: they stay in the level 2 caches of two cores
constexpr int64_t most_strip_words = 1 << 24;  // however many sums there are
constexpr int64_t least_strip_chunks = 8;      // fewer, and adding up the sums takes as long as the products

/// The layer as lines: x by quotient, g by plane (see FlatMap).
struct Lines {
  Lines(const LayerPlan& layer, const LayerPlan& convolution)
      : map(convolution, tile_numbers, FlatMap::Lines::run_on),
        out_blocks(ceil_div(layer.group_out(), tile_rows)),
        in_blocks(ceil_div(layer.group_in(), tile_columns)) {
    for (const AxisPlan::Tap& z : convolution.z().phases.front()) {
      for (const AxisPlan::Tap& y : convolution.y().phases.front()) {
        for (const AxisPlan::Tap& x : convolution.x().phases.front()) {
          const int64_t number = (z.tap * layer.y().kernel + y.tap) * layer.x().kernel + x.tap;
          taps.push_back({number, map.plane(z.plane, y.plane, x.plane), map.offset(z.offset, y.offset, x.offset)});
          planes.push_back(taps.back().plane);
        }
      }
    }
    std::ranges::sort(planes);
    planes.erase(std::ranges::unique(planes).begin(), planes.end());
    for (Tap& tap : taps) tap.plane = std::ranges::lower_bound(planes, tap.plane) - planes.begin();
  }

  int64_t sums_of_group() const {
    return in_blocks * out_blocks * static_cast<int64_t>(taps.size()) * tile_rows * tile_columns;
  }
  /// Of one chunk.
  int64_t words_of_g() const {
    return tile_parts * tile_rows / 2 * static_cast<int64_t>(planes.size()) * out_blocks * tile_numbers;
  }
  /// The more sums there are, the more a strip has to be worth adding to them.
  int64_t strip_room() const { return std::clamp(2 * sums_of_group(), strip_words, most_strip_words); }
  int64_t chunks_in_strip() const {
    const int64_t words = words_of_g() + tile_parts * tile_columns / 2 * in_blocks * tile_numbers;
    return std::max(least_strip_chunks, strip_room() / words);
  }
  bool far() const { return strip_room() > strip_words; }

  struct Tap {
    int64_t number;  ///< among the weight's
    int64_t plane;   ///< among `planes`
    int64_t offset;
  };
  FlatMap map;
  int64_t out_blocks;
  int64_t in_blocks;
  std::vector<Tap> taps;
  std::vector<int64_t> planes;  ///< that taps read, ascending
};

class GradientByMatrixTiles : public WeightGradientWay {
 public:
  GradientByMatrixTiles(const LayerPlan& layer, const LayerPlan& convolution, double cycles,
                        std::function<std::unique_ptr<WeightGradientWay>()> other)
      : layer_(layer), lines_(layer, convolution), cycles_(cycles), make_other_(std::move(other)) {}

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    largest_x_.reset();
    largest_g_.reset();
    sums_.reserve(lines_.sums_of_group());
    const int64_t chunks = lines_.map.chunks();
    const int64_t strips = ceil_div(chunks, lines_.chunks_in_strip());
    for (int64_t group = 0; group < layer_.groups; ++group) {
      const float* const x = input + group * layer_.group_in() * layer_.input_cells();
      const float* const g = grad_output + group * layer_.group_out() * layer_.output_cells();
      for (int64_t strip = 0; strip < strips; ++strip) {
        const PartRange range = parts_of(strip, strips, chunks);
        if (!pack(x, g, range, team, keep_going)) return false;
        if (largest_x_.too_large() || largest_g_.too_large()) {
          return by_other(input, grad_output, grad_weight, team, keep_going);
        }
        if (!multiply(range, strip > 0, cycles_ / static_cast<double>(strips * layer_.groups), team, keep_going)) {
          return false;
        }
      }
      if (!unpack(grad_weight + group * layer_.group_in() * layer_.group_out() * layer_.taps(), team, keep_going)) {
        return false;
      }
    }
    if (largest_x_.in_range() && largest_g_.in_range()) return true;
    return by_other(input, grad_output, grad_weight, team, keep_going);
  }

 private:
  bool by_other(const float* input, const float* grad_output, float* grad_weight, const Team& team,
                const KeepGoing& keep_going) {
    if (!other_) other_ = make_other_();
    return other_->run(input, grad_output, grad_weight, team, keep_going);
  }

  struct Scratch {
    FloatBuffer line;
    FloatBuffer words;
    std::vector<FlatMap::Piece> pieces;
  };

  static constexpr int64_t tile_results = tile_rows * tile_columns;
  int64_t taps() const { return static_cast<int64_t>(lines_.taps.size()); }

  /// g as lines: [plane][part][channel][word]; x as columns: [block][step][part][pair][channel].
  bool pack(const float* x, const float* g, const PartRange& range, const Team& team, const KeepGoing& keep_going) {
    const FlatMap::Window window = lines_.map.window(range.first, range.last);
    const int64_t channels = lines_.out_blocks * tile_rows;
    const int64_t planes = static_cast<int64_t>(lines_.planes.size());
    g_pitch_ = odd_cache_lines(ceil_div(window.size, int64_t{2}));
    g_.reserve(planes * tile_parts * channels * g_pitch_);
    x_.reserve(lines_.in_blocks * (range.last - range.first) * tile_step_words);
    begin_ = lines_.map.position(range.first) - window.begin;
    const FlatMap::Window cells{lines_.map.position(range.first), (range.last - range.first) * tile_numbers};
    return team.share(planes * lines_.out_blocks + lines_.in_blocks, keep_going, [&](int64_t part, int slot) {
      Scratch& scratch = scratch_[static_cast<std::size_t>(slot)];
      if (part >= planes * lines_.out_blocks) {
        pack_columns(x, part - planes * lines_.out_blocks, cells, scratch);
      } else {
        pack_rows(g, part % planes, part / planes, window, scratch);
      }
    });
  }

  void pack_rows(const float* g, int64_t plane, int64_t block, const FlatMap::Window& window, Scratch& scratch) {
    const int64_t part_words = lines_.out_blocks * tile_rows * g_pitch_;
    const int64_t first = block * tile_rows;
    lines_.map.list_pieces(window, lines_.planes[static_cast<std::size_t>(plane)], scratch.pieces);
    scratch.line.reserve(window.size + 1);
    for (int64_t channel = first; channel < first + tile_rows; ++channel) {
      uint32_t* const to = words_of(g_) + plane * tile_parts * part_words + channel * g_pitch_;
      if (channel >= layer_.group_out()) {
        for (int64_t part = 0; part < tile_parts; ++part) std::fill_n(to + part * part_words, g_pitch_, 0U);
        continue;
      }
      copy_pieces(scratch.pieces, g + channel * layer_.output_cells(), lines_.map.input_stride(), scratch.line.data());
      scratch.line.data()[window.size] = 0;  // for an odd number of them
      largest_g_.note(split_line(scratch.line.data(), ceil_div(window.size, int64_t{2}), to, part_words));
    }
  }

  void pack_columns(const float* x, int64_t block, const FlatMap::Window& cells, Scratch& scratch) {
    const int64_t words = cells.size / 2;
    const int64_t pitch = odd_cache_lines(words);
    lines_.map.list_quotient_pieces(cells, layer_.in_channels, scratch.pieces);
    scratch.line.reserve(cells.size);
    scratch.words.reserve(tile_parts * tile_columns * pitch);
    for (int64_t i = 0; i < tile_columns; ++i) {
      const int64_t channel = block * tile_columns + i;
      uint32_t* const to = words_of(scratch.words) + i * pitch;
      if (channel >= layer_.group_in()) {
        for (int64_t part = 0; part < tile_parts; ++part) std::fill_n(to + part * tile_columns * pitch, words, 0U);
        continue;
      }
      copy_pieces(scratch.pieces, x + channel * layer_.input_cells(), 1, scratch.line.data());
      largest_x_.note(split_line(scratch.line.data(), words, to, tile_columns * pitch));
    }
    const int64_t steps = cells.size / tile_numbers;
    for (int64_t step = 0; step < steps; ++step) {
      for (int64_t part = 0; part < tile_parts; ++part) {
        transpose(scratch.words.data() + part * tile_columns * pitch + step * tile_pairs, pitch, tile_columns,
                  tile_pairs, x_.data() + (block * steps + step) * tile_step_words + part * tile_pairs * tile_columns,
                  tile_columns);
      }
    }
  }

  /// Sums of a group: [block of x][block of g][tap][channel of g][channel of x].
  bool multiply(const PartRange& range, bool add, double cycles, const Team& team, const KeepGoing& keep_going) {
    const int64_t steps = range.last - range.first;
    std::vector<int64_t> begins(static_cast<std::size_t>(steps));
    for (std::size_t step = 0; step < begins.size(); ++step) {
      begins[step] = static_cast<int64_t>(step) * 4 * tile_step_words;
    }
    const int64_t part_words = lines_.out_blocks * tile_rows * g_pitch_;
    const int64_t items = lines_.in_blocks * lines_.out_blocks * taps();
    const int64_t shares = shares_of(cycles, items, team.threads());
    return team.share(shares, keep_going, [&](int64_t share, int) {
      const TileUse use;
      const PartRange own = parts_of(share, shares, items);
      for (int64_t item = own.first; item < own.last; ++item) {
        const Lines::Tap& tap = lines_.taps[static_cast<std::size_t>(item % taps())];
        const int64_t out_block = item / taps() % lines_.out_blocks;
        const int64_t in_block = item / taps() / lines_.out_blocks;
        const uint32_t* const rows =
            words_of(g_) + tap.plane * tile_parts * part_words + out_block * tile_rows * g_pitch_;
        constexpr int64_t bytes = 2;  // of a number
        multiply_tiles({.rows = {reinterpret_cast<const char*>(rows) + bytes * (begin_ + tap.offset), 4 * g_pitch_,
                                 4 * tile_rows / 2 * g_pitch_, 4 * part_words},
                        .rows_step = bytes * tile_numbers,
                        .columns = packed_columns(words_of(x_) + in_block * steps * tile_step_words),
                        .steps = begins,
                        .half = layer_.group_out() - out_block * tile_rows <= tile_rows / 2,
                        .add = add,
                        .results = sums_.data() + item * tile_results});
      }
    });
  }

  bool unpack(float* grad_weight, const Team& team, const KeepGoing& keep_going) const {
    return team.share(lines_.in_blocks, keep_going, [&](int64_t block, int) {
      const int64_t last = std::min(layer_.group_in() - block * tile_columns, tile_columns);
      for (int64_t in = 0; in < last; ++in) {
        float* const to = grad_weight + (block * tile_columns + in) * layer_.group_out() * layer_.taps();
        // A tap that nothing reads has no sums.
        if (taps() < layer_.taps()) std::fill_n(to, layer_.group_out() * layer_.taps(), 0.0F);
        for (int64_t out = 0; out < layer_.group_out(); ++out) {
          const float* const from = sums_.data() +
                                    (block * lines_.out_blocks + out / tile_rows) * taps() * tile_results +
                                    out % tile_rows * tile_columns + in;
          for (int64_t tap = 0; tap < taps(); ++tap) {
            to[out * layer_.taps() + lines_.taps[static_cast<std::size_t>(tap)].number] = from[tap * tile_results];
          }
        }
      }
    });
  }

  const LayerPlan layer_;
  const Lines lines_;
  const double cycles_;
  const std::function<std::unique_ptr<WeightGradientWay>()> make_other_;
  std::unique_ptr<WeightGradientWay> other_;
  FloatBuffer g_;
  FloatBuffer x_;
  int64_t g_pitch_ = 0;  ///< words from channel to channel
  int64_t begin_ = 0;    ///< of the first cell, on the lines of g
  FloatBuffer sums_;
  std::vector<Scratch> scratch_;  ///< by slot of the team
  LargestMagnitude largest_x_;
  LargestMagnitude largest_g_;
};

}  // namespace

Estimate weight_gradient_matrix_tiles_estimate(const LayerPlan& layer, const LayerPlan& convolution) {
  if (!matrix_tiles_there()) return {};
  const Lines lines(layer, convolution);
  const auto groups = static_cast<double>(layer.groups);
  const double blocks =
      static_cast<double>(ceil_div(layer.group_out(), tile_rows / 2)) / 2 * static_cast<double>(lines.in_blocks);
  const auto chunks = static_cast<double>(lines.map.chunks());
  const auto taps = static_cast<double>(lines.taps.size());
  const double products = groups * blocks * taps * chunks * tile_step_cycles();
  const double strips = std::ceil(chunks / static_cast<double>(lines.chunks_in_strip()));
  const double sums = groups * blocks * taps * tile_rows * tile_columns * (4 + strips);
  const double read = 2 * static_cast<double>(layer.output_size() + layer.input_size());
  // Lines of g that leave the level 2 cache come back for every block of x.
  const double far =
      lines.far() ? groups * static_cast<double>(lines.in_blocks * lines.words_of_g()) * chunks * 4 / 12 : 0;
  return {true, side_by_side(products, far) + sums + read, ""};
}

std::unique_ptr<WeightGradientWay> weight_gradient_by_matrix_tiles(
    const LayerPlan& layer, const LayerPlan& convolution, std::function<std::unique_ptr<WeightGradientWay>()> other) {
  return std::make_unique<GradientByMatrixTiles>(
      layer, convolution, weight_gradient_matrix_tiles_estimate(layer, convolution).cycles, std::move(other));
}

}  // namespace tconv
