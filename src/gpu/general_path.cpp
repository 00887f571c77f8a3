#include <algorithm>
#include <bit>

#include "core/integers.h"
#include "gpu/conv_path.h"

namespace tconv {
namespace {

using std::int64_t;

/// Channels that share what an invocation reads of the input.
int64_t channels_of(const ConvGeometry& g, const GlDevice& device) {
  const int64_t most = std::min<int64_t>(4, g.group_out());
  // Small maps have too few cells to keep a GPU busy unless each channel has an invocation of its own.
  return g.batch * g.out_channels * g.output_cells() >= 2 * most * device.limits().enough_invocations ? most : 1;
}

class GeneralPath : public ConvPath {
 public:
  GeneralPath(const ConvGeometry& geometry, GlDevice& device)
      : geometry_(geometry), device_(device), channels_(channels_of(geometry, device)) {
    // The group follows the map, so that few of its invocations lie outside.
    constexpr int64_t invocations = 128;
    const auto power = [](int64_t extent, int64_t most) {
      return std::min(most, static_cast<int64_t>(std::bit_ceil(static_cast<std::uint64_t>(extent))));
    };
    local_[0] = power(geometry.axes[0].output, 64);
    local_[1] = power(geometry.axes[1].output, invocations / local_[0]);
    local_[2] = std::min<int64_t>(64, invocations / local_[0] / local_[1]);
  }

  std::vector<float> packed(const ChannelBlock& block, const float* weight) const override {
    return plain_weights(geometry_, block, weight);
  }
  int64_t packed_size(const ChannelBlock& block) const override {
    return block.in.count * block.group_out() * geometry_.taps();
  }
  void prepare(const ConvPieces&) override {
    ShaderConstants constants = geometry_.constants();
    constants["CHANNELS"] = channels_;
    constants["LOCAL_X"] = local_[0];
    constants["LOCAL_Y"] = local_[1];
    constants["LOCAL_Z"] = local_[2];
    program_ = device_.shaders().program("conv_general", constants);
  }
  void run(const ConvPiece& piece, const ChannelBlock& block, const PieceBuffers& buffers) override {
    device_.bind_storage(0, buffers.input);
    device_.bind_storage(1, buffers.weight);
    device_.bind_storage(2, buffers.bias);
    device_.bind_storage(3, buffers.output);
    set_piece(*program_, piece, block);
    const int64_t slices =
        piece.batch.count * block.groups * ceil_div(block.group_out(), channels_) * piece.output[2].count;
    dispatch_slices(device_, *program_, ceil_div(piece.output[0].count, local_[0]),
                    ceil_div(piece.output[1].count, local_[1]), slices, local_[2]);
  }
  std::string way() const override {
    return "one output cell of " + std::to_string(channels_) + (channels_ == 1 ? " channel" : " channels") +
           " an invocation, groups of " + std::to_string(local_[0]) + " × " + std::to_string(local_[1]) + " × " +
           std::to_string(local_[2]);
  }

 private:
  ConvGeometry geometry_;
  GlDevice& device_;
  int64_t channels_;
  std::array<int64_t, 3> local_{};
  std::shared_ptr<const GlProgram> program_;
};

}  // namespace

PathKind general_path() {
  return {"general",
          [](const ConvGeometry& g, const GlDevice& device) -> PathOpinion {
            const int64_t channels = channels_of(g, device);
            const int64_t reads = channels + 1;
            const int64_t invocations = g.batch * g.groups * ceil_div(g.group_out(), channels) * g.output_cells();
            const double each = g.mean_reduction() * static_cast<double>(reads * slots_of_access + channels);
            return {true, cost_of(each, invocations, device),
                    "any layer; " + counted(reads, "number") + " read for " + counted(channels, "product")};
          },
          [](const ConvGeometry& geometry, GlDevice& device) -> std::unique_ptr<ConvPath> {
            return std::make_unique<GeneralPath>(geometry, device);
          }};
}

}  // namespace tconv
