#include "core/resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace tconv {
namespace {

using std::int64_t;
using Extents = std::array<int64_t, 3>;

/// (D, H, W) of a shape with 1 to 3 spatial axes; 1 for those it lacks.
Extents spatial_extents(const Shape& shape) {
  Extents extents{1, 1, 1};
  for (int axis = 2; axis < shape.rank(); ++axis)
    extents[static_cast<std::size_t>(axis + 3 - shape.rank())] = shape[axis];
  return extents;
}

Shape with_spatial(const Shape& like, std::span<const int64_t> sizes) {
  Shape shape = like;
  for (int axis = 2; axis < shape.rank(); ++axis) shape[axis] = sizes[static_cast<std::size_t>(axis - 2)];
  return shape;
}

std::vector<ResizePlace> places_of(int64_t input, int64_t output, ResizeMode mode, bool align_corners) {
  std::vector<ResizePlace> places;
  places.reserve(static_cast<std::size_t>(output));
  for (int64_t cell = 0; cell < output; ++cell) {
    places.push_back(resize_place(cell, input, output, mode, align_corners));
  }
  return places;
}

/// The value between two cells of a row.
double along_row(const float* row, const ResizePlace& x) {
  const double first = row[x.first];
  return x.part == 0 ? first : (1 - x.part) * first + x.part * static_cast<double>(row[x.second]);
}

/// The value between two rows (or, one level up, two slices): `at` gives the value in one of them.
template <typename At>
double between(const ResizePlace& place, At at) {
  const double first = at(place.first);
  return place.part == 0 ? first : (1 - place.part) * first + place.part * at(place.second);
}

}  // namespace

ResizePlace resize_place(int64_t cell, int64_t input, int64_t output, ResizeMode mode, bool align_corners) {
  if (mode == ResizeMode::nearest) {
    // 128 bits: both numbers may be of 63.
    const auto at = static_cast<int64_t>(static_cast<__int128>(cell) * input / output);
    return {at, std::min(at + 1, input - 1), 0};
  }
  double x = 0;
  if (align_corners) {
    if (output > 1) x = static_cast<double>(cell) * static_cast<double>(input - 1) / static_cast<double>(output - 1);
  } else {
    x = (static_cast<double>(cell) + 0.5) * static_cast<double>(input) / static_cast<double>(output) - 0.5;
    x = std::max(0.0, x);
  }
  const int64_t first = std::min(static_cast<int64_t>(std::floor(x)), input - 1);
  const bool last = first == input - 1;
  return {first, last ? first : first + 1, last ? 0 : x - static_cast<double>(first)};
}

std::vector<Problem> validate_resize(const Shape& input, std::span<const int64_t> output_size, ResizeMode mode,
                                     bool align_corners, const Limits& limits) {
  if (input.rank() < 3 || input.rank() > 5) {
    return {
        {"input", -1, "must have 3, 4 or 5 axes: N, C and 1 to 3 spatial ones", "shape " + input.text(), std::nullopt}};
  }
  if (input.checked_elements().value_or(0) < 1) {
    return {{"input", -1, "must have at least one cell on every axis", "shape " + input.text(), std::nullopt}};
  }
  if (output_size.size() != static_cast<std::size_t>(input.rank() - 2)) {
    return {{"output_size", -1, "must have one number per spatial axis, " + std::to_string(input.rank() - 2),
             std::to_string(output_size.size()), input.rank() - 2}};
  }
  std::vector<Problem> problems;
  for (std::size_t axis = 0; axis < output_size.size(); ++axis) {
    if (output_size[axis] >= 1) continue;
    problems.push_back(
        {"output_size", static_cast<int>(axis), "must be at least 1", std::to_string(output_size[axis]), 1});
  }
  if (align_corners && mode != ResizeMode::bilinear) {
    problems.push_back(
        {"align_corners", -1, "belongs to bilinear: nearest has no corners to align", "nearest", std::nullopt});
  }
  if (!problems.empty()) return problems;
  const Shape output = with_spatial(input, output_size);
  const auto elements = output.checked_elements();
  if (!elements || *elements > limits.elements) {
    problems.push_back({"output", -1, "may have at most " + std::to_string(limits.elements) + " elements",
                        "shape " + output.text(), std::nullopt});
  }
  return problems;
}

Tensor resize(const Tensor& input, std::span<const int64_t> output_size, ResizeMode mode, bool align_corners) {
  const Shape shape = with_spatial(input.shape(), output_size);
  const Extents from = spatial_extents(input.shape());
  const Extents to = spatial_extents(shape);
  std::array<std::vector<ResizePlace>, 3> places;
  for (std::size_t a = 0; a < 3; ++a) places[a] = places_of(from[a], to[a], mode, align_corners);
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  auto written = values.begin();
  const int64_t slice = from[1] * from[2];
  for (int64_t p = 0; p < shape[0] * shape[1]; ++p) {
    const float* plane = input.data() + p * from[0] * slice;
    for (const ResizePlace& z : places[0]) {
      for (const ResizePlace& y : places[1]) {
        for (const ResizePlace& x : places[2]) {
          const double value = between(z, [&](int64_t cz) {
            return between(y, [&](int64_t cy) { return along_row(plane + cz * slice + cy * from[2], x); });
          });
          *written++ = static_cast<float>(value);
        }
      }
    }
  }
  return {shape, std::move(values)};
}

Tensor box_downscale(const Tensor& input, int64_t factor) {
  const Extents from = spatial_extents(input.shape());
  Shape shape = input.shape();
  for (int axis = 2; axis < shape.rank(); ++axis) shape[axis] /= factor;
  const Extents to = spatial_extents(shape);
  // An axis that the array lacks has blocks of one.
  Extents block{1, 1, 1};
  for (std::size_t a = static_cast<std::size_t>(5 - shape.rank()); a < 3; ++a) block[a] = factor;
  const auto cells = static_cast<double>(block[0] * block[1] * block[2]);
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  std::vector<double> sums(static_cast<std::size_t>(to[2]));
  auto written = values.begin();
  for (int64_t p = 0; p < shape[0] * shape[1]; ++p) {
    const float* plane = input.data() + p * from[0] * from[1] * from[2];
    for (int64_t z = 0; z < to[0]; ++z) {
      for (int64_t y = 0; y < to[1]; ++y) {
        std::ranges::fill(sums, 0.0);
        for (int64_t dz = 0; dz < block[0]; ++dz) {
          for (int64_t dy = 0; dy < block[1]; ++dy) {
            const float* row = plane + ((z * block[0] + dz) * from[1] + y * block[1] + dy) * from[2];
            for (double& sum : sums) {
              for (int64_t dx = 0; dx < block[2]; ++dx) sum += static_cast<double>(*row++);
            }
          }
        }
        written =
            std::ranges::transform(sums, written, [cells](double sum) { return static_cast<float>(sum / cells); }).out;
      }
    }
  }
  return {shape, std::move(values)};
}

}  // namespace tconv
