// The matrix: the textbook's numbers, tags where they belong, bands and marks of what the cursor is about.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "figure_cells.h"
#include "figure_rules.h"
#include "support/random_layers.h"
#include "view_scenes.h"
#include "views/linking.h"
#include "views/matrix_map.h"
#include "views/matrix_pattern.h"

namespace tconv::test {
namespace {

using std::int64_t;

struct MatrixScene {
  explicit MatrixScene(Document of) : document(std::move(of)), results(compute_results(document.scenario, 1 << 30)) {
    interaction.step = results.frame.step;
  }

  ViewInput input(Size size = large_room) const {
    return {document, results, interaction, size, dark_theme(), metrics()};
  }
  Figure figure(Size size = large_room) const { return picture(*find_view("matrix"), input(size)); }
  const LayerSpec& layer() const { return document.scenario.layer; }
  const SparseMatrix& matrix() const { return results.ways->matrix; }

  Document document;
  Results results;
  Interaction interaction;
};

Document with_kernel(const AxisSpec& axis, std::vector<float> taps) {
  Document document = layer_document(axis);
  const Shape shape = weight_shape(document.scenario.layer);
  document.scenario.kernel = custom_pattern(Tensor(shape, std::move(taps)));
  return document;
}

template <typename Kind>
std::vector<Tag> tags(const Figure& figure, bool highlighted = false) {
  std::vector<Tag> found;
  for (const Shape2D& shape : figure.shapes) {
    if (shape.highlight == highlighted && std::holds_alternative<Kind>(shape.tag)) found.push_back(shape.tag);
  }
  return found;
}

/// The bands: frames over a whole row or column, untagged and in this colour.
std::vector<Rect> bands(const Figure& figure, Color color) {
  std::vector<Rect> found;
  for (const Shape2D& shape : figure.shapes) {
    const auto* rect = std::get_if<RectShape>(&shape.what);
    if (rect != nullptr && !shape.highlight && !has_tag(shape.tag) && rect->stroke == color && rect->fill.a == 0) {
      found.push_back(rect->rect);
    }
  }
  return found;
}

TEST(MatrixView, TheChaptersExample) {
  const MatrixScene scene(Document{});
  const Figure figure = scene.figure();
  EXPECT_TRUE(says(figure, "Cᵀ 16 × 4"));
  EXPECT_TRUE(says(figure, "36 taps (56 %), 20 of them not 0"));
  EXPECT_TRUE(says(figure, "the 9 output cells that an input cell paints"));
  EXPECT_TRUE(says(figure, "the 1 to 4 products of an output cell"));
  EXPECT_TRUE(says(figure, "it adds column 3 of Cᵀ, times x[3] = 4, to y"));
  EXPECT_TRUE(says(figure, "difference 0"));
  EXPECT_EQ(tags<Multiplication>(figure).size(), 72U) << "36 in Cᵀ, 36 in C";
  EXPECT_EQ(tags<InputCell>(figure).size(), 4U);
  EXPECT_EQ(tags<OutputCell>(figure).size(), 32U) << "beside Cᵀ, above C";
}

TEST(MatrixView, OnesHaveNonZerosOnly) {
  EXPECT_TRUE(
      says(MatrixScene(layer_document({.input = 2, .kernel = 3, .stride = 2})).figure(), "36 non-zeros (36 %)"));
}

TEST(MatrixView, TheMeanIsNotUndone) {
  MatrixScene scene(with_kernel({.input = 2, .kernel = 2, .stride = 2}, {0.25F, 0.25F, 0.25F, 0.25F}));
  EXPECT_FALSE(says(scene.figure(), "0.875"));
  scene.interaction.options.insert("matrix/down-up");
  const Figure figure = scene.figure();
  EXPECT_TRUE(says(figure, "0.875"));
  EXPECT_TRUE(says(figure, "13.5"));
  EXPECT_TRUE(says(figure, "Worst is cell (1, 1): 6 comes back as 0.875, off by 85.4 %"));
  scene.interaction.options.insert("matrix/up-down");
  const Figure both = scene.figure();
  EXPECT_TRUE(says(both, "C Cᵀ x"));
  EXPECT_GT(both.size.h, figure.size.h) << "one below the other";
}

TEST(MatrixView, OrthonormalColumnsBringEverythingBack) {
  MatrixScene scene(with_kernel({.input = 3, .kernel = 2, .stride = 2}, {0.5F, 0.5F, 0.5F, 0.5F}));
  scene.interaction.options.insert("matrix/up-down");
  EXPECT_TRUE(says(scene.figure(), "brings everything back"));
}

TEST(MatrixView, SwitchesAreThere) {
  const MatrixScene scene(Document{});
  const auto found = tags<ViewOption>(scene.figure());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], Tag{ViewOption{"matrix/down-up"}});
  EXPECT_EQ(found[1], Tag{ViewOption{"matrix/up-down"}});
}

