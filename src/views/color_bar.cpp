#include "views/color_bar.h"

#include <algorithm>
#include <cmath>

#include "figure/layout.h"
#include "views/wording.h"

namespace tconv {
namespace {

constexpr double strip_width = 10;
constexpr double bar_type_size = 11;  // type size
constexpr double chip_side = 11;
constexpr double chip_row = 17;
constexpr double label_row = 17;
constexpr double least_strip = 60;  // height of a standing one
constexpr double narrowest_room = 220;

/// "hits, log": what the numbers are and how they are laid out.
std::string label_of(const ColorScale& scale, const std::string& unit) {
  if (scale.kind() == ScaleKind::linear) return unit;
  return (unit.empty() ? "" : unit + ", ") + std::string(name_of(scale.kind()));
}

void add_special(Figure& figure, const ViewInput& in, Point at, Color color, const std::string& words) {
  figure.add(RectShape{.rect = {at.x, at.y, chip_side, chip_side},
                       .fill = color,
                       .stroke = in.theme.border,
                       .stroke_width = 1,
                       .radius = 2});
  figure.add(TextShape{
      .at = {at.x + chip_side + 6, at.y + 10}, .text = words, .size = bar_type_size, .color = in.theme.muted});
}

/// "NaN 12", its number as short as the room wants.
std::string chip_words(const ViewInput& in, ColorSpecial special, std::int64_t count, double room) {
  const std::string name(name_of(special));
  const std::string words = name + " " + grouped_text(count);
  if (in.text.width(Font::regular, bar_type_size, words) <= room) return words;
  const double number = static_cast<double>(count);
  const bool mega = number >= 999'500;
  const std::string rounded = number_text(number / (mega ? 1e6 : 1e3), 2) + (mega ? " M" : " k");
  return in.text.fitted(Font::regular, bar_type_size, name + " " + rounded, room);
}

/// Chips in rows, for what occurs; returns the y below them.
double add_chip_rows(Figure& figure, const ViewInput& in, Point at, double width, const ColorCounts& counts) {
  if (!counts.any()) return at.y;
  const double left = at.x;
  for (const ColorSpecial special : color_specials) {
    const std::int64_t count = counts.of(special);
    if (count == 0) continue;
    const std::string words = chip_words(in, special, count, width - chip_side - 6);
    const double wide = chip_side + 6 + in.text.width(Font::regular, bar_type_size, words);
    if (at.x > left && at.x + wide > left + width) at = {left, at.y + chip_row};
    add_special(figure, in, at, color_of(special), words);
    at.x += wide + 14;
  }
  return at.y + chip_row;
}

/// As many ticks as have room: `most` or fewer. Which ones only their number decides, so that a symmetric scale keeps
/// both sides and its 0. `crowded(a, b)` says whether the words of two neighbours would touch.
template <typename Crowded>
std::vector<ColorTick> fitting_ticks(const ColorScale& scale, int most, Crowded crowded) {
  std::vector<ColorTick> ticks;
  for (int count = most; count >= 2; --count) {
    ticks = scale.ticks(count);
    if (std::ranges::adjacent_find(ticks, crowded) == ticks.end()) break;
  }
  return ticks;
}

/// What a standing bar needs beside its strip, in height.
double column_extras(const ColorScale& scale) {
  double height = label_of(scale, "").empty() ? 0 : label_row;
  int chips = 0;
  for (const ColorSpecial special : color_specials) chips += scale.counts().of(special) > 0 ? 1 : 0;
  return height + (chips > 0 ? chip_row * chips + 6 : 0);
}

}  // namespace

bool fits_beside(const ViewInput& in, const Rect& map, const Rect& room, const ColorScale& scale) {
  return in.color_bar && map.right() + color_column_gap + color_column_width <= room.right() &&
         map.h - column_extras(scale) >= least_strip;
}

void add_color_strip(Figure& figure, const ViewInput& in, const Rect& place, const ColorMap& map, bool constant) {
  constexpr std::int64_t colors = 256;
  const bool standing = place.h > place.w;
  std::vector<float> ramp(colors);
  for (std::int64_t i = 0; i < colors; ++i) {
    ramp[static_cast<std::size_t>(i)] = static_cast<float>(standing ? colors - 1 - i : i);
  }
  const PlaneView plane = standing ? PlaneView{ramp, colors, 1} : PlaneView{ramp, 1, colors};
  const auto pixels = [&](double points) {
    return std::max(1, static_cast<int>(std::lround(points * in.pixels_per_point)));
  };
  figure.add(
      ImageShape{.rect = place,
                 .raster = rasterize(plane, {0, 0, standing ? 1.0 : 256.0, standing ? 256.0 : 1.0}, pixels(place.w),
                                     pixels(place.h), map, constant ? ValueRange{0, 0} : ValueRange{0, colors - 1})});
}

double add_color_bar(Figure& figure, const ViewInput& in, Point at, double width, const ColorScale& scale,
                     const std::string& unit) {
  if (!in.color_bar) return at.y;
  const std::string label = label_of(scale, unit);
  double x = at.x;
  if (!label.empty()) {
    figure.add(TextShape{.at = {at.x, at.y + 9}, .text = label, .size = bar_type_size, .color = in.theme.muted});
    x += in.text.width(Font::regular, bar_type_size, label) + 8;
  }
  const Rect strip{x, at.y, std::max(1.0, at.x + width - x), strip_width};
  add_color_strip(figure, in, strip, scale.map(), scale.constant());
  const auto half_of = [&](const ColorTick& tick) { return in.text.width(Font::mono, bar_type_size, tick.text) / 2; };
  const auto centre_of = [&](const ColorTick& tick) {
    const double half = half_of(tick);
    return std::clamp(strip.x + tick.part * strip.w, at.x + half, std::max(at.x + half, at.x + width - half));
  };
  const auto crowded = [&](const ColorTick& a, const ColorTick& b) {
    return centre_of(b) - half_of(b) < centre_of(a) + half_of(a) + 6;
  };
  double free_from = at.x;
  for (const ColorTick& tick : fitting_ticks(scale, std::clamp(static_cast<int>(strip.w / 30), 2, 9), crowded)) {
    const double place = strip.x + tick.part * strip.w;
    const double half = half_of(tick);
    const double centre = centre_of(tick);
    if (centre - half < free_from) continue;
    const double mark = std::clamp(place, strip.x + 0.5, strip.right() - 0.5);
    figure.add(LineShape{{{mark, strip.bottom()}, {mark, strip.bottom() + 3}}, in.theme.muted, 1});
    figure.add(TextShape{.at = {centre, strip.bottom() + 14},
                         .text = tick.text,
                         .font = Font::mono,
                         .size = bar_type_size,
                         .color = in.theme.muted,
                         .align = Align::centre});
    free_from = centre + half + 6;
  }
  double y = add_chip_rows(figure, in, {at.x, strip.bottom() + 22}, width, scale.counts());
  if (!scale.counts().any()) y = strip.bottom() + 18;
  if (scale.note().empty()) return y;
  return add_paragraph(figure, in.text, {at.x, y + 10}, width, {.size = bar_type_size, .color = in.theme.muted},
                       scale.note());
}

bool add_color_column(Figure& figure, const ViewInput& in, const Rect& place, const ColorScale& scale) {
  std::vector<ColorSpecial> shown;
  for (const ColorSpecial special : color_specials) {
    if (scale.counts().of(special) > 0) shown.push_back(special);
  }
  const std::string label = label_of(scale, "");
  Rect strip{place.x, place.y, strip_width, place.h};
  strip.h -= column_extras(scale);
  if (strip.h < least_strip) return false;
  if (!label.empty()) {
    figure.add(TextShape{.at = {place.x, place.y + 9}, .text = label, .size = bar_type_size, .color = in.theme.muted});
    strip.y += label_row;
  }
  add_color_strip(figure, in, strip, scale.map(), scale.constant());
  const auto baseline_of = [&](const ColorTick& tick) {
    return std::clamp(strip.bottom() - tick.part * strip.h + 4, strip.y + 9, strip.bottom());
  };
  const auto crowded = [&](const ColorTick& below, const ColorTick& above) {
    return baseline_of(above) > baseline_of(below) - bar_type_size - 2;
  };
  double free_below = strip.bottom() + bar_type_size;
  for (const ColorTick& tick : fitting_ticks(scale, std::clamp(static_cast<int>(strip.h / 22), 2, 9), crowded)) {
    const double y = strip.bottom() - tick.part * strip.h;
    const double baseline = baseline_of(tick);
    if (baseline > free_below) continue;
    const double mark = std::clamp(y, strip.y + 0.5, strip.bottom() - 0.5);
    figure.add(LineShape{{{strip.right(), mark}, {strip.right() + 3, mark}}, in.theme.muted, 1});
    figure.add(TextShape{.at = {strip.right() + 6, baseline},
                         .text = in.text.fitted(Font::mono, bar_type_size, tick.text, place.w - strip_width - 6),
                         .font = Font::mono,
                         .size = bar_type_size,
                         .color = in.theme.muted});
    free_below = baseline - bar_type_size - 2;
  }
  double y = strip.bottom() + 10;
  for (const ColorSpecial special : shown) {
    add_special(figure, in, {place.x, y}, color_of(special),
                chip_words(in, special, scale.counts().of(special), place.w - chip_side - 6));
    y += chip_row;
  }
  return true;
}

Rect room_beside_bar(const ViewInput& in, const Rect& room) {
  if (!in.color_bar || room.w < narrowest_room || room.h < least_strip) return room;
  return {room.x, room.y, room.w - color_column_width - color_column_gap, room.h};
}

bool add_bar_beside(Figure& figure, const ViewInput& in, const Rect& map, const Rect& room, const ColorScale& scale) {
  const Rect place{map.right() + color_column_gap, map.y, color_column_width, map.h};
  return fits_beside(in, map, room, scale) && add_color_column(figure, in, place, scale);
}

}  // namespace tconv
