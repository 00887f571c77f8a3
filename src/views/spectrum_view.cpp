// The layer in frequency: zero insertion makes images of the input's spectrum, the kernel has to remove them, and what
// it passes is the checkerboard.

#include <algorithm>

#include "views/spectrum_curves.h"
#include "views/spectrum_maps.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

/// Whether the curves along two axes can differ.
bool axes_differ(const SpectrumScene& scene) {
  const LayerSpec& layer = scene.layer;
  const Interaction& state = scene.in.interaction;
  if (layer.dims == 1) return false;
  for (int axis = 1; axis < layer.dims; ++axis) {
    const AxisSpec& one = layer.axes[static_cast<std::size_t>(axis)];
    const AxisSpec& first = layer.axes[0];
    if (one.stride != first.stride || one.dilation != first.dilation || one.kernel != first.kernel) return true;
    if (!scene.is_small || !scene.is_joined) continue;
    const auto taps = [&](int of) {
      return axis_taps(layer, scene.in.results.weight, state.in_channel, state.out_channel, of);
    };
    if (taps(axis) != taps(0)) return true;
    if (scene.input.empty()) continue;
    const auto cells = [&](int of) {
      return axis_cells(layer, scene.in.results.input, state.batch, state.in_channel, of);
    };
    if (cells(axis) != cells(0)) return true;
  }
  return false;
}

std::string explanation(const LayerSpec& layer) {
  int64_t most = 1;
  for (const AxisSpec& axis : layer.spatial()) most = std::max(most, axis.stride);
  if (most == 1) return "The kernel only shapes the spectrum that the input has; nothing is repeated.";
  return "Inserting S − 1 zeros after every cell squeezes the input's spectrum and repeats it: beside the base band at "
         "ω = 0 there are S − 1 images, at 2πm/S" +
         std::string(layer.dims > 1 ? " along each axis" : "") +
         ". The kernel has to remove them. What it passes at an image's centre is the pattern that a flat input gets; "
         "all that it leaves of the images of this input is red in the last curve.";
}

class SpectrumPage {
 public:
  SpectrumPage(const ViewInput& in, Figure& figure)
      : in_(in), figure_(figure), scene_(in), margin_(page_margin(in.size.w)), width_(in.size.w - 2 * margin_) {}

  double draw() {
    const double top = draw_heading();
    const bool wide = width_ >= 760;
    const double gap = 40;
    const double right = std::clamp(width_ * 0.34, 260.0, 332.0);
    const double left = wide ? width_ - right - gap : width_;
    double y = draw_chips(top, left);
    y = add_spectrum_curves(figure_, scene_, {margin_, y}, left) + 14;
    if (wide && scene_.layer.dims == 1) {
      const Point beside{margin_ + left + gap, top};
      const double below = draw_planes(beside, right, true) + 20;
      return std::max(y, add_phase_gains(figure_, scene_, {beside.x, below}, right));
    }
    if (wide) {
      y = add_phase_gains(figure_, scene_, {margin_, y}, left);
      return std::max(y, draw_planes({margin_ + left + gap, top}, right, true));
    }
    y = draw_planes({margin_, y}, width_, false) + 14;
    return add_phase_gains(figure_, scene_, {margin_, y}, width_);
  }

 private:
  double draw_heading() {
    const SpectrumVerdict verdict = spectrum_verdict(scene_);
    const bool bad = verdict.mark == "✗";
    double x = margin_;
    if (!verdict.mark.empty()) {
      x = add_spans(figure_, in_.text, {margin_, 34}, 17,
                    {{verdict.mark + " ", bad ? in_.theme.bad_text : in_.theme.good_text, Font::semibold}});
    }
    const double y = add_paragraph(figure_, in_.text, {x, 34}, margin_ + width_ - x,
                                   {.font = Font::semibold, .size = 17, .color = in_.theme.text}, verdict.text);
    return add_paragraph(figure_, in_.text, {margin_, y}, width_, {.size = 13, .color = in_.theme.muted},
                         explanation(scene_.layer));
  }

  double draw_chips(double y, double width) {
    if (!axes_differ(scene_)) return y;
    std::vector<ViewChip> chips;
    for (int axis = 0; axis < scene_.layer.dims; ++axis) {
      chips.push_back({"Along the " + std::string(axis_name(scene_.layer, axis)), axis == scene_.axis,
                       ViewChoice{std::string(spectrum_axis_choice), std::to_string(axis)}});
    }
    return add_chips(figure_, in_, {margin_, y}, width, chips) + 8;
  }

  double draw_planes(Point at, double width, bool stacked) {
    if (scene_.layer.dims == 1) return add_output_line(figure_, scene_, at, width);
    return add_spectrum_maps(figure_, scene_, at, width, stacked);
  }

  const ViewInput& in_;
  Figure& figure_;
  const SpectrumScene scene_;
  const double margin_;
  const double width_;
};

Figure draw_spectrum(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Spectrum of the layer"};
  if (add_no_result_page(figure, in, true)) return figure;
  figure.size.h = std::max(in.size.h, SpectrumPage(in, figure).draw() + 16);
  return figure;
}

}  // namespace

View spectrum_view() {
  return {.id = "spectrum",
          .label = "Spectrum",
          .group = 2,
          .order = 1,
          .timeline = Timeline::none,
          .has_inspector = false,
          .draw = draw_spectrum,
          .needs_ways = true,
          .arrays = spectrum_arrays,
          .options = []() -> std::vector<OptionRule> {
            return {{.id = std::string(spectrum_axis_choice), .first = 0, .last = 2}};
          }};
}

}  // namespace tconv
