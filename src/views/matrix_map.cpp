#include "views/matrix_map.h"

#include <algorithm>
#include <cmath>

#include "core/coverage.h"
#include "views/linking.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {

using std::int64_t;

namespace {

constexpr double smallest_cell = 6;    // narrower entries are drawn as a pattern
constexpr int64_t most_cells = 6'000;  // of a matrix whose entries are drawn one by one
constexpr double widest_cell = 44;
constexpr double highest_cell = 26;

int64_t cells_of(const Shape& shape) {
  int64_t count = 1;
  for (int axis = 1; axis < shape.rank(); ++axis) count *= shape[axis];
  return count;
}

CellIndex unflat(int64_t position, const std::array<int64_t, 3>& extent, int64_t batch) {
  const int64_t plane = extent[0] * extent[1] * extent[2];
  const int64_t in_plane = position % plane;
  return {batch,
          position / plane,
          {in_plane / (extent[1] * extent[2]), in_plane / extent[2] % extent[1], in_plane % extent[2]}};
}

CellIndex matrix_input(const LayerSpec& layer, int64_t batch, int64_t row) {
  const auto axes = layer.as_3d();
  return unflat(row, {axes[0].input, axes[1].input, axes[2].input}, batch);
}

CellIndex matrix_output(const LayerSpec& layer, int64_t batch, int64_t col) {
  const auto axes = layer.as_3d();
  return unflat(col, {output_size(axes[0]), output_size(axes[1]), output_size(axes[2])}, batch);
}

/// The multiplication at an entry of C; nothing where C has none.
Tag entry_tag(const LayerSpec& layer, int64_t batch, int64_t row, int64_t col) {
  const CellIndex input = matrix_input(layer, batch, row);
  const CellIndex output = matrix_output(layer, batch, col);
  if (!share_one(layer, *multiplications_of(InputCell{input}), *multiplications_of(OutputCell{output}))) return {};
  const auto axes = layer.as_3d();
  Multiplication one{.input = input, .out_channel = output.channel, .tap = {}};
  for (std::size_t a = 0; a < 3; ++a) {
    one.tap[a] = (output.at[a] + axes[a].padding_begin - input.at[a] * axes[a].stride) / axes[a].dilation;
  }
  return one;
}

std::string product_text(const char* name, int64_t rows, int64_t cols) {
  return std::string(name) + " " + std::to_string(rows) + " × " + std::to_string(cols);
}

std::string range_text(int64_t least, int64_t most) {
  return least == most ? std::to_string(least) : std::to_string(least) + " to " + std::to_string(most);
}

}  // namespace

MatrixMaps::MatrixMaps(const ViewInput& in, Figure& figure)
    : in_(in), figure_(figure), layer_(in.results.scenario.layer), matrix_(in.results.ways->matrix) {}

CellIndex MatrixMaps::input_cell(int64_t row) const { return matrix_input(layer_, in_.interaction.batch, row); }
CellIndex MatrixMaps::output_cell(int64_t col) const { return matrix_output(layer_, in_.interaction.batch, col); }

std::span<const float> MatrixMaps::x() const {
  const auto size = static_cast<std::size_t>(cells_of(in_.results.input.shape()));
  return in_.results.input.values().subspan(static_cast<std::size_t>(in_.interaction.batch) * size, size);
}

std::span<const float> MatrixMaps::y() const {
  const Tensor& output = in_.results.frame.output;
  const auto size = static_cast<std::size_t>(cells_of(output.shape()));
  return output.values().subspan(static_cast<std::size_t>(in_.interaction.batch) * size, size);
}

std::string MatrixMaps::shape_text() const {
  const double all = static_cast<double>(inputs()) * static_cast<double>(outputs());
  return product_text("Cᵀ", outputs(), inputs()) + " · " + std::to_string(matrix_.nonzeros()) + " non-zeros (" +
         number_text(100 * static_cast<double>(matrix_.nonzeros()) / all, 2) + " %)";
}

std::string MatrixMaps::count_text() const {
  int64_t least_in = INT64_MAX;
  int64_t most_in = 0;
  for (int64_t row = 0; row < inputs(); ++row) {
    const auto count = static_cast<int64_t>(matrix_.columns(row).size());
    least_in = std::min(least_in, count);
    most_in = std::max(most_in, count);
  }
  // A row of Cᵀ has as many entries as stamps reach its cell, from every channel of the group.
  int64_t least_out = layer_.in_channels / layer_.groups;
  int64_t most_out = least_out;
  for (const AxisSpec& axis : layer_.spatial()) {
    const auto counts = axis_coverage(axis);
    least_out *= *std::ranges::min_element(counts);
    most_out *= *std::ranges::max_element(counts);
  }
  return "Every input cell paints " + range_text(least_in, most_in) + " output cells; an output cell is fed by " +
         range_text(least_out, most_out) + ".";
}

