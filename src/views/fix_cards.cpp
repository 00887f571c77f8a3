#include "views/fix_cards.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "document/answers.h"
#include "figure/layout.h"
#include "views/color_scales.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int picture_cells = 24;  // of the flat output, on a side
constexpr double fix_gap = 14;
constexpr double narrowest_fix = 150;

std::string output_text(const LayerSpec& layer) {
  std::string text;
  for (const AxisSpec& axis : layer.spatial()) text += (text.empty() ? "" : " × ") + std::to_string(output_size(axis));
  return text;
}

/// How far the flat output leaves its mean, as a part of it.
double deviation(const Evenness& flat) {
  if (flat.even) return 0;
  const double from_mean = std::max(flat.most - flat.mean, flat.mean - flat.least);
  return std::abs(flat.mean) > 0 ? from_mean / std::abs(flat.mean) : 1;
}

class FixCards {
 public:
  FixCards(Figure& figure, const ViewInput& in)
      : figure_(figure), in_(in), fixes_(in.results.ways->fixes), now_(fixes_.front()) {
    for (const Fix& fix : fixes_) largest_ = std::max(largest_, std::min(2.0, deviation(fix.flat.worst)));
  }

  double draw(Point at, double width) {
    const auto count = static_cast<double>(fixes_.size());
    const double columns = std::clamp(std::floor((width + fix_gap) / (narrowest_fix + fix_gap)), 1.0, count);
    const double card = std::min(210.0, (width - (columns - 1) * fix_gap) / columns);
    double top = at.y;
    double bottom = top;
    double column = 0;
    for (const Fix& fix : fixes_) {
      if (column == columns) {
        column = 0;
        top = bottom + 22;
      }
      bottom = std::max(bottom, draw_card(fix, {at.x + column * (card + fix_gap), top}, card));
      ++column;
    }
    return bottom;
  }

 private:
  double draw_card(const Fix& fix, Point at, double width) {
    const double side = std::min(width, 120.0);
    figure_.add(ImageShape{.rect = {at.x, at.y, side, side}, .raster = picture(fix)});
    figure_.add(RectShape{.rect = {at.x, at.y, side, side}, .stroke = in_.theme.border, .stroke_width = 1});
    double y = at.y + side + 20;
    y = paragraph({at.x, y}, width, in_.theme.text, fix.label, Font::semibold);
    const bool even = fix.flat.worst.even;
    y = paragraph({at.x, y}, width, even ? in_.theme.good_text : in_.theme.bad_text,
                  even ? "✓ ripple 0" : "✗ ripple " + percent_text(fix.flat.worst.ripple), Font::semibold);
    y = paragraph({at.x, y}, width, in_.theme.muted,
                  change(output_text(now_.scenario.layer), output_text(fix.scenario.layer)));
    y = paragraph({at.x, y}, width, in_.theme.muted,
                  change(grouped_text(now_.cost.parameters), grouped_text(fix.cost.parameters)) + " parameters");
    y = paragraph(
        {at.x, y}, width, in_.theme.muted,
        change(grouped_text(now_.cost.multiplications), grouped_text(fix.cost.multiplications)) + " multiplications");
    if (fix.id.empty()) return y;
    if (in_.interactive) y = links(fix, {at.x, y + 2}, width);
    return paragraph({at.x, y + 2}, width, in_.theme.muted, fix.remark);
  }

  double links(const Fix& fix, Point at, double width) {
    const auto scenario = std::make_shared<const Scenario>(fix.scenario);
    double x = add_link(figure_, in_.text, at, 13, "Use it", in_.theme.input_text, ChooseScenario{scenario, fix.label});
    const std::string copy = "Copy code";
    if (x + 16 + in_.text.width(Font::regular, 13, copy) > at.x + width) {
      x = at.x - 16;
      at.y += 21;
    }
    add_link(figure_, in_.text, {x + 16, at.y}, 13, copy, in_.theme.input_text, CopyText{fix.code});
    return at.y + 21;
  }

  double paragraph(Point at, double width, Color color, const std::string& words, Font font = Font::regular) {
    return add_paragraph(figure_, in_.text, at, width, {.font = font, .size = 12, .color = color}, words);
  }

  std::string change(const std::string& before, const std::string& after) const {
    return before == after ? after : before + " → " + after;
  }

  /// The inside of a flat input's output, in one colour scale for all cards: the middle is the mean.
  std::shared_ptr<const Raster> picture(const Fix& fix) const {
    const ColorMap& map = shown_color_map(in_.document);
    const auto axes = fix.scenario.layer.as_3d();
    const bool plane = fix.scenario.layer.dims > 1;
    const auto raster = blank_raster(picture_cells, picture_cells);
    const Evenness& flat = fix.flat.worst;
    std::size_t pixel = 0;
    for (int64_t y = 0; y < picture_cells; ++y) {
      for (int64_t x = 0; x < picture_cells; ++x) {
        const int64_t phase = (plane ? y % axes[1].stride * axes[2].stride : 0) + x % axes[2].stride;
        const double value = fix.flat.response[static_cast<std::size_t>(phase)];
        const double part = std::abs(flat.mean) > 0 ? (value - flat.mean) / std::abs(flat.mean) : value;
        const Color color =
            map.at(flat.even || largest_ <= 0 ? 0.5 : 0.5 + 0.5 * std::clamp(part / largest_, -1.0, 1.0));
        for (const std::uint8_t channel : {color.r, color.g, color.b, std::uint8_t{255}})
          raster->rgba[pixel++] = channel;
      }
    }
    return raster;
  }

  Figure& figure_;
  const ViewInput& in_;
  const std::vector<Fix>& fixes_;
  const Fix& now_;
  double largest_ = 0;
};

}  // namespace

double add_fix_cards(Figure& figure, const ViewInput& in, Point at, double width) {
  if (!in.results.ways || in.results.ways->fixes.empty()) {
    return add_paragraph(
        figure, in.text, {at.x, at.y + 14}, width, {.size = 13, .color = in.theme.muted},
        in.results.ways ? "Too many phases or weights to be looked at one by one here." : "Computing…");
  }
  return FixCards(figure, in).draw(at, width);
}

}  // namespace tconv
