#include "views/spectrum_maps.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/evenness.h"
#include "core/phases.h"
#include "document/answers.h"
#include "figure/layout.h"
#include "views/color_bar.h"
#include "views/color_scales.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr double below_map = 24;  ///< for the frequencies
constexpr double beside_map = 34;
constexpr double largest_side = 300;

/// Whole strides a sample each where that is not too many, so that samples stand on the images.
int64_t samples_for(const AxisSpec& axis) {
  constexpr int64_t about = 128;
  return axis.stride <= about / 2 ? about / (2 * axis.stride) * 2 * axis.stride : about;
}

/// The largest of each `tall` × `wide` numbers.
struct Pooled {
  std::vector<float> values;
  int64_t rows;
  int64_t cols;
};
Pooled pooled(const std::vector<float>& values, int64_t rows, int64_t cols, int64_t tall, int64_t wide) {
  Pooled result{{}, (rows + tall - 1) / tall, (cols + wide - 1) / wide};
  result.values.assign(static_cast<std::size_t>(result.rows * result.cols), static_cast<float>(lowest_level));
  for (int64_t row = 0; row < rows; ++row) {
    float* to = result.values.data() + row / tall * result.cols;
    const float* from = values.data() + row * cols;
    for (int64_t col = 0; col < cols; ++col) to[col / wide] = std::max(to[col / wide], from[col]);
  }
  return result;
}

class Maps {
 public:
  Maps(Figure& figure, const SpectrumScene& scene)
      : figure_(figure), in_(scene.in), scene_(scene), axes_(scene.layer.as_3d()) {}

  double draw(Point at, double width, bool stacked) {
    const bool beside = !stacked && width >= 420;
    const double gap = 24;
    // Both fit beside the curves where there is room for it.
    const double highest = stacked ? std::max(200.0, (in_.size.h - at.y - 210) / 2) : largest_side;
    const double side =
        std::floor(std::min({largest_side, highest, (beside ? (width - gap) / 2 : width) - beside_map - 10}));
    const double title_width = beside ? side + beside_map : width;
    const Rect kernel{at.x + beside_map, at.y + 34, side, side};
    draw_kernel(kernel, title_width);
    const Point second =
        beside ? Point{kernel.right() + 10 + gap, at.y} : Point{at.x, kernel.bottom() + below_map + 14};
    const Rect output{second.x + beside_map, second.y + 34, side, side};
    draw_output(output, title_width);
    const double left = kernel.x - 10;
    return draw_legend({left, output.bottom() + below_map + 18}, at.x + width - left);
  }

 private:
  const Theme& theme() const { return in_.theme; }

  void draw_kernel(const Rect& box, double width) {
    const std::string rest =
        "|H| of " + scene_.kernel_name() + (scene_.layer.dims == 3 ? " where depth's frequency is 0" : "");
    add_map_title(figure_, in_, {box.x - beside_map, box.y - 6, width, 0}, theme().kernel_text, "Kernel", rest);
    const NumberPlane plane = kernel_response(scene_);
    if (plane.values.empty()) return say(box, "Nothing can be drawn of this kernel.");
    draw_levels(box, levels_of(plane.values), plane.rows, plane.cols);
  }

  void draw_output(const Rect& box, double width) {
    const Interaction& state = in_.interaction;
    add_map_title(figure_, in_, {box.x - beside_map, box.y - 6, width, 0}, theme().output_text, "Output",
                  output_spectrum_remark(scene_));
    const std::string missing = missing_spectrum(scene_);
    if (!missing.empty()) return say(box, missing);
    const LogSpectrum& spectrum = *in_.results.ways->output_spectrum(state.batch, state.out_channel,
                                                                     scene_.layer.dims == 3 ? state.out_slice : 0);
    draw_levels(box, spectrum.levels, spectrum.rows, spectrum.cols);
  }

