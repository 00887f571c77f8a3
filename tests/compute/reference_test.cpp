// Every way of computing, and the gradients, against PyTorch's answers.
#include <gtest/gtest.h>

#include <cmath>

#include "compute/gradient_method.h"
#include "compute/method.h"
#include "support/reference_cases.h"

namespace tconv {
namespace {

struct Case {
  std::map<std::string, Tensor> arrays;
  LayerSpec layer;
  Tensor bias;
};

Case load(const test::ReferenceCase& entry) {
  Case loaded{.arrays = test::reference_tensors(entry.name), .layer = {}, .bias = {}};
  const Shape& x = loaded.arrays.at("x").shape();
  LayerSpec& layer = loaded.layer;
  layer.dims = entry.dims;
  layer.batch = x[0];
  layer.in_channels = x[1];
  layer.out_channels = loaded.arrays.at("y").shape()[1];
  layer.groups = entry.groups;
  layer.bias = entry.bias;
  for (std::size_t a = 0; a < entry.kernel.size(); ++a) {
    layer.axes[a] = {entry.input[a],   entry.kernel[a],         entry.stride[a],  entry.padding[a],
                     entry.padding[a], entry.output_padding[a], entry.dilation[a]};
  }
  if (entry.bias) loaded.bias = loaded.arrays.at("b");
  return loaded;
}

/// Equal: to the last bit where `exact`, else within 2e-5 of the truth's rms.
void expect_near(const Tensor& found, const Tensor& truth, bool exact, const std::string& what) {
  ASSERT_EQ(found.shape(), truth.shape()) << what;
  double square_sum = 0;
  for (const float value : truth.values()) square_sum += static_cast<double>(value) * static_cast<double>(value);
  const double tolerance = exact ? 0 : 2e-5 * std::sqrt(square_sum / static_cast<double>(truth.size()));
  for (std::int64_t c = 0; c < found.size(); ++c) {
    ASSERT_LE(std::abs(static_cast<double>(found[c]) - static_cast<double>(truth[c])), tolerance)
        << what << ", cell " << c;
  }
}

TEST(Reference, LayersAreLegalAndHaveTheSizesOfPyTorch) {
  const auto cases = test::reference_cases("conv_transpose");
  ASSERT_EQ(cases.size(), 60U);
  for (const test::ReferenceCase& entry : cases) {
    SCOPED_TRACE(entry.name);
    const Case one = load(entry);
    const Shape bias_shape = one.bias.shape();
    ASSERT_TRUE(validate(one.layer).empty()) << to_line(validate(one.layer).front());
    ASSERT_TRUE(validate_arrays(one.layer, one.arrays.at("x").shape(), one.arrays.at("w").shape(),
                                entry.bias ? &bias_shape : nullptr)
                    .empty());
    for (std::size_t a = 0; a < entry.output.size(); ++a) EXPECT_EQ(output_size(one.layer.axes[a]), entry.output[a]);
  }
}

TEST(Reference, EveryMethodAgreesWithPyTorch) {
  for (const test::ReferenceCase& entry : test::reference_cases("conv_transpose")) {
    const Case one = load(entry);
    for (const Method& method : methods()) {
      const auto y = method.run(one.layer, one.arrays.at("x"), one.arrays.at("w"), one.bias, {});
      ASSERT_TRUE(y);
      // Whole numbers are no sums of float32 fractions.
      const bool exact = entry.integer && method.id != "fast";
      expect_near(*y, one.arrays.at("y"), exact, entry.name + " by " + std::string(method.id));
    }
  }
}

TEST(Reference, GradientsAgreeWithPyTorch) {
  for (const test::ReferenceCase& entry : test::reference_cases("conv_transpose")) {
    const Case one = load(entry);
    const auto grads = gradients(one.layer, one.arrays.at("x"), one.arrays.at("w"), one.arrays.at("g"), {});
    ASSERT_TRUE(grads);
    expect_near(grads->input, one.arrays.at("gx"), entry.integer, entry.name + ", gx");
    expect_near(grads->weight, one.arrays.at("gw"), entry.integer, entry.name + ", gw");
    ASSERT_EQ(grads->bias.empty(), !entry.bias);
    if (entry.bias) expect_near(grads->bias, one.arrays.at("gb"), entry.integer, entry.name + ", gb");
    for (const GradientMethod& method : gradient_methods()) {
      const auto gx = method.input(one.layer, one.arrays.at("g"), one.arrays.at("w"), {});
      const auto gw = method.weight(one.layer, one.arrays.at("x"), one.arrays.at("g"), {});
      ASSERT_TRUE(gx && gw);
      const bool exact = entry.integer && method.id != "fast";
      expect_near(*gx, one.arrays.at("gx"), exact, entry.name + ", gx by " + std::string(method.id));
      expect_near(*gw, one.arrays.at("gw"), exact, entry.name + ", gw by " + std::string(method.id));
    }
  }
}

}  // namespace
}  // namespace tconv
