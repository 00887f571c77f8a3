#include "core/pattern.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "core/test_pictures.h"

namespace tconv {
namespace {

using std::int64_t;

/// One cell of the array being made, spatial coordinates last.
struct Cell {
  int64_t flat_in_plane;
  std::array<int64_t, 3> at;      // the first `dims` count
  std::array<int64_t, 3> extent;  // likewise
  int dims;
  const int64_t* stride;
};

struct Recipe {
  PatternInfo info;
  /// `count` cells of a row from `first` on.
  void (*row)(Cell first, int64_t count, float* to);
};

/// A recipe for one cell as one for rows, which a compiler sees through.
template <double (*value)(const Cell&)>
void row_of(Cell cell, int64_t count, float* to) {
  int64_t& x = cell.at[static_cast<std::size_t>(cell.dims - 1)];
  for (int64_t i = 0; i < count; ++i, ++x, ++cell.flat_in_plane) to[i] = static_cast<float>(value(cell));
}

double ones(const Cell&) { return 1; }
double counting(const Cell& c) { return static_cast<double>(c.flat_in_plane + 1); }

double impulse(const Cell& c) {
  for (int a = 0; a < c.dims; ++a) {
    const auto i = static_cast<std::size_t>(a);
    if (c.at[i] != (c.extent[i] - 1) / 2) return 0;
  }
  return 1;
}

double corners_and_centre(const Cell& c) {
  bool corner = true;
  bool centre = true;
  for (int a = 0; a < c.dims; ++a) {
    const auto i = static_cast<std::size_t>(a);
    corner = corner && (c.at[i] == 0 || c.at[i] == c.extent[i] - 1);
    centre = centre && (2 * c.at[i] == c.extent[i] - 1);
  }
  return corner || centre ? 1 : 0;
}

// The triangle 1 − |t − (K−1)/2| / S, clipped at zero: with K = 2S − S mod 2 this is Caffe's and FCN's bilinear filler.
double bilinear(const Cell& c) {
  double product = 1;
  for (int a = 0; a < c.dims; ++a) {
    const auto i = static_cast<std::size_t>(a);
    const double centre = static_cast<double>(c.extent[i] - 1) / 2;
    const double distance = std::abs(static_cast<double>(c.at[i]) - centre) / static_cast<double>(c.stride[a]);
    product *= std::max(0.0, 1.0 - distance);
  }
  return product;
}

double gradient(const Cell& c) {
  double sum = 0;
  for (int a = 0; a < c.dims; ++a) {
    const auto i = static_cast<std::size_t>(a);
    sum += c.extent[i] > 1 ? static_cast<double>(c.at[i]) / static_cast<double>(c.extent[i] - 1) : 0.0;
  }
  return sum / c.dims;
}

double checker(const Cell& c) {
  int64_t sum = 0;
  for (int a = 0; a < c.dims; ++a) sum += c.at[static_cast<std::size_t>(a)];
  return sum % 2 == 0 ? 1 : 0;
}

constexpr PatternInfo random_info{"random", "Random", "normal numbers, rounded to hundredths; the seed is kept"};
constexpr PatternInfo card_info{"test-card", "Test card", "rings, bars and edges, 0 to 1: what an upsampler may spoil"};
constexpr PatternInfo landscape_info{"landscape", "Landscape", "a small picture with soft and hard edges and texture"};
constexpr PatternInfo custom_info{"custom", "Own values", "edited by hand or read from a file"};

constexpr std::array recipes{
    Recipe{{"corners", "Corners + centre", "1 in the corners and the centre: a stamp that is easy to follow"},
           row_of<corners_and_centre>},
    Recipe{{"ones", "Ones", "all ones: the output counts the stamps"}, row_of<ones>},
    Recipe{{"counting", "1 2 3 4", "1, 2, 3, … row by row: not symmetric, so a flipped kernel shows"},
           row_of<counting>},
    Recipe{{"bilinear", "Bilinear", "a triangle as wide as the stride asks for: interpolation"}, row_of<bilinear>},
    Recipe{{"impulse", "Impulse", "a single 1 in the middle"}, row_of<impulse>},
    Recipe{{"gradient", "Gradient", "rises from 0 to 1 from corner to corner"}, row_of<gradient>},
    Recipe{{"checker", "Checker", "1 and 0 in turn"}, row_of<checker>},
};

constexpr PatternInfo info_of(std::string_view id) {
  for (const Recipe& recipe : recipes) {
    if (recipe.info.id == id) return recipe.info;
  }
  return random_info;
}

constexpr std::array kernel_list{info_of("corners"), info_of("ones"), info_of("counting"), info_of("bilinear"),
                                 random_info};
constexpr std::array input_list{info_of("counting"), info_of("ones"), info_of("impulse"), info_of("gradient"),
                                info_of("checker"),  card_info,       landscape_info,     random_info};

std::vector<float> random_values(int64_t count, std::uint32_t seed) {
  // Sums of the generator's own bits, not std::normal_distribution: that differs between standard libraries.
  std::mt19937 bits(seed);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(bits()) / 4294967296.0;
    value = static_cast<float>(std::round(sum * 100) / 100) + 0.0F;  // no −0
  }
  return values;
}

std::vector<float> resized(const Tensor& from, const Shape& to) {
  std::vector<float> out(static_cast<std::size_t>(to.elements()), 0.0F);
  if (from.shape().rank() != to.rank() || from.empty() || out.empty()) return out;
  const int last = to.rank() - 1;
  const int64_t run = std::min(from.shape()[last], to[last]);
  const int64_t rows = to.elements() / to[last];
  for (int64_t row = 0; row < rows; ++row) {
    int64_t rest = row;
    int64_t source = 0;
    int64_t scale = 1;
    bool inside = true;
    for (int axis = last - 1; axis >= 0; --axis) {
      const int64_t at = rest % to[axis];
      rest /= to[axis];
      inside = inside && at < from.shape()[axis];
      source += at * scale;
      scale *= from.shape()[axis];
    }
    if (!inside) continue;
    const float* begin = from.data() + source * from.shape()[last];
    std::copy(begin, begin + run, out.begin() + row * to[last]);
  }
  return out;
}

const Recipe* recipe_of(const Pattern& pattern) {
  const auto found =
      std::ranges::find_if(recipes, [&](const Recipe& candidate) { return candidate.info.id == pattern.id; });
  return found == recipes.end() ? nullptr : &*found;
}

Cell first_cell(const Shape& shape, std::span<const int64_t> stride) {
  Cell cell{.flat_in_plane = 0, .at = {}, .extent = {}, .dims = shape.rank() - 2, .stride = stride.data()};
  for (int a = 0; a < cell.dims; ++a) cell.extent[static_cast<std::size_t>(a)] = shape[a + 2];
  return cell;
}

}  // namespace

