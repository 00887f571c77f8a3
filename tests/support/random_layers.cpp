#include "support/random_layers.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "document/fields.h"

namespace tconv::test {
namespace {

/// How many products and output elements computing the layer takes.
std::int64_t work_of(const LayerSpec& layer) {
  std::int64_t products = layer.batch * layer.in_channels * (layer.out_channels / layer.groups);
  for (const AxisSpec& axis : layer.spatial()) products *= axis.input * axis.kernel;
  return std::max(products, output_shape(layer).elements());
}

}  // namespace

std::uint32_t test_seed() {
  const char* text = std::getenv("TCONV_TEST_SEED");
  return text == nullptr ? 20161017U : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

std::string layer_text(const LayerSpec& layer) {
  std::string text = "dims=" + std::to_string(layer.dims);
  for (const Field& field : fields()) {
    text += " " + std::string(field.name) + "=";
    const int axes = field.scope == FieldScope::axis ? layer.dims : 1;
    for (int axis = 0; axis < axes; ++axis) {
      text += (axis > 0 ? "," : "") + std::to_string(value_of(layer, field, axis));
    }
  }
  return text;
}

LayerSpec RandomLayers::layer(std::int64_t most_work) {
  ++layers_made_;
  LayerSpec layer;
  layer.dims = static_cast<int>(between(1, 3));

  std::vector<std::pair<const Field*, int>> knobs;
  for (const Field& field : fields()) {
    const int axes = field.scope == FieldScope::axis ? layer.dims : 1;
    for (int axis = 0; axis < axes; ++axis) knobs.emplace_back(&field, axis);
  }
  // Each knob in turn is set to any value that is legal beside what the others are now. Rules that join two knobs
  // (OP < max(S, D), G divides both channel counts, P leaves an output) hold all along, and since the order changes,
  // neither knob of such a pair always rules the other.
  for (int sweep = 0; sweep < 2; ++sweep) {
    for (std::size_t left = knobs.size(); left > 1; --left) {
      std::swap(knobs[left - 1], knobs[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(left) - 1))]);
    }
    for (const auto& [field, axis] : knobs) {
      std::vector<LayerSpec> choices;
      for (std::int64_t value = field->slider_first; value <= field->slider_last; ++value) {
        LayerSpec choice = with_field(layer, *field, axis, value);
        if (validate(choice).empty() && work_of(choice) <= most_work) choices.push_back(choice);
      }
      if (choices.empty()) continue;  // "padding" moves two numbers, so even its present value may be none
      layer = choices[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(choices.size()) - 1))];
    }
  }
  return layer;
}

std::int64_t RandomLayers::between(std::int64_t first, std::int64_t last) {
  return first + static_cast<std::int64_t>(bits_() % static_cast<std::uint64_t>(last - first + 1));
}

Tensor RandomLayers::integers(const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  for (float& value : values) value = static_cast<float>(between(-4, 4));
  return Tensor(shape, std::move(values));
}

Tensor RandomLayers::floats(const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  for (float& value : values) value = static_cast<float>(static_cast<double>(bits_()) / 2147483648.0 - 1.0);
  return Tensor(shape, std::move(values));
}

std::string RandomLayers::trace(const LayerSpec& layer) const {
  return "TCONV_TEST_SEED=" + std::to_string(seed_) + ", layer " + std::to_string(layers_made_) + ": " +
         layer_text(layer);
}

}  // namespace tconv::test
