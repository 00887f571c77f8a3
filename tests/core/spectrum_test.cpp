#include "core/spectrum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include "core/evenness.h"
#include "core/pattern.h"
#include "core/scatter_add.h"
#include "layers.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using std::int64_t;
using std::numbers::pi;
using test::nine_cells;
using test::square;

LayerSpec five_by_five(int64_t kernel, int64_t stride) {
  return square({.input = 5, .kernel = kernel, .stride = stride});
}

ImageGains gains_of_taps(int64_t stride, std::vector<float> taps) {
  const auto kernel = static_cast<int64_t>(taps.size());
  return image_gains(nine_cells(kernel, stride), Tensor(Shape{1, 1, kernel}, std::move(taps)), 0, 0);
}

/// By the definition, at any frequencies.
double slow_magnitude(std::span<const float> values, const std::array<int64_t, 3>& size,
                      const std::array<int64_t, 3>& spacing, const std::array<double, 3>& frequency) {
  std::complex<double> sum;
  std::array<int64_t, 3> at{};
  std::size_t flat = 0;
  for (at[0] = 0; at[0] < size[0]; ++at[0]) {
    for (at[1] = 0; at[1] < size[1]; ++at[1]) {
      for (at[2] = 0; at[2] < size[2]; ++at[2]) {
        double angle = 0;
        for (std::size_t a = 0; a < 3; ++a) angle += static_cast<double>(at[a] * spacing[a]) * frequency[a];
        sum += static_cast<double>(values[flat++]) * std::polar(1.0, -angle);
      }
    }
  }
  return std::abs(sum);
}

TEST(Spectrum, OnesAndBilinearAtStrideTwo) {
  struct Fact {
    std::vector<float> taps;
    double dc, at_pi;
  };
  for (const Fact& fact : {Fact{{1, 1, 1}, 3, 1}, Fact{{1, 1, 1, 1}, 4, 0}, Fact{{0.25F, 0.75F, 0.75F, 0.25F}, 2, 0}}) {
    const ImageGains gains = gains_of_taps(2, fact.taps);
    EXPECT_EQ(gains.dc, fact.dc);
    ASSERT_EQ(gains.images.size(), 1U);
    EXPECT_EQ(gains.images[0].m[0], 1);
    EXPECT_EQ(gains.images[0].gain, fact.at_pi);
    EXPECT_EQ(gains.images[0].part, fact.at_pi / fact.dc);
    EXPECT_EQ(gains.images[0].removed, fact.at_pi == 0);
    EXPECT_EQ(gains.passed, fact.at_pi == 0 ? 0 : 1);
    // The curve goes through the same two points.
    const auto curve = response(std::vector<double>(fact.taps.begin(), fact.taps.end()), 1, 64);
    EXPECT_NEAR(curve[32], fact.dc, 1e-12);
    EXPECT_NEAR(curve[0], fact.at_pi, 1e-12);
    EXPECT_EQ(frequency_of(0, 64), -pi);
    EXPECT_EQ(frequency_of(32, 64), 0);
  }
}

TEST(Spectrum, OnesInTwoDimensionsAndTriangles) {
  const ImageGains ones = image_gains(five_by_five(3, 2), Tensor::filled(Shape{1, 1, 3, 3}, 1), 0, 0);
  EXPECT_EQ(ones.dc, 9);
  ASSERT_EQ(ones.images.size(), 3U);
  EXPECT_EQ(ones.images[0].m, (std::array<int64_t, 3>{0, 1, 0}));
  EXPECT_EQ(ones.images[0].gain, 3);
  EXPECT_EQ(ones.images[1].gain, 3);
  EXPECT_EQ(ones.images[2].m, (std::array<int64_t, 3>{1, 1, 0}));
  EXPECT_EQ(ones.images[2].gain, 1);
  EXPECT_EQ(ones.worst, 0U);
  EXPECT_EQ(ones.passed, 3);
  // A triangle of 2S taps removes every image.
  const ImageGains triangle = gains_of_taps(3, {1.0F / 6, 3.0F / 6, 5.0F / 6, 5.0F / 6, 3.0F / 6, 1.0F / 6});
  EXPECT_NEAR(triangle.dc, 3, 1e-6);
  EXPECT_EQ(triangle.passed, 0);
  EXPECT_EQ(triangle.images.size(), 2U);
}