std::string MatrixMaps::adjoint_text() const {
  // Without the bias, which is added after the product.
  const std::vector<float> u = matrix_.transposed_times(x());
  const std::vector<float> cu = matrix_.times(u);
  const double left = dot(cu, x());
  const double right = dot(u, u);
  const double difference = std::abs(left - right);
  return "⟨C u, x⟩ = " + number_text(left, 6) + "   ⟨u, Cᵀ x⟩ = " + number_text(right, 6) + "   difference " +
         (difference == 0 ? "0" : number_text(difference, 2));
}

Rect MatrixMaps::fitted(const Rect& room, MatrixSide side) const {
  const auto rows = static_cast<double>(side == MatrixSide::transposed ? outputs() : inputs());
  const auto cols = static_cast<double>(side == MatrixSide::transposed ? inputs() : outputs());
  const double w = std::min(widest_cell, room.w / cols);
  const double h = std::min(highest_cell, room.h / rows);
  if (w >= smallest_cell && h >= smallest_cell && rows * cols <= most_cells) {
    return {room.x, room.y, std::floor(w) * cols, std::floor(h) * rows};
  }
  // One scale for both, but never so thin that the pattern could not be seen.
  const double scale = std::min(room.w / cols, room.h / rows);
  return {room.x, room.y, std::clamp(std::floor(cols * scale), std::min(90.0, room.w), room.w),
          std::clamp(std::floor(rows * scale), std::min(90.0, room.h), room.h)};
}

void MatrixMaps::draw_matrix(const Rect& rect, MatrixSide side) {
  const int64_t rows = side == MatrixSide::transposed ? outputs() : inputs();
  const int64_t cols = side == MatrixSide::transposed ? inputs() : outputs();
  const bool cells = rows * cols <= most_cells && rect.w / static_cast<double>(cols) >= smallest_cell &&
                     rect.h / static_cast<double>(rows) >= smallest_cell;
  if (cells) {
    draw_cells(rect, side);
  } else {
    draw_pattern(rect, side);
  }
  const bool transposed = side == MatrixSide::transposed;
  // The stamp of this step is one column of Cᵀ.
  if (in_.results.frame.stamp && in_.results.frame.stamp->input.batch == in_.interaction.batch) {
    CellIndex cell = in_.results.frame.stamp->input;
    cell.batch = 0;
    draw_band(rect, !transposed, flat_input(layer_, cell), inputs(), in_.theme.kernel);
  }
  const Tag& hover = in_.interaction.hover;
  if (const auto* input = std::get_if<InputCell>(&hover)) {
    CellIndex cell = input->cell;
    cell.batch = 0;
    draw_band(rect, !transposed, flat_input(layer_, cell), inputs(), in_.theme.cursor);
  } else if (std::holds_alternative<OutputCell>(hover)) {
    CellIndex cell = focused_output(in_);
    cell.batch = 0;
    draw_band(rect, transposed, flat_output(layer_, cell), outputs(), in_.theme.cursor);
  }
}

void MatrixMaps::draw_band(const Rect& rect, bool row, int64_t index, int64_t count, Color color) {
  const double step = (row ? rect.h : rect.w) / static_cast<double>(count);
  const double at = static_cast<double>(index) * step;
  const double thick = std::max(step, 2.0);
  const Rect band = row ? Rect{rect.x, rect.y + at, rect.w, thick} : Rect{rect.x + at, rect.y, thick, rect.h};
  figure_.add(RectShape{.rect = band.grown(1), .stroke = color, .stroke_width = step >= 8 ? 2.0 : 1.0, .radius = 2});
}

