#include "ui/color_panel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "figure/layout.h"
#include "ui/widgets.h"

namespace tconv {
namespace {

constexpr double row_gap = 8;

/// "Blue–orange" of "blue_orange".
std::string label_of(const ColorMap& map) {
  std::string label;
  for (const char c : map.id) label += c == '_' ? std::string("–") : std::string(1, c);
  if (!label.empty() && label[0] >= 'a' && label[0] <= 'z') label[0] = static_cast<char>(label[0] - 'a' + 'A');
  return label;
}

/// One undo step that changes how results are shown.
template <typename Change>
void commit_presentation(Ui& ui, const std::string& label, Change change) {
  Document changed = ui.session.document();
  change(changed.presentation);
  ui.session.commit(std::move(changed), label);
}

/// The map's colours as bars of whole points.
void swatch(Canvas& canvas, const Rect& place, const ColorMap& map) {
  const int bars = std::max(1, static_cast<int>(place.w / 2));
  for (int i = 0; i < bars; ++i) {
    const double from = std::round(place.x + place.w * i / bars);
    const double to = std::round(place.x + place.w * (i + 1) / bars);
    canvas.rect({.rect = {from, place.y, to - from, place.h}, .fill = map.at((i + 0.5) / bars)});
  }
}

/// Buttons with the name above the colours, in columns.
double draw_maps(Ui& ui, Point at, double width) {
  constexpr double height = 36;
  constexpr double gap = 7;
  constexpr int columns = 3;
  const double wide = std::floor((width - gap * (columns - 1)) / columns);
  int turn = 0;
  for (const ColorMap& map : color_maps()) {
    const Rect place{at.x + turn % columns * (wide + gap), at.y + turn / columns * (height + gap), wide, height};
    ++turn;
    const bool chosen = ui.session.document().presentation.color_map == map.id;
    const Press press = press_area(ui, "colors/map/" + map.id, place);
    Canvas c = canvas(ui);
    const Theme& theme = ui.theme;
    c.rect({.rect = place,
            .fill = press.hovered || chosen ? mix(theme.panel, theme.kernel, chosen ? 0.16 : 0.08) : theme.surface,
            .stroke = chosen ? theme.kernel : theme.border,
            .stroke_width = 1,
            .radius = 6});
    const FittedText name = fit_text(ui.text, Font::regular, 12, label_of(map), wide - 6);
    c.text({.at = {place.centre().x, place.y + 16},
            .text = name.text,
            .size = name.size,
            .color = theme.text,
            .align = Align::centre});
    swatch(c, {std::round(place.x + 7), place.bottom() - 14, std::round(wide - 14), 8}, map);
    if (press.hovered) {
      tooltip(ui, "colors/map/" + map.id,
              map.diverging ? "Two hues around a neutral middle: for values on both sides of 0"
                            : "From dark to light: for counts and magnitudes");
    }
    if (press.clicked && !chosen) {
      commit_presentation(ui, "Colour map " + label_of(map), [&](Presentation& p) { p.color_map = map.id; });
    }
  }
  return at.y + (turn + columns - 1) / columns * (height + gap) - gap;
}

double draw_scale(Ui& ui, Point at, double width) {
  struct Kind {
    ScaleKind kind;
    const char* label;
    const char* help;
  };
  constexpr std::array kinds{
      Kind{ScaleKind::linear, "Linear", "Equal differences look alike"},
      Kind{ScaleKind::log, "Log", "Equal ratios look alike; what is not above 0 is under"},
      Kind{ScaleKind::symlog, "Symlog", "Like log on both sides of 0, linear near it"},
  };
  const Presentation now = ui.session.document().presentation;
  std::vector<Chip> list;
  for (const Kind& one : kinds) {
    list.push_back(
        {"colors/scale/" + std::string(name_of(one.kind)), one.label, now.colors.scale == one.kind, one.help});
  }
  const ColorMap* map = find_color_map(now.color_map);
  const bool usually = map != nullptr && map->diverging;
  const bool centred = now.colors.centring == Centring::automatic ? usually : now.colors.centring == Centring::on;
  list.push_back(
      {"colors/center", "Centre at 0", centred,
       "0 takes the middle colour. Of a map with two hues it does so by itself where values have both signs"});
  const int clicked = chips(ui, at, width, list);
  if (clicked >= 0 && clicked < static_cast<int>(kinds.size())) {
    const Kind& chosen = kinds[static_cast<std::size_t>(clicked)];
    commit_presentation(ui, std::string("Colour scale: ") + chosen.label,
                        [&](Presentation& p) { p.colors.scale = chosen.kind; });
  } else if (clicked >= 0) {
    commit_presentation(ui, centred ? "Colours not centred" : "Colours centred at 0", [&](Presentation& p) {
      // Back to automatic where that does the same.
      const Centring other = centred ? Centring::off : Centring::on;
      p.colors.centring = !centred == usually ? Centring::automatic : other;
    });
  }
  return at.y;
}

double draw_clamp(Ui& ui, Point at, double width) {
  constexpr std::array<PercentileClamp, 4> clamps{{{0, 100}, {1, 99}, {2, 98}, {5, 95}}};
  const PercentileClamp now = ui.session.document().presentation.colors.clamp;
  const auto text_of = [](const PercentileClamp& clamp) {
    return clamp.is_on() ? number_text(clamp.low) + "–" + number_text(clamp.high) + " %" : std::string("All values");
  };
  std::vector<Chip> list;
  for (const PercentileClamp& clamp : clamps) {
    const std::string name = clamp.is_on() ? number_text(clamp.low) : "off";
    list.push_back({"colors/clamp/" + name, text_of(clamp), now == clamp,
                    clamp.is_on() ? "The colours end at these percentiles; what lies beyond is under or over"
                                  : "From the smallest to the largest value"});
  }
  if (std::ranges::find(clamps, now) == clamps.end()) {
    list.push_back({"colors/clamp/own", text_of(now), true, "From the file"});
  }
  const int clicked = chips(ui, at, width, list);
  if (clicked >= 0 && clicked < static_cast<int>(clamps.size())) {
    const PercentileClamp chosen = clamps[static_cast<std::size_t>(clicked)];
    commit_presentation(ui, "Colours of " + text_of(chosen), [&](Presentation& p) { p.colors.clamp = chosen; });
  }
  return at.y;
}

double draw_lock(Ui& ui, Point at, double width) {
  const auto locked = ui.session.document().presentation.colors.locked;
  const std::optional<ValueRange>& shown = ui.state.color_range;
  const auto text_of = [](double low, double high) { return number_text(low) + " to " + number_text(high); };
  const std::string label = locked  ? "Locked: " + text_of(locked->low, locked->high)
                            : shown ? "Lock range " + text_of(shown->low, shown->high)
                                    : std::string("Lock range");
  const std::string help =
      locked ? "The same ends in every view and at every step. Click to let each map choose its own"
             : "Keeps the ends that are shown now for every view and step, so that pictures can be compared";
  if (chips(ui, at, width, {{"colors/lock", label, locked.has_value(), help}}) < 0) return at.y;
  if (locked) {
    commit_presentation(ui, "Colour range unlocked", [](Presentation& p) { p.colors.locked.reset(); });
  } else if (shown) {
    commit_presentation(ui, "Colour range locked", [&](Presentation& p) {
      p.colors.locked = ColorRange{shown->low, shown->high};
    });
  } else {
    ui.session.say("This view shows no heat map now: there is no range to lock");
  }
  return at.y;
}

}  // namespace

double draw_color_settings(Ui& ui, Point at, double width) {
  at.y = draw_maps(ui, at, width) + row_gap;
  at.y = draw_scale(ui, at, width) + row_gap;
  at.y = draw_clamp(ui, at, width) + row_gap;
  return draw_lock(ui, at, width);
}

}  // namespace tconv
