#include "views/spectrum_curves.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "document/answers.h"
#include "figure/layout.h"
#include "views/label_line.h"
#include "views/spectrum_maps.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr double pi = std::numbers::pi;
constexpr double gutter = 44;        ///< at the left of a chart, for its numbers
constexpr double right_edge = 12;    ///< at its right, for half of "π"
constexpr double least_spacing = 5;  ///< between two marks

class Curves {
 public:
  Curves(Figure& figure, const SpectrumScene& scene, Point at, double width)
      : figure_(figure),
        in_(scene.in),
        scene_(scene),
        y_(at.y),
        left_(at.x + gutter),
        width_(width - gutter - right_edge) {}

  double draw() {
    const std::string way =
        scene_.layer.dims == 1 ? "" : ", along the " + std::string(axis_name(scene_.layer, scene_.axis));
    const bool spread = scene_.along.stride > 1;
    title(theme().input_text, spread ? "Input after zero insertion" : "Input",
          (spread ? "|X(Sω)|" : "|X(ω)|") + way + " — the base band" + (spread ? ", and S − 1 images of it" : ""));
    label_images();
    const double charts_top = y_;
    const int64_t spread_cells = scene_.along.input * scene_.along.stride;
    chart(80, scene_.input, spread_cells, 0, theme().input, mix(theme().background, theme().input, 0.62),
          missing_input());

    y_ += 10;
    title(theme().kernel_text, "Kernel",
          "|H(ω)| of " + scene_.kernel_name() + way + " — the filter that has to remove them");
    label_gains();
    const double ideal = ideal_height();
    const Rect kernel =
        chart(170, scene_.kernel, stamp_extent(scene_.along), ideal, theme().kernel, theme().kernel, missing_kernel());
    if (!scene_.kernel.empty() && spread) draw_ideal(kernel, ideal, top_of(scene_.kernel, ideal));

    y_ += 6;
    title(theme().output_text, "Output",
          "their product" + way + std::string(" — ") +
              (scene_.layer.in_channels > 1 ? "this input channel's share" : "before cropping"));
    y_ -= 16;  // no labels above this one
    const bool missing = scene_.output.empty();
    chart(80, scene_.output, spread_cells, 0, theme().output, theme().bad, missing ? "No product without both." : "");
    const double charts_bottom = y_;
    label_frequencies();
    draw_read_out();
    add_cursor(charts_top, charts_bottom);
    return y_;
  }

  /// The output's levels, −60 dB … 0.
  double draw_output() {
    const Interaction& state = in_.interaction;
    const LogSpectrum* spectrum = in_.results.ways->output_spectrum(state.batch, state.out_channel, 0);
    title(theme().output_text, "Output", output_spectrum_remark(scene_) + " in decibels");
    label_images();
    const std::string missing = missing_spectrum(scene_);
    const Rect box = frame(150, missing.empty());
    number_beside(box.y + 9, "0 dB");
    number_beside(box.bottom(), number_text(shown_levels) + " dB");
    if (!missing.empty()) {
      say(box, missing);
    } else {
      draw_marks(box);
      std::vector<double> heights;
      for (const float level : spectrum->levels) {
        heights.push_back(std::max(0.0, 1 - static_cast<double>(level) / shown_levels));
      }
      line(box, heights, 1, theme().output, theme().output, is_dense(static_cast<int64_t>(heights.size()) / 2));
    }
    label_frequencies();
    return y_;
  }

 private:
  const Theme& theme() const { return in_.theme; }
  double x_of(double frequency) const { return left_ + (frequency + pi) / (2 * pi) * width_; }

  std::string missing_input() const {
    return scene_.input.empty() ? "This channel is too large to be added up here, or not all its numbers are finite."
                                : "";
  }
  std::string missing_kernel() const {
    if (!scene_.kernel.empty()) return "";
    if (!scene_.is_joined) return "No kernel joins these two channels.";
    return scene_.is_small ? "Not all weights are finite." : "Too many taps to be added up here.";
  }

