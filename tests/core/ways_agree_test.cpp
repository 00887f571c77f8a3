// The other ways of computing against painting, on layers where they can go wrong.
#include <gtest/gtest.h>

#include <cmath>

#include "core/phases.h"
#include "core/transpose_matrix.h"
#include "core/zero_insertion.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using std::int64_t;
using Way = std::optional<Tensor> (*)(const LayerSpec&, const Tensor&, const Tensor&, const Tensor&, const KeepGoing&);

struct NamedWay {
  const char* name;
  Way run;
};
constexpr std::array ways{NamedWay{"insert_zeros", &insert_zeros}, NamedWay{"transpose_matrix", &transpose_matrix},
                          NamedWay{"interleave_phases", &interleave_phases}};

void expect_all_equal(const LayerSpec& layer, test::RandomLayers& random) {
  const Tensor x = random.integers(input_shape(layer));
  const Tensor w = random.integers(weight_shape(layer));
  const Tensor b = layer.bias ? random.integers(Shape{layer.out_channels}) : Tensor();
  const Tensor truth = scatter_add(layer, x, w, b);
  for (const NamedWay& way : ways) EXPECT_EQ(way.run(layer, x, w, b, {}), truth) << way.name;
}

bool crops_beyond_the_stamp(const AxisSpec& axis) {
  return std::max(axis.padding_begin, axis.padding_end) > axis.dilation * (axis.kernel - 1);
}

/// What a set of layers must hold to be a test.
struct Seen {
  std::array<int, 4> dims{};
  int groups = 0, dilated = 0, uneven = 0, crop_beyond = 0, output_padded = 0, batched = 0, gaps = 0;

  void add(const LayerSpec& layer) {
    ++dims[static_cast<std::size_t>(layer.dims)];
    groups += layer.groups > 1;
    batched += layer.batch > 1;
    for (const AxisSpec& axis : layer.spatial()) {
      dilated += axis.dilation > 1;
      uneven += axis.padding_begin != axis.padding_end;
      crop_beyond += crops_beyond_the_stamp(axis);
      output_padded += axis.output_padding > 0;
      gaps += axis.stride > axis.kernel;
    }
  }
  void expect_everything() const {
    for (std::size_t d = 1; d <= 3; ++d) EXPECT_GT(dims[d], 5) << d << "D";
    for (const int count : {groups, dilated, uneven, crop_beyond, output_padded, batched, gaps}) EXPECT_GT(count, 5);
  }
};

TEST(WaysAgree, ExactlyOnIntegers) {
  test::RandomLayers random;
  Seen seen;
  for (int i = 0; i < 150; ++i) {
    const LayerSpec layer = random.layer(4000);
    SCOPED_TRACE(random.trace(layer));
    expect_all_equal(layer, random);
    seen.add(layer);
  }
  seen.expect_everything();
}

TEST(WaysAgree, OnFloats) {
  test::RandomLayers random;
  for (int i = 0; i < 60; ++i) {
    const LayerSpec layer = random.layer(4000);
    SCOPED_TRACE(random.trace(layer));
    const Tensor x = random.floats(input_shape(layer));
    const Tensor w = random.floats(weight_shape(layer));
    const Tensor b = layer.bias ? random.floats(Shape{layer.out_channels}) : Tensor();
    const Tensor truth = scatter_add(layer, x, w, b);
    const double rms = std::sqrt(dot(truth.values(), truth.values()) / static_cast<double>(truth.size()));
    for (const NamedWay& way : ways) {
      const auto y = way.run(layer, x, w, b, {});
      ASSERT_TRUE(y && y->shape() == truth.shape()) << way.name;
      for (int64_t cell = 0; cell < truth.size(); ++cell) {
        ASSERT_NEAR(static_cast<double>((*y)[cell]), static_cast<double>(truth[cell]), 2e-5 * rms) << way.name;
      }
    }
  }
}

// Every crop of a short line, so that each end falls before, in and behind the stamps.
TEST(WaysAgree, AtEveryCrop) {
  test::RandomLayers random;
  int layers = 0;
  for (int64_t dilation = 1; dilation <= 3; ++dilation) {
    for (int64_t begin = 0; begin < 12; ++begin) {
      for (int64_t end = 0; end < 12; ++end) {
        LayerSpec layer;
        layer.dims = 1;
        layer.axes[0] = {
            .input = 4, .kernel = 3, .stride = 3, .padding_begin = begin, .padding_end = end, .dilation = dilation};
        if (!validate(layer).empty()) continue;
        SCOPED_TRACE(test::layer_text(layer));
        expect_all_equal(layer, random);
        ++layers;
      }
    }
  }
  EXPECT_GT(layers, 200);
}

// The steps must follow what is there, not the product of two numbers that may each be a million.
TEST(WaysAgree, OnTheLongestStrides) {
  test::RandomLayers random;
  LayerSpec line;
  line.dims = 1;
  line.axes[0] = {.input = 1, .kernel = 300'000, .stride = 300'000};
  const Tensor x = random.integers(input_shape(line));
  const Tensor w = random.integers(weight_shape(line));
  EXPECT_EQ(interleave_phases(line, x, w, {}, {}), scatter_add(line, x, w));
  EXPECT_EQ(transpose_matrix(line, x, w, {}, {}), scatter_add(line, x, w));
  LayerSpec square;
  for (AxisSpec& axis : square.axes) axis = {.input = 1, .kernel = 1, .stride = 200'000};
  expect_all_equal(square, random);
}

}  // namespace
}  // namespace tconv
