#include "gpu/conv_geometry.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "compute/backend.h"
#include "core/integers.h"

namespace tconv {
namespace {

std::int64_t inverse_of(std::int64_t value, std::int64_t modulus) {
  // By Euclid: value·x ≡ rest (mod modulus) holds all along.
  std::int64_t rest = value % modulus;
  std::int64_t other = modulus;
  std::int64_t x = 1;
  std::int64_t other_x = 0;
  while (rest > 1) {
    const std::int64_t times = other / rest;
    other -= times * rest;
    other_x -= times * x;
    std::swap(rest, other);
    std::swap(x, other_x);
  }
  return modulus == 1 ? 0 : modulo(x, modulus);
}

bool fits(const AxisSpec& axis) {
  // What the shaders multiply: (r/common)·inverse < S², k·D + S, and places along the axis with the padding.
  constexpr std::int64_t most = INT32_MAX / 4;
  return axis.stride <= 16384 && stamp_extent(axis) <= most && axis.padding_begin <= most && axis.input <= most &&
         output_size(axis) <= most;
}

}  // namespace

ConvAxis::ConvAxis(const AxisSpec& axis)
    : input(axis.input),
      output(output_size(axis)),
      kernel(axis.kernel),
      stride(axis.stride),
      dilation(axis.dilation),
      remainder(axis.padding_begin % axis.stride),
      shift(axis.padding_begin / axis.stride),
      common(std::gcd(axis.stride, axis.dilation)),
      period(axis.stride / common),
      inverse(inverse_of(axis.dilation / common, period)),
      back(axis.dilation / common) {}

ConvGeometry::ConvGeometry(const LayerSpec& layer)
    : batch(layer.batch), in_channels(layer.in_channels), out_channels(layer.out_channels), groups(layer.groups) {
  const auto three = layer.as_3d();
  for (std::size_t i = 0; i < 3; ++i) {
    if (!fits(three[2 - i])) throw BackendError("the GPU's shaders count with 32 bits, too few for this layer's axes");
    axes[i] = ConvAxis(three[2 - i]);
  }
}

std::int64_t ConvGeometry::reduction() const {
  return group_in() * axes[0].most_taps() * axes[1].most_taps() * axes[2].most_taps();
}

double ConvGeometry::mean_reduction() const {
  double reduction_here = static_cast<double>(group_in());
  for (const ConvAxis& axis : axes) {
    const double by_inputs =
        static_cast<double>(axis.input) * static_cast<double>(axis.kernel) / static_cast<double>(axis.output);
    reduction_here *= std::min(static_cast<double>(axis.most_taps()), by_inputs);
  }
  return reduction_here;
}

ShaderConstants ConvGeometry::constants() const {
  ShaderConstants all;
  for (std::size_t i = 0; i < 3; ++i) {
    const ConvAxis& axis = axes[i];
    const std::string end = std::string("_") + "XYZ"[i];
    all["KERNEL" + end] = axis.kernel;
    all["STRIDE" + end] = axis.stride;
    all["DILATION" + end] = axis.dilation;
    all["REMAINDER" + end] = axis.remainder;
    all["COMMON" + end] = axis.common;
    all["PERIOD" + end] = axis.period;
    all["INVERSE" + end] = axis.inverse;
    all["BACK" + end] = axis.back;
  }
  return all;
}

}  // namespace tconv
