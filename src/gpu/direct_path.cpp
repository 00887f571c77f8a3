#include <algorithm>
#include <bit>

#include "core/integers.h"
#include "gpu/conv_path.h"

namespace tconv {
namespace {

using std::int64_t;

/// The phase of a tap and the cell that it reads, of the output as it is cropped: see shaders/conv_direct.comp.
int64_t phase_of_tap(const ConvAxis& axis, int64_t tap) {
  return (tap * axis.dilation + axis.stride - axis.remainder) % axis.stride;
}
int64_t offset_of_tap(const ConvAxis& axis, int64_t tap) {
  return (phase_of_tap(axis, tap) + axis.remainder - tap * axis.dilation) / axis.stride;
}

/// The cells that the phases of one quotient read.
struct Window {
  int64_t least = 0;
  int64_t cells = 1;
};
Window window_of(const ConvAxis& axis) {
  int64_t least = offset_of_tap(axis, 0);
  int64_t most = least;
  for (int64_t tap = 1; tap < axis.kernel; ++tap) {
    least = std::min(least, offset_of_tap(axis, tap));
    most = std::max(most, offset_of_tap(axis, tap));
  }
  return {least, most - least + 1};
}

/// What an invocation computes.
struct DirectPlan {
  bool possible = false;
  std::string why_not;
  int64_t channels = 1;
  int64_t rows = 1;
  int64_t vector = 1;  ///< floats stored at once
  Window x;
  Window y;
  std::array<int64_t, 2> local{};
  int64_t quotients_x = 1;
  int64_t quotients_y = 1;

  int64_t in_rows() const { return rows + y.cells - 1; }
};

constexpr int64_t most_sums = 64;        // registers that hold them
constexpr int64_t most_products = 4096;  // statements of the unrolled shader

DirectPlan direct_plan(const ConvGeometry& g, int64_t enough) {
  DirectPlan plan;
  const ConvAxis& x = g.axes[0];
  const ConvAxis& y = g.axes[1];
  const int64_t phases = x.stride * y.stride;
  if (phases > most_sums) {
    plan.why_not = std::to_string(phases) + " phases are more than an invocation's registers hold";
    return plan;
  }
  // Before the windows, which take a while to find for thousands of taps.
  if (x.kernel * y.kernel > most_products) {
    plan.why_not = "too many taps to write them out";
    return plan;
  }
  plan.x = window_of(x);
  plan.y = window_of(y);
  constexpr int64_t most_window = 32;
  if (plan.x.cells > most_window || plan.y.cells > most_window) {
    plan.why_not = "the taps of a cell lie too far apart";
    return plan;
  }
  const auto products = [&] { return x.kernel * y.kernel * plan.channels * plan.in_rows(); };
  plan.channels = std::clamp<int64_t>(most_sums * 3 / 4 / phases, 1, g.group_out());
  // As many blocks, of as equal a size as can be.
  plan.channels = ceil_div(g.group_out(), ceil_div(g.group_out(), plan.channels));
  while (plan.channels > 1 && products() > most_products) plan.channels = ceil_div(plan.channels, 2);
  if (products() > most_products) {
    plan.why_not = "too many taps to write them out";
    return plan;
  }
  plan.possible = true;
  plan.quotients_x = ceil_div(x.output, x.stride);
  plan.quotients_y = ceil_div(y.output, y.stride);
  // More rows share more of what is read, as long as there is work for all of a GPU.
  const int64_t invocations = g.batch * g.groups * ceil_div(g.group_out(), plan.channels) * g.axes[2].output *
                              plan.quotients_x * plan.quotients_y;
  while (plan.rows < 8 && plan.rows * 2 <= plan.quotients_y && invocations / (plan.rows * 2) >= enough &&
         phases * plan.channels * plan.rows * 2 <= most_sums / 2) {
    plan.rows *= 2;
    if (products() > most_products) {
      plan.rows /= 2;
      break;
    }
  }
  for (const int64_t vector : {2, 4}) {
    if (x.stride % vector == 0 && x.output % vector == 0) plan.vector = vector;
  }
  const auto width = static_cast<int64_t>(std::bit_ceil(static_cast<std::uint64_t>(plan.quotients_x)));
  plan.local[0] = std::min<int64_t>(64, width);
  plan.local[1] = 128 / plan.local[0];
  return plan;
}

class DirectPath : public ConvPath {
 public:
  DirectPath(const ConvGeometry& geometry, GlDevice& device)
      : geometry_(geometry), device_(device), plan_(direct_plan(geometry, device.limits().enough_invocations)) {}

  int64_t packed_size(const ChannelBlock& block) const override {
    const int64_t vectors =
        block.groups * blocks(block) * geometry_.axes[2].kernel * block.group_in() * round_vectors();
    // A uniform block has a fixed size: powers of two, so that few programs differ in nothing else.
    return static_cast<int64_t>(std::bit_ceil(static_cast<std::uint64_t>(vectors))) * 4;
  }

  std::vector<float> packed(const ChannelBlock& block, const float* weight) const override {
    const std::vector<float> plain = plain_weights(geometry_, block, weight);
    const int64_t slice = geometry_.axes[1].kernel * geometry_.axes[0].kernel;
    const int64_t depth = geometry_.axes[2].kernel;
    std::vector<float> to(static_cast<std::size_t>(packed_size(block)), 0.0F);
    float* round = to.data();
    for (int64_t group = 0; group < block.groups; ++group) {
      for (int64_t first = 0; first < block.group_out(); first += plan_.channels) {
        for (int64_t kz = 0; kz < depth; ++kz) {
          for (int64_t in = group * block.group_in(); in < (group + 1) * block.group_in(); ++in) {
            const int64_t channels = std::min(plan_.channels, block.group_out() - first);
            for (int64_t c = 0; c < channels; ++c) {
              const float* from = plain.data() + ((in * block.group_out() + first + c) * depth + kz) * slice;
              for (int64_t k = 0; k < slice; ++k) round[k * plan_.channels + c] = from[k];
            }
            round += round_vectors() * 4;
          }
        }
      }
    }
    return to;
  }

