#include "kernels/flat_map.h"

#include <algorithm>

#include "core/integers.h"
#include "kernels/copy_strided.h"

namespace tconv {
namespace {

/// From one row (plane, sample) to the next: the taps of the last quotient must not reach the next one's cells, nor
/// those of the first the cells of the one before; and no two taps may have the same offset.
std::int64_t step(const AxisPlan& axis) {
  const std::int64_t cells = ceil_div(axis.input, axis.input_planes);
  const std::int64_t behind_last = (axis.quotients - 1) * axis.input_step + 1;
  return std::max({behind_last, behind_last + axis.most_offset, cells - axis.least_offset, cells,
                   axis.most_offset - axis.least_offset + 1});
}

}  // namespace

FlatMap::FlatMap(const LayerPlan& plan, std::int64_t chunk, Lines lines)
    : batch_(plan.batch),
      channels_(plan.in_channels),
      input_{plan.z().input, plan.y().input, plan.x().input},
      input_planes_{plan.z().input_planes, plan.y().input_planes, plan.x().input_planes},
      quotients_{plan.z().quotients, plan.y().quotients, plan.x().quotients},
      y_step_(plan.y().input_step),
      pitch_(lines == Lines::in_place  ? plan.x().input
             : lines == Lines::by_rows ? ceil_div(step(plan.x()), 16) * 16  // rows begin at cache lines
                                       : step(plan.x())),
      rows_(lines == Lines::in_place ? plan.y().input : step(plan.y())),
      planes_(lines == Lines::in_place ? plan.in_channels * plan.z().input : step(plan.z())),
      least_(offset(plan.z().least_offset, plan.y().least_offset, plan.x().least_offset)),
      most_(offset(plan.z().most_offset, plan.y().most_offset, plan.x().most_offset)),
      chunk_(chunk),
      chunks_in_row_(lines == Lines::run_on ? 0 : ceil_div(plan.x().quotients, chunk)) {
  const std::int64_t rows = batch_ * quotients_[0] * quotients_[1];
  const std::int64_t last = offset((batch_ - 1) * planes_ + quotients_[0] - 1, quotients_[1] - 1, quotients_[2] - 1);
  chunks_ = lines == Lines::run_on ? ceil_div(last + 1, chunk) : rows * chunks_in_row_;
}

std::int64_t FlatMap::position(std::int64_t chunk) const {
  if (chunks_in_row_ == 0) return chunk * chunk_;
  std::int64_t row = chunk / chunks_in_row_;
  const std::int64_t y = row % quotients_[1];
  row /= quotients_[1];
  const std::int64_t z = row % quotients_[0];
  const std::int64_t sample = row / quotients_[0];
  return offset(sample * planes_ + z, y * y_step_, chunk % chunks_in_row_ * chunk_);
}

FlatMap::Window FlatMap::window(std::int64_t first_chunk, std::int64_t last_chunk) const {
  const std::int64_t begin = position(first_chunk) + std::min<std::int64_t>(least_, 0);
  return {begin, position(last_chunk - 1) + chunk_ + std::max<std::int64_t>(most_, 0) - begin};
}

FlatMap::Row FlatMap::row_at(std::int64_t row) const {
  const std::int64_t plane = row / rows_;
  return {plane / planes_, plane % planes_, row % rows_};
}

void FlatMap::list_pieces(const Window& window, std::int64_t plane, std::vector<Piece>& pieces) const {
  Cells cells{.count = {},
              .extent = {input_[0], input_[1], input_[2]},
              .first = {plane / input_planes_[2] / input_planes_[1], plane / input_planes_[2] % input_planes_[1],
                        plane % input_planes_[2]},
              .step = {input_planes_[0], input_planes_[1], input_planes_[2]},
              .channels = channels_};
  for (int axis = 0; axis < 3; ++axis) {
    cells.count[axis] = ceil_div(cells.extent[axis] - cells.first[axis], cells.step[axis]);
  }
  list_pieces(window, cells, pieces);
}

void FlatMap::list_quotient_pieces(const Window& window, std::int64_t channels, std::vector<Piece>& pieces) const {
  const Cells cells{.count = {quotients_[0], quotients_[1], quotients_[2]},
                    .extent = {quotients_[0], quotients_[1], quotients_[2]},
                    .first = {0, 0, 0},
                    .step = {1, 1, 1},
                    .channels = channels};
  list_pieces(window, cells, pieces);
}

void FlatMap::list_pieces(const Window& window, const Cells& cells, std::vector<Piece>& pieces) const {
  pieces.clear();
  const auto zeros = [&](std::int64_t to, std::int64_t length) {
    if (length <= 0) return;
    if (!pieces.empty() && pieces.back().from < 0) {
      pieces.back().length += length;
    } else {
      pieces.push_back({to, length, -1});
    }
  };
  std::int64_t at = window.begin;
  const std::int64_t end = window.begin + window.size;
  const auto index = [&](std::int64_t position) { return position - window.begin; };
  if (at < 0) {
    zeros(0, std::min<std::int64_t>(0, end) - at);
    at = 0;
  }
  while (at < end) {
    const Row row = row_at(at / pitch_);
    const std::int64_t x = at % pitch_;
    const std::int64_t left = std::min(pitch_ - x, end - at);  // of the row, in this window
    std::int64_t length = 0;
    if (row.sample < batch_ && row.z < cells.count[0] && row.y < cells.count[1]) {
      length = std::clamp<std::int64_t>(cells.count[2] - x, 0, left);
    }
    if (length > 0) {
      const std::int64_t z = row.sample * cells.channels * cells.extent[0] + row.z * cells.step[0] + cells.first[0];
      const std::int64_t y = z * cells.extent[1] + row.y * cells.step[1] + cells.first[1];
      const std::int64_t from = y * cells.extent[2] + x * cells.step[2] + cells.first[2];
      if (!pieces.empty() && pieces.back().from >= 0 &&
          pieces.back().from + pieces.back().length * cells.step[2] == from) {
        pieces.back().length += length;
      } else {
        pieces.push_back({index(at), length, from});
      }
    }
    zeros(index(at) + length, left - length);
    at += left;
  }
}

// Both go from row to row by counting: divisions would take longer than the products of one channel.

void FlatMap::list_chunks_by_rows(std::int64_t first, std::int64_t last, std::vector<Chunk>& chunks,
                                  std::vector<Stretch>& stretches) const {
  const std::int64_t row = first / chunks_in_row_;
  const std::int64_t plane = row / quotients_[1];
  std::int64_t y = row % quotients_[1];
  std::int64_t z = plane % quotients_[0];
  std::int64_t sample = plane / quotients_[0];
  std::int64_t in_row = first % chunks_in_row_;
  for (std::int64_t chunk = first; chunk < last; ++chunk) {
    const std::int64_t x = in_row * chunk_;
    chunks.push_back({offset(sample * planes_ + z, y * y_step_, x), stretches.size(), stretches.size() + 1});
    stretches.push_back({0, std::min(chunk_, quotients_[2] - x), sample, z, y, x});
    if (++in_row < chunks_in_row_) continue;
    in_row = 0;
    if (++y < quotients_[1]) continue;
    y = 0;
    if (++z < quotients_[0]) continue;
    z = 0;
    ++sample;
  }
}

void FlatMap::list_chunks(std::int64_t first, std::int64_t last, std::vector<Chunk>& chunks,
                          std::vector<Stretch>& stretches) const {
  chunks.clear();
  stretches.clear();
  if (chunks_in_row_ > 0) return list_chunks_by_rows(first, last, chunks, stretches);
  std::int64_t at = first * chunk_;
  Row row = row_at(at / pitch_);
  std::int64_t x = at % pitch_;
  for (std::int64_t chunk = first; chunk < last; ++chunk) {
    const std::int64_t begin = at;
    const std::int64_t end = begin + chunk_;
    chunks.push_back({begin, stretches.size(), 0});
    while (at < end) {
      const std::int64_t left = std::min(pitch_ - x, end - at);
      const std::int64_t length = std::min(quotients_[2] - x, left);
      if (length > 0 && row.sample < batch_ && row.z < quotients_[0] && row.y < quotients_[1]) {
        stretches.push_back({at - begin, length, row.sample, row.z, row.y, x});
      }
      at += left;
      x += left;
      if (x < pitch_) continue;
      x = 0;
      if (++row.y < rows_) continue;
      row.y = 0;
      if (++row.z < planes_) continue;
      row.z = 0;
      ++row.sample;
    }
    chunks.back().last_stretch = stretches.size();
  }
}

bool alternate(const std::vector<FlatMap::Piece>& even, const std::vector<FlatMap::Piece>& odd) {
  return std::ranges::equal(even, odd, [](const FlatMap::Piece& a, const FlatMap::Piece& b) {
    const bool alternating = a.from < 0 ? b.from < 0 : b.from == a.from + 1;
    return alternating && a.to == b.to && a.length == b.length;
  });
}

void copy_alternating_pieces(const std::vector<FlatMap::Piece>& even, const float* from, float* to_even,
                             float* to_odd) {
  for (const FlatMap::Piece& piece : even) {
    if (piece.from < 0) {
      std::fill_n(to_even + piece.to, piece.length, 0.0F);
      std::fill_n(to_odd + piece.to, piece.length, 0.0F);
    } else {
      copy_pairs(from + piece.from, piece.length, to_even + piece.to, to_odd + piece.to);
    }
  }
}

}  // namespace tconv
