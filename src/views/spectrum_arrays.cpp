#include "core/evenness.h"
#include "views/spectrum_maps.h"
#include "views/spectrum_scene.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

NamedArray curves_array(const SpectrumScene& scene) {
  struct Curve {
    const char* name;
    const std::vector<double>& values;
  };
  const std::array<Curve, 3> all{{{"input", scene.input}, {"kernel", scene.kernel}, {"output", scene.output}}};
  std::vector<std::string> columns{"frequency"};
  for (const Curve& curve : all) {
    if (!curve.values.empty()) columns.emplace_back(curve.name);
  }
  std::vector<float> values;
  for (int64_t i = 0; i < scene.points; ++i) {
    values.push_back(static_cast<float>(frequency_of(i, scene.points)));
    for (const Curve& curve : all) {
      if (!curve.values.empty()) values.push_back(static_cast<float>(curve.values[static_cast<std::size_t>(i)]));
    }
  }
  return table_array("curves",
                     "magnitudes along the " + std::string(axis_name(scene.layer, scene.axis)) +
                         " by frequency in radians per output cell: the input after zero insertion, the kernel " +
                         scene.kernel_name() + ", and their product",
                     "sample", std::move(columns), std::move(values));
}

NamedArray gains_array(const SpectrumScene& scene) {
  const LayerSpec& layer = scene.layer;
  std::vector<std::string> columns;
  for (const std::string& axis : spatial_axes(layer)) columns.push_back("m_" + axis);
  columns.insert(columns.end(), {"gain", "part", "removed"});
  std::vector<float> values;
  for (const ImageGain& image : scene.gains.images) {
    for (std::size_t a = 0; a < layer.spatial().size(); ++a) values.push_back(static_cast<float>(image.m[a]));
    values.insert(values.end(),
                  {static_cast<float>(image.gain), static_cast<float>(image.part), image.removed ? 1.0F : 0.0F});
  }
  return table_array("images",
                     "what " + scene.kernel_name() +
                         " passes of the image at 2 pi m/S: |H| there, that as a part of |H(0)|, and whether it is "
                         "removed but for rounding",
                     "image", std::move(columns), std::move(values));
}

NamedArray phase_sums_array(const SpectrumScene& scene) {
  const LayerSpec& layer = scene.layer;
  const Interaction& state = scene.in.interaction;
  const auto sums = phase_sums(layer, scene.in.results.weight, state.in_channel, state.out_channel);
  std::vector<int64_t> extents;
  for (const AxisSpec& axis : layer.spatial()) extents.push_back(axis.stride);
  std::vector<std::string> axes;
  for (const std::string& axis : spatial_axes(layer)) axes.push_back(axis + "_phase");
  return {"phase_sums", "sum of the taps of " + scene.kernel_name() + " on each phase",
          Tensor(Shape{std::span<const int64_t>(extents)}, {sums.begin(), sums.end()}), std::move(axes)};
}

/// Levels of a plane; of a 1D layer those of its one row.
NamedArray levels_array(const LayerSpec& layer, std::string name, const std::string& words, int64_t rows, int64_t cols,
                        const std::vector<float>& levels) {
  const std::string scale = ", in decibels below the largest; frequency 0 in the middle";
  if (layer.dims == 1) return {std::move(name), words + scale, Tensor(Shape{cols}, levels), {"frequency"}};
  return {std::move(name), words + scale, Tensor(Shape{rows, cols}, levels), {"row_frequency", "col_frequency"}};
}

}  // namespace

std::vector<NamedArray> spectrum_arrays(const ViewInput& in) {
  if (!in.results.ready() || !in.results.ways) return {};
  const SpectrumScene scene(in);
  const LayerSpec& layer = scene.layer;
  std::vector<NamedArray> arrays;
  if (!scene.input.empty() || !scene.kernel.empty()) arrays.push_back(curves_array(scene));
  if (layer.dims > 1) {  // else the curve says it all
    const NumberPlane plane = kernel_response(scene);
    if (!plane.values.empty()) {
      arrays.push_back(levels_array(layer, "kernel_levels", "|H| of " + scene.kernel_name(), plane.rows, plane.cols,
                                    levels_of(plane.values)));
    }
  }
  const Interaction& state = in.interaction;
  const LogSpectrum* output =
      in.results.ways->output_spectrum(state.batch, state.out_channel, layer.dims == 3 ? state.out_slice : 0);
  if (output != nullptr && missing_spectrum(scene).empty()) {
    arrays.push_back(levels_array(layer, "output_levels", output_spectrum_remark(scene), output->rows, output->cols,
                                  output->levels));
  }
  if (scene.has_gains() && !scene.gains.images.empty()) arrays.push_back(gains_array(scene));
  if (scene.is_joined && scene.is_small && has_few_phases(layer)) arrays.push_back(phase_sums_array(scene));
  return arrays;
}

}  // namespace tconv
