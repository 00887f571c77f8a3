#include "gpu/gl_operations.h"

#include <algorithm>
#include <vector>

#include "compute/backend.h"
#include "core/integers.h"
#include "gpu/box.h"
#include "gpu/conv_path.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t local_x = 64;  // of these shaders' groups
constexpr int64_t local_y = 2;

/// x, y and z of an array (N, C, spatial…); 1 for the axes that it lacks.
ArrayExtents array_extents(const Shape& shape) {
  ArrayExtents extents{shape[1], {1, 1, 1}};
  for (int axis = 2; axis < shape.rank(); ++axis) {
    extents.cells[static_cast<std::size_t>(shape.rank() - 1 - axis)] = shape[axis];
  }
  return extents;
}

/// Whether a dispatch has groups for such a map.
bool fits_dispatch(const std::array<Span, 3>& cells, const GlDevice& device) {
  return ceil_div(cells[0].count, local_x) <= device.limits().groups[0] &&
         ceil_div(cells[1].count, local_y) <= device.limits().groups[1];
}

void dispatch_cells(GlDevice& device, const GlProgram& program, int64_t x, int64_t y, int64_t slices) {
  dispatch_slices(device, program, ceil_div(x, local_x), ceil_div(y, local_y), slices, 1);
}

GlBuffer uploaded_box(GlDevice& device, const Box& box, const ArrayExtents& extents, const float* array,
                      std::vector<float>& copy) {
  return device.make_buffer(box.size() * float_bytes, gathered(box, extents, array, copy));
}

void downloaded(GlDevice& device, const GlBuffer& buffer, const Box& box, const ArrayExtents& extents, float* array,
                std::vector<float>& copy) {
  float* to = gathering_place(box, extents, array, copy);
  device.read(buffer, 0, box.size() * float_bytes, to);
  if (to == copy.data()) scattered(box, extents, to, array);
}

Shape with_channels_and_sizes(const Shape& like, int64_t channels, int64_t (*size)(int64_t, int64_t), int64_t factor) {
  Shape shape = like;
  shape[1] = channels;
  for (int axis = 2; axis < shape.rank(); ++axis) shape[axis] = size(shape[axis], factor);
  return shape;
}

/// `low` and `high` are the shapes of the array of many channels and of the larger maps.
Tensor shuffled(GlDevice& device, const Tensor& input, const Shape& low, const Shape& high, int64_t factor,
                ChannelOrder order, bool inverse) {
  const ArrayExtents low_extents = array_extents(low);
  const ArrayExtents high_extents = array_extents(high);
  std::array<int64_t, 3> factors{1, 1, 1};
  for (int axis = 2; axis < low.rank(); ++axis) factors[static_cast<std::size_t>(axis - 2)] = factor;
  const auto high_of = [&](const Box& box) {
    Box large = box;
    large.channels.count = high_extents.channels;
    for (std::size_t i = 0; i < 3; ++i) {
      large.cells[i] = {box.cells[i].first * factors[i], box.cells[i].count * factors[i]};
    }
    return large;
  };
  const auto boxes = boxes_of(low[0], low_extents, [&](const Box& box) {
    return box.size() * float_bytes <= device.limits().block_bytes && fits_dispatch(high_of(box).cells, device);
  });
  const auto program = device.shaders().program(
      "pixel_shuffle", {{"INVERSE", inverse ? 1 : 0}, {"DCR", order == ChannelOrder::dcr ? 1 : 0}});
  program->set(1, small(factors[0]), small(factors[1]), small(factors[2]));
  program->set(2, small(high_extents.channels));
  std::vector<float> values(static_cast<std::size_t>(input.size()));
  std::vector<float> copy;
  for (const Box& box : boxes) {
    const Box large = high_of(box);
    const Box& from = inverse ? large : box;
    const Box& to = inverse ? box : large;
    const GlBuffer source = uploaded_box(device, from, inverse ? high_extents : low_extents, input.data(), copy);
    const GlBuffer target = device.make_buffer(box.size() * float_bytes);
    device.bind_storage(0, source);
    device.bind_storage(3, target);
    program->set(0, small(box.cells[0].count), small(box.cells[1].count), small(box.cells[2].count));
    dispatch_cells(device, *program, to.cells[0].count, to.cells[1].count,
                   to.batch.count * to.channels.count * to.cells[2].count);
    downloaded(device, target, to, inverse ? low_extents : high_extents, values.data(), copy);
  }
  return {inverse ? low : high, std::move(values)};
}

/// As shaders/resize.comp has it.
struct Place {
  std::int32_t first;
  std::int32_t second;
  float part;
};

}  // namespace

