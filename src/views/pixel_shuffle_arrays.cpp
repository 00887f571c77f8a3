#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "views/shuffle_scene.h"
#include "views/view_arrays.h"

namespace tconv {
namespace {

using std::int64_t;

/// 0, 1, 2, … in the shape of the small side.
Tensor places_of(const ShuffleScene& scene, const std::string& size) {
  const ShuffleSpec& spec = scene.spec();
  const auto small = scene.small_size();
  __int128 count = static_cast<__int128>(spec.out_channels) * spec.group();  // channels, and each factor below 2^40
  std::vector<int64_t> extents{1, static_cast<int64_t>(count)};
  for (auto a = static_cast<std::size_t>(3 - spec.dims); a < 3; ++a) {
    extents.push_back(small[a]);
    count = std::min<__int128>(count, largest_exact + 1) * small[a];
  }
  if (count > largest_exact) {
    throw std::runtime_error("the places of " + size + " cells are more than the 16,777,216 that are told apart");
  }
  std::vector<float> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0.0F);
  return {Shape{std::span<const int64_t>(extents)}, std::move(values)};
}

}  // namespace

std::vector<NamedArray> pixel_shuffle_arrays(const ViewInput& in) {
  if (!in.results.ready()) return {};
  const LayerSpec& layer = in.results.scenario.layer;
  const ShuffleScene scene(in);
  const ShuffleSpec& spec = scene.spec();
  const std::string order = spec.order == ChannelOrder::crd ? "CRD, as PyTorch" : "DCR, as ONNX and TensorFlow";
  const std::string rule = "r = " + std::to_string(spec.factor) + ", channel order " + order;
  NamedArray large{"large", "", {}, map_axes(layer)};
  NamedArray small{"small", "", {}, map_axes(layer)};
  if (scene.is_image()) {
    large.words = "the large map, " + rule + ": the layer's input, enlarged by linear interpolation";
    large.values = scene.large_values();
    small.words = "its small maps, " + rule;
    small.values = scene.small_values();
  } else {
    int64_t plane = 1;
    for (const int64_t extent : scene.small_size()) plane *= extent;
    large.words = "the large side, " + rule + ": from which place of the small side each cell comes, channel times " +
                  std::to_string(plane) + " plus index";
    small.words =
        "the small side: the places as they are counted, channel times " + std::to_string(plane) + " plus index";
    const auto size = scene.large_size();
    small.values = places_of(scene, std::to_string(spec.out_channels) + " channels of " + std::to_string(size[0]) +
                                        " × " + std::to_string(size[1]) + " × " + std::to_string(size[2]));
    large.values = pixel_shuffle(small.values, spec.factor, spec.order);
  }
  // What comes out first.
  if (scene.unshuffle()) return {std::move(small), std::move(large)};
  return {std::move(large), std::move(small)};
}

}  // namespace tconv
