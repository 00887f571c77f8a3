// The numbers behind every view are those that core and compute say, and the first is what is on the screen.
#include <gtest/gtest.h>

#include "arrays_scene.h"
#include "core/coverage.h"
#include "core/phases.h"
#include "core/pixel_shuffle.h"
#include "core/sizes.h"
#include "core/spectrum.h"
#include "core/stack.h"
#include "core/zero_insertion.h"
#include "views/view_arrays.h"

namespace tconv::test {
namespace {

/// Equal but for rounding; NaN is like NaN.
bool alike(float a, float b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (std::isinf(a) || std::isinf(b)) return a == b;
  return std::abs(a - b) <= 1e-4F * (1 + std::max(std::abs(a), std::abs(b)));
}

/// Layers of every kind that are quick to compute.
std::vector<NamedDocument> some_legal() {
  std::vector<NamedDocument> list;
  for (NamedDocument& one : documents()) {
    if (validate(one.document.scenario).empty() && multiplications(one.document.scenario.layer) < 100'000) {
      list.push_back(std::move(one));
    }
  }
  for (NamedDocument& one : random_documents(20)) list.push_back(std::move(one));
  return list;
}

TEST(FirstArray, OfPaintIsTheOutputAtTheStepOrTheHits) {
  for (const auto& [name, document] : some_legal()) {
    const View& view = *find_view("paint");
    for (const double part : {0.0, 0.4, 1.0}) {
      const ArraysScene scene(view, document, {}, part);
      const Arrays arrays = scene.arrays(view);
      EXPECT_EQ(named(arrays, "output").values, scene.results.frame.output) << name;
      EXPECT_EQ(named(arrays, "hits").values, coverage_map(document.scenario.layer)) << name;
      EXPECT_EQ(arrays.front().name, document.presentation.show_hits ? "hits" : "output") << name;
    }
  }
}

TEST(FirstArray, OfPaintSaysTheStep) {
  EXPECT_EQ(arrays_of("paint", {}, {}, 0.75).front().words, "output y after 3 of 4 stamps");
  EXPECT_EQ(arrays_of("paint", {}).front().words, "output y");
}

TEST(FirstArray, OfInsertZerosIsThePaddedMap) {
  for (const auto& [name, document] : some_legal()) {
    const Arrays arrays = arrays_of("insert-zeros", document);
    const LayerSpec& layer = document.scenario.layer;
    EXPECT_EQ(arrays.front().values, zero_padded(layer, input_of(document.scenario))) << name;
    EXPECT_EQ(named(arrays, "turned_kernel").values, flipped(weight_of(document.scenario))) << name;
  }
}

TEST(FirstArray, OfInsertZerosComesWithWhatIsWrongWithoutTurning) {
  Interaction unturned;
  unturned.set_option("insert-zeros/unturned");
  Document document = layer_document({.input = 2, .kernel = 3});
  document.scenario.kernel.id = "counting";
  const Arrays arrays = arrays_of("insert-zeros", document, unturned);
  const Tensor& wrong = named(arrays, "unturned_output").values;
  EXPECT_EQ(std::vector<float>(wrong.data(), wrong.data() + 4), (std::vector<float>{9, 26, 23, 14}));
}

TEST(FirstArray, OfMatrixTimesXIsY) {
  for (const auto& [name, document] : some_legal()) {
    const View& view = *find_view("matrix");
    const ArraysScene scene(view, document);
    const Arrays arrays = scene.arrays(view);
    const Tensor& x = named(arrays, "x").values;
    const Tensor& up = scene.results.ways->matrix_summary.up;
    if (arrays.front().name != "matrix" || !std::ranges::all_of(x.values(), [](float v) { return std::isfinite(v); }))
      continue;
    const Tensor& matrix = arrays.front().values;
    std::vector<double> y(static_cast<std::size_t>(named(arrays, "y").values.size()), 0.0);
    std::vector<double> largest(y.size(), 0.0);
    const bool dense = arrays.front().columns.empty();
    const std::int64_t entries = dense ? matrix.size() : matrix.shape()[0];
    for (std::int64_t i = 0; i < entries; ++i) {
      const std::int64_t row = dense ? i / x.size() : std::llround(matrix[3 * i]);
      const std::int64_t col = dense ? i % x.size() : std::llround(matrix[3 * i + 1]);
      const double product = static_cast<double>(dense ? matrix[i] : matrix[3 * i + 2]) * static_cast<double>(x[col]);
      y[static_cast<std::size_t>(row)] += product;
      largest[static_cast<std::size_t>(row)] += std::abs(product);
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
      ASSERT_NEAR(y[i], static_cast<double>(up[static_cast<std::int64_t>(i)]), 1e-6 * largest[i]) << name << " " << i;
    }
  }
}

TEST(FirstArray, OfMatrixIsATableWhenItIsLarge) {
  const Arrays small = arrays_of("matrix", layer_document({.input = 3, .kernel = 2}));
  EXPECT_EQ(small.front().values.shape(), (Shape{16, 9}));
  const Arrays large = arrays_of("matrix", layer_document({.input = 40, .kernel = 2}));
  EXPECT_EQ(large.front().columns, (std::vector<std::string>{"row", "column", "value"}));
  EXPECT_EQ(large.front().values.shape(), (Shape{1600 * 4, 3}));
}

TEST(FirstArray, OfPhasesIsWhatItsPartsInterleaveTo) {
  for (const auto& [name, document] : some_legal()) {
    const View& view = *find_view("phases");
    const ArraysScene scene(view, document);
    const Arrays arrays = scene.arrays(view);
    const LayerSpec& layer = document.scenario.layer;
    const Tensor& output = scene.results.ways->output;
    EXPECT_EQ(arrays.front().values, output) << name;
    std::int64_t phases = 1;
    for (const AxisSpec& axis : layer.spatial()) phases *= axis.stride;
    if (phases > most_phase_arrays) continue;
    std::int64_t cells = 0;
    std::int64_t taps = 0;
    for (const NamedArray& array : arrays) {
      if (array.name.starts_with("kernel_")) taps += array.values.size();
      if (array.name.starts_with("output_")) cells += array.values.size();
    }
    EXPECT_EQ(cells, output.size()) << name;
    EXPECT_EQ(taps, scene.results.weight.size()) << name;
    if (layer.dims != 2) continue;
    for (std::int64_t y = 0; y < output.shape()[2]; ++y) {
      for (std::int64_t x = 0; x < output.shape()[3]; ++x) {
        const AxisPhase row = axis_phase(layer.axes[0], phase_of(layer.axes[0], y));
        const AxisPhase col = axis_phase(layer.axes[1], phase_of(layer.axes[1], x));
        const Tensor& part =
            named(arrays, "output_" + std::to_string(row.phase) + "_" + std::to_string(col.phase)).values;
        const std::int64_t at =
            (y - row.first) / layer.axes[0].stride * part.shape()[3] + (x - col.first) / layer.axes[1].stride;
        ASSERT_TRUE(alike(part[at], output[y * output.shape()[3] + x])) << name << " " << y << " " << x;
      }
    }
  }
}

TEST(FirstArray, OfPhasesLacksWhatIsNotInterleavedYet) {
  const Document document = layer_document({.input = 2, .kernel = 2, .stride = 2});
  Interaction one;
  const View& view = *find_view("phases");
  ArraysScene scene(view, document);
  scene.interaction.own_step = 1;
  const Arrays arrays = scene.arrays(view);
  const auto values = arrays.front().values.values();
  EXPECT_EQ(std::vector<float>(values.begin(), values.begin() + 8), (std::vector<float>{1, 0, 2, 0, 0, 0, 0, 0}));
  EXPECT_NE(arrays.front().words.find("1 of 4 phases"), std::string::npos) << arrays.front().words;
}

TEST(FirstArray, OfLinkedIsThatOfPaintAndAllOthersComeAlong) {
  const Document document = layer_document({.input = 3, .kernel = 3, .stride = 2});
  const Arrays arrays = arrays_of("linked", document, {}, 0.5);
  EXPECT_EQ(arrays.front().values, arrays_of("paint", document, {}, 0.5).front().values);
  for (const char* name : {"input", "kernel", "hits", "padded", "turned_kernel", "matrix", "x", "y"}) {
    EXPECT_NO_THROW(named(arrays, name)) << name;
  }
}

TEST(FirstArray, OfSizeAddsUp) {
  for (const auto& [name, document] : some_legal()) {
    const LayerSpec& layer = document.scenario.layer;
    const Arrays arrays = arrays_of("size", document);
    const Tensor& terms = arrays.front().values;
    ASSERT_EQ(terms.shape(), (Shape{layer.dims, 6})) << name;
    for (int axis = 0; axis < layer.dims; ++axis) {
      float sum = 0;
      for (int i = 0; i < 5; ++i) sum += terms[axis * 6 + i];
      EXPECT_EQ(sum, terms[axis * 6 + 5]) << name;
      EXPECT_EQ(sum, static_cast<float>(output_size(layer.axes[static_cast<std::size_t>(axis)]))) << name;
    }
    const SizeRange range = legal_outputs(layer.axes[0]);
    EXPECT_EQ(named(arrays, "outputs").values.shape()[0], range.last - range.first + 1) << name;
  }
}

TEST(FirstArray, OfOverlapIsTheChosenCoverage) {
  for (const auto& [name, document] : some_legal()) {
    const LayerSpec& layer = document.scenario.layer;
    const Arrays counts = arrays_of("overlap", document);
    EXPECT_EQ(counts.front().values, coverage_map(layer)) << name;
    if (layer.in_channels > 1 || layer.out_channels > 1) continue;
    Interaction weighted;
    weighted.set_option("overlap/sum=kernel");
    const Tensor weight = weight_of(document.scenario);
    const auto at = arrays_of("overlap", document, weighted);
    EXPECT_EQ(at.front().values, coverage_map(layer, weight.values())) << name;
    EXPECT_NE(at.front().words.find("sum of the taps"), std::string::npos);
    if (layer.dims != 2) continue;
    const std::int64_t cols = at.front().values.shape()[1];
    const std::int64_t row = at.front().values.shape()[0] / 2;
    const Tensor& profile = named(at, "row_profile").values;
    for (std::int64_t x = 0; x < cols; ++x) ASSERT_TRUE(alike(profile[x], at.front().values[row * cols + x])) << name;
  }
}

TEST(FirstArray, OfOverlapRefusesWhatNoMemoryHolds) {
  Document document = layer_document({.input = 1 << 14, .kernel = 3, .stride = 4});
  document.scenario.layer.dims = 2;  // 65535 × 65535 cells, more than a layer may have
  EXPECT_TRUE(arrays_of("overlap", document).empty());
  EXPECT_THROW(require_array_memory("a map", INT64_MAX), std::runtime_error);
}

TEST(FirstArray, OfSpectrumHasTheCurves) {
  const Document document = layer_document({.input = 6, .kernel = 3, .stride = 2}, 1);
  const View& view = *find_view("spectrum");
  const ArraysScene scene(view, document);
  const Arrays arrays = scene.arrays(view);
  const Tensor& curves = arrays.front().values;
  ASSERT_EQ(arrays.front().columns, (std::vector<std::string>{"frequency", "input", "kernel", "output"}));
  const std::int64_t points = curves.shape()[0];
  const std::vector<double> kernel = response(std::vector<double>{1, 1, 1}, 1, points);
  for (std::int64_t i = 0; i < points; ++i) {
    EXPECT_EQ(curves[4 * i], static_cast<float>(frequency_of(i, points)));
    EXPECT_EQ(curves[4 * i + 2], static_cast<float>(kernel[static_cast<std::size_t>(i)]));
  }
  const Tensor& images = named(arrays, "images").values;
  EXPECT_EQ(images.shape(), (Shape{1, 4}));
  EXPECT_NEAR(images[1], 1, 1e-6) << "|H(π)| of three ones";
  EXPECT_EQ(named(arrays, "phase_sums").values, Tensor(Shape{2}, {2, 1}));
}

TEST(FirstArray, OfPixelShuffleIsWhatTheShuffleMakes) {
  for (const std::int64_t input : {3, 40}) {
    Document document = layer_document({.input = input, .kernel = 2, .stride = 2});
    const Arrays arrays = arrays_of("pixel-shuffle", document);
    EXPECT_EQ(arrays.front().name, "large");
    EXPECT_EQ(arrays.front().values, pixel_shuffle(named(arrays, "small").values, 2));
    Interaction back;
    back.set_option("pixel-shuffle/direction=unshuffle");
    EXPECT_EQ(arrays_of("pixel-shuffle", document, back).front().name, "small");
  }
}

TEST(FirstArray, OfCompareIsTheLayersOutput) {
  const Document document = layer_document({.input = 20, .kernel = 3, .stride = 2});
  const View& view = *find_view("compare");
  const ArraysScene scene(view, document);
  const Arrays arrays = scene.arrays(view);
  const Comparison& comparison = *scene.results.comparison;
  EXPECT_EQ(arrays.front().name, "layer");
  for (const Upsampler& one : comparison.upsamplers) EXPECT_EQ(named(arrays, one.id).values, one.output);
  EXPECT_EQ(named(arrays, "methods").values.shape()[0], static_cast<std::int64_t>(comparison.upsamplers.size()));
}

TEST(FirstArray, OfDecoderStackIsTheProfileOfItsEnd) {
  const Document document = layer_document({.input = 4, .kernel = 3, .stride = 2});
  const Arrays arrays = arrays_of("decoder-stack", document);
  const StackReport report = report_on(repeated(document.scenario.layer, 3));
  const auto& profile = report.depths.back().axes.back().profile;
  EXPECT_EQ(arrays.front().name, "paths_3");
  ASSERT_EQ(arrays.front().values.size(), static_cast<std::int64_t>(profile.size()));
  for (std::size_t i = 0; i < profile.size(); ++i) {
    EXPECT_EQ(arrays.front().values[static_cast<std::int64_t>(i)], static_cast<float>(profile[i]));
  }
  EXPECT_EQ(named(arrays, "layers").values.shape()[0], 3);
}

TEST(FirstArray, OfGradientsIsThatOfTheInput) {
  for (const auto& [name, document] : some_legal()) {
    const Scenario& scenario = document.scenario;
    const Arrays arrays = arrays_of("gradients", document);
    const auto want = gradients(scenario.layer, input_of(scenario), weight_of(scenario), grad_output_of(scenario), {});
    EXPECT_EQ(arrays.front().values, want->input) << name;
    EXPECT_EQ(named(arrays, "dw").values, want->weight) << name;
    if (scenario.layer.bias) {
      EXPECT_EQ(named(arrays, "db").values, want->bias) << name;
    }
  }
}

}  // namespace
}  // namespace tconv::test
