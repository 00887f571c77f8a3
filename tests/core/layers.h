#pragma once
// Plain layers of one channel.

#include <cstdint>

#include "core/layer_spec.h"

namespace tconv::test {

/// 1D.
inline LayerSpec line(const AxisSpec& axis) {
  LayerSpec layer;
  layer.dims = 1;
  layer.axes[0] = axis;
  return layer;
}

/// 2D, both axes alike.
inline LayerSpec square(const AxisSpec& axis) {
  LayerSpec layer;
  layer.axes.fill(axis);
  return layer;
}

/// 1D with an input of 9 cells.
inline LayerSpec nine_cells(std::int64_t kernel, std::int64_t stride, std::int64_t dilation = 1) {
  return line({.input = 9, .kernel = kernel, .stride = stride, .dilation = dilation});
}

}  // namespace tconv::test