/// The switches are off in the pictures of figure_rules_test.
TEST(MatrixView, RoundTripsKeepTheRules) {
  ViolationReport report;
  auto list = random_documents(20);
  for (const NamedDocument& one : documents()) list.push_back(one);
  const std::array rooms{Size{330, 500}, Size{430, 530}, Size{650, 640}, Size{1030, 830}};
  std::size_t turn = 0;
  for (const auto& [name, document] : list) {
    if (!validate(document.scenario).empty() || matrix_nonzeros(document.scenario.layer) > 200'000) continue;
    MatrixScene scene(document);
    scene.interaction.options = {"matrix/down-up", "matrix/up-down"};
    report.add(name, violations(scene.figure(rooms[turn++ % rooms.size()]), metrics()));
  }
}

/// Beyond the limit nothing is made, and the page says so.
TEST(MatrixView, TooLargeIsSaidInPlainWords) {
  Document document = layer_document({.input = 300003, .kernel = 17, .stride = 3}, 1);
  MatrixScene scene(document);
  ASSERT_TRUE(scene.results.ways);
  const Figure figure = scene.figure();
  EXPECT_TRUE(says(figure, "5,100,051 non-zeros"));
  EXPECT_TRUE(says(figure, "4,000,000"));
}

/// Every entry of C is tagged with its multiplication, twice, and nothing else is.
TEST(MatrixView, EntriesAreTheMultiplications) {
  RandomLayers random;
  int drawn = 0;
  for (int i = 0; i < 80; ++i) {
    Document document;
    document.scenario.layer = random.layer(400);
    document.scenario.kernel.id = "counting";
    const MatrixScene scene(document);
    if (scene.matrix().rows() * scene.matrix().cols() > 400) continue;
    SCOPED_TRACE(random.trace(scene.layer()));
    std::multiset<std::pair<int64_t, int64_t>> expected;
    for (int64_t row = 0; row < scene.matrix().rows(); ++row) {
      for (const std::int32_t col : scene.matrix().columns(row)) {
        expected.emplace(row, col);
        expected.emplace(row, col);
      }
    }
    const Figure figure = scene.figure({1600, 1600});
    if (!figure.grids.empty()) continue;  // one of the two is too long for cells
    ++drawn;
    std::multiset<std::pair<int64_t, int64_t>> found;
    for (const Tag& tag : tags<Multiplication>(figure)) {
      const auto& one = std::get<Multiplication>(tag);
      found.emplace(matrix_row(scene.layer(), one.input), matrix_column(scene.layer(), output_of(scene.layer(), one)));
    }
    EXPECT_EQ(found, expected);
  }
  EXPECT_GT(drawn, 5);
}

TEST(MatrixView, RowsAndCellsAreInverse) {
  RandomLayers random;
  for (int i = 0; i < 50; ++i) {
    const LayerSpec layer = random.layer(2000);
    SCOPED_TRACE(random.trace(layer));
    LayerSpec one = layer;
    one.batch = 1;
    for (int64_t row = 0; row < input_shape(one).elements(); ++row) {
      ASSERT_EQ(matrix_row(layer, matrix_input(layer, layer.batch - 1, row)), row);
    }
    for (int64_t col = 0; col < output_shape(one).elements(); ++col) {
      ASSERT_EQ(matrix_column(layer, matrix_output(layer, layer.batch - 1, col)), col);
    }
  }
}

/// Hovering one product frames exactly its entry in both matrices, its x and its y, and bands its row and column.
TEST(MatrixView, OneProductLightsOneEntry) {
  RandomLayers random;
  int drawn = 0;
  for (int i = 0; i < 60; ++i) {
    Document document;
    document.scenario.layer = random.layer(400);
    MatrixScene scene(document);
    if (scene.matrix().rows() * scene.matrix().cols() > 400 || scene.matrix().nonzeros() == 0) continue;
    SCOPED_TRACE(random.trace(scene.layer()));
    const auto all = tags<Multiplication>(scene.figure({1600, 1600}));
    if (all.empty() || !scene.figure({1600, 1600}).grids.empty()) continue;
    ++drawn;
    const Tag hover = all[static_cast<std::size_t>(random.between(0, static_cast<int64_t>(all.size()) - 1))];
    scene.interaction.hover = hover;
    const Figure figure = scene.figure({1600, 1600});
    const auto& one = std::get<Multiplication>(hover);
    EXPECT_EQ(tags<Multiplication>(figure, true), (std::vector<Tag>{hover, hover}));
    EXPECT_EQ(tags<InputCell>(figure, true), std::vector<Tag>{InputCell{one.input}});
    const Tag output = OutputCell{output_of(scene.layer(), one)};
    EXPECT_EQ(tags<OutputCell>(figure, true), (std::vector<Tag>{output, output}));
    const auto framed = bands(figure, dark_theme().cursor);
    ASSERT_EQ(framed.size(), 4U) << "a row and a column in each of two matrices";
    for (const Tag& tag : {hover, output}) {
      const Point centre = place_of(figure, tag).centre();
      EXPECT_TRUE(std::ranges::any_of(framed, [&](const Rect& band) {
        return tag == hover
                   ? band.contains(centre)
                   : (centre.y > band.y && centre.y < band.bottom()) || (centre.x > band.x && centre.x < band.right());
      }));
    }
  }
  EXPECT_GT(drawn, 5);
}

TEST(MatrixView, HoveredRowsAndColumnsAreBandedAndSaid) {
  MatrixScene scene(Document{});
  scene.interaction.hover = OutputCell{{0, 0, {0, 1, 1}}};
  Figure figure = scene.figure();
  EXPECT_TRUE(says(figure, "Row 5 of Cᵀ · x: output (1, 1) = 1·1 + 2·0 + 3·0 + 4·1 = 5"));
  EXPECT_EQ(bands(figure, dark_theme().cursor).size(), 2U);
  EXPECT_EQ(tags<InputCell>(figure, true).size(), 4U) << "all four feed it";
  scene.interaction.hover = InputCell{{0, 0, {0, 0, 1}}};
  figure = scene.figure();
  EXPECT_TRUE(says(figure, "Column 1 of Cᵀ: input (0, 1) = 2 paints 9 output cells"));
  EXPECT_EQ(tags<OutputCell>(figure, true).size(), 18U);
  EXPECT_EQ(bands(figure, dark_theme().cursor).size(), 2U);
}

TEST(MatrixView, AnotherSamplesCellIsNotBanded) {
  Document document = layer_document({.input = 2, .kernel = 3});
  document.scenario.layer.batch = 2;
  MatrixScene scene(document);
  EXPECT_TRUE(says(scene.figure(), "the same for each of 2 samples"));
  scene.interaction.hover = InputCell{{1, 0, {0, 0, 1}}};
  EXPECT_TRUE(bands(scene.figure(), dark_theme().cursor).empty());
  scene.interaction.batch = 1;
  EXPECT_EQ(bands(scene.figure(), dark_theme().cursor).size(), 2U);
}

/// As y grows, ⟨C y, x⟩ stays ⟨y, Cᵀ x⟩.
TEST(MatrixView, TheAdjointHoldsAtEveryStep) {
  Document document = layer_document({.input = 3, .kernel = 3, .stride = 2});
  document.scenario.layer.bias = true;
  std::set<double> seen;
  for (int64_t step = 0; step <= 9; ++step) {
    MatrixScene scene(document);
    scene.results = compute_results(document.scenario, step);
    Figure figure{};
    const ViewInput in = scene.input();
    const auto adjoint = MatrixMaps(in, figure).adjoint();
    EXPECT_EQ(adjoint.down, adjoint.up) << step;
    seen.insert(adjoint.up);
  }
  EXPECT_EQ(seen.size(), 10U);
}

/// In a pattern a lit pixel has an entry's tag and a dark one has none; pixels are lit where entries are.
TEST(MatrixView, PatternsHaveTheTagsOfTheirEntries) {
  const MatrixScene scene(layer_document({.input = 64, .kernel = 3, .stride = 2}));
  const Figure figure = scene.figure();
  const LayerSpec& layer = scene.layer();
  int patterns = 0;
  for (const Shape2D& shape : figure.shapes) {
    const auto* image = std::get_if<ImageShape>(&shape.what);
    if (image == nullptr || std::min(image->raster->width, image->raster->height) == 1) continue;
    ++patterns;
    std::int64_t lit = 0;
    const Raster& raster = *image->raster;
    for (int y = 0; y < raster.height; y += 7) {
      for (int x = 0; x < raster.width; x += 5) {
        // Blocks of 1024 and points do not begin at the same cells: a point beside a lit one may have a tag too.
        const Point at{image->rect.x + (x + 0.5) * image->rect.w / raster.width,
                       image->rect.y + (y + 0.5) * image->rect.h / raster.height};
        const Tag tag = tag_at(figure, at);
        bool near = false;
        for (int dy = -1; dy <= 1; ++dy) {
          for (int dx = -1; dx <= 1; ++dx) {
            const int px = std::clamp(x + dx, 0, raster.width - 1);
            const int py = std::clamp(y + dy, 0, raster.height - 1);
            near = near || raster.rgba[static_cast<std::size_t>((py * raster.width + px) * 4 + 3)] > 0;
          }
        }
        if (!near) {
          EXPECT_FALSE(has_tag(tag)) << x << ", " << y;
        }
        if (!has_tag(tag)) continue;
        ++lit;
        ASSERT_TRUE(std::holds_alternative<Multiplication>(tag));
        EXPECT_TRUE(exists(layer, tag));
        EXPECT_TRUE(exists(layer, OutputCell{output_of(layer, std::get<Multiplication>(tag))}));
      }
    }
    EXPECT_GT(lit, 10);
  }
  EXPECT_EQ(patterns, 2);
}

TEST(MatrixView, StripsOfPatternsHaveTheirCells) {
  const MatrixScene scene(layer_document({.input = 64, .kernel = 3, .stride = 2}));
  const Figure figure = scene.figure();
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  for (const CellGrid& grid : figure.grids) {
    if (std::min(grid.rows, grid.cols) != 1) continue;
    const Tag first = grid.tag(0, 0);
    const Tag last = grid.tag(grid.rows - 1, grid.cols - 1);
    if (std::holds_alternative<InputCell>(first)) {
      ++inputs;
      EXPECT_EQ(last, (Tag{InputCell{{0, 0, {0, 63, 63}}}}));
    } else {
      ++outputs;
      EXPECT_EQ(last, (Tag{OutputCell{{0, 0, {0, 128, 128}}}}));
    }
  }
  EXPECT_EQ(inputs, 1U);
  EXPECT_EQ(outputs, 2U);
}

TEST(MatrixView, RastersAreLitWhereThePatternIs) {
  // 3 × 2: (0, 1) strong, (2, 0) a zero weight.
  MatrixPattern pattern{3, 2, {0, 255, 0, 0, 1, 0}};
  const PatternColors colors{rgb(0x101010), rgb(0xf0f0f0)};
  const auto raster = pattern_raster(pattern, MatrixSide::transposed, 6, 2, colors);  // 2 rows, 3 columns, 2 wide each
  const auto pixel = [&](int x, int y) { return raster->rgba.data() + static_cast<std::ptrdiff_t>(y * 6 + x) * 4; };
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 6; ++x) {
      const int expected = x < 2 && y == 1 ? 0xf0 : x >= 4 && y == 0 ? 0x10 : -1;
      EXPECT_EQ(pixel(x, y)[3], expected < 0 ? 0 : 255) << x << ", " << y;
      if (expected >= 0) {
        EXPECT_EQ(pixel(x, y)[0], expected) << x << ", " << y;
      }
    }
  }
  // Fewer pixels than cells: none is lost.
  const auto small = pattern_raster(pattern, MatrixSide::forward, 1, 1, colors);
  EXPECT_EQ(small->rgba[0], 0xf0);
}