Tensor coverage_on(GlDevice& device, const LayerSpec& layer) {
  LayerSpec map = layer;
  map.batch = map.in_channels = map.out_channels = map.groups = 1;
  const ConvGeometry geometry(map);
  double most = 1;
  for (const ConvAxis& axis : geometry.axes) most *= static_cast<double>(axis.most_taps());
  if (most > 4e9) throw BackendError("the GPU's shaders count with 32 bits, too few for these counts");
  const ConvPieces pieces =
      pieces_of(geometry, device.limits().block_bytes / float_bytes, [](const ChannelBlock&) { return 1; });
  const auto program = device.shaders().program("coverage", {});
  set_axes(*program, geometry);
  std::vector<int64_t> extents;
  for (const AxisSpec& axis : layer.spatial()) extents.push_back(output_size(axis));
  const Shape shape(extents);
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  std::vector<float> copy;
  const ArrayExtents whole{1, {geometry.axes[0].output, geometry.axes[1].output, geometry.axes[2].output}};
  for (const ConvPiece& piece : pieces.pieces) {
    const GlBuffer counts = device.make_buffer(piece.output_cells() * float_bytes);
    device.bind_storage(3, counts);
    set_piece(*program, piece, pieces.blocks[piece.block]);
    dispatch_cells(device, *program, piece.output[0].count, piece.output[1].count, piece.output[2].count);
    downloaded(device, counts, {{0, 1}, {0, 1}, piece.output}, whole, values.data(), copy);
  }
  return {shape, std::move(values)};
}

Tensor pixel_shuffle_on(GlDevice& device, const Tensor& input, int64_t factor, ChannelOrder order) {
  const ShuffleSpec spec{.factor = factor, .dims = input.shape().rank() - 2};
  const Shape high = with_channels_and_sizes(
      input.shape(), input.shape()[1] / spec.group(), [](int64_t size, int64_t r) { return size * r; }, factor);
  return shuffled(device, input, input.shape(), high, factor, order, false);
}

Tensor pixel_unshuffle_on(GlDevice& device, const Tensor& input, int64_t factor, ChannelOrder order) {
  const ShuffleSpec spec{.factor = factor, .dims = input.shape().rank() - 2};
  const Shape low = with_channels_and_sizes(
      input.shape(), input.shape()[1] * spec.group(), [](int64_t size, int64_t r) { return size / r; }, factor);
  return shuffled(device, input, low, input.shape(), factor, order, true);
}

Tensor resize_on(GlDevice& device, const Tensor& input, std::span<const int64_t> output_size, ResizeMode mode,
                 bool align_corners) {
  Shape shape = input.shape();
  for (int axis = 2; axis < shape.rank(); ++axis) shape[axis] = output_size[static_cast<std::size_t>(axis - 2)];
  // Each plane by itself.
  ArrayExtents from = array_extents(input.shape());
  ArrayExtents to = array_extents(shape);
  from.channels = to.channels = 1;
  const auto place_at = [&](std::size_t axis, int64_t cell) {
    return resize_place(cell, from.cells[axis], to.cells[axis], mode, align_corners);
  };
  const auto input_of = [&](const Box& box) {
    Box read = box;
    for (std::size_t i = 0; i < 3; ++i) {
      const int64_t first = place_at(i, box.cells[i].first).first;
      read.cells[i] = {first, place_at(i, box.cells[i].end() - 1).second - first + 1};
    }
    return read;
  };
  const auto boxes = boxes_of(shape[0] * shape[1], to, [&](const Box& box) {
    const int64_t places = (box.cells[0].count + box.cells[1].count + box.cells[2].count) * 3;
    return std::max({box.size(), input_of(box).size(), places}) * float_bytes <= device.limits().block_bytes &&
           fits_dispatch(box.cells, device);
  });
  const auto program = device.shaders().program("resize", {});
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  std::vector<float> copy;
  for (const Box& box : boxes) {
    const Box read = input_of(box);
    std::vector<Place> places;
    for (std::size_t i = 0; i < 3; ++i) {
      for (int64_t cell = box.cells[i].first; cell < box.cells[i].end(); ++cell) {
        const ResizePlace at = place_at(i, cell);
        places.push_back({small(at.first - read.cells[i].first), small(at.second - read.cells[i].first),
                          static_cast<float>(at.part)});
      }
    }
    const GlBuffer source = uploaded_box(device, read, from, input.data(), copy);
    const GlBuffer table = device.make_buffer(static_cast<int64_t>(places.size() * sizeof(Place)), places.data());
    const GlBuffer target = device.make_buffer(box.size() * float_bytes);
    device.bind_storage(0, source);
    device.bind_storage(1, table);
    device.bind_storage(3, target);
    program->set(0, small(read.cells[0].count), small(read.cells[1].count), small(read.cells[2].count));
    program->set(1, small(box.cells[0].count), small(box.cells[1].count), small(box.cells[2].count));
    dispatch_cells(device, *program, box.cells[0].count, box.cells[1].count, box.batch.count * box.cells[2].count);
    downloaded(device, target, box, to, values.data(), copy);
  }
  return {shape, std::move(values)};
}

}  // namespace tconv