  void title(Color color, const std::string& name, const std::string& rest) {
    add_map_title(figure_, in_, {left_ - gutter, y_ + 26, width_ + gutter + right_edge, 0}, color, name, rest);
    y_ += 38;  // with a line of labels above the chart
  }

  /// From the nearest to the base band outwards, so that those are named where not all can be.
  std::vector<int64_t> images() const {
    const int64_t stride = scene_.along.stride;
    std::vector<int64_t> all;
    if (static_cast<double>(stride) * least_spacing > width_) return all;
    for (int64_t m = 1; 2 * m <= stride; ++m) {
      all.push_back(m);
      if (2 * m < stride) all.push_back(stride - m);
    }
    return all;
  }

  /// Where the image's mark stands: at ±π there are two of them.
  template <typename Use>
  void at_image(int64_t m, Use use) const {
    const double frequency = image_frequency(m, scene_.along.stride);
    use(x_of(frequency));
    if (2 * m == scene_.along.stride) use(x_of(-frequency));
  }

  LabelLine labels() const { return {figure_, in_.text, y_ - 5, left_ - right_edge, left_ + width_ + right_edge}; }

  void label_images() {
    LabelLine line = labels();
    line.put(x_of(0), "base band", Font::regular, theme().input_text);
    for (const int64_t m : images()) {
      const std::string number = scene_.along.stride > 2 ? " " + std::to_string(m) : "";
      at_image(m, [&](double x) { line.put(x, "image" + number, Font::regular, theme().muted); });
    }
  }

  /// "✗ 1 (33 %)" over each image.
  void label_gains() {
    if (!scene_.has_gains()) return;
    LabelLine line = labels();
    line.put(x_of(0), "|H(0)| = " + number_text(scene_.gains.dc, 3), Font::regular, theme().kernel_text);
    for (const int64_t m : images()) {
      const ImageGain& image = scene_.along_axis(m);
      const std::string mark = image.removed ? "✓ " : "✗ ";
      const std::string part = image.removed || std::isinf(image.part) ? "" : " (" + percent_text(image.part) + ")";
      const Color color = image.removed ? theme().good_text : theme().bad_text;
      at_image(m, [&](double x) {
        const std::string gain = mark + number_text(image.gain, 3);
        if (!line.put(x, gain + part, Font::regular, color) && !line.put(x, gain, Font::regular, color)) {
          line.put(x, image.removed ? "✓" : "✗", Font::regular, color);
        }
      });
    }
  }

  void label_frequencies() {
    LabelLine line(figure_, in_.text, y_ + 15, left_ - 30, left_ + width_ + right_edge);
    line.put(x_of(0), "0", Font::mono, theme().muted);
    line.put(x_of(pi), "π", Font::mono, theme().muted);
    line.put(x_of(-pi), "−π", Font::mono, theme().muted);
    for (const int64_t m : images()) {
      if (2 * m == scene_.along.stride) continue;
      line.put(x_of(image_frequency(m, scene_.along.stride)), image_frequency_text(m, scene_.along.stride), Font::mono,
               theme().muted);
    }
    line.put(x_of(pi / 2), "π/2", Font::mono, theme().muted);
    line.put(x_of(-pi / 2), "−π/2", Font::mono, theme().muted);
    y_ += 22;
  }

  /// The sample under the cursor; empty if there is none.
  std::optional<int64_t> hovered() const {
    const auto* point = std::get_if<FrequencyPoint>(&in_.interaction.hover);
    if (point == nullptr || point->points < 1) return {};
    const double sample = std::round(sample_of(frequency_of(point->sample, point->points), scene_.points));
    return std::clamp<int64_t>(static_cast<int64_t>(sample), 0, scene_.points - 1);
  }

