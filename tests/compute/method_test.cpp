#include "compute/method.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <set>

#include "compute/limits.h"
#include "compute/result_store.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

TEST(Methods, HaveNamesOfTheirOwn) {
  std::set<std::string_view> ids;
  for (const Method& method : methods()) {
    EXPECT_FALSE(method.label.empty());
    EXPECT_TRUE(ids.insert(method.id).second) << method.id;
    EXPECT_EQ(find_method(method.id), &method);
    EXPECT_EQ(method.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_"), std::string_view::npos);
  }
  EXPECT_NE(find_method("paint"), nullptr);
  EXPECT_EQ(find_method(""), nullptr);
  EXPECT_EQ(find_method("Paint"), nullptr);
  EXPECT_EQ(find_method("paint "), nullptr);
}

TEST(Methods, ArePlainButForTheFastOne) {
  ASSERT_EQ(plain_methods().size() + 1, methods().size());
  EXPECT_EQ(plain_methods().data(), methods().data());
  EXPECT_EQ(plain_methods().front().id, "paint");
  EXPECT_EQ(methods().back().id, "fast");
}

TEST(Methods, AgreeExactlyOnIntegers) {
  test::RandomLayers random;
  for (int i = 0; i < 60; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    const Tensor input = random.integers(input_shape(layer));
    const Tensor weight = random.integers(weight_shape(layer));
    const Tensor bias = layer.bias ? random.integers(Shape{layer.out_channels}) : Tensor();
    const Tensor truth = scatter_add(layer, input, weight, bias);
    for (const Method& method : plain_methods()) {
      const auto output = method.run(layer, input, weight, bias, {});
      ASSERT_TRUE(output.has_value()) << method.id;
      EXPECT_EQ(*output, truth) << method.id;
      // Nobody who goes on is cancelled; who does not, may be.
      EXPECT_EQ(method.run(layer, input, weight, bias, [] { return true; }), truth) << method.id;
    }
  }
}

/// Some of its kernels trade products for sums of fractions: even whole numbers are rounded.
TEST(Methods, TheFastOneIsNearTheTruth) {
  test::RandomLayers random;
  for (int i = 0; i < 60; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    const Tensor input = random.floats(input_shape(layer));
    const Tensor weight = random.floats(weight_shape(layer));
    const Tensor bias = layer.bias ? random.floats(Shape{layer.out_channels}) : Tensor();
    const Tensor truth = scatter_add(layer, input, weight, bias);
    const auto output = find_method("fast")->run(layer, input, weight, bias, {});
    ASSERT_TRUE(output.has_value());
    ASSERT_EQ(output->shape(), truth.shape());
    double rms = 0;
    for (const float value : truth.values()) rms += static_cast<double>(value) * static_cast<double>(value);
    rms = std::sqrt(rms / static_cast<double>(truth.size()));
    for (int64_t c = 0; c < truth.size(); ++c) {
      ASSERT_NEAR(static_cast<double>((*output)[c]), static_cast<double>(truth[c]), 2e-5 * rms) << "cell " << c;
    }
  }
}

TEST(Methods, StopWhenTold) {
  LayerSpec layer;
  for (AxisSpec& axis : layer.spatial()) axis = {.input = 600, .kernel = 5, .stride = 2};
  const Tensor input = Tensor::filled(input_shape(layer), 1);
  const Tensor weight = Tensor::filled(weight_shape(layer), 1);
  // The fast one asks from several threads, and how often depends on how it shares the work.
  EXPECT_FALSE(find_method("fast")->run(layer, input, weight, {}, [] { return false; }).has_value());
  for (const Method& method : plain_methods()) {
    EXPECT_FALSE(method.run(layer, input, weight, {}, [] { return false; }).has_value()) << method.id;
    int asked = 0;
    EXPECT_FALSE(method.run(layer, input, weight, {}, [&] { return ++asked < 3; }).has_value()) << method.id;
    EXPECT_EQ(asked, 3) << method.id;
  }
}

TEST(Methods, SayWhatTheyHold) {
  LayerSpec layer;
  for (AxisSpec& axis : layer.spatial()) axis = {.input = 100, .kernel = 3, .stride = 2};
  const int64_t paint = bytes_needed(*find_method("paint"), layer);
  EXPECT_EQ(paint, memory_needed(layer));
  // The padded map of 203 × 203 and the turned kernel; 9 entries of 8 bytes a row and the sums of 201 × 201 cells.
  EXPECT_EQ(bytes_needed(*find_method("insert-zeros"), layer), paint + 4 * (203 * 203 + 9));
  EXPECT_GE(bytes_needed(*find_method("matrix"), layer), paint + 8 * (9 * 10'000 + 201 * 201));
  EXPECT_LE(bytes_needed(*find_method("matrix"), layer), paint + 24 * (9 * 10'000 + 201 * 201));
  // The weights twice, and scratch.
  EXPECT_EQ(bytes_needed(*find_method("fast"), layer), paint + 8 * 9 + (32 << 20));
  // 2^31 products of one pair of channels are one too many, whatever the memory.
  layer.dims = 1;
  layer.axes[0] = {.input = int64_t{1} << 20, .kernel = 2048};
  EXPECT_EQ(bytes_needed(*find_method("matrix"), layer), INT64_MAX);
  layer.axes[0].kernel = 2047;
  EXPECT_LT(bytes_needed(*find_method("matrix"), layer), int64_t{1} << 40);
  // The largest numbers of all saturate.
  layer.dims = 3;
  for (AxisSpec& axis : layer.spatial()) axis = {.input = 1 << 20, .kernel = 1 << 20, .stride = 1 << 20};
  for (const Method& method : methods()) EXPECT_GT(bytes_needed(method, layer), int64_t{1} << 61) << method.id;
}

TEST(CurrentLimits, AreThoseOfTheCoreAndTheFreeMemory) {
  const Limits limits = current_limits();
  EXPECT_EQ(limits.elements, Limits{}.elements);
  EXPECT_EQ(limits.axis_number, Limits{}.axis_number);
  EXPECT_GT(limits.memory_bytes, 1'000'000);
  EXPECT_LT(limits.memory_bytes, int64_t{1} << 50) << "the free memory of this machine";
}

TEST(CurrentLimits, ObeyALimitOfTheAddressSpace) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers reserve more address space than any limit";
#else
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit less = before;
  less.rlim_cur = rlim_t{4} << 30;
  if (before.rlim_cur != RLIM_INFINITY && before.rlim_cur < less.rlim_cur) GTEST_SKIP() << "there is a lower limit";
  ASSERT_EQ(setrlimit(RLIMIT_AS, &less), 0);
  const Limits limits = current_limits();
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_GE(limits.memory_bytes, 0);
  EXPECT_LT(limits.memory_bytes, int64_t{4} << 30);
#endif
}

TEST(Multiplications, AreCountedAndSaturate) {
  LayerSpec layer;
  layer.axes[0] = {.input = 3, .kernel = 5};
  layer.axes[1] = {.input = 2, .kernel = 4};
  layer.batch = 7;
  layer.in_channels = 6;
  layer.out_channels = 10;
  layer.groups = 2;
  EXPECT_EQ(multiplications(layer), 7 * 6 * 5 * (3 * 5) * (2 * 4));
  for (AxisSpec& axis : layer.axes) axis = {.input = INT64_MAX, .kernel = INT64_MAX};
  EXPECT_GE(multiplications(layer), int64_t{1} << 62);
  layer.groups = 0;  // an illegal layer may be asked for, too
  EXPECT_GT(multiplications(layer), 0);
}

}  // namespace
}  // namespace tconv