TEST(Spectrum, KernelsThatPassNothingOfAFlatInput) {
  const ImageGains edge = gains_of_taps(2, {1, -1});
  EXPECT_EQ(edge.dc, 0);
  EXPECT_EQ(edge.images[0].gain, 2);
  EXPECT_TRUE(std::isinf(edge.images[0].part));
  const ImageGains zero = gains_of_taps(2, {0, 0, 0});
  EXPECT_EQ(zero.dc, 0);
  EXPECT_TRUE(zero.images[0].removed);
  EXPECT_EQ(zero.images[0].part, 0);
  EXPECT_FALSE(gains_of_taps(2, {1, std::nanf("")}).finite);
  EXPECT_TRUE(gains_of_taps(1, {1, 2, 3}).images.empty());
}

TEST(Spectrum, StridesBeyondWhatCanBeListed) {
  EXPECT_TRUE(has_few_images(five_by_five(3, 32)));
  EXPECT_FALSE(has_few_images(five_by_five(3, 33)));
  EXPECT_FALSE(has_few_images(nine_cells(3, int64_t{1} << 20)));
}

TEST(Spectrum, ImagesAreTheResponseThereAndVanishIffPhaseSumsAreEqual) {
  test::RandomLayers random;
  int even = 0;
  int uneven = 0;
  for (int i = 0; i < 150; ++i) {
    LayerSpec layer = random.layer(3000);
    const bool ones = i % 3 == 0;
    for (AxisSpec& axis : layer.spatial()) {
      if (ones && random.between(0, 3) > 0) {  // for which the counts are even
        axis.kernel = axis.stride * random.between(1, 2);
        axis.dilation = 1;
        axis.output_padding = 0;
      }
    }
    if (!has_few_images(layer)) continue;
    SCOPED_TRACE(random.trace(layer));
    Tensor weight = i % 2 == 0 ? random.floats(weight_shape(layer)) : random.integers(weight_shape(layer));
    if (ones) weight = Tensor::filled(weight_shape(layer), 0.3F);
    const int64_t in = layer.in_channels - 1;
    const int64_t out = layer.out_channels - 1;
    const ImageGains gains = image_gains(layer, weight, in, out);
    const auto sums = phase_sums(layer, weight, in, out);
    ASSERT_EQ(gains.images.size() + 1, sums.size());

    const auto axes = layer.as_3d();
    const int64_t taps = axes[0].kernel * axes[1].kernel * axes[2].kernel;
    const auto kernel = weight.values().last(static_cast<std::size_t>(taps));  // of the last pair
    double magnitude = 0;
    for (const float tap : kernel) magnitude += static_cast<double>(std::abs(tap));
    const auto at = [&](const std::array<int64_t, 3>& m) {
      std::array<double, 3> frequency{};
      for (std::size_t a = 0; a < layer.spatial().size(); ++a) {
        frequency[a + 3 - layer.spatial().size()] =
            2 * pi * static_cast<double>(m[a]) / static_cast<double>(layer.axes[a].stride);
      }
      return slow_magnitude(kernel, {axes[0].kernel, axes[1].kernel, axes[2].kernel},
                            {axes[0].dilation, axes[1].dilation, axes[2].dilation}, frequency);
    };
    EXPECT_NEAR(gains.dc, at({}), 2e-6 * magnitude);
    for (const ImageGain& image : gains.images) EXPECT_NEAR(image.gain, at(image.m), 2e-6 * magnitude);

    // Parseval: the energy of the phases' sums.
    double energy = gains.dc * gains.dc;
    for (const ImageGain& image : gains.images) energy += image.gain * image.gain;
    double of_sums = 0;
    for (const double sum : sums) of_sums += sum * sum;
    EXPECT_NEAR(energy, of_sums * static_cast<double>(sums.size()), 1e-9 * (1 + magnitude * magnitude));

    const bool all_equal = evenness_of(sums, magnitude / static_cast<double>(sums.size())).even;
    EXPECT_EQ(gains.passed == 0, all_equal);
    ++(all_equal ? even : uneven);
  }
  EXPECT_GT(even, 5);
  EXPECT_GT(uneven, 20);
}