Pattern custom_pattern(Tensor values) { return {.id = "custom", .seed = 1, .values = std::move(values)}; }

std::span<const PatternInfo> kernel_patterns() { return kernel_list; }
std::span<const PatternInfo> input_patterns() { return input_list; }

bool is_known_pattern(std::string_view id) {
  return id == custom_info.id || id == random_info.id || test_picture_of(id) ||
         std::ranges::any_of(recipes, [id](const Recipe& recipe) { return recipe.info.id == id; });
}

Tensor make_array(const Pattern& pattern, const Shape& shape, std::span<const int64_t> stride) {
  if (pattern.id == custom_info.id) {
    if (pattern.values.shape() == shape) return pattern.values;
    return Tensor(shape, resized(pattern.values, shape));
  }
  const int64_t count = shape.elements();
  if (pattern.id == random_info.id) return Tensor(shape, random_values(count, pattern.seed));
  if (const auto picture = test_picture_of(pattern.id)) return make_test_picture(*picture, shape);
  std::vector<float> values(static_cast<std::size_t>(count), 0.0F);
  const Recipe* const recipe = recipe_of(pattern);
  if (recipe == nullptr || count == 0) return Tensor(shape, std::move(values));
  Cell cell = first_cell(shape, stride);
  int64_t plane = 1;
  for (int a = 0; a < cell.dims; ++a) plane *= cell.extent[static_cast<std::size_t>(a)];
  const int64_t run = shape[shape.rank() - 1];
  for (int64_t flat = 0; flat < count; flat += run) {
    cell.flat_in_plane = flat % plane;
    int64_t rest = cell.flat_in_plane / run;
    for (int a = cell.dims - 2; a >= 0; --a) {
      const auto i = static_cast<std::size_t>(a);
      cell.at[i] = rest % cell.extent[i];
      rest /= cell.extent[i];
    }
    recipe->row(cell, run, values.data() + flat);
  }
  return Tensor(shape, std::move(values));
}

bool is_recipe(const Pattern& pattern) { return recipe_of(pattern) != nullptr; }

void recipe_row(const Pattern& pattern, const Shape& shape, std::span<const int64_t> stride, int64_t row, int64_t first,
                int64_t count, float* to) {
  Cell cell = first_cell(shape, stride);
  cell.at = {row, first, 0};
  cell.flat_in_plane = row * shape[3] + first;
  recipe_of(pattern)->row(cell, count, to);
}

}  // namespace tconv
