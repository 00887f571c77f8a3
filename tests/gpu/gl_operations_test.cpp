// Counts, shuffles and resizing by shaders, held against the core.

#include "gpu/gl_operations.h"

#include "core/coverage.h"
#include "gpu_support.h"

namespace tconv {
namespace {

using test::RandomLayers;
using test::relative_error;

/// Whole arrays at once, and cut into small pieces.
class GlOperationsTest : public testing::TestWithParam<std::int64_t> {
 protected:
  GlDevice& device() { return of_.device; }

 private:
  test::TestDevice of_{{.block_bytes = GetParam()}};
};

Shape random_shape(RandomLayers& random, std::int64_t channel_factor, std::int64_t cell_factor) {
  std::vector<std::int64_t> extents{random.between(1, 3), random.between(1, 4) * channel_factor};
  for (std::int64_t axes = random.between(1, 3); axes > 0; --axes) {
    extents.push_back(random.between(1, axes == 3 ? 4 : 9) * cell_factor);
  }
  return Shape(extents);
}

TEST_P(GlOperationsTest, CoverageIsExact) {
  RandomLayers random;
  for (int i = 0; i < 60; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    EXPECT_EQ(coverage_on(device(), layer), coverage_map(layer));
  }
}

TEST_P(GlOperationsTest, ShufflesAreExact) {
  RandomLayers random;
  for (int i = 0; i < 30; ++i) {
    SCOPED_TRACE(i);
    const std::int64_t factor = random.between(1, 3);
    for (const ChannelOrder order : {ChannelOrder::crd, ChannelOrder::dcr}) {
      const Tensor low = random.floats(random_shape(random, factor * factor * factor, 1));
      EXPECT_EQ(pixel_shuffle_on(device(), low, factor, order), pixel_shuffle(low, factor, order));
      const Tensor high = random.floats(random_shape(random, 1, factor));
      EXPECT_EQ(pixel_unshuffle_on(device(), high, factor, order), pixel_unshuffle(high, factor, order));
    }
  }
}

TEST_P(GlOperationsTest, ResizingAgrees) {
  RandomLayers random;
  struct Mode {
    ResizeMode mode;
    bool align_corners;
  };
  for (int i = 0; i < 30; ++i) {
    SCOPED_TRACE(i);
    const Tensor input = random.floats(random_shape(random, 1, 1));
    std::vector<std::int64_t> size;
    for (int axis = 2; axis < input.shape().rank(); ++axis) size.push_back(random.between(1, 14));
    for (const Mode& mode :
         {Mode{ResizeMode::nearest, false}, {ResizeMode::bilinear, false}, {ResizeMode::bilinear, true}}) {
      const Tensor truth = resize(input, size, mode.mode, mode.align_corners);
      const Tensor found = resize_on(device(), input, size, mode.mode, mode.align_corners);
      ASSERT_EQ(found.shape(), truth.shape());
      EXPECT_LE(relative_error(truth.values(), found.values()), mode.mode == ResizeMode::nearest ? 0 : 1e-6);
    }
  }
}

TEST_P(GlOperationsTest, InfinityLeavesNoTraceWhereItHasNoPart) {
  const Tensor input({1, 1, 3}, {1, INFINITY, 2});
  const std::array<std::int64_t, 1> size{6};
  const Tensor truth = resize(input, size, ResizeMode::bilinear);
  EXPECT_EQ(relative_error(truth.values(), resize_on(device(), input, size, ResizeMode::bilinear).values()), 0);
}

INSTANTIATE_TEST_SUITE_P(Blocks, GlOperationsTest, testing::Values(0, 2048), [](const auto& block) {
  return block.param == 0 ? std::string("Whole") : "Of" + std::to_string(block.param);
});

}  // namespace
}  // namespace tconv
