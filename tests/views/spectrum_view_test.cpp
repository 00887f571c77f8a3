// The Spectrum view says what the facts say, for every kind of layer.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/evenness.h"
#include "core/playback.h"
#include "figure_cells.h"
#include "views/spectrum_scene.h"

namespace tconv::test {
namespace {

using std::int64_t;

const View& spectrum() { return *find_view("spectrum"); }

struct SpectrumPage {
  explicit SpectrumPage(const Document& shown, Size size = {1030, 830})
      : document(shown), results(compute_results(shown.scenario, 0)), room(size) {}
  ViewInput input() const {
    return {document, results, clamped(interaction, document.scenario), room, dark_theme(), metrics()};
  }
  Figure figure() const { return picture(spectrum(), input()); }
  std::string words() const { return all_words(figure()); }
  bool says(const std::string& what) const { return words().find(what) != std::string::npos; }
  std::string verdict() const {
    const ViewInput in = input();
    const SpectrumVerdict one = spectrum_verdict(SpectrumScene(in));
    return one.mark + " " + one.text;
  }

  Document document;
  Results results;
  Interaction interaction;
  Size room;
};

Document line_document(std::vector<float> taps, int64_t stride) {
  const auto kernel = static_cast<int64_t>(taps.size());
  Document document = layer_document({.input = 8, .kernel = kernel, .stride = stride}, 1);
  document.scenario.kernel = custom_pattern(Tensor(Shape{1, 1, kernel}, std::move(taps)));
  return document;
}

TEST(SpectrumView, ShowsTheFactsOfOnesAndBilinear) {
  const SpectrumPage three(line_document({1, 1, 1}, 2));
  EXPECT_EQ(three.verdict(), "✗ K3 at stride 2 passes a third of the image at π: a ripple, the checkerboard of 1D");
  EXPECT_TRUE(three.says("K3 at stride 2 passes a third of the image at π"));
  EXPECT_TRUE(three.says("|H(0)| = 3 "));
  EXPECT_TRUE(three.says("✗ 1 (33 %)"));
  EXPECT_TRUE(three.says("✗ from 1 to 2, a ripple of 67 %"));
  const SpectrumPage four(line_document({1, 1, 1, 1}, 2));
  EXPECT_TRUE(four.says("K4 at stride 2 removes the image at π: a flat input stays flat"));
  EXPECT_TRUE(four.says("|H(0)| = 4 "));
  EXPECT_TRUE(four.says("✓ 0 "));
  EXPECT_FALSE(four.says("✗"));
  const SpectrumPage bilinear(line_document({0.25F, 0.75F, 0.75F, 0.25F}, 2));
  EXPECT_TRUE(bilinear.says("|H(0)| = 2 "));
  EXPECT_TRUE(bilinear.says("✓ 0 "));
  EXPECT_TRUE(bilinear.says("all 2 equal, 1"));
  EXPECT_TRUE(bilinear.says("gain 2 below π/S"));
}

TEST(SpectrumView, NamesTheWorstImageOfAPlane) {
  const SpectrumPage page(layer_document({.input = 8, .kernel = 3, .stride = 2}));
  EXPECT_EQ(page.verdict(), "✗ K3 at stride 2 passes a third of the image at (0, π): the checkerboard");
  EXPECT_TRUE(page.says("|H(0)| = 9 "));
  EXPECT_TRUE(page.says("✗ 3 (33 %)"));
  EXPECT_TRUE(page.says("the centre of an image that the kernel passes"));
  EXPECT_FALSE(page.says("the kernel removes it"));
}

TEST(SpectrumView, SentencesForEveryKindOfKernel) {
  EXPECT_EQ(SpectrumPage(line_document({1, 2}, 1)).verdict(),
            "✓ Stride 1 inserts no zeros: there is no image to remove");
  EXPECT_EQ(SpectrumPage(line_document({1, -1}, 2)).verdict(),
            "✗ K2 at stride 2 leaves nothing of a flat input but its images, most at π");
  EXPECT_EQ(SpectrumPage(line_document({0, 0}, 2)).verdict(),
            "✓ K2 at stride 2 lets nothing of a flat input through, neither the base band nor an image");
  EXPECT_EQ(SpectrumPage(line_document({1, 3, 5, 5, 3, 1}, 3)).verdict(),
            "✓ K6 at stride 3 removes all 2 images: a flat input stays flat");
  EXPECT_EQ(SpectrumPage(line_document({1}, 3)).verdict(),
            "✗ K1 at stride 3 passes the image at 2π/3 as strongly as the base band: a ripple, the checkerboard of 1D");
  EXPECT_EQ(SpectrumPage(line_document({3, -2}, 2)).verdict(),
            "✗ K2 at stride 2 passes the image at π 5 times as strongly as the base band: a ripple, the checkerboard "
            "of 1D");
  EXPECT_EQ(SpectrumPage(line_document({1, std::nanf("")}, 2)).verdict(),
            " These weights are not all finite: such a kernel has no spectrum");
  EXPECT_EQ(SpectrumPage(layer_document({.input = 1, .kernel = 2, .stride = 1025}, 1)).verdict(),
            " Stride 1025 makes too many images to look at each of them here");
  Document grouped = layer_document({.input = 3, .kernel = 2, .stride = 2});
  grouped.scenario.layer.in_channels = grouped.scenario.layer.out_channels = grouped.scenario.layer.groups = 2;
  SpectrumPage page(grouped);
  EXPECT_EQ(page.verdict(), "✓ K2 at stride 2 (w[0 → 0]) removes all 3 images: a flat input stays flat");
  page.interaction.out_channel = 1;
  EXPECT_EQ(page.verdict(), " Channels 0 and 1 lie in different groups: no kernel joins them");
}

TEST(SpectrumView, FrequenciesOfImages) {
  EXPECT_EQ(image_frequency_text(0, 4), "0");
  EXPECT_EQ(image_frequency_text(1, 4), "π/2");
  EXPECT_EQ(image_frequency_text(2, 4), "π");
  EXPECT_EQ(image_frequency_text(3, 4), "−π/2");
  EXPECT_EQ(image_frequency_text(1, 3), "2π/3");
  EXPECT_EQ(image_frequency_text(3, 8), "3π/4");
  EXPECT_EQ(image_frequency(2, 3), -2 * std::numbers::pi / 3);
}

/// The verdict's mark is that of the phases' sums.
TEST(SpectrumView, AgreesWithThePhaseSums) {
  int good = 0;
  int bad = 0;
  for (const auto& [name, document] : random_documents(120)) {
    SCOPED_TRACE(name);
    const SpectrumPage page(document);
    const LayerSpec& layer = document.scenario.layer;
    const ViewInput in = page.input();
    const SpectrumScene scene(in);
    if (!scene.has_gains()) continue;
    const auto sums = phase_sums(layer, page.results.weight, 0, 0);
    const bool even = evenness_of(sums, scene.gains.magnitude / static_cast<double>(sums.size())).even;
    EXPECT_EQ(spectrum_verdict(scene).mark, even ? "✓" : "✗");
    ++(even ? good : bad);
  }
  EXPECT_GT(good, 5);
  EXPECT_GT(bad, 20);
}

/// One chip for each axis where the curves along them differ, none where they do not.
TEST(SpectrumView, AnAxisCanBeChosen) {
  Document document = layer_document({.input = 4, .kernel = 4, .stride = 2});
  document.scenario.input.id = "ones";
  EXPECT_TRUE(boxes_of<ViewChoice>(SpectrumPage(document).figure()).empty());
  document.scenario.layer.axes[0].kernel = 3;
  SpectrumPage page(document);
  EXPECT_EQ(boxes_of<ViewChoice>(page.figure()).size(), 2U);
  EXPECT_TRUE(page.says("✓ 0 ")) << "along the width";
  page.interaction.set_option("spectrum/axis=0");
  EXPECT_FALSE(page.says("✓ 0 "));
  EXPECT_TRUE(page.says("✗ 4 (33 %)"));
  page.interaction.set_option("spectrum/axis=nonsense");
  EXPECT_TRUE(page.says("✓ 0 "));
}

TEST(SpectrumView, TheCursorReadsTheCurves) {
  SpectrumPage page(line_document({1, 1, 1}, 2));
  const auto strips = boxes_of<FrequencyPoint>(page.figure());
  ASSERT_FALSE(strips.empty());
  EXPECT_TRUE(page.says("Move the cursor over the curves"));
  for (const auto& strip : strips) {
    const auto& point = std::get<FrequencyPoint>(strip.tag);
    if (point.sample != 0) continue;  // −π
    page.interaction.hover = point;
    EXPECT_TRUE(page.says("ω = −1π   |X| = 36   |H| = 1   |X|·|H| = 36")) << page.words();
  }
  page.interaction.hover = FrequencyPoint{999999, 7};  // of another layer
  page.figure();
}

/// A spectrum of many more samples than the map has pixels: the one that is not nothing is still to be seen.
TEST(SpectrumView, NoPeakIsLostInASmallMap) {
  Document document = layer_document({.input = 1000, .kernel = 1, .stride = 1});
  document.scenario.input.id = "ones";
  const Figure figure = SpectrumPage(document).figure();
  const ColorMap& map = *find_color_map(document.presentation.color_map);
  int maps = 0;
  for (const Shape2D& shape : figure.shapes) {
    const auto* image = std::get_if<ImageShape>(&shape.what);
    if (image == nullptr || image->rect.w < 100 || image->rect.h < 100) continue;
    if (++maps != 2) continue;  // the kernel's is bright all over
    int bright = 0;
    const auto& rgba = image->raster->rgba;
    for (std::size_t i = 0; i < rgba.size(); i += 4) {
      bright += Color{rgba[i], rgba[i + 1], rgba[i + 2], rgba[i + 3]} == map.at(1) ? 1 : 0;
    }
    EXPECT_GE(bright, 1);
    EXPECT_LE(bright, 16);
  }
  EXPECT_EQ(maps, 2);
}

TEST(SpectrumView, SaysWhatIsNotDrawn) {
  Document document = layer_document({.input = 1500, .kernel = 2, .stride = 2});
  document.scenario.layer.axes[0].input = 2;
  EXPECT_TRUE(SpectrumPage(document).says("of its middle 4 × 1024 cells"));
  document = layer_document({.input = 3, .kernel = 2, .stride = 2}, 3);
  SpectrumPage deep(document);
  deep.interaction.out_slice = 1;
  EXPECT_TRUE(deep.says("where depth's frequency is 0"));
  EXPECT_TRUE(deep.says("slice 1 of 6"));
  EXPECT_TRUE(deep.says("depth's phase 1"));
  SpectrumPage nothing(line_document({0, 0, 0}, 2));
  EXPECT_TRUE(nothing.says("This output is 0 everywhere."));
  SpectrumPage infinite(line_document({1, INFINITY}, 2));
  EXPECT_TRUE(infinite.says("Not all weights are finite."));
  EXPECT_TRUE(infinite.says("Not all numbers of this output are finite."));
}

}  // namespace
}  // namespace tconv::test
