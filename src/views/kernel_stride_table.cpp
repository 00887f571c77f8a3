#include "views/kernel_stride_table.h"

#include <algorithm>

#include "core/coverage.h"
#include "figure/layout.h"
#include "views/color_scales.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int tile_cells = 16;    // of the output, from its corner: the border and enough of the inside
constexpr int gap_cells = 4;      // between two tiles
constexpr double cell_side = 2;   // points
constexpr double name_room = 22;  // points that the row and column names take
constexpr double pitch = (tile_cells + gap_cells) * cell_side;

/// The counts of the first cells of a large uncropped output along one axis.
std::vector<int64_t> first_counts(int64_t kernel, int64_t stride, int64_t dilation) {
  auto counts = axis_coverage({.input = tile_cells + 1, .kernel = kernel, .stride = stride, .dilation = dilation});
  counts.resize(tile_cells, 0);
  return counts;
}

void paint_tile(Raster& raster, int left, int top, const std::vector<int64_t>& counts, bool plane,
                const ColorMap& map) {
  const auto count = [&](int row, int col) {
    return (plane ? counts[static_cast<std::size_t>(row)] : 1) * counts[static_cast<std::size_t>(col)];
  };
  const int64_t largest = *std::ranges::max_element(counts);
  const auto most = static_cast<double>(plane ? largest * largest : largest);
  for (int row = 0; row < tile_cells; ++row) {
    for (int col = 0; col < tile_cells; ++col) {
      const Color color = map.at(most > 0 ? static_cast<double>(count(row, col)) / most : 0);
      auto* pixel = raster.rgba.data() + 4 * ((top + row) * raster.width + left + col);
      pixel[0] = color.r;
      pixel[1] = color.g;
      pixel[2] = color.b;
      pixel[3] = 255;
    }
  }
}

bool is_shown(const LayerSpec& layer, int64_t kernel, int64_t stride) {
  return std::ranges::all_of(layer.spatial(),
                             [&](const AxisSpec& axis) { return axis.kernel == kernel && axis.stride == stride; });
}

}  // namespace

LayerSpec with_kernel_and_stride(LayerSpec layer, int64_t kernel, int64_t stride) {
  for (AxisSpec& axis : layer.spatial()) {
    axis.kernel = kernel;
    axis.stride = stride;
    axis.output_padding = std::clamp<int64_t>(axis.output_padding, 0, stride - 1);
  }
  if (validate(layer).empty()) return layer;
  for (AxisSpec& axis : layer.spatial()) axis.padding_begin = axis.padding_end = 0;
  return layer;
}

double kernel_stride_table_width() { return name_room + table_strides * pitch; }

double add_kernel_stride_table(Figure& figure, const ViewInput& in, Point at) {
  const LayerSpec& layer = in.document.scenario.layer;
  const Theme& theme = in.theme;
  const ColorMap& map = shown_color_map(in.document);
  const int64_t dilation = layer.axes[0].dilation;
  const std::string rest = dilation > 1     ? "— dilation " + std::to_string(dilation)
                           : in.interactive ? "— click one"
                                            : "";
  const double end = add_spans(figure, in.text, at, 13, {{"Every K and S ", theme.text, Font::semibold}});
  add_spans(figure, in.text, {end, at.y}, 13, {{rest, theme.muted}});

  const Point corner{at.x + name_room, at.y + 34};
  for (int s = 0; s < table_strides; ++s) {
    figure.add(TextShape{.at = {corner.x + s * pitch + tile_cells * cell_side / 2, corner.y - 8},
                         .text = "S" + std::to_string(s + 1),
                         .size = 12,
                         .color = theme.muted,
                         .align = Align::centre});
  }
  constexpr int width = table_strides * (tile_cells + gap_cells) - gap_cells;
  constexpr int height = table_kernels * (tile_cells + gap_cells) - gap_cells;
  const auto raster = blank_raster(width, height);
  std::vector<std::pair<RectShape, Tag>> frames;
  for (int k = 0; k < table_kernels; ++k) {
    figure.add(TextShape{.at = {at.x, corner.y + k * pitch + tile_cells * cell_side / 2 + 4},
                         .text = "K" + std::to_string(k + 1),
                         .size = 12,
                         .color = theme.muted});
    for (int s = 0; s < table_strides; ++s) {
      paint_tile(*raster, s * (tile_cells + gap_cells), k * (tile_cells + gap_cells),
                 first_counts(k + 1, s + 1, dilation), layer.dims > 1, map);
      const bool even = is_even(AxisSpec{.input = 1, .kernel = k + 1, .stride = s + 1, .dilation = dilation});
      const bool shown = is_shown(layer, k + 1, s + 1);
      const double side = tile_cells * cell_side;
      const Rect tile{corner.x + s * pitch, corner.y + k * pitch, side, side};
      const std::string name = "K" + std::to_string(k + 1) + " S" + std::to_string(s + 1);
      frames.push_back({RectShape{.rect = tile.grown(shown ? 4 : 3),
                                  .stroke = shown  ? theme.cursor
                                            : even ? theme.good
                                                   : Color{0, 0, 0, 0},
                                  .stroke_width = 2,
                                  .radius = 3},
                        shown ? Tag{} : ChooseLayer{with_kernel_and_stride(layer, k + 1, s + 1), name}});
    }
  }
  figure.add(ImageShape{.rect = {corner.x, corner.y, width * cell_side, height * cell_side}, .raster = raster});
  for (const auto& [frame, choice] : frames) figure.add(frame, choice);
  const double y = corner.y + height * cell_side + 24;
  figure.add(RectShape{.rect = {corner.x, y - 10, 11, 11}, .stroke = theme.good, .stroke_width = 2, .radius = 3});
  add_spans(figure, in.text, {corner.x + 18, y}, 12, {{"even counts", theme.muted}});
  return y + 10;
}

}  // namespace tconv