  void say(const Rect& box, const std::string& words) {
    figure_.add(RectShape{.rect = box, .fill = theme().panel, .stroke = theme().border, .stroke_width = 1});
    add_paragraph(figure_, in_.text, {box.x + 14, box.y + 28}, box.w - 28, {.size = 13, .color = theme().muted}, words);
  }

  void draw_levels(const Rect& box, const std::vector<float>& levels, int64_t rows, int64_t cols) {
    // From −π to π: of an even number of samples the first stands at −π, which is π as well, and has a half at each
    // end.
    const int64_t more_rows = rows + (rows % 2 == 0 ? 1 : 0);
    const int64_t more_cols = cols + (cols % 2 == 0 ? 1 : 0);
    std::vector<float> closed;
    closed.reserve(static_cast<std::size_t>(more_rows * more_cols));
    for (int64_t row = 0; row < more_rows; ++row) {
      const float* from = levels.data() + row % rows * cols;
      for (int64_t col = 0; col < more_cols; ++col) closed.push_back(from[col % cols]);
    }
    // A peak of one sample stays as bright however small the map is: many samples are shown by their largest.
    const auto together = [&](int64_t count) {
      return static_cast<double>(count) <= box.w
                 ? int64_t{1}
                 : static_cast<int64_t>(2 * static_cast<double>(count) / std::max(2.0, box.w)) + 1;
    };
    const int64_t tall = together(rows);
    const int64_t wide = together(cols);
    const Pooled plane = pooled(closed, more_rows, more_cols, tall, wide);
    const auto part = [](double cells, int64_t of) { return cells / static_cast<double>(of); };
    const Rect window{part(more_cols > cols ? 0.5 : 0, wide), part(more_rows > rows ? 0.5 : 0, tall),
                      part(static_cast<double>(cols), wide), part(static_cast<double>(rows), tall)};
    const auto pixels = [&](double points) { return std::max(1, static_cast<int>(points * in_.pixels_per_point)); };
    figure_.add(ImageShape{.rect = box,
                           .raster = rasterize({plane.values, plane.rows, plane.cols}, window, pixels(box.w),
                                               pixels(box.h), shown_color_map(in_.document), {shown_levels, 0})});
    figure_.add(RectShape{.rect = box.grown(1), .stroke = theme().border, .stroke_width = 1});
    draw_rings(box);
    label_axes(box);
  }

  /// Where the images of one axis lie, as parts of a map's side; those at π at both ends.
  static std::vector<double> places(int64_t m, int64_t stride) {
    const double part = image_frequency(m, stride) / (2 * std::numbers::pi) + 0.5;
    if (2 * m == stride) return {0, 1};
    return {part};
  }

  double ring_radius(const Rect& box) const {
    const auto most = static_cast<double>(std::max(axes_[1].stride, axes_[2].stride));
    return std::min(8.0, box.w / most / 5);
  }

  void draw_rings(const Rect& box) {
    const double radius = ring_radius(box);
    if (!scene_.has_gains() || radius < 3) return;
    for (int64_t y = 0; y < axes_[1].stride; ++y) {
      for (int64_t x = 0; x < axes_[2].stride; ++x) {
        if (x == 0 && y == 0) continue;
        const bool removed = scene_.in_plane(y, x).removed;
        for (const double part_y : places(y, axes_[1].stride)) {
          for (const double part_x : places(x, axes_[2].stride)) {
            add_ring({box.x + part_x * box.w, box.y + part_y * box.h}, radius, removed);
          }
        }
      }
    }
  }

  /// Thick and red where the image passes; dark and light edges, so that it shows on any colour.
  void add_ring(Point at, double radius, bool removed) {
    const auto circle = [&](double r, Color color, double width) {
      figure_.add(
          RectShape{.rect = {at.x - r, at.y - r, 2 * r, 2 * r}, .stroke = color, .stroke_width = width, .radius = r});
    };
    circle(radius + 1, rgb(0x000000), removed ? 3 : 5);
    circle(radius, removed ? rgb(0xffffff) : theme().bad, removed ? 1 : 3);
  }

