#include "kernels/exact_specials.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "kernels/direct_engine.h"
#include "kernels/finite.h"

namespace tconv {
namespace {

using std::int64_t;

/// One output element after the other, by the definition.
class Definition {
 public:
  Definition(const LayerPlan& plan, const float* weight, const float* bias)
      : plan_(plan), weight_(weight), bias_(bias) {
    for (std::size_t a = 0; a < 3; ++a) {
      for (int64_t cell = 0; cell < plan.axes[a].output; ++cell) reads_[a].push_back(reads_of(plan.axes[a], cell));
    }
  }

  /// Those elements of the output that are not finite.
  bool replace(const float* input, float* output, const Team& team, const KeepGoing& keep_going) const {
    const int64_t cells = plan_.output_cells();
    return team.share(plan_.batch * plan_.out_channels, keep_going, [&](int64_t plane, int) {
      float* const to = output + plane * cells;
      if (all_finite(to, cells)) return;
      for (int64_t cell = 0; cell < cells; ++cell) {
        if (!std::isfinite(to[cell]))
          to[cell] = element(input, plane / plan_.out_channels, plane % plan_.out_channels, cell);
      }
    });
  }

 private:
  struct Read {
    int64_t tap;
    int64_t cell;
  };

  /// What an output cell of one axis reads.
  static std::vector<Read> reads_of(const AxisPlan& axis, int64_t cell) {
    std::vector<Read> reads;
    for (const AxisPlan::Tap& tap : axis.phases[static_cast<std::size_t>(cell % axis.stride)]) {
      const int64_t from = (cell / axis.stride * axis.input_step + tap.offset) * axis.input_planes + tap.plane;
      if (from >= 0 && from < axis.input) reads.push_back({tap.tap, from});
    }
    return reads;
  }

  float element(const float* input, int64_t sample, int64_t out, int64_t cell) const {
    const AxisPlan& y = plan_.y();
    const AxisPlan& x = plan_.x();
    const auto& reads_z = reads_[0][static_cast<std::size_t>(cell / (y.output * x.output))];
    const auto& reads_y = reads_[1][static_cast<std::size_t>(cell / x.output % y.output)];
    const auto& reads_x = reads_[2][static_cast<std::size_t>(cell % x.output)];
    const int64_t group = out / plan_.group_out();
    double sum = bias_ == nullptr ? 0 : static_cast<double>(bias_[out]);
    for (int64_t in = 0; in < plan_.group_in() && !std::isnan(sum); ++in) {
      const float* const from =
          input + (sample * plan_.in_channels + group * plan_.group_in() + in) * plan_.input_cells();
      const float* const taps = weight_ + plan_.weight_index(group, in, out % plan_.group_out(), 0);
      for (const Read& at_z : reads_z) {
        for (const Read& at_y : reads_y) {
          const float* const row = from + (at_z.cell * y.input + at_y.cell) * x.input;
          const float* const row_taps = taps + (at_z.tap * y.kernel + at_y.tap) * x.kernel;
          for (const Read& at : reads_x) {
            sum += static_cast<double>(row[at.cell]) * static_cast<double>(row_taps[at.tap]);
          }
        }
      }
    }
    return static_cast<float>(sum);
  }

  const LayerPlan& plan_;
  const float* weight_;
  const float* bias_;
  std::array<std::vector<std::vector<Read>>, 3> reads_;  ///< by axis and output cell
};

class ExactSpecials : public Kernel {
 public:
  ExactSpecials(const LayerPlan& plan, std::unique_ptr<Kernel> kernel, const Tensor& weight, const Tensor& bias)
      : plan_(plan),
        kernel_(std::move(kernel)),
        weight_(weight),
        bias_(bias),
        finite_weights_(all_finite(weight.data(), weight.size())) {}

  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) override {
    if (!kernel_->run(input, output, team, keep_going)) return false;
    if (kernel_->spread_specials()) {
      if (direct_ == nullptr && direct_engine().estimate(plan_).possible) {
        direct_ = direct_engine().prepare(plan_, weight_.data(), bias_data());
      }
      if (direct_ != nullptr && !direct_->run(input, output, team, keep_going)) return false;
      if (direct_ != nullptr && finite_weights_) return true;
    } else if (finite_weights_) {
      return true;
    }
    if (!definition_) definition_.emplace(plan_, weight_.data(), bias_data());
    return definition_->replace(input, output, team, keep_going);
  }

  std::string way() const override { return kernel_->way(); }

 private:
  const float* bias_data() const { return bias_.empty() ? nullptr : bias_.data(); }

