#include "views/spectrum_scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/playback.h"
#include "document/answers.h"
#include "figure/layout.h"

namespace tconv {

using std::int64_t;

namespace {

bool all_finite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

/// Enough for the finest wiggle of the input's spectrum up to some thousand; a multiple of 2S, so that samples stand
/// on the images.
int64_t points_for(const AxisSpec& axis) {
  constexpr int64_t least = 512;
  constexpr int64_t most = 4096;
  const int64_t wanted = std::clamp(4 * axis.input * std::min(axis.stride, most), least, most);
  const int64_t step = 2 * axis.stride;
  if (axis.stride > 64) return most;
  return (wanted + step - 1) / step * step;
}

std::vector<double> finite_response(const std::vector<double>& values, int64_t spacing, int64_t points) {
  if (!all_finite(values)) return {};
  return response(values, spacing, points);
}

std::string same_or_listed(const LayerSpec& layer, int64_t AxisSpec::*field) {
  std::string text;
  bool same = true;
  for (const AxisSpec& axis : layer.spatial()) {
    text += (text.empty() ? "" : "×") + std::to_string(axis.*field);
    same = same && axis.*field == layer.axes[0].*field;
  }
  return same ? std::to_string(layer.axes[0].*field) : text;
}

/// "a third of", "13 % of".
std::string part_of(double part) {
  struct Fraction {
    double value;
    std::string_view words;
  };
  constexpr std::array fractions{Fraction{1.0 / 4, "a quarter of"}, Fraction{1.0 / 3, "a third of"},
                                 Fraction{1.0 / 2, "half of"}, Fraction{2.0 / 3, "two thirds of"},
                                 Fraction{3.0 / 4, "three quarters of"}};
  for (const Fraction& fraction : fractions) {
    if (std::abs(part - fraction.value) < 1e-3) return std::string(fraction.words);
  }
  return percent_text(part) + " of";
}

int64_t image_count(const LayerSpec& layer) {
  int64_t phases = 1;
  for (const AxisSpec& axis : layer.spatial()) phases *= axis.stride;
  return phases - 1;
}

}  // namespace

int spectrum_axis(const ViewInput& in) {
  const int last = in.results.scenario.layer.dims - 1;
  const std::string chosen = in.interaction.choice(spectrum_axis_choice, std::to_string(last));
  return chosen.size() == 1 && chosen[0] >= '0' ? std::min(chosen[0] - '0', last) : last;
}

SpectrumScene::SpectrumScene(const ViewInput& input_)
    : in(input_),
      layer(in.results.scenario.layer),
      axis(spectrum_axis(in)),
      along(layer.axes[static_cast<std::size_t>(axis)]),
      is_joined(joined(layer, in.interaction.in_channel, in.interaction.out_channel)),
      few_images(has_few_images(layer)),
      points(points_for(along)) {
  const auto axes = layer.as_3d();
  const auto fits = [&](int64_t AxisSpec::*field, int64_t most) {
    int64_t count = 1;
    for (const AxisSpec& one : axes) {
      if (one.*field > most / count) return false;
      count *= one.*field;
    }
    return true;
  };
  const Interaction& state = in.interaction;
  is_small = fits(&AxisSpec::kernel, largest_drawn_kernel);
  if (is_joined && is_small) {
    if (few_images) gains = image_gains(layer, in.results.weight, state.in_channel, state.out_channel);
    kernel = finite_response(axis_taps(layer, in.results.weight, state.in_channel, state.out_channel, axis),
                             along.dilation, points);
  }
  if (fits(&AxisSpec::input, largest_drawn_input)) {
    input =
        finite_response(axis_cells(layer, in.results.input, state.batch, state.in_channel, axis), along.stride, points);
  }
  if (kernel.empty() || input.empty()) return;
  for (std::size_t i = 0; i < kernel.size(); ++i) output.push_back(kernel[i] * input[i]);
}

const ImageGain& SpectrumScene::at(const std::array<int64_t, 3>& m) const {
  int64_t flat = 0;
  for (std::size_t a = 0; a < layer.spatial().size(); ++a) flat = flat * layer.axes[a].stride + m[a];
  return gains.images[static_cast<std::size_t>(flat - 1)];
}

const ImageGain& SpectrumScene::along_axis(int64_t m) const {
  std::array<int64_t, 3> all{};
  all[static_cast<std::size_t>(axis)] = m;
  return at(all);
}

const ImageGain& SpectrumScene::in_plane(int64_t row, int64_t col) const {
  if (layer.dims == 1) return at({col, 0, 0});
  return layer.dims == 2 ? at({row, col, 0}) : at({0, row, col});
}

std::string SpectrumScene::kernel_name() const {
  if (layer.in_channels == 1 && layer.out_channels == 1) return "w";
  return "w[" + std::to_string(in.interaction.in_channel) + " → " + std::to_string(in.interaction.out_channel) + "]";
}

double image_frequency(int64_t m, int64_t stride) {
  const int64_t nearest = 2 * m > stride ? m - stride : m;
  return 2 * std::numbers::pi * static_cast<double>(nearest) / static_cast<double>(stride);
}

std::string image_frequency_text(int64_t m, int64_t stride) {
  const int64_t nearest = 2 * m > stride ? m - stride : m;
  if (nearest == 0) return "0";
  const int64_t shared = std::gcd(2 * nearest, stride);
  const int64_t above = std::abs(2 * nearest / shared);
  const int64_t below = stride / shared;
  return (nearest < 0 ? "−" : "") + (above > 1 ? std::to_string(above) : std::string()) + "π" +
         (below > 1 ? "/" + std::to_string(below) : "");
}

std::string image_place_text(const LayerSpec& layer, const ImageGain& image) {
  std::string text;
  for (std::size_t a = 0; a < layer.spatial().size(); ++a) {
    text += (a > 0 ? ", " : "") + image_frequency_text(image.m[a], layer.axes[a].stride);
  }
  return layer.dims == 1 ? text : "(" + text + ")";
}

SpectrumVerdict spectrum_verdict(const SpectrumScene& scene) {
  const LayerSpec& layer = scene.layer;
  const Interaction& state = scene.in.interaction;
  if (!scene.is_joined) {
    return {"", "Channels " + std::to_string(state.in_channel) + " and " + std::to_string(state.out_channel) +
                    " lie in different groups: no kernel joins them"};
  }
  const std::string stride = same_or_listed(layer, &AxisSpec::stride);
  if (!scene.few_images) return {"", "Stride " + stride + " makes too many images to look at each of them here"};
  if (!scene.is_small) return {"", "This kernel has too many taps for a spectrum that follows the sliders"};
  if (!scene.gains.finite) return {"", "These weights are not all finite: such a kernel has no spectrum"};
  const int64_t images = image_count(layer);
  if (images == 0) return {"✓", "Stride 1 inserts no zeros: there is no image to remove"};

  const ImageGains& gains = scene.gains;
  const std::string name = scene.kernel_name() == "w" ? "" : " (" + scene.kernel_name() + ")";
  const std::string who = "K" + same_or_listed(layer, &AxisSpec::kernel) + " at stride " + stride + name;
  const ImageGain& worst = gains.images[gains.worst];
  const std::string where = "the image at " + image_place_text(layer, worst);
  if (gains.passed == 0 && gains.dc == 0) {
    return {"✓", who + " lets nothing of a flat input through, neither the base band nor an image"};
  }
  if (gains.passed == 0) {
    return {"✓", who + " removes " + (images == 1 ? where : "all " + std::to_string(images) + " images") +
                     ": a flat input stays flat"};
  }
  if (gains.dc == 0)
    return {"✗", who + " leaves nothing of a flat input but its images, most at " + image_place_text(layer, worst)};
  const std::string what = layer.dims == 1 ? "a ripple, the checkerboard of 1D" : "the checkerboard";
  if (std::abs(worst.part - 1) < 1e-3)
    return {"✗", who + " passes " + where + " as strongly as the base band: " + what};
  if (worst.part > 1) {
    return {"✗", who + " passes " + where + " " + number_text(worst.part, 2) +
                     " times as strongly as the base band: " + what};
  }
  return {"✗", who + " passes " + part_of(worst.part) + " " + where + ": " + what};
}

}  // namespace tconv
