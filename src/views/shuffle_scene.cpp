#include "views/shuffle_scene.h"

#include <algorithm>

#include "core/resize.h"
#include "figure/layout.h"
#include "views/cell_map.h"

namespace tconv {

using std::int64_t;

namespace {

/// One channel of the first array axis' sample as an array of its own.
Tensor one_channel(const Tensor& tensor, int64_t batch, int64_t channel) {
  Shape shape = tensor.shape();
  shape[0] = shape[1] = 1;
  const int64_t size = shape.elements();
  const float* begin = tensor.data() + (batch * tensor.shape()[1] + channel) * size;
  return {shape, std::vector<float>(begin, begin + size)};
}

bool inside_map(const std::array<int64_t, 3>& at, const std::array<int64_t, 3>& size) {
  for (std::size_t a = 0; a < 3; ++a) {
    if (at[a] < 0 || at[a] >= size[a]) return false;
  }
  return true;
}

}  // namespace

ShuffleScene::ShuffleScene(const ViewInput& in) {
  const LayerSpec& layer = in.results.scenario.layer;
  const auto axes = layer.as_3d();
  spec_ = {
      .factor = std::min(axes[2].stride, largest_factor),
      .dims = layer.dims,
      .out_channels = layer.out_channels,
      .order = in.interaction.choice(shuffle_order_choice, "crd") == "dcr" ? ChannelOrder::dcr : ChannelOrder::crd};
  factor_cut_ = axes[2].stride > largest_factor;
  unshuffle_ = in.interaction.choice(shuffle_direction_choice, "shuffle") == "unshuffle";
  for (std::size_t a = 0; a < 3; ++a) small_[a] = axes[a].input;
  const auto large = large_size();
  channel_ = std::clamp<int64_t>(in.interaction.out_channel, 0, spec_.out_channels - 1);
  slice_ = std::clamp<int64_t>(in.interaction.out_slice, 0, large[0] - 1);

  // Not the first cell of its super-pixel, whose remainders are all 0.
  focus_ = {channel_, {slice_, small_[1] / 2 * group().rows + group().rows - 1, small_[2] / 2 * group().cols}};
  if (const auto* hovered = std::get_if<ShuffleCell>(&in.interaction.hover)) {
    const ShufflePlace& place = hovered->place;
    const int64_t channels = hovered->large ? spec_.out_channels : spec_.out_channels * spec_.group();
    const bool exists =
        place.channel >= 0 && place.channel < channels && inside_map(place.at, hovered->large ? large : small_);
    if (exists) focus_ = hovered->large ? place : shuffle_target(spec_, place);
  }

  const bool many = large[1] > largest_cell_grid || large[2] > largest_cell_grid;
  // Both factors are below 2^40: the product of three stays within 128 bits.
  image_ = many && static_cast<__int128>(large[0]) * large[1] * large[2] <= most_values && !in.results.input.empty();
  if (image_) {
    std::vector<int64_t> size;
    for (std::size_t a = static_cast<std::size_t>(3 - spec_.dims); a < 3; ++a) size.push_back(large[a]);
    large_values_ = resize(one_channel(in.results.input, in.interaction.batch, in.interaction.in_channel), size,
                           ResizeMode::bilinear);
    small_values_ = pixel_unshuffle(large_values_, spec_.factor);
  } else if (many) {
    // Only the first cells are drawn: the one in the middle would not be in sight.
    if (!std::holds_alternative<ShuffleCell>(in.interaction.hover)) {
      const CellCount shown = large_cells();
      focus_.at = {slice_, (shown.rows - 1) / 2, (shown.cols - 1) / 2};
    }
  }
}

int64_t ShuffleScene::small_slice() const { return spec_.dims == 3 ? slice_ / spec_.factor : 0; }

std::array<int64_t, 3> ShuffleScene::large_size() const {
  std::array<int64_t, 3> size = small_;
  for (std::size_t a = static_cast<std::size_t>(3 - spec_.dims); a < 3; ++a) size[a] *= spec_.factor;
  return size;
}

CellCount ShuffleScene::group() const { return {spec_.dims > 1 ? spec_.factor : 1, spec_.factor}; }

CellCount ShuffleScene::shown_channels() const {
  return {std::min(group().rows, most_channels_a_side), std::min(group().cols, most_channels_a_side)};
}

CellCount ShuffleScene::small_cells() const {
  if (image_) return {small_[1], small_[2]};
  const CellCount part = group();
  return {std::min(small_[1], std::max<int64_t>(1, largest_cell_grid / part.rows)),
          std::min(small_[2], std::max<int64_t>(1, largest_cell_grid / part.cols))};
}

CellCount ShuffleScene::large_cells() const {
  const auto size = large_size();
  if (image_) return {size[1], size[2]};
  const CellCount small = small_cells();
  return {std::min(small.rows * group().rows, largest_cell_grid),
          std::min(small.cols * group().cols, largest_cell_grid)};
}

bool ShuffleScene::cropped() const {
  const auto size = large_size();
  return large_cells() != CellCount{size[1], size[2]};
}

ShufflePlace ShuffleScene::small_of(int64_t row, int64_t col) const {
  return shuffle_source(spec_, {channel_, {slice_, row, col}});
}

bool ShuffleScene::focus_in_sight() const {
  const CellCount shown = large_cells();
  return focus_.channel == channel_ && focus_.at[0] == slice_ && focus_.at[1] < shown.rows && focus_.at[2] < shown.cols;
}

int64_t ShuffleScene::image_channel(int64_t channel) const {
  return spec_.order == ChannelOrder::crd ? channel % spec_.group() : channel / spec_.out_channels;
}

std::string ShuffleScene::value_text(const ShufflePlace& small) const {
  const int64_t index = (small.at[0] * small_[1] + small.at[1]) * small_[2] + small.at[2];
  if (!image_) return std::to_string(small.channel) + "." + std::to_string(index);
  const int64_t plane = small_[0] * small_[1] * small_[2];
  return number_text(static_cast<double>(small_values_[image_channel(small.channel) * plane + index]));
}

}  // namespace tconv