TEST(Spectrum, ResponseEqualsTheSlowOneWhateverTheSpacing) {
  test::RandomLayers random;
  for (int i = 0; i < 40; ++i) {
    const int64_t count = random.between(1, 20);
    const int64_t spacing = i == 0 ? int64_t{1} << 20 : random.between(1, 9);
    const int64_t points = random.between(1, 40);
    SCOPED_TRACE(std::to_string(count) + " numbers, " + std::to_string(spacing) + " apart, " + std::to_string(points) +
                 " points");
    const Tensor values = random.floats(Shape{count});
    const auto curve = response(std::vector<double>(values.values().begin(), values.values().end()), spacing, points);
    for (int64_t j = 0; j < points; ++j) {
      EXPECT_NEAR(curve[static_cast<std::size_t>(j)],
                  slow_magnitude(values.values(), {1, 1, count}, {1, 1, spacing}, {0, 0, frequency_of(j, points)}),
                  1e-8);
      EXPECT_NEAR(sample_of(frequency_of(j, points), points), static_cast<double>(j), 1e-9);
    }
  }
}

TEST(Spectrum, PlaneResponseEqualsTheSlowOne) {
  test::RandomLayers random;
  for (int i = 0; i < 15; ++i) {
    const std::array<int64_t, 2> size{random.between(1, 7), random.between(1, 7)};
    const std::array<int64_t, 2> spacing{random.between(1, 5), random.between(1, 5)};
    const int64_t rows = random.between(1, 12);
    const int64_t cols = random.between(1, 12);
    const Tensor taps = random.floats(Shape{size[0], size[1]});
    const NumberPlane plane =
        response(NumberPlane{{taps.values().begin(), taps.values().end()}, size[0], size[1]}, spacing, rows, cols);
    for (int64_t y = 0; y < rows; ++y) {
      for (int64_t x = 0; x < cols; ++x) {
        EXPECT_NEAR(plane.values[static_cast<std::size_t>(y * cols + x)],
                    slow_magnitude(taps.values(), {1, size[0], size[1]}, {1, spacing[0], spacing[1]},
                                   {0, frequency_of(y, rows), frequency_of(x, cols)}),
                    1e-10);
      }
    }
  }
}

TEST(Spectrum, TapsAndCellsAlongAnAxis) {
  LayerSpec layer = five_by_five(2, 2);
  layer.axes[0].kernel = 3;
  layer.axes[0].input = layer.axes[1].input = 2;
  layer.in_channels = layer.out_channels = layer.groups = 2;
  const Tensor weight(Shape{2, 1, 3, 2}, {0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6});
  EXPECT_EQ(axis_taps(layer, weight, 1, 1, 0), (std::vector<double>{3, 7, 11}));
  EXPECT_EQ(axis_taps(layer, weight, 1, 1, 1), (std::vector<double>{9, 12}));
  EXPECT_EQ(axis_taps(layer, weight, 0, 1, 1), (std::vector<double>{0, 0})) << "no kernel joins them";
  EXPECT_EQ(plane_taps(layer, weight, 1, 1).values, (std::vector<double>{1, 2, 3, 4, 5, 6}));
  const Tensor input(Shape{1, 2, 2, 2}, {0, 0, 0, 0, 1, 2, 3, 5});
  EXPECT_EQ(axis_cells(layer, input, 0, 1, 0), (std::vector<double>{3, 8}));
  EXPECT_EQ(axis_cells(layer, input, 0, 1, 1), (std::vector<double>{4, 7}));
}