  void label_axes(const Rect& box) {
    const auto label = [&](Point place, const std::string& words, Align align) {
      figure_.add(TextShape{
          .at = place, .text = words, .font = Font::mono, .size = 11, .color = theme().muted, .align = align});
    };
    const double under = box.bottom() + 21;
    label({box.x, under}, "−π", Align::centre);
    label({box.centre().x, under}, "0", Align::centre);
    label({box.right(), under}, "π", Align::centre);
    label({box.x + box.w * 0.77, under}, "width →", Align::centre);
    label({box.x + box.w * 0.23, under}, "↓ " + std::string(axis_name(scene_.layer, scene_.layer.dims - 2)),
          Align::centre);
    label({box.x - 14, box.y + 4}, "−π", Align::right);
    label({box.x - 14, box.centre().y + 4}, "0", Align::right);
    label({box.x - 14, box.bottom() + 4}, "π", Align::right);
  }

  double draw_scale(Point at, double width) {
    const double bar = std::min(140.0, width - 120);
    const std::string low = number_text(shown_levels) + " dB";
    const double end = add_spans(figure_, in_.text, at, 12, {{low, theme().muted, Font::mono}}) + 8;
    add_color_strip(figure_, in_, {end, at.y - 9, bar, 10}, shown_color_map(in_.document));
    add_spans(figure_, in_.text, {end + bar + 8, at.y}, 12, {{"0 dB", theme().muted, Font::mono}});
    return at.y + 22;
  }

  double draw_legend(Point at, double width) {
    if (in_.color_bar) at.y = draw_scale(at, width);
    if (!scene_.has_gains() || scene_.gains.images.empty()) return at.y;
    if (ring_radius({0, 0, largest_side, largest_side}) < 3) {
      return add_paragraph(figure_, in_.text, at, width, {.size = 12, .color = theme().muted},
                           "The images lie too close together to be ringed.");
    }
    const auto ring_line = [&](bool removed, const std::string& words) {
      add_ring({at.x + 8, at.y - 4}, 6, removed);
      at.y =
          add_paragraph(figure_, in_.text, {at.x + 24, at.y}, width - 24, {.size = 12, .color = theme().muted}, words) +
          2;
    };
    const auto images = static_cast<int64_t>(scene_.gains.images.size());
    if (scene_.gains.passed < images) ring_line(true, "✓ the centre of an image: the kernel removes it");
    if (scene_.gains.passed > 0) ring_line(false, "✗ the centre of an image that the kernel passes");
    return at.y;
  }

  Figure& figure_;
  const ViewInput& in_;
  const SpectrumScene& scene_;
  const std::array<AxisSpec, 3> axes_;
};

}  // namespace

NumberPlane kernel_response(const SpectrumScene& scene) {
  if (scene.kernel.empty() || (scene.few_images && !scene.gains.finite)) return {};
  const Interaction& state = scene.in.interaction;
  const auto axes = scene.layer.as_3d();
  const NumberPlane taps = plane_taps(scene.layer, scene.in.results.weight, state.in_channel, state.out_channel);
  return response(taps, {axes[1].dilation, axes[2].dilation}, samples_for(axes[1]), samples_for(axes[2]));
}

std::string output_spectrum_remark(const SpectrumScene& scene) {
  const LayerSpec& layer = scene.layer;
  const Interaction& state = scene.in.interaction;
  std::string text =
      "|Y|" + part_text(layer, state.out_channel, layer.out_channels, state.out_slice, output_size(layer.as_3d()[0]));
  const LogSpectrum* spectrum =
      scene.in.results.ways->output_spectrum(state.batch, state.out_channel, layer.dims == 3 ? state.out_slice : 0);
  if (spectrum == nullptr) return text;
  const auto axes = layer.as_3d();
  if (!spectrum->cropped(output_size(axes[1]), output_size(axes[2]))) return text;
  return text + " — of its middle " + (layer.dims > 1 ? std::to_string(spectrum->rows) + " × " : "") +
         std::to_string(spectrum->cols) + " cells";
}

