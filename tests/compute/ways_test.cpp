#include "compute/ways.h"

#include <gtest/gtest.h>

#include "compute/result_store.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using std::int64_t;

std::shared_ptr<const Ways> ways_of(const LayerSpec& layer) {
  Scenario scenario;
  scenario.layer = layer;
  scenario.input.id = "random";
  scenario.kernel.id = "random";
  return compute_results(scenario, 0).ways;
}

TEST(Ways, HoldTheSpectrumOfEveryPlaneOfTheOutput) {
  test::RandomLayers random;
  for (int i = 0; i < 30; ++i) {
    const LayerSpec layer = random.layer(3000);
    SCOPED_TRACE(random.trace(layer));
    const auto ways = ways_of(layer);
    const auto axes = layer.as_3d();
    const int64_t depth = output_size(axes[0]);
    const int64_t rows = output_size(axes[1]);
    const int64_t cols = output_size(axes[2]);
    ASSERT_EQ(ways->output_spectra.size(), static_cast<std::size_t>(layer.batch * layer.out_channels * depth));
    const LogSpectrum* last = ways->output_spectrum(layer.batch - 1, layer.out_channels - 1, depth - 1);
    ASSERT_NE(last, nullptr);
    const auto plane = ways->output.values().last(static_cast<std::size_t>(rows * cols));
    EXPECT_EQ(last->levels, log_spectrum(plane, rows, cols, {})->levels);
    EXPECT_EQ(ways->output_spectrum(layer.batch, 0, 0), nullptr);
  }
}

TEST(Ways, LimitTheSpectraOfManyPlanes) {
  LayerSpec layer;
  layer.out_channels = 4;
  layer.axes.fill({.input = 1024, .kernel = 1, .stride = 1});
  const auto ways = ways_of(layer);
  EXPECT_EQ(ways->output_spectra.size(), 3U);
  EXPECT_NE(ways->output_spectrum(0, 2, 0), nullptr);
  EXPECT_EQ(ways->output_spectrum(0, 3, 0), nullptr);
}

}  // namespace
}  // namespace tconv