  void prepare(const ConvPieces& pieces) override {
    const auto largest =
        std::ranges::max_element(pieces.blocks, {}, [this](const ChannelBlock& block) { return packed_size(block); });
    const int64_t floats = packed_size(*largest);
    uniform_ = floats * 4 <= device_.limits().uniform_bytes;
    ShaderConstants constants = geometry_.constants();
    constants["CHANNELS"] = plan_.channels;
    constants["ROWS"] = plan_.rows;
    constants["PHASES"] = plan_.rows * geometry_.axes[0].stride * geometry_.axes[1].stride;
    constexpr int64_t much = 24;
    constants["VARIANTS"] = plan_.in_rows() * plan_.x.cells >= much ? 2 : 1;
    constants["COLUMNS"] = plan_.x.cells;
    constants["LEAST_X"] = plan_.x.least;
    constants["IN_ROWS"] = plan_.in_rows();
    constants["LEAST_Y"] = plan_.y.least;
    constants["VECTOR"] = plan_.vector;
    constants["STORES"] = geometry_.axes[0].stride / plan_.vector;
    constants["LOCAL_X"] = plan_.local[0];
    constants["LOCAL_Y"] = plan_.local[1];
    constants["WEIGHTS_UNIFORM"] = uniform_ ? 1 : 0;
    constants["WEIGHT_VECTORS"] = uniform_ ? floats / 4 : 0;
    program_ = device_.shaders().program("conv_direct", constants);
  }

  void run(const ConvPiece& piece, const ChannelBlock& block, const PieceBuffers& buffers) override {
    device_.bind_storage(0, buffers.input);
    if (uniform_) {
      device_.bind_uniforms(0, buffers.weight);
    } else {
      device_.bind_storage(1, buffers.weight);
    }
    device_.bind_storage(2, buffers.bias);
    device_.bind_storage(3, buffers.output);
    set_piece(*program_, piece, block);
    const int64_t columns = ceil_div(piece.output[0].count, geometry_.axes[0].stride);
    const int64_t rows = ceil_div(ceil_div(piece.output[1].count, geometry_.axes[1].stride), plan_.rows);
    dispatch_slices(device_, *program_, ceil_div(columns, plan_.local[0]), ceil_div(rows, plan_.local[1]),
                    piece.batch.count * block.groups * blocks(block) * piece.output[2].count, 1);
  }

  std::string way() const override {
    return std::to_string(plan_.rows * geometry_.axes[1].stride) + " × " + std::to_string(geometry_.axes[0].stride) +
           " output cells of " + std::to_string(plan_.channels) + (plan_.channels == 1 ? " channel" : " channels") +
           " an invocation, " + std::to_string(plan_.vector * 4) + " bytes stored at once, weights in " +
           (uniform_ ? "a uniform block" : "a storage buffer");
  }

 private:
  int64_t blocks(const ChannelBlock& block) const { return ceil_div(block.group_out(), plan_.channels); }
  int64_t round_vectors() const {
    return ceil_div(geometry_.axes[1].kernel * geometry_.axes[0].kernel * plan_.channels, 4);
  }

  ConvGeometry geometry_;
  GlDevice& device_;
  DirectPlan plan_;
  bool uniform_ = false;
  std::shared_ptr<const GlProgram> program_;
};

PathOpinion direct_opinion(const ConvGeometry& g, const GlDevice& device) {
  const DirectPlan plan = direct_plan(g, device.limits().enough_invocations);
  if (!plan.possible) return {false, 0, plan.why_not};
  const int64_t reads = plan.in_rows() * plan.x.cells;
  const int64_t products = plan.rows * g.axes[0].kernel * g.axes[1].kernel * plan.channels;
  // A uniform block is read through a cache of its own, as cheap as half of another read.
  const int64_t vectors = ceil_div(g.axes[0].kernel * g.axes[1].kernel * plan.channels, 4);
  const bool uniform = g.group_in() * g.out_channels * g.taps() * 4 <= device.limits().uniform_bytes;
  const int64_t weights = vectors * slots_of_access / (uniform ? 2 : 1);
  const auto rounds = static_cast<double>(g.group_in() * g.axes[2].most_taps());
  const int64_t stored = plan.rows * g.axes[0].stride * g.axes[1].stride * plan.channels / plan.vector;
  const int64_t invocations = g.batch * g.groups * ceil_div(g.group_out(), plan.channels) * g.axes[2].output *
                              plan.quotients_x * ceil_div(plan.quotients_y, plan.rows);
  const double each = rounds * static_cast<double>(reads * slots_of_access + weights + products) +
                      static_cast<double>(stored * slots_of_access);
  return {true, cost_of(each, invocations, device),
          counted(reads, "number") + " read for " + counted(products, "product")};
}

}  // namespace

PathKind direct_path() {
  return {"direct", direct_opinion, [](const ConvGeometry& geometry, GlDevice& device) -> std::unique_ptr<ConvPath> {
            return std::make_unique<DirectPath>(geometry, device);
          }};
}

}  // namespace tconv