std::string missing_spectrum(const SpectrumScene& scene) {
  const Ways& ways = *scene.in.results.ways;
  const Interaction& state = scene.in.interaction;
  if (ways.output.empty()) {
    return "This output takes too long: its spectrum is shown up to " +
           number_text(static_cast<double>(longest_way), 3) + " multiplications.";
  }
  const LogSpectrum* spectrum =
      ways.output_spectrum(state.batch, state.out_channel, scene.layer.dims == 3 ? state.out_slice : 0);
  if (spectrum == nullptr) {
    return "Spectra of only the first planes of this output are made, up to " + std::to_string(largest_spectra) +
           " numbers; this one comes later.";
  }
  if (!spectrum->finite) return "Not all numbers of this output are finite.";
  if (spectrum->largest == 0) return "This output is 0 everywhere.";
  return "";
}

double add_spectrum_maps(Figure& figure, const SpectrumScene& scene, Point at, double width, bool stacked) {
  return Maps(figure, scene).draw(at, width, stacked);
}

double add_phase_gains(Figure& figure, const SpectrumScene& scene, Point at, double width) {
  if (!scene.has_gains()) return at.y;
  const ViewInput& in = scene.in;
  const LayerSpec& layer = scene.layer;
  const auto axes = layer.as_3d();
  const Interaction& state = in.interaction;
  const auto sums = phase_sums(layer, in.results.weight, state.in_channel, state.out_channel);
  const Evenness evenness = evenness_of(sums, scene.gains.magnitude / static_cast<double>(sums.size()));
  const int64_t depth = phase_of(axes[0], layer.dims == 3 ? state.out_slice : 0);
  std::string rest = "— the sum of the taps on each phase";
  if (layer.dims == 3) rest += ", depth's phase " + std::to_string(depth);
  const Rect room{at.x, at.y + 26, width, 120};
  add_map_title(figure, in, {at.x, at.y + 26, width, 0}, in.theme.kernel_text, "Phase gains", rest);
  Point at_words{at.x, room.y + 14};
  double bottom = room.y;
  constexpr int64_t most_cells = 16;
  if (axes[1].stride <= most_cells && axes[2].stride <= most_cells) {
    const auto slice = static_cast<std::size_t>(axes[1].stride * axes[2].stride);
    const auto first = sums.begin() + depth * static_cast<int64_t>(slice);
    const std::vector<float> shown(first, first + static_cast<int64_t>(slice));
    const Rect drawn = add_value_map(figure, in, room,
                                     {.plane = {shown, axes[1].stride, axes[2].stride},
                                      .first = {},
                                      .role = kernel_role(in.theme),
                                      .largest = largest_magnitude(shown),
                                      .largest_cell = 52});
    bottom = drawn.bottom();
    const bool beside = room.right() - drawn.right() >= 260;
    at_words = beside ? Point{drawn.right() + 20, room.y + 14} : Point{at.x, bottom + 20};
  }
  const std::string range = "from " + number_text(evenness.least) + " to " + number_text(evenness.most);
  const std::string all = "all " + std::to_string(sums.size()) + " equal, " + number_text(evenness.mean);
  std::string words =
      "✗ " + range + ", a ripple of " + percent_text(evenness.ripple) +
      ": a flat input becomes these values in turn. They are equal exactly when every image is removed.";
  if (evenness.even) words = "✓ " + all + ", since every image is removed.";
  if (sums.size() == 1) words = "✓ one phase, so nothing can be uneven.";
  const double y = add_paragraph(figure, in.text, at_words, at.x + width - at_words.x,
                                 {.size = 13, .color = evenness.even ? in.theme.good_text : in.theme.bad_text}, words);
  return std::max(bottom + 8, y);
}

}  // namespace tconv
