#include "support/random_layers.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tconv {
namespace {

TEST(RandomLayers, ReachEveryCorner) {
  test::RandomLayers random(1);  // a fixed seed: this asks what the generator can do, not what today's numbers are
  int dims[4] = {};
  int crops_inputs = 0;
  int uneven = 0;
  int beyond_stride = 0;
  int grouped = 0;
  int axes_differ = 0;
  int with_bias = 0;
  for (int i = 0; i < 300; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    ASSERT_TRUE(validate(layer).empty());
    ++dims[layer.dims];
    grouped += layer.groups > 1 ? 1 : 0;
    with_bias += layer.bias ? 1 : 0;
    axes_differ += layer.dims > 1 && layer.axes[0].stride != layer.axes[1].stride ? 1 : 0;
    for (const AxisSpec& axis : layer.spatial()) {
      crops_inputs += axis.padding_begin > axis.dilation * (axis.kernel - 1) ? 1 : 0;
      uneven += axis.padding_begin != axis.padding_end ? 1 : 0;
      beyond_stride += axis.output_padding >= axis.stride ? 1 : 0;
    }
  }
  EXPECT_GT(std::min({dims[1], dims[2], dims[3]}), 50);
  EXPECT_GT(crops_inputs, 20);
  EXPECT_GT(uneven, 50);
  EXPECT_GT(beyond_stride, 10);
  EXPECT_GT(grouped, 20);
  EXPECT_GT(axes_differ, 50);
  EXPECT_GT(with_bias, 50);
}

}  // namespace
}  // namespace tconv
