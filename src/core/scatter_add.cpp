#include "core/scatter_add.h"

#include <algorithm>

#include "core/integers.h"

namespace tconv {
namespace {

using std::int64_t;

/// Adds one input plane, stamped with one kernel, to the float64 sums of one output plane.
class PlanePainter {
 public:
  explicit PlanePainter(const LayerSpec& layer) : axes_(layer.as_3d()) {
    for (std::size_t a = 0; a < 3; ++a) {
      size_[a] = output_size(axes_[a]);
      for (int64_t tap = 0; tap < axes_[a].kernel; ++tap) lands_[a].push_back(cells_that_land(axes_[a], tap));
    }
  }

  int64_t plane_size() const { return size_[0] * size_[1] * size_[2]; }
  int64_t input_plane_size() const { return axes_[0].input * axes_[1].input * axes_[2].input; }
  int64_t kernel_size() const { return axes_[0].kernel * axes_[1].kernel * axes_[2].kernel; }

  /// `painted` (null: all) says for each cell of the plane whether it stamps.
  bool paint(const float* input, const std::uint8_t* painted, const float* kernel, double* sums,
             const KeepGoing& keep_going) const {
    for (int64_t kz = 0; kz < axes_[0].kernel; ++kz) {
      for (int64_t ky = 0; ky < axes_[1].kernel; ++ky) {
        const float* row_of_taps = kernel + (kz * axes_[1].kernel + ky) * axes_[2].kernel;
        const CellRange zs = lands_[0][static_cast<std::size_t>(kz)];
        const CellRange ys = lands_[1][static_cast<std::size_t>(ky)];
        for (int64_t z = zs.first; z <= zs.last; ++z) {
          if (keep_going && !keep_going()) return false;
          for (int64_t y = ys.first; y <= ys.last; ++y) {
            const int64_t out_row = place(0, z, kz) * size_[1] + place(1, y, ky);
            const int64_t row = (z * axes_[1].input + y) * axes_[2].input;
            paint_row(input + row, painted == nullptr ? nullptr : painted + row, row_of_taps,
                      sums + out_row * size_[2]);
          }
        }
      }
    }
    return true;
  }

 private:
  int64_t place(std::size_t axis, int64_t cell, int64_t tap) const {
    return cell * axes_[axis].stride + tap * axes_[axis].dilation - axes_[axis].padding_begin;
  }

  void paint_row(const float* input, const std::uint8_t* painted, const float* taps, double* sums) const {
    const int64_t stride = axes_[2].stride;
    for (int64_t kx = 0; kx < axes_[2].kernel; ++kx) {
      const double tap = taps[kx];
      const CellRange xs = lands_[2][static_cast<std::size_t>(kx)];
      double* out = sums + (xs.first <= xs.last ? place(2, xs.first, kx) : 0);
      if (painted == nullptr) {
        for (int64_t x = xs.first; x <= xs.last; ++x, out += stride) *out += static_cast<double>(input[x]) * tap;
        continue;
      }
      // Not a multiplication by 0 or 1: 0·∞ would leave a trace of a cell that has not stamped.
      for (int64_t x = xs.first; x <= xs.last; ++x, out += stride) {
        if (painted[x] != 0) *out += static_cast<double>(input[x]) * tap;
      }
    }
  }

  std::array<AxisSpec, 3> axes_;
  std::array<int64_t, 3> size_{};
  std::array<std::vector<CellRange>, 3> lands_;
};

}  // namespace

CellRange cells_that_land(const AxisSpec& axis, int64_t tap) {
  // 0 <= cell·S + tap·D − P_begin < O
  const int64_t offset = tap * axis.dilation - axis.padding_begin;
  const int64_t first = std::max<int64_t>(0, -floor_div(offset, axis.stride));
  const int64_t last = std::min(axis.input - 1, floor_div(output_size(axis) - 1 - offset, axis.stride));
  return {first, last};
}

std::optional<Tensor> scatter_add_some(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                       const Tensor& bias, std::span<const std::uint8_t> painted,
                                       const KeepGoing& keep_going) {
  const PlanePainter painter(layer);
  const Shape shape = output_shape(layer);
  const int64_t in_per_group = layer.in_channels / layer.groups;
  const int64_t out_per_group = layer.out_channels / layer.groups;
  std::vector<float> output(static_cast<std::size_t>(shape.elements()));
  std::vector<double> sums(static_cast<std::size_t>(painter.plane_size()));
  auto written = output.begin();

  for (int64_t n = 0; n < layer.batch; ++n) {
    for (int64_t o = 0; o < layer.out_channels; ++o) {
      std::fill(sums.begin(), sums.end(), 0.0);
      const int64_t group = o / out_per_group;
      for (int64_t c = group * in_per_group; c < (group + 1) * in_per_group; ++c) {
        const int64_t plane = (n * layer.in_channels + c) * painter.input_plane_size();
        const std::uint8_t* mask = painted.empty() ? nullptr : painted.data() + plane;
        const float* kernel = weight.data() + (c * out_per_group + o % out_per_group) * painter.kernel_size();
        if (!painter.paint(input.data() + plane, mask, kernel, sums.data(), keep_going)) return std::nullopt;
      }
      const double offset = bias.empty() ? 0.0 : static_cast<double>(bias[o]);
      written = std::transform(sums.begin(), sums.end(), written,
                               [offset](double sum) { return static_cast<float>(sum + offset); });
    }
  }
  return Tensor(shape, std::move(output));
}

std::optional<Tensor> scatter_add(const LayerSpec& layer, const Tensor& input, const Tensor& weight, const Tensor& bias,
                                  const KeepGoing& keep_going) {
  return scatter_add_some(layer, input, weight, bias, {}, keep_going);
}

Tensor scatter_add(const LayerSpec& layer, const Tensor& input, const Tensor& weight, const Tensor& bias) {
  return *scatter_add(layer, input, weight, bias, KeepGoing{});
}

}  // namespace tconv
