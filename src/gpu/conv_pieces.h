#pragma once
// A layer cut into pieces, so that no array of a piece is larger than what a shader may see at once.

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "gpu/box.h"
#include "gpu/conv_geometry.h"

namespace tconv {

/// Output channels that are computed together: whole groups, or a part of one. Their weights lie on the device once.
struct ChannelBlock {
  Span out;
  Span in;  ///< the input channels of these groups
  std::int64_t groups = 1;

  std::int64_t group_in() const { return in.count / groups; }
  std::int64_t group_out() const { return out.count / groups; }
};

struct ConvPiece {
  std::size_t block = 0;  ///< which channels
  Span batch;
  std::array<Span, 3> output;           ///< x, y, z; `first` is a multiple of the stride
  std::array<Span, 3> input;            ///< the cells that reach the output, and some around; at least one
  std::array<std::int64_t, 3> shift{};  ///< ConvAxis::shift of the piece by itself

  std::int64_t output_cells() const { return output[0].count * output[1].count * output[2].count; }
  std::int64_t input_cells() const { return input[0].count * input[1].count * input[2].count; }
};

struct ConvPieces {
  std::vector<ChannelBlock> blocks;
  std::vector<ConvPiece> pieces;

  /// Floats of the arrays of a piece: (batch, channels of the block, z, y, x).
  std::int64_t input_size(const ConvPiece& piece) const {
    return piece.batch.count * blocks[piece.block].in.count * piece.input_cells();
  }
  std::int64_t output_size(const ConvPiece& piece) const {
    return piece.batch.count * blocks[piece.block].out.count * piece.output_cells();
  }
};

/// `weight_floats`: how many a block of channels takes on the device. `most_floats`: of any array. Cuts channels as far
/// as the weights need it, then the batch, then the outermost axis that has more than one row. Throws BackendError when
/// even the smallest piece is too large.
ConvPieces pieces_of(const ConvGeometry& geometry, std::int64_t most_floats,
                     const std::function<std::int64_t(const ChannelBlock&)>& weight_floats);

}  // namespace tconv
