// Painting against two computations that share no line with it: a gather per output cell, and the forward convolution.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "core/scatter_add.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using Place = std::vector<std::int64_t>;

/// Calls `visit` with every place of a box, last axis fastest.
void each_place(const Place& extents, const std::function<void(const Place&)>& visit) {
  Place at(extents.size(), 0);
  for (const std::int64_t extent : extents) {
    if (extent <= 0) return;
  }
  while (true) {
    visit(at);
    std::size_t axis = extents.size();
    while (axis > 0 && ++at[axis - 1] == extents[axis - 1]) at[--axis] = 0;
    if (axis == 0) return;
  }
}

std::int64_t position(const Place& at, const Place& extents) {
  std::int64_t flat = 0;
  for (std::size_t a = 0; a < at.size(); ++a) flat = flat * extents[a] + at[a];
  return flat;
}

Place extents_of(const LayerSpec& layer, const std::function<std::int64_t(const AxisSpec&)>& extent) {
  Place out;
  for (const AxisSpec& axis : layer.spatial()) out.push_back(extent(axis));
  return out;
}

struct Extents {
  Place input, kernel, output;

  explicit Extents(const LayerSpec& layer)
      : input(extents_of(layer, [](const AxisSpec& a) { return a.input; })),
        kernel(extents_of(layer, [](const AxisSpec& a) { return a.kernel; })),
        output(extents_of(layer, [](const AxisSpec& a) {
          return (a.input - 1) * a.stride - a.padding_begin - a.padding_end + a.dilation * (a.kernel - 1) +
                 a.output_padding + 1;
        })) {}
};

std::int64_t volume(const Place& extents) {
  return std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
}

/// For each output cell: the sum over the input cells and taps that meet there, in float64.
std::vector<double> gather(const LayerSpec& layer, const Tensor& x, const Tensor& w, const Tensor& b) {
  const Extents e(layer);
  const std::int64_t in_group = layer.in_channels / layer.groups;
  const std::int64_t out_group = layer.out_channels / layer.groups;
  std::vector<double> y;
  Place all{layer.batch, layer.out_channels};
  all.insert(all.end(), e.output.begin(), e.output.end());
  each_place(all, [&](const Place& cell) {
    const std::int64_t n = cell[0];
    const std::int64_t o = cell[1];
    double sum = b.empty() ? 0.0 : static_cast<double>(b[o]);
    each_place(e.kernel, [&](const Place& tap) {
      Place from(tap.size());
      for (std::size_t a = 0; a < tap.size(); ++a) {
        const AxisSpec& axis = layer.axes[a];
        const std::int64_t spread = cell[a + 2] + axis.padding_begin - tap[a] * axis.dilation;
        if (spread < 0 || spread % axis.stride != 0 || spread / axis.stride >= axis.input) return;
        from[a] = spread / axis.stride;
      }
      for (std::int64_t j = 0; j < in_group; ++j) {
        const std::int64_t c = o / out_group * in_group + j;
        const std::int64_t xi = (n * layer.in_channels + c) * volume(e.input) + position(from, e.input);
        const std::int64_t wi = (c * out_group + o % out_group) * volume(e.kernel) + position(tap, e.kernel);
        sum += static_cast<double>(x[xi]) * static_cast<double>(w[wi]);
      }
    });
    y.push_back(sum);
  });
  return y;
}

/// The forward convolution with the same geometry and weights: from the output's shape to the input's.
std::vector<double> convolve(const LayerSpec& layer, const Tensor& y, const Tensor& w) {
  const Extents e(layer);
  const std::int64_t in_group = layer.in_channels / layer.groups;
  const std::int64_t out_group = layer.out_channels / layer.groups;
  std::vector<double> x;
  Place all{layer.batch, layer.in_channels};
  all.insert(all.end(), e.input.begin(), e.input.end());
  each_place(all, [&](const Place& cell) {
    const std::int64_t c = cell[1];
    double sum = 0;
    each_place(e.kernel, [&](const Place& tap) {
      Place at(tap.size());
      for (std::size_t a = 0; a < tap.size(); ++a) {
        const AxisSpec& axis = layer.axes[a];
        at[a] = cell[a + 2] * axis.stride - axis.padding_begin + tap[a] * axis.dilation;
        if (at[a] < 0 || at[a] >= e.output[a]) return;
      }
      for (std::int64_t j = 0; j < out_group; ++j) {
        const std::int64_t o = c / in_group * out_group + j;
        const std::int64_t yi = (cell[0] * layer.out_channels + o) * volume(e.output) + position(at, e.output);
        const std::int64_t wi = (c * out_group + j) * volume(e.kernel) + position(tap, e.kernel);
        sum += static_cast<double>(y[yi]) * static_cast<double>(w[wi]);
      }
    });
    x.push_back(sum);
  });
  return x;
}

