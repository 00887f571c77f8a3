#pragma once
// Layers that take more than one strip, tile and block of everything, of every kind that the kernels tell apart.

#include <vector>

#include "core/layer_spec.h"

namespace tconv::test {

inline LayerSpec layer_2d(std::int64_t batch, std::int64_t in, std::int64_t out, std::int64_t groups, std::int64_t rows,
                          std::int64_t cols, AxisSpec axis) {
  LayerSpec layer;
  layer.batch = batch;
  layer.in_channels = in;
  layer.out_channels = out;
  layer.groups = groups;
  layer.axes[0] = layer.axes[1] = axis;
  layer.axes[0].input = rows;
  layer.axes[1].input = cols;
  return layer;
}

inline std::vector<LayerSpec> large_layers() {
  const AxisSpec k2{.kernel = 2, .stride = 2};
  const AxisSpec k3{.kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1, .output_padding = 1};
  const AxisSpec k4{.kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
  const AxisSpec k5{.kernel = 5, .stride = 1, .padding_begin = 2, .padding_end = 2};
  const AxisSpec k7{.kernel = 7, .stride = 2, .padding_begin = 3, .padding_end = 2};
  const AxisSpec k9{.kernel = 9, .stride = 3, .padding_begin = 3, .padding_end = 3};
  const AxisSpec k11{.kernel = 11, .stride = 4, .padding_begin = 2, .padding_end = 2};
  const AxisSpec k16{.kernel = 16, .stride = 8};
  const AxisSpec dilated{.kernel = 3, .stride = 1, .padding_begin = 2, .padding_end = 2, .dilation = 2};
  const AxisSpec dilated_up{.kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 3, .dilation = 3};
  std::vector<LayerSpec> layers{
      layer_2d(1, 1, 1, 1, 300, 517, k4),      layer_2d(1, 1, 1, 1, 257, 640, k3),
      layer_2d(1, 1, 1, 1, 200, 331, k5),      layer_2d(1, 3, 3, 1, 120, 256, k4),
      layer_2d(2, 40, 24, 1, 33, 47, k3),      layer_2d(3, 70, 50, 1, 28, 28, k2),
      layer_2d(1, 600, 9, 1, 6, 7, k4),        layer_2d(2, 24, 24, 24, 61, 64, k4),
      layer_2d(1, 12, 18, 3, 40, 41, k7),      layer_2d(1, 56, 1, 1, 30, 45, k9),
      layer_2d(1, 5, 7, 1, 33, 29, k11),       layer_2d(1, 4, 5, 1, 30, 31, k16),
      layer_2d(2, 17, 33, 1, 60, 40, dilated), layer_2d(1, 6, 4, 1, 70, 50, dilated_up),
      layer_2d(8, 130, 64, 1, 4, 4, k4),       layer_2d(1, 32, 130, 1, 1, 1, {.kernel = 4, .stride = 1}),
      layer_2d(1, 65, 3, 1, 32, 32, k4),
  };
  LayerSpec line;
  line.dims = 1;
  line.in_channels = 2;
  line.out_channels = 3;
  line.axes[0] = {.input = 20011, .kernel = 6, .stride = 4, .padding_begin = 1, .padding_end = 1};
  layers.push_back(line);
  LayerSpec solid = layer_2d(1, 6, 5, 1, 20, 30, k3);
  solid.dims = 3;
  solid.axes[2] = k4;
  solid.axes[2].input = 37;
  layers.push_back(solid);
  for (std::size_t i = 0; i < layers.size(); i += 2) layers[i].bias = true;
  return layers;
}

}  // namespace tconv::test
