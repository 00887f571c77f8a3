#include "views/matrix_pattern.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "views/linking.h"
#include "views/value_map.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr std::size_t most_marks = 2048;

CellIndex unflat(int64_t position, const std::array<int64_t, 3>& extent, int64_t batch) {
  const int64_t plane = extent[0] * extent[1] * extent[2];
  const int64_t in_plane = position % plane;
  return {batch,
          position / plane,
          {in_plane / (extent[1] * extent[2]), in_plane / extent[2] % extent[1], in_plane % extent[2]}};
}

/// [begin, end)
struct Range {
  int64_t begin, end;
};

/// Which of `length` pixels a cell of `count` covers: at least one.
Range pixels_of(int64_t cell, int64_t count, int64_t length) {
  const int64_t begin = cell * length / count;
  return {begin, std::max(begin + 1, (cell + 1) * length / count)};
}

/// The cells that `pixels_of` puts into a pixel: at least one.
Range cells_in(int64_t pixel, int64_t count, int64_t length) {
  const int64_t end = ((pixel + 1) * count + length - 1) / length;
  return {std::min((pixel * count + length - 1) / length, end - 1), end};
}

using Levels = std::vector<std::uint8_t>;  // 0: no entry; else by the magnitude

std::shared_ptr<const Raster> colored(const Levels& levels, int width, int height, const PatternColors& colors) {
  std::array<Color, 256> palette{};
  for (std::size_t i = 1; i < palette.size(); ++i) {
    palette[i] = mix(colors.weak, colors.strong, static_cast<double>(i - 1) / 254);
  }
  palette[0].a = 0;
  auto raster = blank_raster(width, height);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const Color color = palette[levels[i]];
    std::uint8_t* pixel = raster->rgba.data() + 4 * i;
    pixel[0] = color.r;
    pixel[1] = color.g;
    pixel[2] = color.b;
    pixel[3] = color.a;
  }
  return raster;
}

/// The tags of a pattern. By value: the figure outlives what draws it.
struct EntryFinder {
  LayerSpec layer;
  int64_t batch;
  SparseMatrix matrix;
  bool transposed;
  int64_t lines, across;  // points along the rows and columns of C

  Tag operator()(int64_t row, int64_t col) const {
    const int64_t input = transposed ? col : row;
    const int64_t output = transposed ? row : col;
    if (const Tag exact = entry_tag(layer, batch, input, output); has_tag(exact)) return exact;
    const Range inputs = cells_in(input * lines / matrix.rows(), matrix.rows(), lines);
    const Range outputs = cells_in(output * across / matrix.cols(), matrix.cols(), across);
    for (int64_t beside = inputs.begin; beside < inputs.end; ++beside) {
      const auto columns = matrix.columns(beside);
      const auto found = std::ranges::lower_bound(columns, outputs.begin);
      if (found != columns.end() && *found < outputs.end) return entry_tag(layer, batch, beside, *found);
    }
    return {};
  }
};

}  // namespace

CellIndex matrix_input(const LayerSpec& layer, int64_t batch, int64_t row) {
  const auto axes = layer.as_3d();
  return unflat(row, {axes[0].input, axes[1].input, axes[2].input}, batch);
}

CellIndex matrix_output(const LayerSpec& layer, int64_t batch, int64_t col) {
  const auto axes = layer.as_3d();
  return unflat(col, {output_size(axes[0]), output_size(axes[1]), output_size(axes[2])}, batch);
}

int64_t matrix_row(const LayerSpec& layer, CellIndex input) {
  input.batch = 0;
  return flat_input(layer, input);
}

int64_t matrix_column(const LayerSpec& layer, CellIndex output) {
  output.batch = 0;
  return flat_output(layer, output);
}

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

PatternColors pattern_colors(const Theme& theme) {
  return {mix(theme.surface, theme.kernel, 0.2), mix(theme.surface, theme.kernel, 0.75)};
}

std::shared_ptr<const Raster> pattern_raster(const MatrixPattern& c, MatrixSide side, int width, int height,
                                             const PatternColors& colors) {
  const bool transposed = side == MatrixSide::transposed;
  const int64_t lines = transposed ? width : height;
  const int64_t across = transposed ? height : width;
  std::vector<Range> places(static_cast<std::size_t>(c.cols));
  for (int64_t col = 0; col < c.cols; ++col) places[static_cast<std::size_t>(col)] = pixels_of(col, c.cols, across);
  Levels levels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (int64_t row = 0; row < c.rows; ++row) {
    const Range line = pixels_of(row, c.rows, lines);
    const std::uint8_t* entries = c.levels.data() + row * c.cols;
    for (int64_t col = 0; col < c.cols; ++col) {
      if (entries[col] == 0) continue;
      const Range place = places[static_cast<std::size_t>(col)];
      for (int64_t l = line.begin; l < line.end; ++l) {
        for (int64_t p = place.begin; p < place.end; ++p) {
          std::uint8_t& there = levels[static_cast<std::size_t>(transposed ? p * width + l : l * width + p)];
          there = std::max(there, entries[col]);
        }
      }
    }
  }
  return colored(levels, width, height, colors);
}