void MatrixMaps::draw_cells(const Rect& rect, MatrixSide side) {
  const Theme& theme = in_.theme;
  const bool transposed = side == MatrixSide::transposed;
  const int64_t rows = transposed ? outputs() : inputs();
  const int64_t cols = transposed ? inputs() : outputs();
  const double w = rect.w / static_cast<double>(cols);
  const double h = rect.h / static_cast<double>(rows);
  const double gap = std::min(w, h) >= 14 ? 2 : 1;
  const auto place = [&](int64_t row, int64_t col) {
    return Rect{rect.x + static_cast<double>(col) * w, rect.y + static_cast<double>(row) * h, w - gap, h - gap};
  };
  figure_.add(RectShape{.rect = rect.grown(2),
                        .fill = theme.background,
                        .stroke = theme.border,
                        .stroke_width = 1,
                        .radius = 3,
                        .hatched = true});
  const double largest = largest_magnitude(in_.results.weight.values());
  const double size = snapped_type_size(std::min({13.0, h * 0.62, w * 0.5}));
  for (int64_t c_row = 0; c_row < inputs(); ++c_row) {
    const auto columns = matrix_.columns(c_row);
    const auto values = matrix_.values(c_row);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const Rect cell = transposed ? place(columns[k], c_row) : place(c_row, columns[k]);
      const double part = strength(values[k], largest);
      figure_.add(RectShape{.rect = cell,
                            .fill = part > 0 ? mix(theme.surface, theme.kernel, 0.14 + 0.26 * part) : theme.surface,
                            .stroke = theme.kernel,
                            .stroke_width = std::min(w, h) >= 10 ? 1.0 : 0.0,
                            .radius = std::min(w, h) >= 14 ? 3.0 : 0.0},
                  entry_tag(layer_, in_.interaction.batch, c_row, columns[k]));
      const std::string number = number_text(static_cast<double>(values[k]), 3);
      if (size >= 9 && h >= 13 && in_.text.width(Font::mono, size, number) <= cell.w - 3) {
        add_number(figure_, in_.text, cell, number, size, theme.text);
      }
    }
  }
}

void MatrixMaps::draw_pattern(const Rect& rect, MatrixSide side) {
  const bool transposed = side == MatrixSide::transposed;
  const int width = std::max(1, static_cast<int>(rect.w * in_.pixels_per_point));
  const int height = std::max(1, static_cast<int>(rect.h * in_.pixels_per_point));
  auto raster = blank_raster(width, height);
  const Theme& theme = in_.theme;
  const auto paint = [&](int64_t px, int64_t py, Color color) {
    const auto at = static_cast<std::size_t>((py * width + px) * 4);
    raster->rgba[at] = color.r;
    raster->rgba[at + 1] = color.g;
    raster->rgba[at + 2] = color.b;
    raster->rgba[at + 3] = 255;
  };
  for (int64_t py = 0; py < height; ++py) {
    for (int64_t px = 0; px < width; ++px) paint(px, py, theme.surface);
  }
  const double largest = largest_magnitude(in_.results.weight.values());
  // One row of C for each line of pixels (a column of them in Cᵀ): with more rows than lines, the one in its middle.
  const int64_t lines = transposed ? width : height;
  const int64_t across = transposed ? height : width;
  for (int64_t line = 0; line < lines; ++line) {
    const int64_t row = (2 * line + 1) * inputs() / (2 * lines);
    const auto columns = matrix_.columns(row);
    const auto values = matrix_.values(row);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const Color color = mix(theme.surface, theme.kernel, 0.35 + 0.65 * strength(values[k], largest));
      const int64_t first = columns[k] * across / outputs();
      const int64_t last = std::max(first + 1, (columns[k] + int64_t{1}) * across / outputs());
      for (int64_t p = first; p < last; ++p) paint(transposed ? line : p, transposed ? p : line, color);
    }
  }
  figure_.add(ImageShape{.rect = rect, .raster = std::move(raster)});
  figure_.add(RectShape{.rect = rect.grown(1), .stroke = theme.border, .stroke_width = 1});
  const int64_t rows = transposed ? outputs() : inputs();
  const int64_t cols = transposed ? inputs() : outputs();
  figure_.grids.push_back(
      {.rect = rect,
       .window = {0, 0, static_cast<double>(cols), static_cast<double>(rows)},
       .rows = rows,
       .cols = cols,
       .first = {},
       // By value: the figure outlives what draws it.
       .tag_of = [layer = layer_, batch = in_.interaction.batch, transposed](int64_t row, int64_t col) -> Tag {
         const int64_t in = transposed ? col : row;
         const int64_t out = transposed ? row : col;
         return entry_tag(layer, batch, in, out);
       }});
}

void MatrixMaps::draw_input_strip(const Rect& rect, bool along_rows, double at, double thickness,
                                  std::span<const float> values, bool tagged) {
  draw_strip(rect, along_rows, at, thickness, values, true, tagged);
}

void MatrixMaps::draw_output_strip(const Rect& rect, bool along_rows, double at, double thickness,
                                   std::span<const float> values, bool tagged) {
  draw_strip(rect, along_rows, at, thickness, values, false, tagged);
}

