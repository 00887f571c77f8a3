#pragma once
// The geometry of a layer as the shaders want it: three axes, each with its phases in closed form.

#include <array>
#include <cstdint>
#include <string>

#include "core/integers.h"
#include "core/layer_spec.h"
#include "gpu/shader_source.h"

namespace tconv {

/// One axis, seen from the output. With P = remainder + S·shift, 0 <= remainder < S, the output cell o stands at
/// o + remainder = S·q + r. The taps with k·D ≡ r (mod S) reach it: none unless `common` divides r, else
///
///   k = (r/common · inverse) mod period, and every `period`-th from there on,
///
/// the first from the input cell q + shift − (k·D − r)/S, each next one from `back` cells before that.
struct ConvAxis {
  std::int64_t input = 1;
  std::int64_t output = 1;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t remainder = 0;
  std::int64_t shift = 0;
  std::int64_t common = 1;   ///< gcd(S, D)
  std::int64_t period = 1;   ///< S / common
  std::int64_t inverse = 0;  ///< of D/common modulo period
  std::int64_t back = 1;     ///< D / common

  explicit ConvAxis(const AxisSpec& axis = {});
  /// The most taps that reach a cell: ⌈K / period⌉.
  std::int64_t most_taps() const { return ceil_div(kernel, period); }
};

struct ConvGeometry {
  std::array<ConvAxis, 3> axes;  ///< x, y, z: the innermost first, as shaders count
  std::int64_t batch = 1;
  std::int64_t in_channels = 1;
  std::int64_t out_channels = 1;
  std::int64_t groups = 1;

  /// Of a legal layer. Throws BackendError for one whose places are no 32-bit numbers.
  explicit ConvGeometry(const LayerSpec& layer);

  std::int64_t group_in() const { return in_channels / groups; }
  std::int64_t group_out() const { return out_channels / groups; }
  std::int64_t taps() const { return axes[0].kernel * axes[1].kernel * axes[2].kernel; }
  std::int64_t phases() const { return axes[0].stride * axes[1].stride * axes[2].stride; }
  std::int64_t output_cells() const { return axes[0].output * axes[1].output * axes[2].output; }
  /// Products for one output cell, over all channels of its group: at most, and about how many on average (fewer for
  /// maps that are small beside the kernel).
  std::int64_t reduction() const;
  double mean_reduction() const;

  /// KERNEL_X … BACK_Z: all but the sizes, so that layers that differ in nothing else share their programs.
  ShaderConstants constants() const;
};

}  // namespace tconv
