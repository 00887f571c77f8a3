#include "views/matrix_map.h"

#include <algorithm>
#include <cmath>

#include "views/linking.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {

using std::int64_t;

namespace {

constexpr double smallest_cell = 6;    // narrower entries are drawn as a pattern
constexpr int64_t most_cells = 6'000;  // of a matrix whose entries are drawn one by one
constexpr int64_t most_zeros = 800;    // of those, as long as each structural zero is a cell of its own
constexpr double widest_cell = 44;
constexpr double highest_cell = 26;

std::string range_text(const CountRange& range) {
  return range.least == range.most ? std::to_string(range.least)
                                   : std::to_string(range.least) + " to " + std::to_string(range.most);
}

std::string cells_text(const CountRange& range) {
  return range_text(range) + (range.most == 1 ? " output cell" : " output cells");
}

/// The numbers of one sample, flat.
std::span<const float> numbers_of_sample(const Tensor& tensor, int64_t batch) {
  const std::size_t size = tensor.values().size() / static_cast<std::size_t>(tensor.shape()[0]);
  return tensor.values().subspan(static_cast<std::size_t>(batch) * size, size);
}

/// The type size at which every one of the numbers fits into cells of this size; 0 if there is none.
double number_size_in(const TextMetrics& text, std::span<const float> values, int digits, double w, double h) {
  const double size = snapped_type_size(std::min({13.0, h * 0.66, w * 0.5}));
  if (text.cap_height(Font::mono, size) + 2 > h) return 0;
  for (const float value : values) {
    if (text.width(Font::mono, size, number_text(static_cast<double>(value), digits)) > w - 3) return 0;
  }
  return size;
}

/// The input and the output cell that the cursor is on, as far as it is on one; for a product both.
struct Ends {
  std::optional<CellIndex> input, output;
};

Ends ends_of(const LayerSpec& layer, const Tag& tag) {
  if (const auto* input = std::get_if<InputCell>(&tag)) return {input->cell, {}};
  if (const auto* input = std::get_if<GradInputCell>(&tag)) return {input->cell, {}};
  if (const auto* output = std::get_if<OutputCell>(&tag)) return {{}, output->cell};
  if (const auto* output = std::get_if<GradOutputCell>(&tag)) return {{}, output->cell};
  if (const auto* one = std::get_if<Multiplication>(&tag)) return {one->input, output_of(layer, *one)};
  return {};
}

}  // namespace

MatrixMaps::MatrixMaps(const ViewInput& in, Figure& figure)
    : in_(in), figure_(figure), layer_(in.results.scenario.layer), matrix_(in.results.ways->matrix) {}

std::span<const float> MatrixMaps::x() const { return numbers_of_sample(in_.results.input, in_.interaction.batch); }
std::span<const float> MatrixMaps::y() const {
  return numbers_of_sample(in_.results.frame.output, in_.interaction.batch);
}

std::string too_large_text(const LayerSpec& layer) {
  LayerSpec sample = layer;
  sample.batch = 1;
  return "The matrix of this layer would have " + grouped_text(matrix_nonzeros(layer)) + " non-zeros in " +
         grouped_text(input_shape(sample).elements()) + " × " + grouped_text(output_shape(sample).elements()) +
         "; it is shown up to " + grouped_text(largest_matrix) +
         " of each. A smaller input, or fewer channels, brings it back.";
}

std::string MatrixMaps::entries_text() const {
  const double all = static_cast<double>(inputs()) * static_cast<double>(outputs());
  const double percent = 100 * static_cast<double>(matrix_.nonzeros()) / all;
  const int64_t zeros = in_.results.ways->matrix_summary.zero_weights;
  const std::string part = " (" + number_text(percent, 2) + " %)";
  const std::string count = grouped_text(matrix_.nonzeros());
  if (zeros == 0) return count + (matrix_.nonzeros() == 1 ? " non-zero" : " non-zeros") + part;
  return count + " taps" + part + ", " + grouped_text(matrix_.nonzeros() - zeros) + " of them not 0";
}

std::string MatrixMaps::count_text() const {
  const MatrixSummary& summary = in_.results.ways->matrix_summary;
  return "Column of Cᵀ: the " + cells_text(summary.per_input) + " that an input cell paints. Row: the " +
         range_text(summary.per_output) + (summary.per_output.most == 1 ? " product" : " products") +
         " of an output cell.";
}

