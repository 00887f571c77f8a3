#include "core/phases.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/integers.h"

namespace tconv {
namespace {

using std::int64_t;

/// The plain convolution of one input plane with one sub-kernel at stride 1, added to the phase's small output.
class SmallConvolution {
 public:
  SmallConvolution(const std::array<AxisSpec, 3>& axes, const std::array<const AxisPhase*, 3>& phase)
      : axes_(axes), phase_(phase) {}

  int64_t size() const { return phase_[0]->count * phase_[1]->count * phase_[2]->count; }

  void add(const float* input, const float* kernel, double* sums) const {
    for (const int64_t kz : phase_[0]->taps) {
      for (const int64_t ky : phase_[1]->taps) {
        for (const int64_t kx : phase_[2]->taps) {
          const double tap = kernel[(kz * axes_[1].kernel + ky) * axes_[2].kernel + kx];
          add_tap(input, tap, {shift(0, kz), shift(1, ky), shift(2, kx)}, sums);
        }
      }
    }
  }

 private:
  /// Cell m of the phase takes input cell m + shift from this tap: j = first + m·S and j + P − k·D = i·S.
  int64_t shift(std::size_t a, int64_t tap) const {
    return (phase_[a]->first + axes_[a].padding_begin - tap * axes_[a].dilation) / axes_[a].stride;
  }

  /// The cells m of one axis whose input cell exists: [first, last).
  std::array<int64_t, 2> cells(std::size_t a, int64_t shift) const {
    return {std::max<int64_t>(0, -shift), std::min(phase_[a]->count, axes_[a].input - shift)};
  }

  void add_tap(const float* input, double tap, const std::array<int64_t, 3>& shift, double* sums) const {
    const auto zs = cells(0, shift[0]);
    const auto ys = cells(1, shift[1]);
    const auto xs = cells(2, shift[2]);
    for (int64_t z = zs[0]; z < zs[1]; ++z) {
      for (int64_t y = ys[0]; y < ys[1]; ++y) {
        const float* from = input + ((z + shift[0]) * axes_[1].input + y + shift[1]) * axes_[2].input + shift[2];
        double* to = sums + (z * phase_[1]->count + y) * phase_[2]->count;
        for (int64_t x = xs[0]; x < xs[1]; ++x) to[x] += static_cast<double>(from[x]) * tap;
      }
    }
  }

  const std::array<AxisSpec, 3>& axes_;
  std::array<const AxisPhase*, 3> phase_;
};

AxisPhase without_taps(const AxisSpec& axis, int64_t phase) {
  AxisPhase one{.phase = phase, .taps = {}, .first = 0, .count = 0};
  const int64_t size = output_size(axis);
  one.first = modulo(phase - axis.padding_begin, axis.stride);
  one.count = one.first < size ? (size - 1 - one.first) / axis.stride + 1 : 0;
  return one;
}

/// Those that the output has cells of: the others would be walked through S times S times S.
std::vector<AxisPhase> phases_in_output(const AxisSpec& axis) {
  std::vector<AxisPhase> phases = axis_phases(axis);
  std::erase_if(phases, [](const AxisPhase& phase) { return phase.count == 0; });
  return phases;
}

}  // namespace

AxisPhase axis_phase(const AxisSpec& axis, int64_t phase) {
  AxisPhase one = without_taps(axis, phase);
  // k·D mod S repeats after this many taps, and within them meets a phase once or never.
  const int64_t period = axis.stride / std::gcd(axis.stride, axis.dilation);
  const int64_t last = std::min(period, axis.kernel);
  int64_t tap = 0;
  while (tap < last && tap * axis.dilation % axis.stride != phase) ++tap;
  if (tap < last) {
    for (; tap < axis.kernel; tap += period) one.taps.push_back(tap);
  }
  return one;
}

std::vector<AxisPhase> axis_phases(const AxisSpec& axis) {
  std::vector<AxisPhase> phases;
  for (int64_t phase = 0; phase < axis.stride; ++phase) phases.push_back(without_taps(axis, phase));
  // Each tap once: looking for them phase by phase would take S·K steps, and both may be a million.
  for (int64_t tap = 0; tap < axis.kernel; ++tap) {
    phases[static_cast<std::size_t>(tap * axis.dilation % axis.stride)].taps.push_back(tap);
  }
  return phases;
}

int64_t phase_of(const AxisSpec& axis, int64_t output_cell) { return (output_cell + axis.padding_begin) % axis.stride; }

std::optional<Tensor> interleave_phases(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                        const Tensor& bias, const KeepGoing& keep_going) {
  const auto axes = layer.as_3d();
  const std::array phases{phases_in_output(axes[0]), phases_in_output(axes[1]), phases_in_output(axes[2])};
  const std::array<int64_t, 3> size{output_size(axes[0]), output_size(axes[1]), output_size(axes[2])};
  const Shape shape = output_shape(layer);
  const int64_t in_per_group = layer.in_channels / layer.groups;
  const int64_t out_per_group = layer.out_channels / layer.groups;
  const int64_t cells = axes[0].input * axes[1].input * axes[2].input;
  const int64_t taps = axes[0].kernel * axes[1].kernel * axes[2].kernel;
  std::vector<float> output(static_cast<std::size_t>(shape.elements()));
  std::vector<double> sums;
  for (int64_t n = 0; n < layer.batch; ++n) {
    for (int64_t o = 0; o < layer.out_channels; ++o) {
      float* plane = output.data() + (n * layer.out_channels + o) * size[0] * size[1] * size[2];
      const int64_t group = o / out_per_group;
      for (const AxisPhase& pz : phases[0]) {
        for (const AxisPhase& py : phases[1]) {
          for (const AxisPhase& px : phases[2]) {
            if (keep_going && !keep_going()) return std::nullopt;
            const SmallConvolution small(axes, {&pz, &py, &px});
            sums.assign(static_cast<std::size_t>(small.size()), bias.empty() ? 0.0 : static_cast<double>(bias[o]));
            for (int64_t c = group * in_per_group; c < (group + 1) * in_per_group; ++c) {
              small.add(input.data() + (n * layer.in_channels + c) * cells,
                        weight.data() + (c * out_per_group + o % out_per_group) * taps, sums.data());
            }
            const double* from = sums.data();
            for (int64_t z = 0; z < pz.count; ++z) {
              for (int64_t y = 0; y < py.count; ++y) {
                const int64_t row = (pz.first + z * axes[0].stride) * size[1] + py.first + y * axes[1].stride;
                float* to = plane + row * size[2] + px.first;
                for (int64_t x = 0; x < px.count; ++x, ++from) to[x * axes[2].stride] = static_cast<float>(*from);
              }
            }
          }
        }
      }
    }
  }
  return Tensor(shape, std::move(output));
}

}  // namespace tconv