void MatrixMaps::draw_strip(const Rect& rect, bool along_rows, double at, double thickness,
                            std::span<const float> values, bool inputs, bool tagged) {
  const Theme& theme = in_.theme;
  const Color role = inputs ? theme.input : theme.output;
  const double step = (along_rows ? rect.h : rect.w) / static_cast<double>(values.size());
  const double largest = largest_magnitude(values);
  if (step < smallest_cell) {
    const Rect strip = along_rows ? Rect{at, rect.y, thickness, rect.h} : Rect{rect.x, at, rect.w, thickness};
    const auto count = static_cast<int64_t>(values.size());
    const PlaneView plane{values, along_rows ? count : 1, along_rows ? 1 : count};
    const ColorMap* map = find_color_map(in_.document.presentation.color_map);
    if (map == nullptr) map = &color_maps().front();
    const Rect window{0, 0, static_cast<double>(plane.cols), static_cast<double>(plane.rows)};
    figure_.add(ImageShape{.rect = strip,
                           .raster = rasterize(plane, window, std::max(1, static_cast<int>(strip.w)),
                                               std::max(1, static_cast<int>(strip.h)), *map, finite_range(values))});
    figure_.add(RectShape{.rect = strip.grown(1), .stroke = theme.border, .stroke_width = 1});
    return;
  }
  const double gap = step >= 14 ? 2 : 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double offset = static_cast<double>(i) * step;
    const Rect cell = along_rows ? Rect{at, rect.y + offset, thickness, step - gap}
                                 : Rect{rect.x + offset, at, step - gap, thickness};
    const auto index = static_cast<int64_t>(i);
    const Tag tag = !tagged ? Tag{} : inputs ? Tag{InputCell{input_cell(index)}} : Tag{OutputCell{output_cell(index)}};
    figure_.add(RectShape{.rect = cell,
                          .fill = mix(theme.surface, role, 0.1 + 0.25 * strength(values[i], largest)),
                          .stroke = role,
                          .stroke_width = 1,
                          .radius = step >= 14 ? 3.0 : 0.0},
                tag);
    const double size = snapped_type_size(std::min(13.0, std::min(cell.h * 0.68, cell.w * 0.5)));
    const std::string number = number_text(static_cast<double>(values[i]), 4);
    if (size >= 9 && cell.h >= 11 && in_.text.width(Font::mono, size, number) <= cell.w - 3) {
      add_number(figure_, in_.text, cell, number, size, theme.text);
    }
  }
}

void add_matrix_panel(Figure& figure, const ViewInput& in, const Rect& room) {
  const Theme& theme = in.theme;
  const SparseMatrix& matrix = in.results.ways->matrix;
  if (matrix.rows() == 0) {
    add_map_title(figure, in, room, theme.text, "Matrix", "");
    add_paragraph(figure, in.text, {room.x, room.y + 16}, room.w, {.size = 13, .color = theme.muted},
                  "Too many non-zeros to show.");
    return;
  }
  MatrixMaps maps(in, figure);
  add_map_title(figure, in, room, theme.text, "Matrix",
                "— y = Cᵀ x, " + std::to_string(maps.outputs()) + " × " + std::to_string(maps.inputs()) + ", " +
                    std::to_string(matrix.nonzeros()) + " non-zeros");
  const double words = room.w >= 380 ? std::clamp(room.w * 0.42, 170.0, 240.0) : 0;
  const double strip = 34;
  const Rect rect = maps.fitted({room.x, room.y, room.w - words - strip - 16, room.h}, MatrixSide::transposed);
  maps.draw_matrix(rect, MatrixSide::transposed);
  const double step = std::min(26.0, room.h / static_cast<double>(maps.inputs()));
  maps.draw_input_strip({0, room.y, 0, step * static_cast<double>(maps.inputs())}, true, rect.right() + 14, strip,
                        maps.x(), true);
  if (words == 0) return;
  const double x = rect.right() + 14 + strip + 22;
  const double width = room.right() - x;
  double y = room.y + 14;
  const auto paragraph = [&](const std::string& text, Color color) {
    y = add_paragraph(figure, in.text, {x, y}, width, {.size = 12, .color = color}, text) + 12;
  };
  const CellIndex focus = focused_output(in);
  CellIndex row = focus;
  row.batch = 0;
  paragraph("Row " + std::to_string(flat_output(in.results.scenario.layer, row)) + " times x: " + sum_text(in, focus),
            theme.text);
  if (y < room.bottom() - 120) paragraph(maps.adjoint_text(), theme.good_text);
  if (y < room.bottom() - 60) paragraph("Cᵀ is the adjoint of C, not its inverse.", theme.muted);
}

}  // namespace tconv
