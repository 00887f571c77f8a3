#include <algorithm>

#include "core/integers.h"
#include "gpu/conv_path.h"

namespace tconv {
namespace {

using std::int64_t;

/// The sizes of shaders/conv_tiled.comp.
struct Tile {
  int64_t channels;
  int64_t cells;
  int64_t depth;
  int64_t own_channels;
  int64_t own_cells;

  int64_t threads() const { return channels / own_channels * (cells / own_cells); }
  int64_t shared_bytes() const { return depth * (channels + cells) * 4; }
};

/// threads() is a multiple of cells, channels and own_channels are of 4.
constexpr std::array<Tile, 7> tiles{{{128, 128, 8, 8, 8},
                                     {64, 128, 8, 8, 8},
                                     {128, 64, 8, 8, 8},
                                     {64, 64, 16, 8, 4},
                                     {32, 128, 8, 4, 8},
                                     {32, 64, 16, 4, 4},
                                     {64, 32, 16, 4, 4}}};

struct TiledPlan {
  const Tile* tile = nullptr;
  int64_t splits = 1;
  double cost = 0;
};

int64_t columns_of(const ConvGeometry& g) {
  int64_t columns = g.batch;
  for (const ConvAxis& axis : g.axes) columns *= ceil_div(axis.output, axis.stride);
  return columns;
}

/// Each sum in so many parts that a GPU has work for all its cores, and that no chain of additions is long: its
/// rounding grows with the root of its length.
int64_t splits_of(const ConvGeometry& g, const Tile& tile, int64_t groups, int64_t enough) {
  // With registers full, a core runs fewer invocations at once.
  const int64_t enough_groups = ceil_div(enough / 4, tile.threads());
  constexpr int64_t longest_chain = 2048;
  constexpr int64_t least_steps = 8;
  const int64_t steps = g.reduction() / g.group_in() * ceil_div(g.group_in(), tile.depth);
  const int64_t for_cores = std::min(ceil_div(enough_groups, groups), std::max<int64_t>(1, steps / least_steps));
  const int64_t for_rounding = ceil_div(g.reduction(), longest_chain);
  return std::max(for_cores, for_rounding);
}

TiledPlan tiled_plan(const ConvGeometry& g, const GlDevice& device) {
  const GlLimits& limits = device.limits();
  TiledPlan best;
  const int64_t columns = columns_of(g);
  const double taps = static_cast<double>(g.taps()) / static_cast<double>(g.phases());  // of a phase, on average
  for (const Tile& tile : tiles) {
    if (tile.shared_bytes() > limits.shared_bytes || tile.threads() > limits.invocations) continue;
    const int64_t groups =
        ceil_div(columns, tile.cells) * ceil_div(g.group_out(), tile.channels) * g.groups * g.phases();
    const int64_t splits = splits_of(g, tile, groups, limits.enough_invocations);
    const double steps = taps * static_cast<double>(ceil_div(g.group_in(), tile.depth)) / static_cast<double>(splits);
    // Registers are multiplied while shared memory is read; the slower of both counts. Then what a step takes beside.
    const int64_t products =
        tile.depth * std::max(tile.own_channels * tile.own_cells, (tile.own_channels / 4 + tile.own_cells) * 4);
    const int64_t reads = tile.depth * (tile.channels / 4 + tile.cells) / tile.threads() * slots_of_access + 40;
    const double sums = static_cast<double>(tile.own_channels * tile.own_cells * slots_of_access);
    const double joined = splits > 1 ? 2 * sums : sums;
    const double cost =
        cost_of(steps * static_cast<double>(products + reads) + joined, groups * splits * tile.threads(), device);
    if (best.tile == nullptr || cost < best.cost) best = {&tile, splits, cost};
  }
  return best;
}

constexpr int64_t join_group = 256;

class TiledPath : public ConvPath {
 public:
  TiledPath(const ConvGeometry& geometry, GlDevice& device)
      : geometry_(geometry), device_(device), plan_(tiled_plan(geometry, device)), tile_(*plan_.tile) {}

  int64_t packed_size(const ChannelBlock& block) const override {
    return (block.groups * geometry_.taps() * block.group_in() + tile_.depth) * row(block);
  }

  std::vector<float> packed(const ChannelBlock& block, const float* weight) const override {
    const std::vector<float> plain = plain_weights(geometry_, block, weight);
    std::vector<float> to(static_cast<std::size_t>(packed_size(block)), 0.0F);
    const int64_t taps = geometry_.taps();
    const float* from = plain.data();
    for (int64_t in = 0; in < block.in.count; ++in) {
      const int64_t group = in / block.group_in();
      const int64_t channel = in % block.group_in();
      for (int64_t out = 0; out < block.group_out(); ++out) {
        for (int64_t k = 0; k < taps; ++k) {
          to[static_cast<std::size_t>(((group * taps + k) * block.group_in() + channel) * row(block) + out)] = *from++;
        }
      }
    }
    return to;
  }