double rms_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

Tensor bias_for(const LayerSpec& layer, test::RandomLayers& random) {
  return layer.bias ? random.integers(Shape{layer.out_channels}) : Tensor();
}

TEST(ScatterAddProperty, AgreesWithGatheringExactlyOnIntegers) {
  test::RandomLayers random;
  for (int i = 0; i < 300; ++i) {
    const LayerSpec layer = random.layer(5000);
    SCOPED_TRACE(random.trace(layer));
    const Tensor x = random.integers(input_shape(layer));
    const Tensor w = random.integers(weight_shape(layer));
    const Tensor b = bias_for(layer, random);
    const Tensor y = scatter_add(layer, x, w, b);
    const std::vector<double> truth = gather(layer, x, w, b);
    ASSERT_EQ(y.shape(), output_shape(layer));
    ASSERT_EQ(y.size(), static_cast<std::int64_t>(truth.size())) << "size formula and array disagree";
    for (std::size_t c = 0; c < truth.size(); ++c) {
      ASSERT_EQ(static_cast<double>(y.values()[c]), truth[c]) << "cell " << c;
    }
  }
}

TEST(ScatterAddProperty, AgreesWithGatheringOnFloats) {
  test::RandomLayers random;
  for (int i = 0; i < 100; ++i) {
    const LayerSpec layer = random.layer(5000);
    SCOPED_TRACE(random.trace(layer));
    const Tensor x = random.floats(input_shape(layer));
    const Tensor w = random.floats(weight_shape(layer));
    const Tensor b = bias_for(layer, random);
    const Tensor y = scatter_add(layer, x, w, b);
    const std::vector<double> truth = gather(layer, x, w, b);
    const double tolerance = 2e-5 * rms_of(truth);
    for (std::size_t c = 0; c < truth.size(); ++c) {
      ASSERT_NEAR(static_cast<double>(y.values()[c]), truth[c], tolerance) << "cell " << c;
    }
  }
}

TEST(ScatterAddProperty, IsTheAdjointOfTheConvolution) {
  // ⟨Cy, x⟩ = ⟨y, Cᵀx⟩, exactly: all are whole numbers.
  test::RandomLayers random;
  for (int i = 0; i < 150; ++i) {
    const LayerSpec layer = random.layer(5000);
    SCOPED_TRACE(random.trace(layer));
    const Tensor x = random.integers(input_shape(layer));
    const Tensor w = random.integers(weight_shape(layer));
    const Tensor y = random.integers(output_shape(layer));
    const std::vector<double> shrunk = convolve(layer, y, w);
    const Tensor painted = scatter_add(layer, x, w);
    double left = 0;
    for (std::size_t c = 0; c < shrunk.size(); ++c) left += shrunk[c] * static_cast<double>(x.values()[c]);
    double right = 0;
    for (std::int64_t c = 0; c < y.size(); ++c) right += static_cast<double>(y[c]) * static_cast<double>(painted[c]);
    EXPECT_EQ(left, right);
  }
}

TEST(ScatterAddProperty, IsLinearInInputAndKernel) {
  const auto combined = [](const Tensor& a, const Tensor& b) {  // 2a − 3b
    std::vector<float> values;
    for (std::int64_t i = 0; i < a.size(); ++i) values.push_back(2 * a[i] - 3 * b[i]);
    return Tensor(a.shape(), std::move(values));
  };
  test::RandomLayers random;
  for (int i = 0; i < 100; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    const Tensor x1 = random.integers(input_shape(layer));
    const Tensor x2 = random.integers(input_shape(layer));
    const Tensor w1 = random.integers(weight_shape(layer));
    const Tensor w2 = random.integers(weight_shape(layer));
    // A sum that cancels may be −0 on one side only, so values are compared, not bits.
    const auto expect_same = [](const Tensor& a, const Tensor& b) {
      ASSERT_EQ(a.shape(), b.shape());
      for (std::int64_t c = 0; c < a.size(); ++c) ASSERT_EQ(a[c], b[c]);
    };
    expect_same(scatter_add(layer, combined(x1, x2), w1),
                combined(scatter_add(layer, x1, w1), scatter_add(layer, x2, w1)));
    expect_same(scatter_add(layer, x1, combined(w1, w2)),
                combined(scatter_add(layer, x1, w1), scatter_add(layer, x1, w2)));
  }
}

}  // namespace
}  // namespace tconv