  /// A line of numbers under the charts, or how to get it.
  void draw_read_out() {
    const auto sample = hovered();
    if (!sample && !in_.interactive) return;
    std::string words = "Move the cursor over the curves to read them.";
    if (sample) {
      const auto i = static_cast<std::size_t>(*sample);
      words = "ω = " + number_text(frequency_of(*sample, scene_.points) / pi, 3) + "π";
      if (!scene_.input.empty()) words += "   |X| = " + number_text(scene_.input[i], 3);
      if (!scene_.kernel.empty()) words += "   |H| = " + number_text(scene_.kernel[i], 3);
      if (!scene_.output.empty()) words += "   |X|·|H| = " + number_text(scene_.output[i], 3);
    }
    figure_.add(TextShape{.at = {left_, y_ + 15},
                          .text = in_.text.fitted(Font::regular, 12, words, width_),
                          .size = 12,
                          .color = sample ? theme().text : theme().muted});
    y_ += 20;
  }

  /// Strips that know their frequency, and a line through all charts at the one under the cursor.
  void add_cursor(double top, double bottom) {
    const int64_t step = 2 * scene_.along.stride;
    constexpr int64_t about = 128;
    const int64_t strips = step <= about ? about / step * step : about;
    const double strip = width_ / static_cast<double>(strips);
    for (int64_t j = 0; j < strips; ++j) {
      const double x = x_of(frequency_of(j, strips));
      const double from = std::max(left_, x - strip / 2);
      figure_.add(RectShape{.rect = {from, top, x + strip / 2 - from, bottom - top}}, FrequencyPoint{j, strips});
    }
    const auto sample = hovered();
    if (!sample) return;
    const double x = x_of(frequency_of(*sample, scene_.points));
    for (const Rect& box : boxes_) {
      figure_.add(LineShape{{{x, box.y}, {x, box.bottom()}}, theme().cursor, 1});
    }
  }

  Rect frame(double height, bool with_base_band) {
    const Rect box{left_, y_, width_, height};
    const double edge = pi / static_cast<double>(scene_.along.stride);
    figure_.add(RectShape{.rect = box, .fill = theme().panel});
    if (with_base_band && scene_.along.stride > 1) {
      figure_.add(RectShape{.rect = {x_of(-edge), box.y, x_of(edge) - x_of(-edge), box.h},
                            .fill = mix(theme().panel, theme().input, 0.09)});
    }
    figure_.add(RectShape{.rect = box.grown(1), .stroke = theme().border, .stroke_width = 1});
    boxes_.push_back(box);
    y_ += height;
    return box;
  }

  void number_beside(double baseline, const std::string& words) {
    const FittedText fitted = fit_text(in_.text, Font::mono, 11, words, gutter - 6);
    figure_.add(TextShape{.at = {left_ - 6, baseline},
                          .text = fitted.text,
                          .font = Font::mono,
                          .size = fitted.size,
                          .color = theme().muted,
                          .align = Align::right});
  }

  /// Words in the middle of an empty chart.
  void say(const Rect& box, const std::string& words) {
    const auto lines = in_.text.wrap(Font::regular, 12, words, box.w - 24);
    add_paragraph(figure_, in_.text, {box.x + 12, box.centre().y + 4 - 9 * (static_cast<double>(lines.size()) - 1)},
                  box.w - 24, {.size = 12, .color = theme().muted}, words);
  }

  void draw_marks(const Rect& box) {
    for (const int64_t m : images()) {
      const bool passed = scene_.has_gains() && !scene_.along_axis(m).removed;
      at_image(m, [&](double x) {
        figure_.add(LineShape{{{x, box.y}, {x, box.bottom()}}, passed ? theme().bad : theme().faint, passed ? 1.5 : 1});
      });
    }
  }

  static double top_of(const std::vector<double>& values, double at_least) {
    return std::max(at_least, values.empty() ? 0 : *std::ranges::max_element(values));
  }

  /// Whether the spectrum of numbers that reach over so many cells has wiggles too close for a curve: then steps are
  /// drawn, each as high as the highest of its samples, so that no peak is lost.
  bool is_dense(int64_t extent) const { return static_cast<double>(extent) > width_ / 4; }

