#include "gpu/conv_pieces.h"

#include <algorithm>

#include "compute/backend.h"
#include "core/integers.h"
#include "gpu/gl_device.h"

namespace tconv {
namespace {

using std::int64_t;

/// Output cells of a piece, x, y, z: what a dispatch has groups for (65535 along each axis, 64 cells wide; z takes
/// several dispatches).
constexpr std::array<int64_t, 3> most_extent{1 << 21, 1 << 15, 1 << 29};

/// All channels in blocks of `groups` groups, or each group in `parts`.
std::vector<ChannelBlock> blocks_of(const ConvGeometry& g, int64_t groups, int64_t parts) {
  std::vector<ChannelBlock> blocks;
  for (int64_t group = 0; group < g.groups; group += groups) {
    const int64_t count = std::min(groups, g.groups - group);
    const Span in{group * g.group_in(), count * g.group_in()};
    const int64_t step = count > 1 ? g.group_out() * count : ceil_div(g.group_out(), parts);
    for (int64_t first = 0; first < count * g.group_out(); first += step) {
      blocks.push_back({{group * g.group_out() + first, std::min(step, count * g.group_out() - first)}, in, count});
    }
  }
  return blocks;
}

Span input_of(const ConvAxis& axis, const Span& output) {
  const int64_t padding = axis.remainder + axis.stride * axis.shift;
  // Rounded down, so that the piece's own padding is not negative.
  const int64_t reach = (axis.kernel - 1) * axis.dilation;
  const int64_t least = std::max<int64_t>(0, output.first + padding - reach) / axis.stride;
  const int64_t first = std::min(least, axis.input - 1);
  const int64_t last = std::clamp((output.end() - 1 + padding) / axis.stride, first, axis.input - 1);
  return {first, last - first + 1};
}

/// The boxes of output cells of at most `quotients` × S cells along each axis, with what they read.
std::vector<ConvPiece> piece_boxes(const ConvGeometry& g, const std::array<int64_t, 3>& quotients) {
  std::vector<ConvPiece> boxes;
  ConvPiece box;
  const auto along = [&](auto&& self, std::size_t i) -> void {
    const ConvAxis& axis = g.axes[i];
    const int64_t step = quotients[i] * axis.stride;
    for (int64_t first = 0; first < axis.output; first += step) {
      box.output[i] = {first, std::min(step, axis.output - first)};
      box.input[i] = input_of(axis, box.output[i]);
      box.shift[i] = axis.shift + first / axis.stride - box.input[i].first;
      if (i == 0) {
        boxes.push_back(box);
      } else {
        self(self, i - 1);
      }
    }
  };
  along(along, 2);
  return boxes;
}

}  // namespace

ConvPieces pieces_of(const ConvGeometry& g, int64_t most_floats,
                     const std::function<int64_t(const ChannelBlock&)>& weight_floats) {
  ConvPieces result;
  std::array<int64_t, 3> quotients{};
  for (std::size_t i = 0; i < 3; ++i) {
    quotients[i] = std::min(ceil_div(g.axes[i].output, g.axes[i].stride), most_extent[i] / g.axes[i].stride);
  }
  int64_t groups = g.groups;
  int64_t parts = 1;
  int64_t batch = g.batch;
  std::vector<ConvPiece> boxes;
  // Each step makes something smaller by half or more.
  const auto split_channels = [&] {
    if (groups > 1) {
      groups = ceil_div(groups, 2);
    } else if (parts < g.group_out()) {
      parts = std::min(parts * 2, g.group_out());
    } else {
      throw BackendError("a single row of this layer, with all its channels, is more than the GPU's shaders may see");
    }
  };
  const auto too_large = [&](const auto& floats) {
    return std::ranges::any_of(result.blocks, [&](const auto& block) { return floats(block) > most_floats; });
  };
  for (;;) {
    result.blocks = blocks_of(g, groups, parts);
    if (too_large(weight_floats)) {
      split_channels();
      continue;
    }
    boxes = piece_boxes(g, quotients);
    const bool fits = std::ranges::none_of(boxes, [&](const ConvPiece& box) {
      return too_large([&](const ChannelBlock& block) {
        return batch * std::max(block.in.count * box.input_cells(), block.out.count * box.output_cells());
      });
    });
    if (fits) break;
    const auto outermost = std::find_if(quotients.rbegin(), quotients.rend(), [](int64_t n) { return n > 1; });
    if (batch > 1) {
      batch = ceil_div(batch, 2);
    } else if (outermost != quotients.rend()) {
      *outermost = ceil_div(*outermost, 2);
    } else {
      split_channels();
    }
  }
  for (std::size_t block = 0; block < result.blocks.size(); ++block) {
    for (int64_t first = 0; first < g.batch; first += batch) {
      for (ConvPiece piece : boxes) {
        piece.block = block;
        piece.batch = {first, std::min(batch, g.batch - first)};
        result.pieces.push_back(piece);
      }
    }
  }
  return result;
}

}  // namespace tconv
