#pragma once
// The ways in which shaders compute a layer.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpu/conv_pieces.h"
#include "gpu/gl_device.h"

namespace tconv {

/// The arrays of a piece on the device.
struct PieceBuffers {
  const GlBuffer& input;   ///< (batch, input channels of the block, z, y, x)
  const GlBuffer& weight;  ///< as `ConvPath::packed` has it
  const GlBuffer& bias;    ///< (output channels of the block)
  const GlBuffer& output;  ///< (batch, output channels of the block, z, y, x); every element is written
};

/// One way for one layer. For the thread on which the device's context is current.
class ConvPath {
 public:
  virtual ~ConvPath() = default;
  /// Weights of a block of channels as the shader reads them, from those of the whole layer (C_in, C_out/G, z, y, x).
  virtual std::vector<float> packed(const ChannelBlock& block, const float* weight) const = 0;
  virtual std::int64_t packed_size(const ChannelBlock& block) const = 0;  ///< floats
  /// Compiles what the pieces need and asks for scratch memory, so that `run` does neither.
  virtual void prepare(const ConvPieces& pieces) = 0;
  virtual void run(const ConvPiece& piece, const ChannelBlock& block, const PieceBuffers& buffers) = 0;
  /// For people: "4 × 2 output cells of 3 channels an invocation".
  virtual std::string way() const = 0;
};

/// "1 number", "2 numbers".
std::string counted(std::int64_t count, std::string_view noun);

/// What a way thinks of a layer.
struct PathOpinion {
  bool possible = false;
  double cost = 0;  ///< to be compared with those of other ways
  std::string why;  ///< for people
};

/// Reading or writing memory takes a GPU's cores as long as so many multiply-adds.
inline constexpr std::int64_t slots_of_access = 4;
/// What invocations cost that take so many multiply-adds each: too few of them leave cores idle.
double cost_of(double each, std::int64_t invocations, const GlDevice& device);

struct PathKind {
  std::string_view id;
  PathOpinion (*opinion)(const ConvGeometry&, const GlDevice&);
  std::unique_ptr<ConvPath> (*make)(const ConvGeometry&, GlDevice&);
};

PathKind general_path();  ///< any layer
PathKind direct_path();   ///< few channels: all phases of some cells in one invocation's registers
PathKind tiled_path();    ///< many channels: a product of matrices for each phase, through shared memory

/// The way that costs least, or that of the given id; throws BackendError for one that there is not or that cannot do
/// this layer. Weights that are not all finite go the general way, the only one that multiplies nothing by zeros that
/// stand for cells which are not there.
struct PathChoice {
  PathKind kind;
  std::vector<std::string> opinions;  ///< of all ways, one line each, the chosen one first
};
PathChoice choose_path(const ConvGeometry& geometry, const GlDevice& device, std::string_view id, bool finite_weights);

/// Sets what shaders/include/piece.glsl declares but for the slices.
void set_piece(const GlProgram& program, const ConvPiece& piece, const ChannelBlock& block);

/// Sets what shaders/include/axes.glsl declares.
void set_axes(const GlProgram& program, const ConvGeometry& geometry);

/// Dispatches x × y groups for each of `slices` slices, `per_group` of which one group computes, in as many dispatches
/// as it takes; tells the program the slices.
void dispatch_slices(GlDevice& device, const GlProgram& program, std::int64_t x, std::int64_t y, std::int64_t slices,
                     std::int64_t per_group);

/// (input channels of the block, output channels of one of its groups, taps) of the layer's weights, as they lie.
std::vector<float> plain_weights(const ConvGeometry& geometry, const ChannelBlock& block, const float* weight);

}  // namespace tconv