  /// The base band in one colour, what lies beyond it in another.
  void line(const Rect& box, const std::vector<double>& values, double top, Color inside, Color outside,
            bool as_steps) {
    const double edge = pi / static_cast<double>(scene_.along.stride) * (1 + 1e-9);
    const auto count = static_cast<int64_t>(values.size());
    constexpr double step = 2;
    std::vector<Point> points;
    bool was_inside = false;
    const auto flush = [&] {
      if (points.size() > 1) figure_.add(LineShape{points, was_inside ? inside : outside, 1.75});
      points.clear();
    };
    for (int64_t i = 0; i <= count; ++i) {
      // The last sample, just below π, is followed by the first again: the spectrum is periodic.
      const double at = i < count ? frequency_of(i, count) : frequency_of(0, count) + 2 * pi;
      if (at > pi + 1e-9) break;
      const double height = std::clamp(values[static_cast<std::size_t>(i % count)] / top, 0.0, 1.0);
      const Point point{x_of(at), box.bottom() - 1 - height * (box.h - 5)};
      const bool is_inside = std::abs(at) <= edge;
      if (!points.empty() && is_inside != was_inside) {
        points.push_back({point.x, as_steps ? points.back().y : point.y});
        flush();
      }
      was_inside = is_inside;
      if (as_steps && !points.empty()) {
        if (point.x < points.back().x + step) {
          points.back().y = std::min(points.back().y, point.y);
          continue;
        }
        points.push_back({point.x, points.back().y});
      }
      points.push_back(point);
    }
    flush();
  }

  /// `extent`: cells over which the numbers reach whose spectrum this is.
  Rect chart(double height, const std::vector<double>& values, int64_t extent, double at_least, Color inside,
             Color outside, const std::string& missing) {
    const Rect box = frame(height, missing.empty());
    if (!missing.empty()) {
      say(box, missing);
      return box;
    }
    draw_marks(box);
    const double top = top_of(values, at_least);
    number_beside(box.y + 9, number_text(top, top < 1e4 ? 4 : 3));
    number_beside(box.bottom(), "0");
    line(box, values, top > 0 ? top : 1, inside, outside, is_dense(extent));
    return box;
  }

  /// The ideal filter's gain where the other axes' frequencies are 0; as high as the kernel's own |H(0)| where the two
  /// could not be seen together.
  double ideal_height() const {
    double gain = 1;
    for (const AxisSpec& axis : scene_.layer.spatial()) gain *= ideal_response(0, axis.stride);
    return is_ideal_scaled() ? std::max(scene_.gains.dc, 0.5 * top_of(scene_.kernel, 0)) : gain;
  }
  bool is_ideal_scaled() const {
    double gain = 1;
    for (const AxisSpec& axis : scene_.layer.spatial()) gain *= ideal_response(0, axis.stride);
    const double most = top_of(scene_.kernel, 0);
    return most > 0 && (most < gain / 5 || most > gain * 20);
  }

  void draw_ideal(const Rect& box, double ideal, double top) {
    const double edge = pi / static_cast<double>(scene_.along.stride);
    const double height = ideal / top * (box.h - 5);
    figure_.add(RectShape{.rect = {x_of(-edge), box.bottom() - 1 - height, x_of(edge) - x_of(-edge), height},
                          .stroke = theme().muted,
                          .stroke_width = 1.5,
                          .dashed = true});
    std::string words =
        "Dashed: the ideal filter, sinc(n/S)" +
        (is_ideal_scaled() ? std::string(", here scaled to this kernel") : ", gain " + number_text(ideal)) +
        " below π/S, nothing beyond";
    figure_.add(TextShape{.at = {left_, y_ + 16},
                          .text = in_.text.fitted(Font::regular, 12, words, width_),
                          .size = 12,
                          .color = theme().muted});
    y_ += 20;
  }

  Figure& figure_;
  const ViewInput& in_;
  const SpectrumScene& scene_;
  double y_;
  double left_;
  double width_;
  std::vector<Rect> boxes_;  ///< of the charts
};

}  // namespace

double add_spectrum_curves(Figure& figure, const SpectrumScene& scene, Point at, double width) {
  return Curves(figure, scene, at, width).draw();
}

double add_output_line(Figure& figure, const SpectrumScene& scene, Point at, double width) {
  return Curves(figure, scene, at, width).draw_output();
}

}  // namespace tconv