  const LayerPlan plan_;
  const std::unique_ptr<Kernel> kernel_;
  const Tensor weight_;
  const Tensor bias_;
  const bool finite_weights_;
  std::unique_ptr<Kernel> direct_;  ///< this and the next are made when they are first needed
  std::optional<Definition> definition_;
};

/// One input channel's row of a gradient of the weight: (C_out/G, taps).
class WeightGradientRow {
 public:
  explicit WeightGradientRow(const LayerSpec& layer)
      : layer_(layer), axes_(layer.as_3d()), out_per_group_(layer.out_channels / layer.groups) {
    for (std::size_t a = 0; a < 3; ++a) {
      outputs_[a] = output_size(axes_[a]);
      for (int64_t tap = 0; tap < axes_[a].kernel; ++tap) lands_[a].push_back(cells_that_land(axes_[a], tap));
    }
  }

  int64_t taps() const { return axes_[0].kernel * axes_[1].kernel * axes_[2].kernel; }
  int64_t size() const { return out_per_group_ * taps(); }

  void replace(int64_t in, const float* input, const float* grad_output, float* row) const {
    const int64_t first_out = in / (layer_.in_channels / layer_.groups) * out_per_group_;
    for (int64_t i = 0; i < size(); ++i) {
      if (!std::isfinite(row[i])) row[i] = element(input, grad_output, in, first_out + i / taps(), i % taps());
    }
  }

 private:
  float element(const float* input, const float* grad_output, int64_t in, int64_t out, int64_t tap) const {
    const std::array<int64_t, 3> taps{tap / (axes_[1].kernel * axes_[2].kernel),
                                      tap / axes_[2].kernel % axes_[1].kernel, tap % axes_[2].kernel};
    std::array<CellRange, 3> cells{};
    for (std::size_t a = 0; a < 3; ++a) cells[a] = lands_[a][static_cast<std::size_t>(taps[a])];
    const auto landing = [&](std::size_t a, int64_t cell) {
      return cell * axes_[a].stride + taps[a] * axes_[a].dilation - axes_[a].padding_begin;
    };
    double sum = 0;
    for (int64_t n = 0; n < layer_.batch; ++n) {
      const float* const x = input + (n * layer_.in_channels + in) * axes_[0].input * axes_[1].input * axes_[2].input;
      const float* const g = grad_output + (n * layer_.out_channels + out) * outputs_[0] * outputs_[1] * outputs_[2];
      for (int64_t iz = cells[0].first; iz <= cells[0].last; ++iz) {
        for (int64_t iy = cells[1].first; iy <= cells[1].last && !std::isnan(sum); ++iy) {
          const float* const x_row = x + (iz * axes_[1].input + iy) * axes_[2].input;
          const float* const g_row = g + (landing(0, iz) * outputs_[1] + landing(1, iy)) * outputs_[2];
          for (int64_t ix = cells[2].first; ix <= cells[2].last; ++ix) {
            sum += static_cast<double>(x_row[ix]) * static_cast<double>(g_row[landing(2, ix)]);
          }
        }
      }
    }
    return static_cast<float>(sum);
  }

  const LayerSpec& layer_;
  const std::array<AxisSpec, 3> axes_;
  const int64_t out_per_group_;
  std::array<int64_t, 3> outputs_{};
  std::array<std::vector<CellRange>, 3> lands_;
};

}  // namespace

std::unique_ptr<Kernel> with_exact_specials(const LayerPlan& plan, std::unique_ptr<Kernel> kernel, const Tensor& weight,
                                            const Tensor& bias) {
  return std::make_unique<ExactSpecials>(plan, std::move(kernel), weight, bias);
}

bool make_specials_exact(const LayerSpec& layer, const float* input, const float* grad_output, float* grad_weight,
                         const Team& team, const KeepGoing& keep_going) {
  // What is not finite in an input channel shows in the first of its weights, and what is not in an output channel in
  // the weights that lead there from the first input channel of its group.
  const int64_t group_in = layer.in_channels / layer.groups;
  const int64_t size = weight_shape(layer).elements() / layer.in_channels;  // weights of an input channel
  bool finite = true;
  for (int64_t in = 0; in < layer.in_channels; ++in) {
    const float* const own = grad_weight + in * size;
    finite = finite && (in % group_in == 0 ? all_finite(own, size) : std::isfinite(*own));
  }
  if (finite) return true;
  const WeightGradientRow row(layer);
  return team.share(layer.in_channels, keep_going,
                    [&](int64_t in, int) { row.replace(in, input, grad_output, grad_weight + in * size); });
}

}  // namespace tconv
