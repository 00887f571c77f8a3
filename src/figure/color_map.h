#pragma once
// Numbers to colours. The maps are files, assets/color_maps/<id>.csv: 256 lines "r,g,b", 0 … 255, lowest value first;
// a first line starting with '#' is a remark ("# sequential" or "# diverging" says the kind).

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.h"
#include "figure/geometry.h"

namespace tconv {

struct ColorMap {
  std::string id;
  bool diverging = false;
  std::array<Color, 256> colors{};

  /// The colour of `t` in 0 … 1, nearest entry; beyond the ends the ends' colours, NaN as `nan_color`.
  Color at(double t) const;
};

inline constexpr Color nan_color = rgb(0xff00c8);

/// Parses the file format above; throws FileError naming `name`, the line and the rule.
ColorMap parse_color_map(std::string_view text, std::string_view name);
/// All built-in maps by listing assets/color_maps, in their names' order; parsed once.
const std::vector<ColorMap>& color_maps();
/// Null when there is none of that name.
const ColorMap* find_color_map(std::string_view id);

/// Pixels for one picture, RGBA, row by row from the top. `id` differs between any two rasters of a process: what a
/// texture cache keys on.
struct Raster {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;
  std::uint64_t id = 0;
};

/// All pixels transparent, with a new id.
std::shared_ptr<Raster> blank_raster(int width, int height);

/// The smallest and largest finite value; {0, 0} when there is none.
struct ValueRange {
  double low = 0;
  double high = 0;

  bool operator==(const ValueRange&) const = default;
};
ValueRange finite_range(std::span<const float> values);

/// One plane of a map: `values` holds rows × cols numbers.
struct PlaneView {
  std::span<const float> values;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};

/// The part `window` (unit: cells, fractions allowed, may reach beyond the plane) of `plane` as width × height pixels:
/// cells larger than a pixel stay sharp, smaller ones are averaged over the pixel they fall in. Outside the plane the
/// pixels are transparent. `range` is mapped to the ends of `map`; constant data (low == high) takes the map's middle.
std::shared_ptr<const Raster> rasterize(const PlaneView& plane, const Rect& window, int width, int height,
                                        const ColorMap& map, const ValueRange& range);

/// Likewise for three planes as red, green and blue (an image): `range` becomes black to full.
std::shared_ptr<const Raster> rasterize_rgb(const std::array<PlaneView, 3>& planes, const Rect& window, int width,
                                            int height, const ValueRange& range);

}  // namespace tconv