TEST(MatrixView, StripsKeepTheLargestNumberOfAPixel) {
  const PatternColors colors{rgb(0x000000), rgb(0xffffff)};
  const std::vector<float> values{0, 0, -8, 0, 4, 0, std::nanf(""), 0};
  const auto strip = strip_raster(values, true, 4, colors);
  ASSERT_EQ(strip->height, 4);
  EXPECT_EQ(strip->rgba[0], 0);
  EXPECT_EQ(strip->rgba[4], 255);
  EXPECT_NEAR(strip->rgba[8], 127, 1);
  EXPECT_EQ(strip->rgba[12], 0);
  const auto wide = strip_raster(std::span(values).first(3), false, 7, colors);
  ASSERT_EQ(wide->width, 7);
  EXPECT_EQ(wide->rgba[0], 0);
  EXPECT_EQ(wide->rgba[24], 255);
}

TEST(MatrixPanel, TheLinkedViewsRowIsLit) {
  const MatrixScene scene(layer_document({.input = 2, .kernel = 3, .stride = 2}));
  Figure figure{.size = {486, 326}, .background = dark_theme().panel, .title = "card"};
  const ViewInput in = scene.input();
  add_matrix_panel(figure, in, {16, 40, 454, 270});
  EXPECT_TRUE(says(figure, "— y = Cᵀ x, 25 × 4, 36 taps; row of output (2, 2) lit"));
  EXPECT_TRUE(says(figure, "row 12 of Cᵀ times x"));
  EXPECT_TRUE(says(figure, "difference 0"));
  EXPECT_EQ(bands(figure, dark_theme().cursor).size(), 1U);
  EXPECT_EQ(tags<Multiplication>(figure).size(), 36U);
}

}  // namespace
}  // namespace tconv::test