std::string MatrixMaps::cursor_text() const {
  const auto number = [](int64_t index) { return std::to_string(index); };
  const Ends ends = ends_of(layer_, in_.interaction.hover);
  if (ends.input && ends.output) {
    const auto& one = std::get<Multiplication>(in_.interaction.hover);
    const float tap = in_.results.weight[flat_weight(layer_, one.input.channel, one.out_channel, one.tap)];
    return "Row " + number(matrix_column(layer_, *ends.output)) + ", column " +
           number(matrix_row(layer_, *ends.input)) + ": tap " + place_text(layer_, one.tap) + " = " +
           number_text(static_cast<double>(tap)) + " takes input " + place_text(layer_, ends.input->at) +
           " to output " + place_text(layer_, ends.output->at) + ".";
  }
  if (ends.output)
    return "Row " + number(matrix_column(layer_, *ends.output)) + " of Cᵀ · x: " + sum_text(in_, *ends.output);
  if (ends.input) {
    const int64_t row = matrix_row(layer_, *ends.input);
    const auto count = static_cast<int64_t>(matrix_.columns(row).size());
    return "Column " + number(row) + " of Cᵀ: input " + place_text(layer_, ends.input->at) + " = " +
           number_text(static_cast<double>(in_.results.input[flat_input(layer_, *ends.input)])) + " paints " +
           cells_text({count, count}) + ".";
  }
  const auto& stamp = in_.results.frame.stamp;
  if (!stamp) return "Painting adds the columns of Cᵀ to y one after the other, each times its x.";
  const std::string column = number(matrix_row(layer_, stamp->input));
  return "This step paints: it adds column " + column + " of Cᵀ, times x[" + column +
         "] = " + number_text(static_cast<double>(stamp->value)) + ", to y.";
}

MatrixMaps::Adjoint MatrixMaps::adjoint() const {
  std::vector<float> cu = matrix_.times(y());
  const double down = dot(cu, x());
  const double up = dot(y(), numbers_of_sample(in_.results.ways->matrix_summary.up, in_.interaction.batch));
  const double scale = std::sqrt(dot(cu, cu) * dot(x(), x()));
  return {std::move(cu), down, up, scale};
}

Span difference_span(const Theme& theme, const MatrixMaps::Adjoint& adjoint) {
  const double difference = std::abs(adjoint.down - adjoint.up);
  if (difference == 0) return {"difference 0", theme.good_text};
  // Each number of the two products is rounded once, to float32.
  const bool close = difference <= 1e-5 * adjoint.scale;
  return {"difference " + number_text(difference, 2) + (close ? ", rounding" : ""),
          close ? theme.good_text : theme.muted};
}

bool MatrixMaps::drawn_as_cells(const Rect& rect, MatrixSide side) const {
  const auto rows = static_cast<double>(side == MatrixSide::transposed ? outputs() : inputs());
  const auto cols = static_cast<double>(side == MatrixSide::transposed ? inputs() : outputs());
  return rows * cols <= static_cast<double>(most_cells) && rect.w / cols >= smallest_cell &&
         rect.h / rows >= smallest_cell;
}

Rect MatrixMaps::fitted(const Rect& room, MatrixSide side) const {
  const auto rows = static_cast<double>(side == MatrixSide::transposed ? outputs() : inputs());
  const auto cols = static_cast<double>(side == MatrixSide::transposed ? inputs() : outputs());
  if (drawn_as_cells(room, side)) {
    return {room.x, room.y, std::floor(std::min(widest_cell, room.w / cols)) * cols,
            std::floor(std::min(highest_cell, room.h / rows)) * rows};
  }
  // One scale for both, but never so thin that the pattern could not be seen.
  const double scale = std::min(room.w / cols, room.h / rows);
  return {room.x, room.y, std::clamp(std::floor(cols * scale), std::min(90.0, room.w), room.w),
          std::clamp(std::floor(rows * scale), std::min(90.0, room.h), room.h)};
}

void MatrixMaps::draw_matrix(const Rect& rect, MatrixSide side) {
  const Theme& theme = in_.theme;
  // What is not painted over is zero, in the look of the inserted zeros.
  figure_.add(RectShape{.rect = rect.grown(2),
                        .fill = theme.background,
                        .stroke = theme.border,
                        .stroke_width = 1,
                        .radius = 3,
                        .hatched = true});
  if (drawn_as_cells(rect, side)) {
    draw_cells(rect, side);
  } else {
    add_matrix_pattern(figure_, in_, rect, side);
  }
  draw_bands(rect, side == MatrixSide::transposed);
}

void MatrixMaps::draw_bands(const Rect& rect, bool transposed) {
  // The stamp of this step is one column of Cᵀ.
  const auto& stamp = in_.results.frame.stamp;
  if (stamp && stamp->input.batch == in_.interaction.batch) {
    draw_band(rect, !transposed, matrix_row(layer_, stamp->input), inputs(), in_.theme.kernel);
  }
  const Ends ends = ends_of(layer_, in_.interaction.hover);
  const auto shown = [&](const std::optional<CellIndex>& cell) { return cell && cell->batch == in_.interaction.batch; };
  if (shown(ends.input)) {
    draw_band(rect, !transposed, matrix_row(layer_, *ends.input), inputs(), in_.theme.cursor);
  }
  if (shown(ends.output)) {
    draw_band(rect, transposed, matrix_column(layer_, *ends.output), outputs(), in_.theme.cursor);
  }
}

