#include "kernels/gradient_spread.h"

#include <algorithm>

#include "core/integers.h"
#include "kernels/gradient_tiles_plan.h"
#include "kernels/gradient_tiles_steps.h"
#include "kernels/shares.h"

namespace tconv {
namespace {

using std::int64_t;

/// Cells of g along an axis that all phases of one tile read.
int64_t span_of(const ToomCookAxis& axis, int64_t stride) {
  int64_t span = 1;
  for (const bool plain : {false, true}) {
    const int64_t cells = plain ? axis.cells : axis.points();
    for (const ToomCookAxis::Phase& phase : plain ? axis.plain_phases : axis.points_phases) {
      span = std::max(span, phase.start + stride * (axis.spacing * cells - 1) + 1);
    }
  }
  return span;
}

}  // namespace

GradientSpread::GradientSpread(const LayerPlan& layer, const ToomCookPlan& plan)
    : layer_(layer),
      plan_(plan),
      steps_(toom_cook_steps()),
      lanes_(steps_.lanes),
      out_blocks_(ceil_div(layer.group_out(), lanes_)),
      reach_y_(plan.y.reach(layer.y())),
      reach_x_(plan.x.reach(layer.x())),
      span_y_(span_of(plan.y, layer.y().stride)),
      span_x_(span_of(plan.x, layer.x().stride)),
      used_rows_(static_cast<std::size_t>(layer.y().stride)),
      slots_(gradient_tiles_slots(plan)) {
  for (const auto* phases : {&plan_.y.points_phases, &plan_.y.plain_phases}) {
    for (const ToomCookAxis::Phase& phase : *phases) {
      used_rows_[static_cast<std::size_t>(phase.start % layer_.y().stride)] = true;
    }
  }
  number_slots();
}

void GradientSpread::number_slots() {
  std::vector<int> next(slots_.size());
  for (const ToomCookClass& cls : plan_.classes) {
    std::vector<int>& first = first_slots_.emplace_back();
    for (int i = 0; i < cls.points_y; ++i) {
      for (int j = 0; j < cls.points_x; ++j) {
        int& slot = next[static_cast<std::size_t>(plan_.plane_of(cls, i, j))];
        first.push_back(slot);
        slot += cls.phases;
      }
    }
  }
  step_ = (ceil_div(*std::ranges::max_element(slots_) * layer_.group_out(), toom_cook_line) | 1) * toom_cook_line;
}

int64_t GradientSpread::gather(const float* grad_output, int64_t group, int64_t block, int64_t row, int64_t rows,
                               const ToomCookChunk& chunk, GradientSpreadScratch& scratch) const {
  const AxisPlan& y = layer_.y();
  const AxisPlan& x = layer_.x();
  const int64_t channel = block * lanes_;
  const auto channels = static_cast<int>(std::min(lanes_, layer_.group_out() - channel));
  const int64_t plane = y.output * x.output;
  const int64_t sample = row / plan_.y.tiles;
  const float* const from = grad_output + (sample * layer_.out_channels + group * layer_.group_out() + channel) * plane;
  const int64_t first_y = row % plan_.y.tiles * reach_y_ - y.padding;
  const int64_t first_x = chunk.x * reach_x_ - x.padding;
  const int64_t columns = (chunk.tiles - 1) * reach_x_ + span_x_;
  const int64_t begin = std::clamp<int64_t>(-first_x, 0, columns);
  const int64_t end = std::clamp<int64_t>(x.output - first_x, begin, columns);
  const int64_t all_rows = (rows - 1) * reach_y_ + span_y_;
  const int64_t pitch = columns * lanes_ + toom_cook_line;
  scratch.cells.reserve(all_rows * pitch);
  for (int64_t r = 0; r < all_rows; ++r) {
    if (!used_rows_[static_cast<std::size_t>(r % y.stride)]) continue;
    float* const to = scratch.cells.data() + r * pitch;
    const int64_t from_y = first_y + r;
    const bool inside = from_y >= 0 && from_y < y.output && begin < end;
    const int64_t zeros = inside ? begin : columns;
    std::fill_n(to, zeros * lanes_, 0.0F);
    if (!inside) continue;
    steps_.gather(from + from_y * x.output + first_x + begin, plane, channels, end - begin, to + begin * lanes_);
    std::fill(to + end * lanes_, to + columns * lanes_, 0.0F);
  }
  return pitch;
}

void GradientSpread::run(const float* grad_output, int64_t group, const ToomCookChunk& chunk, int64_t task,
                         GradientSpreadScratch& scratch, float* values) const {
  const ToomCookAxis& y = plan_.y;
  const ToomCookAxis& x = plan_.x;
  const int64_t block = task % out_blocks_;
  const int64_t piece = task / out_blocks_ % pieces(chunk);
  const int64_t sample = chunk.row / y.tiles + task / out_blocks_ / pieces(chunk);
  const int64_t first = std::max(chunk.row, sample * y.tiles);
  const PartRange part =
      parts_of(piece, pieces(chunk), std::min(chunk.row + chunk.rows, (sample + 1) * y.tiles) - first);
  const int64_t row = first + part.first;
  const int64_t rows = part.last - part.first;
  if (rows == 0) return;
  const int64_t pitch = gather(grad_output, group, block, row, rows, chunk, scratch);

  const int64_t channel = block * lanes_;
  const auto channels = static_cast<int>(std::min(lanes_, layer_.group_out() - channel));
  const int64_t row_step = layer_.y().stride * y.spacing * pitch;  // from one cell of a tile to the next
  const int64_t column_step = layer_.x().stride * x.spacing * lanes_;
  const int64_t plane_step = plane(chunk);
  for (std::size_t index = 0; index < plan_.classes.size(); ++index) {
    const ToomCookClass& cls = plan_.classes[index];
    const auto& phases_y = cls.plain_y ? y.plain_phases : y.points_phases;
    const auto& phases_x = cls.plain_x ? x.plain_phases : x.points_phases;
    const GradientAxisSteps& steps_y = gradient_steps(y.cells, cls.plain_y ? 1 : y.taps);
    const GradientAxisSteps& steps_x = gradient_steps(x.cells, cls.plain_x ? 1 : x.taps);
    const bool points_x = cls.weights_x > 1;
    const int64_t expanded_row = chunk.tiles * cls.points_x * lanes_ + toom_cook_line;
    scratch.expanded.reserve(cls.points_y * expanded_row);
    for (int64_t residue_y = 0; residue_y < y.spacing; ++residue_y) {
      for (int64_t residue_x = 0; residue_x < x.spacing; ++residue_x) {
        for (int phase = 0; phase < cls.phases; ++phase) {
          const auto phase_y = static_cast<std::size_t>(phase) / phases_x.size();
          const auto phase_x = static_cast<std::size_t>(phase) % phases_x.size();
          const int64_t first_row = layer_.y().stride * residue_y + phases_y[phase_y].start;
          const int64_t first_column = layer_.x().stride * residue_x + phases_x[phase_x].start;
          for (int64_t r = 0; r < rows; ++r) {
            const float* const from = scratch.cells.data() + (r * reach_y_ + first_row) * pitch + first_column * lanes_;
            for (int i = 0; points_x && i < cls.points_y; ++i) {
              steps_x.spread_x({.in = from + i * row_step,
                                .in_cell = column_step,
                                .in_next = x.cells * column_step,
                                .out = scratch.expanded.data() + i * expanded_row,
                                .out_row = lanes_,
                                .out_next = cls.points_x * lanes_,
                                .count = chunk.tiles});
            }
            const int64_t tile =
                (((row + r - chunk.row) * y.spacing + residue_y) * x.spacing + residue_x) * chunk.tiles;
            for (int j = 0; j < cls.points_x; ++j) {
              GradientSpreadStep step{.in = points_x ? scratch.expanded.data() + j * lanes_ : from + j * column_step,
                                      .in_cell = points_x ? expanded_row : row_step,
                                      .in_next = points_x ? cls.points_x * lanes_ : x.cells * column_step,
                                      .out = {},
                                      .out_next = step_,
                                      .count = chunk.tiles,
                                      .channels = channels};
              for (int i = 0; i < cls.points_y; ++i) {
                const int slot = first_slots_[index][static_cast<std::size_t>(i * cls.points_x + j)] + phase;
                step.out[i] = values + plan_.plane_of(cls, i, j) * plane_step + tile * step_ +
                              slot * layer_.group_out() + channel;
              }
              steps_y.spread_y(step);
            }
          }
        }
      }
    }
  }
}

}  // namespace tconv