std::shared_ptr<const Raster> strip_raster(std::span<const float> values, bool downwards, int length,
                                           const PatternColors& colors) {
  std::vector<float> strengths(static_cast<std::size_t>(length));
  float largest = 0;
  for (int64_t p = 0; p < length; ++p) {
    const Range cells = cells_in(p, static_cast<int64_t>(values.size()), length);
    float most = 0;
    for (int64_t i = cells.begin; i < cells.end; ++i) {
      const float magnitude = std::abs(values[static_cast<std::size_t>(i)]);
      most = magnitude > most && magnitude <= std::numeric_limits<float>::max() ? magnitude : most;
    }
    strengths[static_cast<std::size_t>(p)] = most;
    largest = std::max(largest, most);
  }
  Levels levels(strengths.size(), 1);
  for (std::size_t p = 0; p < levels.size(); ++p) {
    if (largest > 0) levels[p] = static_cast<std::uint8_t>(1 + static_cast<int>(strengths[p] / largest * 254));
  }
  return colored(levels, downwards ? 1 : length, downwards ? length : 1, colors);
}

void add_matrix_pattern(Figure& figure, const ViewInput& in, const Rect& rect, MatrixSide side) {
  const bool transposed = side == MatrixSide::transposed;
  const Ways& ways = *in.results.ways;
  const int64_t rows = transposed ? ways.matrix.cols() : ways.matrix.rows();
  const int64_t cols = transposed ? ways.matrix.rows() : ways.matrix.cols();
  const auto pixels = [&](double length) { return std::max(1, static_cast<int>(length * in.pixels_per_point)); };
  figure.add(ImageShape{.rect = rect,
                        .raster = pattern_raster(ways.matrix_summary.pattern, side, pixels(rect.w), pixels(rect.h),
                                                 pattern_colors(in.theme))});
  // What lies in one point: where that is several cells, a person means whichever entry shines there.
  const auto points = [](double length) { return std::max<int64_t>(1, std::llround(length)); };
  figure.grids.push_back(
      {.rect = rect,
       .window = {0, 0, static_cast<double>(cols), static_cast<double>(rows)},
       .rows = rows,
       .cols = cols,
       .first = {},
       .tag_of = EntryFinder{in.results.scenario.layer, in.interaction.batch, ways.matrix, transposed,
                             points(transposed ? rect.w : rect.h), points(transposed ? rect.h : rect.w)}});
  std::vector<Rect> places;
  for (const MatrixEntry& entry : entries_under_cursor(in)) {
    const int64_t row = transposed ? entry.col : entry.row;
    const int64_t col = transposed ? entry.row : entry.col;
    places.push_back(figure.grids.back().place(row, col, row, col));
  }
  add_marks(figure, places, in.theme.cursor);
}

std::vector<MatrixEntry> entries_under_cursor(const ViewInput& in) {
  auto set = multiplications_of(in.interaction.hover);
  if (!set || set->batch.value_or(in.interaction.batch) != in.interaction.batch) return {};
  set->batch = in.interaction.batch;
  const LayerSpec& layer = in.results.scenario.layer;
  const auto list = list_multiplications(layer, *set, most_marks);
  if (list.count > static_cast<int64_t>(most_marks)) return {};
  std::vector<MatrixEntry> entries;
  for (const Multiplication& one : list.first) {
    entries.push_back({matrix_row(layer, one.input), matrix_column(layer, output_of(layer, one))});
  }
  return entries;
}

void add_marks(Figure& figure, const std::vector<Rect>& places, Color color) {
  std::set<std::array<int64_t, 2>> marked;
  for (const Rect& place : places) {
    if (!marked.insert({std::llround(place.x), std::llround(place.y)}).second) continue;
    constexpr double least = 2;  // so that it can be seen
    const double grow_x = std::max(0.0, (least - place.w) / 2);
    const double grow_y = std::max(0.0, (least - place.h) / 2);
    const Rect mark{place.x - grow_x, place.y - grow_y, place.w + 2 * grow_x, place.h + 2 * grow_y};
    figure.add(RectShape{.rect = mark, .fill = color});
  }
}

}  // namespace tconv
