#include "compute/large_map_input.h"

#include <algorithm>

#include "kernels/team.h"

namespace tconv {

using std::int64_t;

namespace {

constexpr int64_t tile_side = 1024;  // cells of what is drawn, random or a picture

}  // namespace

LargeMapInput::LargeMapInput(const LargeMapKey& key)
    : pattern_(key.scenario.input), shape_(input_shape(key.scenario.layer)) {
  for (const AxisSpec& axis : key.scenario.layer.axes) stride_.push_back(axis.stride);
  if (is_recipe(pattern_)) return;
  if (pattern_.id == "custom") {
    tile_ = pattern_.values;
    first_channel_ = key.group * shape_[1];
    return;
  }
  Scenario part = key.scenario;
  for (AxisSpec& axis : part.layer.spatial()) axis.input = std::min(axis.input, tile_side);
  tile_ = input_of(part);
}

std::shared_ptr<const LargeMapInput> LargeMapInput::make(const LargeMapKey& key,
                                                         const std::shared_ptr<const LargeMapInput>& before) {
  const Pattern& pattern = key.scenario.input;
  const Shape shape = input_shape(key.scenario.layer);
  const bool same = before != nullptr && before->pattern_ == pattern && before->shape_ == shape &&
                    (pattern.id != "custom" || before->first_channel_ == key.group * shape[1]);
  return same ? before : std::shared_ptr<const LargeMapInput>(new LargeMapInput(key));
}

bool LargeMapInput::repeats() const {
  return !tile_.empty() && (tile_.shape()[2] < shape_[2] || tile_.shape()[3] < shape_[3]);
}

void LargeMapInput::row(int64_t channel, int64_t row, int64_t first, int64_t count, float* to) const {
  if (tile_.empty()) return recipe_row(pattern_, shape_, stride_, row, first, count, to);
  const Shape& own = tile_.shape();
  const int64_t plane = (first_channel_ + channel) % own[1];
  const float* const from = tile_.data() + (plane * own[2] + row % own[2]) * own[3];
  for (int64_t begin = first % own[3]; count > 0; begin = 0) {
    const int64_t run = std::min(count, own[3] - begin);
    to = std::copy_n(from + begin, run, to);
    count -= run;
  }
}

float LargeMapInput::at(int64_t channel, int64_t row, int64_t col) const {
  float value = 0;
  this->row(channel, row, col, 1, &value);
  return value;
}

std::vector<float> LargeMapInput::whole() const {
  std::vector<float> values(static_cast<std::size_t>(shape_.elements()));
  Team().share(shape_[1] * shape_[2], {}, [&](int64_t line, int /*slot*/) {
    row(line / shape_[2], line % shape_[2], 0, shape_[3], values.data() + line * shape_[3]);
  });
  return values;
}

int64_t LargeMapInput::memory_bytes() const { return tile_.size() * int64_t{sizeof(float)}; }

}  // namespace tconv
