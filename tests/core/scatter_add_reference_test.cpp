#include <gtest/gtest.h>

#include <cmath>

#include "core/scatter_add.h"
#include "support/reference_cases.h"

namespace tconv {
namespace {

TEST(ScatterAddReference, AgreesWithPyTorch) {
  const auto cases = test::reference_cases("conv_transpose");
  ASSERT_EQ(cases.size(), 60U);
  for (const test::ReferenceCase& entry : cases) {
    SCOPED_TRACE(entry.name);
    const auto arrays = test::reference_tensors(entry.name);
    const Tensor& x = arrays.at("x");
    const Tensor& w = arrays.at("w");
    const Tensor& truth = arrays.at("y");
    const Tensor b = entry.bias ? arrays.at("b") : Tensor();
    LayerSpec layer;
    layer.dims = entry.dims;
    layer.batch = x.shape()[0];
    layer.in_channels = x.shape()[1];
    layer.out_channels = truth.shape()[1];
    layer.groups = entry.groups;
    layer.bias = entry.bias;
    for (std::size_t a = 0; a < entry.kernel.size(); ++a) {
      layer.axes[a] = {entry.input[a],   entry.kernel[a],         entry.stride[a],  entry.padding[a],
                       entry.padding[a], entry.output_padding[a], entry.dilation[a]};
    }
    const Shape bias_shape = b.shape();
    ASSERT_TRUE(validate(layer).empty()) << to_line(validate(layer).front());
    ASSERT_TRUE(validate_arrays(layer, x.shape(), w.shape(), entry.bias ? &bias_shape : nullptr).empty());
    for (std::size_t a = 0; a < entry.output.size(); ++a) EXPECT_EQ(output_size(layer.axes[a]), entry.output[a]);

    const Tensor y = scatter_add(layer, x, w, b);
    ASSERT_EQ(y.shape(), truth.shape());
    double square_sum = 0;
    for (const float value : truth.values()) square_sum += static_cast<double>(value) * static_cast<double>(value);
    const double tolerance = entry.integer ? 0 : 2e-5 * std::sqrt(square_sum / static_cast<double>(truth.size()));
    for (std::int64_t c = 0; c < y.size(); ++c) {
      ASSERT_LE(std::abs(static_cast<double>(y[c]) - static_cast<double>(truth[c])), tolerance) << "cell " << c;
    }
  }
}

}  // namespace
}  // namespace tconv