void MatrixMaps::frame_row(const Rect& rect, const CellIndex& output) {
  draw_band(rect, true, matrix_column(layer_, output), outputs(), in_.theme.cursor);
}

void MatrixMaps::draw_band(const Rect& rect, bool row, int64_t index, int64_t count, Color color) {
  const double step = (row ? rect.h : rect.w) / static_cast<double>(count);
  const double thick = std::max(step, 2.0);
  const double at = std::min(static_cast<double>(index) * step, (row ? rect.h : rect.w) - thick);
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
  const bool framed = std::min(w, h) >= 9;
  const auto place = [&](int64_t row, int64_t col) {
    return Rect{rect.x + static_cast<double>(col) * w, rect.y + static_cast<double>(row) * h, w - gap, h - gap};
  };
  RectShape look{.rect = {}, .radius = std::min(w, h) >= 14 ? 3.0 : 0.0};
  if (rows * cols <= most_zeros && framed) {
    look.stroke = theme.border;
    look.stroke_width = 1;
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t col = 0; col < cols; ++col) {
        look.rect = place(row, col);
        figure_.add(look);
      }
    }
  }
  const double largest = largest_magnitude(in_.results.weight.values());
  const PatternColors colors = pattern_colors(theme);
  const double size = framed ? number_size_in(in_.text, in_.results.weight.values(), 3, w - gap, h - gap) : 0;
  for (int64_t row = 0; row < inputs(); ++row) {
    const auto columns = matrix_.columns(row);
    const auto values = matrix_.values(row);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const Rect cell = transposed ? place(columns[k], row) : place(row, columns[k]);
      const double part = strength(values[k], largest);
      look.rect = cell;
      look.fill = framed ? mix(theme.surface, theme.kernel, part > 0 ? 0.16 + 0.24 * part : 0.06)
                         : mix(colors.weak, colors.strong, part);
      look.stroke = part > 0 ? theme.kernel : mix(theme.border, theme.kernel, 0.3);
      look.stroke_width = framed ? 1 : 0;
      figure_.add(look, entry_tag(layer_, in_.interaction.batch, row, columns[k]));
      if (size == 0) continue;
      add_number(figure_, in_.text, cell, number_text(static_cast<double>(values[k]), 3), size, theme.text);
    }
  }
}

Rect MatrixMaps::input_column(const Rect& rect) const {
  const double step = std::min(highest_cell, rect.h / static_cast<double>(inputs()));
  return {rect.x, rect.y, rect.w, step * static_cast<double>(inputs())};
}

void MatrixMaps::draw_input_strip(const Rect& rect, const Strip& strip) { draw_strip(rect, strip, true); }
void MatrixMaps::draw_output_strip(const Rect& rect, const Strip& strip) { draw_strip(rect, strip, false); }

void MatrixMaps::draw_strip(const Rect& rect, const Strip& strip, bool inputs) {
  const Theme& theme = in_.theme;
  const Color role = inputs ? theme.input : theme.output;
  const bool down = strip.along == Along::rows;
  const double step = (down ? rect.h : rect.w) / static_cast<double>(strip.values.size());
  if (step < smallest_cell) {
    draw_strip_image(
        down ? Rect{strip.at, rect.y, strip.thickness, rect.h} : Rect{rect.x, strip.at, rect.w, strip.thickness}, strip,
        inputs);
    return;
  }
  const double largest = largest_magnitude(strip.values);
  const double gap = step >= 14 ? 2 : 1;
  const double size = number_size_in(in_.text, strip.values, 4, down ? strip.thickness : step - gap,
                                     down ? step - gap : strip.thickness);
  for (std::size_t i = 0; i < strip.values.size(); ++i) {
    const double offset = static_cast<double>(i) * step;
    const Rect cell = down ? Rect{strip.at, rect.y + offset, strip.thickness, step - gap}
                           : Rect{rect.x + offset, strip.at, step - gap, strip.thickness};
    const auto index = static_cast<int64_t>(i);
    const int64_t batch = in_.interaction.batch;
    const Tag tag = !strip.tagged ? Tag{}
                    : inputs      ? Tag{InputCell{matrix_input(layer_, batch, index)}}
                                  : Tag{OutputCell{matrix_output(layer_, batch, index)}};
    figure_.add(RectShape{.rect = cell,
                          .fill = mix(theme.surface, role, 0.1 + 0.25 * strength(strip.values[i], largest)),
                          .stroke = role,
                          .stroke_width = 1,
                          .radius = step >= 14 ? 3.0 : 0.0},
                tag);
    if (size == 0) continue;
    add_number(figure_, in_.text, cell, number_text(static_cast<double>(strip.values[i]), 4), size, theme.text);
  }
}