  void prepare(const ConvPieces& pieces) override {
    int64_t largest = 0;
    for (const ConvPiece& piece : pieces.pieces) largest = std::max(largest, pieces.output_size(piece));
    const int64_t most = device_.limits().block_bytes / 4;
    plan_.splits = std::clamp<int64_t>(most / largest, 1, plan_.splits);
    if (plan_.splits > 1) {
      parts_ = device_.make_buffer(plan_.splits * largest * 4);
      join_ = device_.shaders().program("conv_join", {{"LOCAL_X", join_group}});
    }
    ShaderConstants constants;
    constants["THREADS"] = tile_.threads();
    constants["TILE_CHANNELS"] = tile_.channels;
    constants["TILE_CELLS"] = tile_.cells;
    constants["DEPTH"] = tile_.depth;
    constants["OWN_CHANNELS"] = tile_.own_channels;
    constants["OWN_CELLS"] = tile_.own_cells;
    constants["OWN_VECTORS"] = tile_.own_channels / 4;
    constants["SUM_VECTORS"] = tile_.own_channels / 4 * tile_.own_cells;
    constants["ROWS_READ"] = tile_.depth * tile_.cells / tile_.threads();
    constants["VECTORS_READ"] = ceil_div(tile_.depth * tile_.channels / 4, tile_.threads());
    program_ = device_.shaders().program("conv_tiled", constants);
  }

  void run(const ConvPiece& piece, const ChannelBlock& block, const PieceBuffers& buffers) override {
    const bool split = plan_.splits > 1;
    device_.bind_storage(0, buffers.input);
    device_.bind_storage(1, buffers.weight);
    device_.bind_storage(2, buffers.bias);
    device_.bind_storage(3, split ? parts_ : buffers.output);
    set_piece(*program_, piece, block);
    program_->set(5, static_cast<int>(piece.batch.count), static_cast<int>(plan_.splits));
    set_axes(*program_, geometry_);
    int64_t columns = piece.batch.count;
    for (std::size_t i = 0; i < 3; ++i) columns *= ceil_div(piece.output[i].count, geometry_.axes[i].stride);
    dispatch_slices(device_, *program_, ceil_div(columns, tile_.cells), row(block) / tile_.channels,
                    plan_.splits * block.groups * geometry_.phases(), 1);
    if (!split) return;
    const int64_t size = piece.batch.count * block.out.count * piece.output_cells();
    device_.bind_storage(0, parts_);
    device_.bind_storage(3, buffers.output);
    join_->set(0, static_cast<int>(size), static_cast<int>(block.out.count), static_cast<int>(piece.output_cells()));
    join_->set(1, static_cast<int>(plan_.splits));
    const int64_t groups = ceil_div(size, join_group);
    const int64_t x = std::min<int64_t>(groups, device_.limits().groups[0]);
    device_.dispatch(*join_, x, ceil_div(groups, x), 1);
  }

  std::string way() const override {
    return std::to_string(tile_.channels) + " channels × " + std::to_string(tile_.cells) + " cells a group, " +
           std::to_string(tile_.own_channels) + " × " + std::to_string(tile_.own_cells) + " an invocation, " +
           std::to_string(geometry_.phases()) + (geometry_.phases() == 1 ? " phase" : " phases") +
           (plan_.splits > 1 ? ", sums in " + std::to_string(plan_.splits) + " parts" : "");
  }

 private:
  /// Floats in a row of packed weights: the output channels of a group, in whole tiles.
  int64_t row(const ChannelBlock& block) const { return ceil_div(block.group_out(), tile_.channels) * tile_.channels; }

  ConvGeometry geometry_;
  GlDevice& device_;
  TiledPlan plan_;
  const Tile& tile_;
  GlBuffer parts_;
  std::shared_ptr<const GlProgram> program_;
  std::shared_ptr<const GlProgram> join_;
};

PathOpinion tiled_opinion(const ConvGeometry& g, const GlDevice& device) {
  const TiledPlan plan = tiled_plan(g, device);
  if (plan.tile == nullptr) return {false, 0, "too little shared memory"};
  const double used = static_cast<double>(g.group_out()) /
                      static_cast<double>(ceil_div(g.group_out(), plan.tile->channels) * plan.tile->channels) *
                      static_cast<double>(columns_of(g)) /
                      static_cast<double>(ceil_div(columns_of(g), plan.tile->cells) * plan.tile->cells);
  return {true, plan.cost,
          std::to_string(static_cast<int>(100 * used)) + " % of " + std::to_string(plan.tile->channels) + " × " +
              std::to_string(plan.tile->cells) + " tiles used"};
}

}  // namespace

PathKind tiled_path() {
  return {"tiled", tiled_opinion, [](const ConvGeometry& geometry, GlDevice& device) -> std::unique_ptr<ConvPath> {
            return std::make_unique<TiledPath>(geometry, device);
          }};
}

}  // namespace tconv