/// Zero insertion squeezes the spectrum, the kernel multiplies it: |Y| = |H|·|X|, X taken S cells apart.
TEST(Spectrum, TheUncroppedOutputIsTheProduct) {
  test::RandomLayers random;
  for (int i = 0; i < 20; ++i) {
    LayerSpec layer = nine_cells(random.between(1, 6), random.between(1, 4), random.between(1, 3));
    layer.axes[0].input = random.between(1, 8);
    SCOPED_TRACE(random.trace(layer));
    const Tensor input = random.integers(input_shape(layer));
    const Tensor weight = random.integers(weight_shape(layer));
    const Tensor output = scatter_add(layer, input, weight);
    const auto x = response(axis_cells(layer, input, 0, 0, 0), layer.axes[0].stride, 48);
    const auto h = response(axis_taps(layer, weight, 0, 0, 0), layer.axes[0].dilation, 48);
    const auto y = response(std::vector<double>(output.values().begin(), output.values().end()), 1, 48);
    for (std::size_t j = 0; j < y.size(); ++j) EXPECT_NEAR(y[j], x[j] * h[j], 1e-9);
  }
}

TEST(Spectrum, ZeroInsertionMakesImagesOfTheBaseBand) {
  test::RandomLayers random;
  const Tensor input = random.floats(Shape{11});
  const auto x = response(std::vector<double>(input.values().begin(), input.values().end()), 3, 96);
  // The band around 2π/3 is the base band again.
  for (std::size_t j = 0; j < 32; ++j) EXPECT_NEAR(x[32 + j], x[64 + j], 1e-10);
}

TEST(Spectrum, IdealFilterIsTheSinc) {
  EXPECT_EQ(ideal_tap(0, 3), 1);
  EXPECT_EQ(ideal_tap(6, 3), 0);
  EXPECT_NEAR(ideal_tap(1, 2), 2 / pi, 1e-15);
  EXPECT_EQ(ideal_tap(-1, 2), ideal_tap(1, 2));
  EXPECT_EQ(ideal_response(0.3, 2), 2);
  EXPECT_EQ(ideal_response(pi / 2, 2), 1);
  EXPECT_EQ(ideal_response(-2, 2), 0);
  EXPECT_EQ(ideal_response(-pi, 1), 1);
  // A long piece of it has nearly that response.
  for (const int64_t stride : {2, 3, 5}) {
    std::vector<double> taps;
    for (int64_t n = -3000; n <= 3000; ++n) taps.push_back(ideal_tap(n, stride));
    const auto curve = response(taps, 1, 64);
    for (int64_t j = 0; j < 64; ++j) {
      const double frequency = frequency_of(j, 64);
      if (std::abs(std::abs(frequency) - pi / static_cast<double>(stride)) < 0.1) continue;
      EXPECT_NEAR(curve[static_cast<std::size_t>(j)], ideal_response(frequency, stride), 0.02) << stride << " " << j;
    }
  }
}

LogSpectrum spectrum_of(const std::vector<float>& plane, int64_t rows, int64_t cols) {
  return *log_spectrum(plane, rows, cols, {});
}

TEST(Spectrum, OfPlanesEqualsTheSlowOneAndKeepsTheEnergy) {
  test::RandomLayers random;
  for (const auto& [rows, cols] : {std::array<int64_t, 2>{1, 17}, {6, 5}, {1, 1}, {8, 8}, {3, 31}, {7, 1}}) {
    SCOPED_TRACE(std::to_string(rows) + " × " + std::to_string(cols));
    const Tensor plane = random.floats(Shape{rows, cols});
    const LogSpectrum spectrum = *log_spectrum(plane.values(), rows, cols, {});
    EXPECT_EQ(spectrum.rows, rows);
    EXPECT_EQ(spectrum.cols, cols);
    EXPECT_FALSE(spectrum.cropped(rows, cols));
    double energy = 0;
    double most = lowest_level;
    for (int64_t y = 0; y < rows; ++y) {
      for (int64_t x = 0; x < cols; ++x) {
        const auto level = static_cast<double>(spectrum.levels[static_cast<std::size_t>(y * cols + x)]);
        most = std::max(most, level);
        const double magnitude = spectrum.largest * std::pow(10, level / 20);
        EXPECT_NEAR(magnitude,
                    slow_magnitude(plane.values(), {1, rows, cols}, {1, 1, 1},
                                   {0, frequency_of(y, rows), frequency_of(x, cols)}),
                    2e-5 * spectrum.largest);
        energy += magnitude * magnitude;
      }
    }
    EXPECT_EQ(most, 0);
    double squares = 0;
    for (const float value : plane.values()) squares += static_cast<double>(value * value);
    EXPECT_NEAR(energy, squares * static_cast<double>(rows * cols), 1e-4 * energy);
  }
}

