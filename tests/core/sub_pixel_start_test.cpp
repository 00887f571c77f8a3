#include "core/sub_pixel_start.h"

#include <gtest/gtest.h>

#include <set>

#include "core/evenness.h"
#include "core/pattern.h"
#include "core/resize.h"
#include "core/scatter_add.h"

namespace tconv {
namespace {

using std::int64_t;

/// Filters (out, in, K, K) of a convolution as the transposed convolution of stride 1 that computes the same with
/// nothing around the input: channels swapped, taps turned.
Tensor convolved(const Tensor& input, const Tensor& filters) {
  const Shape& f = filters.shape();
  LayerSpec layer;
  layer.in_channels = f[1];
  layer.out_channels = f[0];
  for (std::size_t a = 0; a < 2; ++a) {
    layer.axes[a] = {.input = input.shape()[static_cast<int>(a) + 2],
                     .kernel = f[2],
                     .padding_begin = f[2] - 1,
                     .padding_end = f[2] - 1};
  }
  std::vector<float> turned(static_cast<std::size_t>(filters.size()));
  const int64_t taps = f[2] * f[3];
  for (int64_t o = 0; o < f[0]; ++o) {
    for (int64_t i = 0; i < f[1]; ++i) {
      for (int64_t t = 0; t < taps; ++t) {
        turned[static_cast<std::size_t>((i * f[0] + o) * taps + taps - 1 - t)] = filters[(o * f[1] + i) * taps + t];
      }
    }
  }
  return scatter_add(layer, input, Tensor(Shape{f[1], f[0], f[2], f[3]}, std::move(turned)));
}

TEST(SubPixelStart, RandomFiltersRippleAndIcnrDoesNot) {
  for (const ChannelOrder order : {ChannelOrder::crd, ChannelOrder::dcr}) {
    const ShuffleSpec spec{.factor = 2, .dims = 2, .out_channels = 3, .order = order};
    for (const FilterStart start : {FilterStart::random, FilterStart::icnr}) {
      const Tensor filters = sub_pixel_filters(spec, 2, 3, start);
      ASSERT_EQ(filters.shape(), (Shape{12, 2, 3, 3}));
      const Tensor flat = sub_pixel_flat_response(spec, filters, 2);
      ASSERT_EQ(flat.shape(), (Shape{1, 3, 4, 4}));
      // The same by computing it: 4 × 4 ones without a border leave 2 × 2 cells.
      const Tensor computed = pixel_shuffle(convolved(Tensor::filled(Shape{1, 2, 4, 4}, 1), filters), 2, order);
      ASSERT_EQ(computed.shape(), flat.shape());
      for (int64_t i = 0; i < flat.size(); ++i) EXPECT_NEAR(flat[i], computed[i], 1e-4);
      for (int64_t c = 0; c < 3; ++c) {
        const auto plane = flat.values().subspan(static_cast<std::size_t>(c * 16), 16);
        const std::vector<double> values(plane.begin(), plane.end());
        EXPECT_EQ(evenness_of(values).even, start == FilterStart::icnr);
      }
    }
  }
}

TEST(SubPixelStart, IcnrIsAConvolutionThenNearest) {
  for (const ChannelOrder order : {ChannelOrder::crd, ChannelOrder::dcr}) {
    const ShuffleSpec spec{.factor = 3, .dims = 2, .out_channels = 2, .order = order};
    const Tensor filters = sub_pixel_filters(spec, 1, 3, FilterStart::icnr, 5);
    const Tensor input = make_array(Pattern{"random", 9, {}}, Shape{1, 1, 5, 4}, std::vector<int64_t>{1, 1});
    const Tensor shuffled = pixel_shuffle(convolved(input, filters), 3, order);
    // One filter per output channel: the first of its group.
    std::vector<float> two;
    for (const int64_t channel : {int64_t{0}, order == ChannelOrder::crd ? int64_t{9} : int64_t{1}}) {
      two.insert(two.end(), filters.data() + channel * 9, filters.data() + (channel + 1) * 9);
    }
    const Tensor small = convolved(input, Tensor(Shape{2, 1, 3, 3}, std::move(two)));
    const std::vector<int64_t> size{9, 6};
    EXPECT_EQ(shuffled, resize(small, size, ResizeMode::nearest));
  }
}

TEST(SubPixelStart, OneAndThreeDimensions) {
  for (const int dims : {1, 3}) {
    const ShuffleSpec spec{.factor = 2, .dims = dims};
    const Tensor random = sub_pixel_flat_response(spec, sub_pixel_filters(spec, 1, 3, FilterStart::random), 2);
    const Tensor icnr = sub_pixel_flat_response(spec, sub_pixel_filters(spec, 1, 3, FilterStart::icnr), 2);
    EXPECT_EQ(random.shape().rank(), dims + 2);
    EXPECT_EQ(std::set<float>(random.values().begin(), random.values().end()).size(),
              static_cast<std::size_t>(spec.group()));
    EXPECT_EQ(std::set<float>(icnr.values().begin(), icnr.values().end()).size(), 1U);
    EXPECT_EQ(icnr[0], random[0]);
  }
}

}  // namespace
}  // namespace tconv
