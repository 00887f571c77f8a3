#pragma once
// The geometry of a layer as the kernels want it: always three axes, every axis split into its phases, every tap with
// the input cell that it reads.

#include <array>
#include <cstdint>
#include <vector>

#include "core/layer_spec.h"

namespace tconv {

/// One axis, seen from the output: o = S·q + φ with φ in [0, S) and q in [0, quotients). The tap k reaches those cells
/// for which k·D ≡ φ + P (mod S), and takes the input cell i = q·input_step + offset, offset = (φ + P − k·D) / S.
struct AxisPlan {
  struct Tap {
    std::int64_t tap;        ///< k, 0 … K−1
    std::int64_t offset;     ///< in input cells; i outside [0, input) counts as zero
    std::int64_t plane = 0;  ///< see input_planes
  };

  std::int64_t input = 1;
  std::int64_t output = 1;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;  ///< P at the begin
  std::int64_t dilation = 1;
  std::int64_t input_step = 1;  ///< 1 unless `unrolled`
  /// 1, or for a convolution its stride: tap k then reads the cell i·input_planes + plane.
  std::int64_t input_planes = 1;
  std::int64_t quotients = 1;  ///< ⌈output / S⌉
  /// By φ, S of them, the cells of the *cropped* output; taps with ascending k, hence descending offset. May be empty.
  std::vector<std::vector<Tap>> phases;
  std::int64_t least_offset = 0;  ///< of all taps; 0 without any
  std::int64_t most_offset = 0;
};

/// An axis of stride 1 whose cells are taken `cells` at a time, as if they were so many phases: `stride` and
/// `input_step` become `cells`.
AxisPlan unrolled(const AxisPlan& axis, std::int64_t cells);

struct LayerPlan {
  std::array<AxisPlan, 3> axes;  ///< z, y, x; those that a 1D or 2D layer lacks have one cell and one tap
  std::int64_t batch = 1;
  std::int64_t in_channels = 1;   ///< of all groups
  std::int64_t out_channels = 1;  ///< of all groups
  std::int64_t groups = 1;
  bool weight_by_output = false;  ///< the weight is (C_out, C_in/G, spatial…), as a convolution's

  const AxisPlan& z() const { return axes[0]; }
  const AxisPlan& y() const { return axes[1]; }
  const AxisPlan& x() const { return axes[2]; }
  std::int64_t group_in() const { return in_channels / groups; }
  std::int64_t group_out() const { return out_channels / groups; }
  std::int64_t taps() const { return z().kernel * y().kernel * x().kernel; }
  std::int64_t input_cells() const { return z().input * y().input * x().input; }      ///< of one channel
  std::int64_t output_cells() const { return z().output * y().output * x().output; }  ///< of one channel
  std::int64_t input_size() const { return batch * in_channels * input_cells(); }     ///< floats
  std::int64_t output_size() const { return batch * out_channels * output_cells(); }  ///< floats
  std::int64_t weight_size() const { return in_channels * group_out() * taps(); }     ///< floats
  /// Where a tap's weight lies in the array.
  std::int64_t weight_index(std::int64_t group, std::int64_t in, std::int64_t out, std::int64_t tap) const {
    if (weight_by_output) return ((group * group_out() + out) * group_in() + in) * taps() + tap;
    return ((group * group_in() + in) * group_out() + out) * taps() + tap;
  }
  /// N·C_in·∏I·C_out/G·∏K: every product of the definition, also those that the padding crops.
  double products() const;
};

/// By tap (row-major), then input cell: the output cell that it reaches, −1 for one that is cropped. Of a channel.
std::vector<std::int64_t> reached_cells(const LayerPlan& plan);

/// Of a legal layer.
LayerPlan plan_of(const LayerSpec& layer);

/// Of the layer's backward pass to its input, the convolution dx[i] = Σ g[i·S + k·D − P] · w[k]: input and output
/// change places, and every axis has one phase.
LayerPlan input_gradient_plan(const LayerSpec& layer);

}  // namespace tconv
