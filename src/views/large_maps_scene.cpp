#include "views/large_maps_scene.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "views/color_scales.h"
#include "views/large_map.h"

namespace tconv {

using std::int64_t;

namespace {

constexpr std::array<int64_t, 6> sides{0, 1024, 2048, 4096, 8192, 16384};
constexpr int64_t usual_side = 2048;

ColorScale map_scale(const ViewInput& in, const LargeMapState& state) {
  // Cells lie farther apart than their means. Those of a part of the map say nothing of the rest.
  const LargeMapStatistics* of_all = state.complete()          ? state.statistics.get()
                                     : state.device != nullptr ? &state.device->statistics
                                                               : nullptr;
  if (of_all == nullptr || of_all->cells() == 0) return scale_for(in, {.parts = {state.overview->values}});
  const LargeMapStatistics& cells = *of_all;
  ColorTally tally{
      .nan = cells.nan(), .plus_infinity = cells.plus_infinity(), .minus_infinity = cells.minus_infinity()};
  for (const auto& [low, high, count] : cells.parts()) tally.parts.push_back({low, high, count});
  return scale_for(in, {.tally = &tally});
}

}  // namespace

std::span<const int64_t> large_map_sides() { return sides; }

LargeMapChoice large_map_choice(const Interaction& interaction) {
  LargeMapChoice choice{.side = usual_side, .out_channel = interaction.out_channel};
  const std::string text = interaction.choice("large/side", std::to_string(usual_side));
  int64_t side = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), side);
  if (read.ec == std::errc() && std::ranges::find(sides, side) != sides.end()) choice.side = side;
  for (const LargeMapWay way : {LargeMapWay::cpu, LargeMapWay::gpu, LargeMapWay::both}) {
    if (interaction.choice("large/way", "") == way_id(way)) choice.way = way;
  }
  return choice;
}

std::string_view way_id(LargeMapWay way) {
  switch (way) {
    case LargeMapWay::cpu:
      return "cpu";
    case LargeMapWay::gpu:
      return "gpu";
    case LargeMapWay::both:
      return "both";
    case LargeMapWay::automatic:
      break;
  }
  return "";
}

LargeMapsScene::LargeMapsScene(const ViewInput& input, const LargeMapState& of)
    : in(input),
      state(of),
      rows(of.blocks->rows()),
      cols(of.blocks->cols()),
      window(visible_window(input.interaction.viewport, rows, cols)),
      scale(map_scale(input, of)) {}

LargeMapLook LargeMapsScene::look() const {
  return look_of(state.key, {.x = window.x / static_cast<double>(cols),
                             .y = window.y / static_cast<double>(rows),
                             .w = window.w / static_cast<double>(cols),
                             .h = window.h / static_cast<double>(rows),
                             .pixels = in.interaction.map_pixels});
}

int64_t LargeMapsScene::shown_step() const {
  const bool finer = look().step < state.overview->step && state.tile_step > 0;
  return finer ? std::min(state.tile_step, state.overview->step) : state.overview->step;
}

int64_t LargeMapsScene::pixel_cells() const {
  const double cells = std::max(window.w, window.h) / std::max(1.0, in.interaction.map_pixels);
  return std::max<int64_t>(on_processor() ? shown_step() : 1, std::llround(cells));
}

LargeMapsScene::Shown LargeMapsScene::shown() const {
  const MeanMap& overview = *state.overview;
  const LargeMapLook look = this->look();
  Shown shown;
  shown.step = shown_step();
  const bool finer = shown.step < overview.step;
  shown.all = look.step >= overview.step || (state.tile_step == look.step && shows(state, look));
  const auto part_of = [&](int64_t top, int64_t left) {
    const auto step = static_cast<double>(shown.step);
    return Rect{(window.x - static_cast<double>(left)) / step, (window.y - static_cast<double>(top)) / step,
                window.w / step, window.h / step};
  };
  if (!finer) {
    shown.values = overview.values;
    shown.rows = overview.rows;
    shown.cols = overview.cols;
    shown.window = part_of(0, 0);
    return shown;
  }
  // The blocks that the window touches, side by side; those that are missing from the means of the whole map.
  const LargeMapBlocks& blocks = *state.blocks;
  const std::vector<int64_t> numbers = blocks_in(blocks, look.window);
  const int64_t top = numbers.front() / blocks.grid_cols() * blocks.block_rows();
  const int64_t left = numbers.front() % blocks.grid_cols() * blocks.block_cols();
  const int64_t bottom = std::min(rows, (numbers.back() / blocks.grid_cols() + 1) * blocks.block_rows());
  const int64_t right = std::min(cols, (numbers.back() % blocks.grid_cols() + 1) * blocks.block_cols());
  shown.rows = (bottom - top + shown.step - 1) / shown.step;
  shown.cols = (right - left + shown.step - 1) / shown.step;
  shown.values.resize(static_cast<std::size_t>(shown.rows * shown.cols));
  shown.window = part_of(top, left);
  for (const int64_t number : numbers) {
    const int64_t block_top = number / blocks.grid_cols() * blocks.block_rows();
    const int64_t block_left = number % blocks.grid_cols() * blocks.block_cols();
    float* const to =
        shown.values.data() + (block_top - top) / shown.step * shown.cols + (block_left - left) / shown.step;
    if (const auto tile = state.tiles.find(number); tile != state.tiles.end()) {
      const MeanMap& means = *tile->second;
      for (int64_t row = 0; row < means.rows; ++row) {
        std::copy_n(means.values.data() + row * means.cols, means.cols, to + row * shown.cols);
      }
      continue;
    }
    const int64_t block_rows =
        (std::min(rows, block_top + blocks.block_rows()) - block_top + shown.step - 1) / shown.step;
    const int64_t block_cols =
        (std::min(cols, block_left + blocks.block_cols()) - block_left + shown.step - 1) / shown.step;
    for (int64_t row = 0; row < block_rows; ++row) {
      const int64_t from = (block_top + row * shown.step) / overview.step * overview.cols;
      for (int64_t col = 0; col < block_cols; ++col) {
        to[row * shown.cols + col] =
            overview.values[static_cast<std::size_t>(from + (block_left + col * shown.step) / overview.step)];
      }
    }
  }
  return shown;
}

std::optional<std::array<int64_t, 2>> LargeMapsScene::focus() const {
  const auto* cell = std::get_if<ComparedCell>(&in.interaction.hover);
  if (cell == nullptr || cell->at[1] >= rows || cell->at[2] >= cols) return std::nullopt;
  return std::array{cell->at[1], cell->at[2]};
}

}  // namespace tconv
