// dw[c, o] = Σ x[c, p] · g[o, p] over the pairs of cells: a product of the channels of one side, which are read where
// they lie, with the cells of the other side in order, all channels of a cell one after the other.

#include <algorithm>
#include <optional>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/chained_products.h"
#include "kernels/copy_strided.h"
#include "kernels/engine.h"
#include "kernels/outer_tiles.h"
#include "kernels/pointwise_engine.h"
#include "kernels/pointwise_gradient_tile.h"
#include "kernels/pointwise_line.h"
#include "kernels/shares.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t block_floats = 28 * 1024;  // of the columns: they stay in the level 2 cache
constexpr int64_t most_blocks = 64;          // whose sums are added in float32; those of parts are in float64
constexpr int64_t enough_parts = 4;          // of the cells, where nothing else can be shared
constexpr int64_t least_cells = 64;
constexpr int64_t least_channels = 4;      // of a group: with fewer, inner products of lines are faster
constexpr int64_t least_of_one_side = 16;  // likewise: fewer do not fill vectors

/// x or g.
struct Operand {
  bool is_input;
  int64_t channels;  ///< of a group
  int64_t all_channels;
  int64_t cells;  ///< of a channel
  PointwiseLine::Side side;
};

Operand operand(const LayerPlan& plan, const PointwiseLine& line, bool input) {
  if (input) return {true, plan.group_in(), plan.in_channels, plan.input_cells(), line.input()};
  return {false, plan.group_out(), plan.out_channels, plan.output_cells(), line.output()};
}

int64_t most_column_vectors() {
  int most = 0;
  for (const PointwiseOuterShape& shape : pointwise_outer_shapes()) most = std::max(most, shape.vectors);
  return most;
}

int64_t chunks_of(const Operand& columns) {
  return ceil_div(ceil_div(columns.channels, int64_t{vector_lanes()}), most_column_vectors());
}

/// Vector operations for each of the cells, to compare: the products, putting both in order, and the weights, whose
/// columns lie far apart when those of the sums are their rows.
double product_cost(const Operand& rows, const Operand& columns, int64_t cells) {
  const auto vectors = static_cast<double>(ceil_div(columns.channels, int64_t{vector_lanes()}));
  const double gathered = rows.side.in_line ? 0 : 0.3 * static_cast<double>(rows.channels * chunks_of(columns));
  const double scattered = rows.is_input ? 0 : 20 * static_cast<double>(rows.channels * columns.channels);
  return vectors * static_cast<double>(rows.channels) + 6 * vectors + gathered + scattered / static_cast<double>(cells);
}

/// For so many vectors of columns the shape of the most rows, or the one of the fewest that has at least `rows`.
PointwiseOuterShape outer_shape_of(int64_t vectors, int64_t rows) {
  PointwiseOuterShape most{};
  PointwiseOuterShape least{};
  for (const PointwiseOuterShape& shape : pointwise_outer_shapes()) {
    if (shape.vectors != vectors) continue;
    if (shape.rows > most.rows) most = shape;
    if (shape.rows >= rows && (least.run == nullptr || shape.rows < least.rows)) least = shape;
  }
  return least.run != nullptr ? least : most;
}

