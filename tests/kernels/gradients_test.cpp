// The backward pass, on every instruction set that this machine has, against the plain one.
#include "core/gradients.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "kernels/kernels_test_support.h"
#include "kernels/large_layers.h"
#include "kernels/prepared_gradients.h"
#include "support/pace.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

class KernelGradients : public testing::TestWithParam<std::int64_t> {};

void expect_both_agree(const LayerSpec& layer, test::RandomLayers& random) {
  const Tensor input = random.floats(input_shape(layer));
  const Tensor weight = random.floats(weight_shape(layer));
  const Tensor grad_output = random.floats(output_shape(layer));
  PreparedInputGradient of_input(layer, weight);
  test::expect_truth(*convolve(layer, grad_output, weight, {}),
                     [&](float* to, const Team& team) { return of_input.run(grad_output.data(), to, team); });
  WeightGradient of_weight(layer);
  test::expect_truth(*weight_gradient(layer, input, grad_output, {}), [&](float* to, const Team& team) {
    return of_weight.run(input.data(), grad_output.data(), to, team);
  });
}

TEST_P(KernelGradients, AgreeWithThePlainOnRandomLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 300; i += test::every_nth) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    expect_both_agree(layer, random);
    ASSERT_FALSE(HasFailure());
  }
}

TEST_P(KernelGradients, AgreeWithThePlainOnLargeLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (const LayerSpec& layer : test::large_layers()) {
    SCOPED_TRACE(random.trace(layer));
    expect_both_agree(layer, random);
    ASSERT_FALSE(HasFailure());
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, KernelGradients, testing::ValuesIn(test::instruction_sets_and_tiles()),
                         test::instruction_set_name);

}  // namespace
}  // namespace tconv