void MatrixMaps::draw_strip_image(const Rect& place, const Strip& strip, bool inputs) {
  const Theme& theme = in_.theme;
  const Color role = inputs ? theme.input : theme.output;
  const bool down = strip.along == Along::rows;
  const double length = (down ? place.h : place.w) * in_.pixels_per_point;
  figure_.add(ImageShape{.rect = place,
                         .raster = strip_raster(strip.values, down, std::max(1, static_cast<int>(length)),
                                                {theme.surface, mix(theme.surface, role, 0.9)})});
  figure_.add(RectShape{.rect = place.grown(1), .stroke = role, .stroke_width = 1});
  if (!strip.tagged) return;
  const auto count = static_cast<int64_t>(strip.values.size());
  const int64_t rows = down ? count : 1;
  const int64_t cols = down ? 1 : count;
  const CellGrid grid{place,
                      {0, 0, static_cast<double>(cols), static_cast<double>(rows)},
                      rows,
                      cols,
                      {},
                      // By value: the figure outlives what draws it.
                      [layer = layer_, batch = in_.interaction.batch, inputs](int64_t row, int64_t col) -> Tag {
                        const int64_t index = std::max(row, col);
                        if (inputs) return InputCell{matrix_input(layer, batch, index)};
                        return OutputCell{matrix_output(layer, batch, index)};
                      }};
  std::vector<Rect> places;
  for (const MatrixEntry& entry : entries_under_cursor(in_)) {
    const int64_t index = inputs ? entry.row : entry.col;
    places.push_back(down ? grid.place(index, 0, index, 0) : grid.place(0, index, 0, index));
  }
  add_marks(figure_, places, theme.cursor);
  figure_.grids.push_back(grid);
}

void add_matrix_panel(Figure& figure, const ViewInput& in, const Rect& room) {
  const Theme& theme = in.theme;
  const LayerSpec& layer = in.results.scenario.layer;
  if (in.results.ways->matrix.rows() == 0) {
    add_map_title(figure, in, room, theme.text, "Matrix", "");
    add_paragraph(figure, in.text, {room.x, room.y + 16}, room.w, {.size = 13, .color = theme.muted},
                  too_large_text(layer));
    return;
  }
  MatrixMaps maps(in, figure);
  const CellIndex focus = focused_output(in);
  const std::string short_title = "— y = Cᵀ x, " + std::to_string(maps.outputs()) + " × " +
                                  std::to_string(maps.inputs()) + ", " +
                                  grouped_text(in.results.ways->matrix.nonzeros()) + " taps";
  const std::string title = short_title + "; row of output " + place_text(layer, focus.at) + " lit";
  const bool fits =
      in.text.width(Font::semibold, 14, "Matrix") + in.text.width(Font::regular, 14, " " + title) <= room.w;
  add_map_title(figure, in, room, theme.text, "Matrix", fits ? title : short_title);
  const double words = room.w >= 380 ? std::clamp(room.w * 0.42, 170.0, 240.0) : 0;
  const double strip = 34;
  const Rect rect = maps.fitted({room.x, room.y, room.w - words - strip - 16, room.h}, MatrixSide::transposed);
  maps.draw_matrix(rect, MatrixSide::transposed);
  maps.frame_row(rect, focus);
  maps.draw_input_strip(maps.input_column(rect), {Along::rows, rect.right() + 14, strip, maps.x()});
  if (words == 0) return;
  const double x = rect.right() + 14 + strip + 22;
  const double width = room.right() - x;
  double y = room.y + 14;
  const auto paragraph = [&](const std::string& text, Color color, Font font = Font::regular) {
    const double lines = static_cast<double>(in.text.wrap(font, 12, text, width).size());
    if (y + 18 * (lines - 1) > room.bottom()) return;
    y = add_paragraph(figure, in.text, {x, y}, width, {.font = font, .size = 12, .color = color}, text);
  };
  paragraph("row " + std::to_string(matrix_column(layer, focus)) + " of Cᵀ times x", theme.muted);
  paragraph(sum_text(in, focus), theme.text);
  y += 14;
  const MatrixMaps::Adjoint adjoint = maps.adjoint();
  const Span difference = difference_span(theme, adjoint);
  paragraph("⟨C y, x⟩ = " + number_text(adjoint.down, 6), theme.muted);
  paragraph("⟨y, Cᵀ x⟩ = " + number_text(adjoint.up, 6), theme.muted);
  paragraph(difference.text, difference.color);
  y += 14;
  paragraph("Cᵀ is the adjoint of C, not its inverse.", theme.muted);
}

}  // namespace tconv
