// What others make of exported drawings: librsvg of the SVG files, poppler of the PDF files, against the project's own
// PNG. Skipped, with a line that says so, where those programs are missing.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "cli/cli_test_support.h"
#include "files/image.h"
#include "support/temp_dir.h"
#include "views/view.h"

namespace tconv::test {
namespace {

bool is_there(const char* program) {
  return std::system((std::string("command -v ") + program + " >/dev/null").c_str()) == 0;
}

/// Grey averages of blocks: what an eye sees, whatever a renderer does to the edges of letters.
struct Blocks {
  static constexpr std::int64_t side = 6;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<double> values;
};

Blocks blocks_of(const std::string& file) {
  const Tensor image = read_array(file);
  const Shape& shape = image.shape();
  Blocks blocks{shape[2] / Blocks::side, shape[3] / Blocks::side, {}};
  for (std::int64_t row = 0; row < blocks.rows; ++row) {
    for (std::int64_t col = 0; col < blocks.cols; ++col) {
      double sum = 0;
      for (std::int64_t c = 0; c < 3; ++c) {
        const std::int64_t channel = std::min(c, shape[1] - 1);
        for (std::int64_t y = 0; y < Blocks::side; ++y) {
          for (std::int64_t x = 0; x < Blocks::side; ++x) {
            sum += static_cast<double>(
                image[(channel * shape[2] + row * Blocks::side + y) * shape[3] + col * Blocks::side + x]);
          }
        }
      }
      blocks.values.push_back(sum / (3 * Blocks::side * Blocks::side));
    }
  }
  return blocks;
}

struct Difference {
  double mean = 0;
  double far = 0;  ///< the part of the blocks that differ clearly
};

Difference difference(const Blocks& a, const Blocks& b) {
  EXPECT_LE(std::abs(a.rows - b.rows), 1);
  EXPECT_LE(std::abs(a.cols - b.cols), 1);
  Difference result;
  std::int64_t count = 0;
  for (std::int64_t row = 0; row < std::min(a.rows, b.rows); ++row) {
    for (std::int64_t col = 0; col < std::min(a.cols, b.cols); ++col) {
      const double d = std::abs(a.values[static_cast<std::size_t>(row * a.cols + col)] -
                                b.values[static_cast<std::size_t>(row * b.cols + col)]);
      result.mean += d;
      result.far += d > 0.1;
      ++count;
    }
  }
  result.mean /= static_cast<double>(count);
  result.far /= static_cast<double>(count);
  return result;
}

constexpr double most_on_average = 0.006;
constexpr double most_far = 0.012;

struct Renderer {
  const char* program;
  const char* extension;
  std::string (*command)(const std::string& from, const std::string& to);  ///< at two pixels a point
};

void PrintTo(const Renderer& renderer, std::ostream* out) { *out << renderer.program; }

const Renderer renderers[] = {{"rsvg-convert", ".svg",
                               [](const std::string& from, const std::string& to) {
                                 return "rsvg-convert --zoom 2 --format png --output '" + to + "' '" + from + "'";
                               }},
                              {"pdftoppm", ".pdf", [](const std::string& from, const std::string& to) {
                                 return "pdftoppm -r 144 -png -singlefile '" + from + "' '" +
                                        to.substr(0, to.size() - 4) + "'";
                               }}};

class Renderers : public testing::TestWithParam<Renderer> {};

TEST_P(Renderers, DrawTheSamePicture) {
  const Renderer& renderer = GetParam();
  if (!is_there(renderer.program)) GTEST_SKIP() << renderer.program << " is not installed";
  const TempDir dir;
  const std::string own = (dir / "own.png").string();
  const std::string file = (dir / "drawing").string() + renderer.extension;
  const std::string others = (dir / "others.png").string();
  int count = 0;
  for (const View& view : all_views()) {
    const char* theme = ++count % 2 == 0 ? "dark" : "light";
    SCOPED_TRACE(std::string(view.id) + " " + theme);
    const std::vector<std::string> flags{
        "--view", std::string(view.id), "checkerboard-k3-s2", "--theme", theme, "--width", "900", "--title", "--scale",
        "2"};
    for (const std::string& output : {own, file}) {
      std::vector<std::string> words{"render", "--output", output};
      words.insert(words.end(), flags.begin(), flags.end());
      const CliRun result = run(words);
      ASSERT_EQ(result.code, 0) << result.err;
    }
    ASSERT_EQ(std::system(renderer.command(file, others).c_str()), 0);
    const Difference found = difference(blocks_of(own), blocks_of(others));
    EXPECT_LT(found.mean, most_on_average);
    EXPECT_LT(found.far, most_far);
  }
}

TEST_P(Renderers, AnotherPictureIsToldApart) {
  const TempDir dir;
  const std::string one = (dir / "one.png").string();
  const std::string two = (dir / "two.png").string();
  ASSERT_EQ(run({"render", "--view", "paint", "--width", "900", "--scale", "2", "--output", one}).code, 0);
  ASSERT_EQ(run({"render", "--view", "paint", "--width", "900", "--scale", "2", "--output", two, "--step", "3"}).code,
            0);
  const Difference found = difference(blocks_of(one), blocks_of(two));
  EXPECT_GT(found.far, most_far);
}

TEST_P(Renderers, LeaveNoSeamsBetweenCells) {
  const Renderer& renderer = GetParam();
  if (!is_there(renderer.program)) GTEST_SKIP() << renderer.program << " is not installed";
  const TempDir dir;
  const std::string file = (dir / "map").string() + renderer.extension;
  const std::string others = (dir / "map.png").string();
  // 70 × 70 cells are an image, 18 × 18 rectangles.
  for (const char* input : {"70", "18"}) {
    dir.write("flat.tconv.json",
              std::string("{\"format\": \"tconv-scenario\", \"version\": 1, \"layer\": {\"dims\": 2, "
                          "\"input\": ") +
                  input + ", \"kernel\": 1, \"stride\": 1}}");
    const CliRun result = run({"render", "--view", "overlap", (dir / "flat.tconv.json").string(), "--output", file,
                               "--width", "977", "--no-color-bar"});
    ASSERT_EQ(result.code, 0) << result.err;
    ASSERT_EQ(std::system(renderer.command(file, others).c_str()), 0);
    if (std::string(input) == "18") continue;  // the rectangles have gaps that are meant
    // Every cell is hit once: the image in the middle of the map is of one colour.
    const Tensor image = read_array(others);
    const Shape& shape = image.shape();
    for (std::int64_t c = 0; c < 3; ++c) {
      const std::int64_t y0 = 300;
      const std::int64_t x0 = 200;
      const float first = image[(c * shape[2] + y0) * shape[3] + x0];
      for (std::int64_t y = y0; y < y0 + 200; ++y) {
        for (std::int64_t x = x0; x < x0 + 200; ++x) {
          ASSERT_EQ(image[(c * shape[2] + y) * shape[3] + x], first) << y << " " << x;
        }
      }
    }
  }
}

TEST(SvgFiles, AreXml) {
  if (!is_there("xmllint")) GTEST_SKIP() << "xmllint is not installed";
  const TempDir dir;
  for (const View& view : all_views()) {
    const std::string file = (dir / (std::string(view.id) + ".svg")).string();
    const CliRun result =
        run({"render", "--view", std::string(view.id), "--output", file, "--title", "--caption", "a < b & \"c\""});
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(std::system(("xmllint --noout '" + file + "'").c_str()), 0) << view.id;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Renderers, testing::ValuesIn(renderers), [](const auto& test) {
  return std::string(test.param.program) == "pdftoppm" ? "poppler" : "librsvg";
});

}  // namespace
}  // namespace tconv::test