TEST(Spectrum, OfACheckerboardHasFourPeaksAtMost) {
  // 4·2·2·1, the middle of ones 3 × 3 at stride 2.
  std::vector<float> plane;
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 6; ++x) plane.push_back(static_cast<float>((2 - y % 2) * (2 - x % 2)));
  }
  const LogSpectrum spectrum = spectrum_of(plane, 6, 6);
  EXPECT_EQ(spectrum.largest, 81);
  const auto level = [&](int y, int x) {
    return static_cast<double>(spectrum.levels[static_cast<std::size_t>(y * 6 + x)]);
  };
  EXPECT_EQ(level(3, 3), 0);
  EXPECT_NEAR(level(0, 3), 20 * std::log10(1.0 / 3), 1e-5);
  EXPECT_NEAR(level(3, 0), 20 * std::log10(1.0 / 3), 1e-5);
  EXPECT_NEAR(level(0, 0), 20 * std::log10(1.0 / 9), 1e-5);
  EXPECT_EQ(std::ranges::count(spectrum.levels, static_cast<float>(lowest_level)), 32);
}

TEST(Spectrum, OfNothingAndOfNoNumbers) {
  const LogSpectrum zeros = spectrum_of({0, 0, 0, 0}, 2, 2);
  EXPECT_EQ(zeros.largest, 0);
  EXPECT_TRUE(zeros.finite);
  EXPECT_EQ(zeros.levels, std::vector<float>(4, static_cast<float>(lowest_level)));
  const LogSpectrum broken = spectrum_of({0, std::numeric_limits<float>::infinity()}, 1, 2);
  EXPECT_FALSE(broken.finite);
  EXPECT_EQ(broken.levels, std::vector<float>(2, static_cast<float>(lowest_level)));
  EXPECT_TRUE(std::isfinite(spectrum_of({3e38F, 3e38F, 3e38F}, 1, 3).largest));
}

TEST(Spectrum, LargePlanesAreCroppedToTheirCentre) {
  std::vector<float> plane(3000, 0.0F);
  plane[1500] = 1;
  const LogSpectrum wide = spectrum_of(plane, 2, 1500);
  EXPECT_EQ(wide.rows, 2);
  EXPECT_EQ(wide.cols, largest_spectrum_side);
  EXPECT_EQ(wide.first_col, 238);
  EXPECT_TRUE(wide.cropped(2, 1500));
  EXPECT_EQ(wide.largest, 0) << "the one number lies outside";
  // A prime length that the library would take very long for.
  const std::vector<float> line_of_primes(1'000'003, 1.0F);
  const LogSpectrum nine_cells = spectrum_of(line_of_primes, 1, 1'000'003);
  EXPECT_EQ(nine_cells.cols, largest_spectrum_line);
  EXPECT_EQ(nine_cells.largest, static_cast<double>(largest_spectrum_line));
  EXPECT_EQ(spectrum_of(std::vector<float>(509, 1.0F), 1, 509).cols, 507) << "3·13·13";
  EXPECT_EQ(spectrum_of(std::vector<float>(251, 1.0F), 1, 251).cols, 251);
}

TEST(Spectrum, StopsWhenTold) {
  const std::vector<float> plane(64 * 64, 1.0F);
  EXPECT_FALSE(log_spectrum(plane, 64, 64, [] { return false; }).has_value());
}

}  // namespace
}  // namespace tconv
