// The engine for every layer: what others do not test of it.
#include "against_painting.h"
#include "kernels/direct_engine.h"
#include "kernels/direct_plan.h"
#include "support/pace.h"

namespace tconv {
namespace {

class Direct : public testing::TestWithParam<std::int64_t> {};

/// Many channels in and few out: packing them would take longer than it saves.
LayerSpec few_out(test::RandomLayers& random) {
  LayerSpec layer;
  do {
    layer = {};
    for (AxisSpec& axis : layer.spatial()) {
      axis = {.input = random.between(1, 90), .kernel = 4, .stride = 2};
      axis.padding_begin = axis.padding_end = random.between(0, 3);
      axis.output_padding = random.between(0, 1);
    }
    const bool usual = random.between(0, 1) == 0;  // of the kind that is read in place
    for (AxisSpec& axis : layer.spatial()) {
      if (usual)
        axis = {.input = random.between(16, 90), .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
    }
    if (random.between(0, 3) == 0) {  // rows of another kind
      layer.axes[0] = {.input = random.between(1, 40),
                       .kernel = random.between(1, 5),
                       .stride = random.between(1, 2),
                       .padding_begin = random.between(0, 3),
                       .padding_end = random.between(0, 3),
                       .dilation = random.between(1, 3)};
    }
    if (random.between(0, 9) == 0) {
      layer.dims = 1;
      layer.axes[0] = layer.axes[1];
      layer.axes[1] = {};
    }
    layer.batch = random.between(1, 3);
    layer.groups = random.between(1, 2);
    layer.in_channels = layer.groups * random.between(20, 60);
    layer.out_channels = layer.groups * (usual ? random.between(2, 3) : random.between(1, 4));
    layer.bias = random.between(0, 1) == 1;
  } while (!validate(layer).empty());
  return layer;
}

TEST_P(Direct, AgreesWithPaintingWhereFewChannelsComeOut) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  int in_place = 0;
  for (int i = 0; i < 60; i += test::every_nth) {
    const LayerSpec layer = few_out(random);
    SCOPED_TRACE(random.trace(layer));
    in_place += best_direct_choice(plan_of(layer)).shape.in_place ? 1 : 0;
    test::expect_painting(direct_engine(), layer, random);
    ASSERT_FALSE(HasFailure());
  }
  if (GetParam() <= HWY_AVX3) {  // has masks that cost nothing; others pack
    EXPECT_GT(in_place, 3 / test::every_nth);
  } else {
    EXPECT_EQ(in_place, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Direct, testing::ValuesIn(instruction_sets()),
                         test::instruction_set_name);

}  // namespace
}  // namespace tconv
