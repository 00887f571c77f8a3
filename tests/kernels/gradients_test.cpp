// The backward pass, on every instruction set that this machine has, against the plain one.
#include "core/gradients.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "kernels/kernels_test_support.h"
#include "kernels/prepared_gradients.h"
#include "support/pace.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

class KernelGradients : public testing::TestWithParam<std::int64_t> {};

TEST_P(KernelGradients, OfTheInputAgreeWithThePlainOnRandomLayers) {
  const test::OnTarget on(GetParam());
  const Team one(1);
  const Team two(2);
  test::RandomLayers random;
  for (int i = 0; i < 300; i += test::every_nth) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    const Tensor weight = random.floats(weight_shape(layer));
    const Tensor grad_output = random.floats(output_shape(layer));
    const Tensor truth = *convolve(layer, grad_output, weight, {});
    PreparedInputGradient prepared(layer, weight);
    const auto run = [&](const Team& team) {
      return test::guarded(truth.size(), [&](float* output) { return prepared.run(grad_output.data(), output, team); });
    };
    const std::vector<float> found = run(one);
    EXPECT_LT(test::rms_error(found, truth.values()), 1e-6);
    EXPECT_EQ(run(two), found) << "two threads";
    ASSERT_FALSE(HasFailure());
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, KernelGradients, testing::ValuesIn(instruction_sets()),
                         test::instruction_set_name);

}  // namespace
}  // namespace tconv
