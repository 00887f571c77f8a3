#pragma once
// A picture that nobody but the window's device need ever hold.

#include <memory>

#include "figure/color_scale.h"
#include "figure/geometry.h"

namespace tconv {

class DeviceMap;  // compute/large_map_device.h

/// A part of a map that lies on a device, as `rasterize` would draw it.
struct DevicePicture {
  std::shared_ptr<const DeviceMap> map;
  Rect window;     ///< of cells: x, w in columns; y, h in rows
  int width = 1;   ///< pixels
  int height = 1;  ///< pixels
  ColorScale scale;
};

}  // namespace tconv