class PointwiseGradient : public WeightGradientWay {
 public:
  PointwiseGradient(const LayerPlan& plan, const PointwiseLine& line)
      : plan_(plan),
        line_(line),
        lanes_(vector_lanes()),
        rows_(operand(plan, line, true)),
        columns_(operand(plan, line, false)) {
    const int64_t all_cells = plan.batch * line.cells();
    if (product_cost(columns_, rows_, all_cells) < product_cost(rows_, columns_, all_cells)) {
      std::swap(rows_, columns_);
    }
    const int64_t vectors = ceil_div(columns_.channels, lanes_);
    const int64_t chunks = chunks_of(columns_);
    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
      const PartRange range = parts_of(chunk, chunks, vectors);
      const int64_t some = range.last - range.first;
      const int64_t first = range.first * lanes_;
      chunks_.push_back(
          {first, std::min(some * lanes_, columns_.channels - first), some, outer_shape_of(some, rows_.channels)});
      widest_ = std::max(widest_, some * lanes_);
    }
    const int64_t most = std::min(chained_products, block_floats / widest_);
    const int64_t cells = line.cells();
    const int64_t wanted = ceil_div(enough_parts, plan.groups * chunks);
    const int64_t of_sample = ceil_div(wanted, plan.batch);  // parts; equal ones have equally many blocks
    const int64_t blocks = ceil_div(ceil_div(cells, most), of_sample) * of_sample;
    block_cells_ = ceil_div(ceil_div(cells, blocks), pointwise_cache_line) * pointwise_cache_line;
    blocks_ = ceil_div(cells, block_cells_);
    const int64_t all = plan.batch * blocks_;
    parts_ = std::max(std::min(all, wanted), ceil_div(all, most_blocks));
  }

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    if (!std::ranges::all_of(chunks_, [&](const Chunk& chunk) { return at_once(chunk); })) {
      sums_.reserve(parts_ * plan_.groups * group_sums());
    }
    const auto chunks = static_cast<int64_t>(chunks_.size());
    const int64_t alike = plan_.groups * chunks * parts_;
    const int64_t row_parts = team.threads() == 1 ? 1
                                                  : std::min(ceil_div(int64_t{2} * team.threads(), alike),
                                                             ceil_div(rows_.channels, least_rows));
    const bool done = team.share(alike * row_parts, keep_going, [&](int64_t item, int slot) {
      const int64_t part = item / row_parts % parts_;
      const int64_t chunk = item / row_parts / parts_ % chunks;
      const int64_t group = item / row_parts / parts_ / chunks;
      const Chunk& of = chunks_[static_cast<std::size_t>(chunk)];
      const PartRange tiles = parts_of(item % row_parts, row_parts, ceil_div(rows_.channels, of.shape.rows));
      compute(rows_.is_input ? input : grad_output, columns_.is_input ? input : grad_output, group, of,
              {tiles.first * of.shape.rows, std::min(rows_.channels, tiles.last * of.shape.rows)}, part, grad_weight,
              scratch_[static_cast<std::size_t>(slot)]);
    });
    return done && add_parts(grad_weight, team, keep_going);
  }

 private:
  static constexpr int64_t least_rows = 12;  // for which columns are put in order by one more thread

  /// Channels that are columns together.
  struct Chunk {
    int64_t first;
    int64_t channels;
    int64_t vectors;
    PointwiseOuterShape shape;
  };
  struct Scratch {
    FloatBuffer gathered;  ///< lines of the columns' channels
    FloatBuffer columns;
    FloatBuffer rows;
    std::vector<FlatMap::Piece> pieces;
  };

  int64_t group_sums() const { return ceil_div(columns_.channels, lanes_) * lanes_ * rows_.channels; }
  /// Sums that are the gradient at once are added up where it is.
  bool at_once(const Chunk& chunk) const {
    return parts_ == 1 && rows_.is_input && chunk.channels == chunk.vectors * lanes_;
  }
  float* sums_of(int64_t group, int64_t part, const Chunk& chunk) {
    return sums_.data() + (part * plan_.groups + group) * group_sums() + chunk.first * rows_.channels;
  }
  float* weights_of(float* grad_weight, int64_t group) const {
    return grad_weight + group * plan_.group_in() * plan_.group_out();
  }

  void compute(const float* rows, const float* columns, int64_t group, const Chunk& chunk, PartRange range,
               int64_t part, float* grad_weight, Scratch& scratch) {
    const int64_t width = chunk.vectors * lanes_;
    scratch.columns.reserve(widest_ * block_cells_);
    const Sums sums = at_once(chunk) ? Sums{weights_of(grad_weight, group) + chunk.first, columns_.channels}
                                     : Sums{sums_of(group, part, chunk), width};
    const PartRange blocks = parts_of(part, parts_, plan_.batch * blocks_);
    for (int64_t block = blocks.first; block < blocks.last; ++block) {
      const int64_t sample = block / blocks_;
      const int64_t first = block % blocks_ * block_cells_;
      const PartRange cells{first, std::min(first + block_cells_, line_.cells())};
      const Line order = line_of(columns_, columns, sample, group, {chunk.first, chunk.first + chunk.channels}, cells,
                                 scratch.gathered, scratch);
      transpose(order.at, order.stride, chunk.channels, cells.last - cells.first, scratch.columns.data(), width);
      const Line line = line_of(rows_, rows, sample, group, range, cells, scratch.rows, scratch);
      multiply(line, range, chunk, cells, scratch.columns.data(), sums, block > blocks.first);
    }
  }

  /// Of the first row.
  struct Sums {
    float* at;
    int64_t stride;
  };

  /// Channels side by side: cell `cells.first` of the first of them, and from one to the next.
  struct Line {
    const float* at;
    int64_t stride;
  };
  Line line_of(const Operand& operand, const float* array, int64_t sample, int64_t group, PartRange channels,
               PartRange cells, FloatBuffer& room, Scratch& scratch) const {
    const float* const from =
        array + (sample * operand.all_channels + group * operand.channels + channels.first) * operand.cells;
    if (operand.side.in_line) return {from + operand.side.begin + cells.first, operand.cells};
    const int64_t pitch = odd_cache_lines(block_cells_);
    const int64_t count = channels.last - channels.first;
    room.reserve(count * pitch);
    if (operand.is_input) {
      line_.list_input(cells.first, cells.last, scratch.pieces);
    } else {
      line_.list_output(cells.first, cells.last, scratch.pieces);
    }
    for (int64_t channel = 0; channel < count; ++channel) {
      copy_pieces(scratch.pieces, from + channel * operand.cells, operand.side.step, room.data() + channel * pitch);
    }
    return {room.data(), pitch};
  }

  void multiply(const Line& line, PartRange range, const Chunk& chunk, PartRange cells, const float* columns,
                const Sums& sums, bool add) const {
    for (int64_t row = range.first; row < range.last;) {
      const int64_t left = range.last - row;
      const PointwiseOuterShape shape = left >= chunk.shape.rows ? chunk.shape : outer_shape_of(chunk.vectors, left);
      const int64_t some = std::min<int64_t>(left, shape.rows);
      const int64_t to_next_block = cells.last - cells.first - (row - range.first) * line.stride;
      shape.run({.rows = line.at + (row - range.first) * line.stride,
                 .row_stride = line.stride,
                 .row_count = static_cast<int>(some),
                 .columns = columns,
                 .cells = cells.last - cells.first,
                 .sums = sums.at + row * sums.stride,
                 .sums_stride = sums.stride,
                 .add = add,
                 .ahead = !rows_.side.in_line ? 0
                          : some < left       ? some * line.stride
                                              : to_next_block});
      row += some;
    }
  }

  /// In the parts' order: the result does not depend on who computed them.
  bool add_parts(float* grad_weight, const Team& team, const KeepGoing& keep_going) {
    const int64_t channels = plan_.group_out();
    const int64_t shares =
        shares_of(static_cast<double>(parts_ * plan_.groups * group_sums()) / 4, rows_.channels, team.threads());
    return team.share(plan_.groups * shares, keep_going, [&](int64_t item, int) {
      const int64_t group = item / shares;
      const PartRange range = parts_of(item % shares, shares, rows_.channels);
      float* const weights = weights_of(grad_weight, group);
      for (const Chunk& chunk : chunks_) {
        if (at_once(chunk)) continue;
        for (int64_t row = range.first; row < range.last; ++row) {
          const float* const from = sums_of(group, 0, chunk) + row * chunk.vectors * lanes_;
          if (rows_.is_input) {
            add_parts_of(from, chunk.channels, weights + row * channels + chunk.first);
          } else {
            add_parts_of(from, chunk.channels, weights + chunk.first * channels + row, channels);
          }
        }
      }
    });
  }

  void add_parts_of(const float* from, int64_t count, float* to) const {
    tconv::add_parts(from, plan_.groups * group_sums(), parts_, count, to);
  }
  void add_parts_of(const float* from, int64_t count, float* to, int64_t step) const {
    float sums[64];
    for (int64_t first = 0; first < count; first += std::ssize(sums)) {
      const int64_t some = std::min(std::ssize(sums), count - first);
      add_parts_of(from + first, some, sums);
      for (int64_t i = 0; i < some; ++i) to[(first + i) * step] = sums[i];
    }
  }

  const LayerPlan plan_;
  const PointwiseLine line_;
  const int64_t lanes_;
  Operand rows_;
  Operand columns_;
  std::vector<Chunk> chunks_;
  int64_t widest_ = 0;  ///< columns of a chunk
  int64_t block_cells_ = 0;
  int64_t blocks_ = 0;  ///< of a sample's cells
  int64_t parts_ = 1;   ///< of all blocks; each has sums of its own
  FloatBuffer sums_;    ///< [part][group][chunk][row][column]
  std::vector<Scratch> scratch_;
};

}  // namespace

bool pointwise_gradient_suits(const LayerPlan& layer) {
  const std::optional<PointwiseLine> line = PointwiseLine::of(layer);
  return line && layer.batch * line->cells() >= least_cells && line->cells() >= pointwise_cache_line &&
         std::min(layer.group_in(), layer.group_out()) >= least_channels &&
         std::max(layer.group_in(), layer.group_out()) >= least_of_one_side;
}

std::unique_ptr<WeightGradientWay> weight_gradient_pointwise(const LayerPlan& layer) {
  return std::make_unique<PointwiseGradient>(layer, *PointwiseLine::of(layer));
}

}  // namespace tconv
