#include <algorithm>
#include <cmath>

#include "ui/imgui_compat.h"
#include "ui/widgets.h"

namespace tconv {
namespace {

using std::int64_t;

std::string value_text(const LayerSpec& layer, const Field& field, int axis) {
  if (axis != all_axes || same_on_all_axes(layer, field)) return std::to_string(value_of(layer, field, axis));
  std::string text;
  for (int a = 0; a < layer.dims; ++a) text += (a > 0 ? "×" : "") + std::to_string(field.get(layer, a));
  return text;
}

std::string label_for(const Field& field, int64_t value) {
  return std::string(field.label) + " " + std::to_string(value);
}

Document with_value(const Document& document, const LayerSpec& from, const Field& field, int axis, int64_t value) {
  Document changed = document;
  changed.scenario.layer = with_field(from, field, axis, value);
  return changed;
}

std::string slider_help(const LayerSpec& layer, const Field& field, int axis) {
  std::string words = std::string(field.label) + ": " + std::string(field.help) + ". ";
  const auto range = legal_range(layer, field, axis);
  if (!range) return words + "No value is legal while the other sliders stay as they are.";
  words += "Legal here: " + std::to_string(range->first) + " to " + std::to_string(range->last);
  if (!range->why.empty()) words += " (" + range->why + ")";
  if (range->why.empty() && range->last == field.slider_last) words += "; type for more";
  return words + ".";
}

}  // namespace

void end_lost_drag(Ui& ui) {
  SliderDrag& drag = ui.state.drag;
  if (ImGui::IsMouseDown(0)) return;
  if (drag.start) ui.session.commit(ui.session.document(), std::string(drag.field));
  drag = {};
}

void field_slider(Ui& ui, const Field& field, Point at, double width) {
  UiState& state = ui.state;
  Session& session = ui.session;
  const Theme& theme = ui.theme;
  const std::string id = "slider/" + std::string(field.name);
  const int axis = field.scope == FieldScope::layer ? all_axes : state.edited_axis;
  const LayerSpec layer = session.scenario().layer;
  const int64_t value = value_of(layer, field, axis);
  const auto range = legal_range(layer, field, axis);

  const double track_x = at.x + 97;
  const double track_w = width - 97 - 52;
  const double middle = at.y + slider_row_height / 2;
  const auto first = static_cast<double>(field.slider_first);
  const auto last = static_cast<double>(field.slider_last);
  const auto x_of = [&](int64_t v) {
    return track_x + track_w * (std::clamp(static_cast<double>(v), first, last) - first) / (last - first);
  };

  const Press press = press_area(ui, id, {track_x - 7, at.y, track_w + 14, slider_row_height});
  SliderDrag& drag = state.drag;
  const bool mine = drag.field == field.name;
  if (press.double_clicked) {
    drag = {.field = field.name, .revision = 0, .start = {}, .over = true};
    session.commit(with_value(session.document(), layer, field, axis, field.usual), label_for(field, field.usual));
  } else if (press.held && !(mine && drag.over)) {
    if (!mine || !drag.start) {
      drag = {.field = field.name, .revision = session.history().revision(), .start = layer, .over = false};
      state.focused_field = field.name;
    }
    const double part = (static_cast<double>(ImGui::GetIO().MousePos.x) - track_x) / track_w;
    const auto wanted = static_cast<int64_t>(std::lround(first + std::clamp(part, 0.0, 1.0) * (last - first)));
    if (drag.revision != session.history().revision()) {
      drag.start.reset();
      drag.over = true;
    } else if (wanted != value) {
      session.preview(with_value(session.document(), *drag.start, field, axis, wanted));
    }
  } else if (!press.held && mine) {
    if (drag.start) session.commit(session.document(), label_for(field, value));  // the preview, as one entry
    drag = {};
  }
  if (press.hovered || press.held) session.interaction().active_field = field.name;

  const Rect number{at.x + width - 48, at.y, 48, slider_row_height};
  const Press on_number = press_area(ui, "number/" + std::string(field.name), number);
  if (on_number.clicked) open_editor(ui, id, std::to_string(value));

  Canvas c = canvas(ui);
  const double baseline = std::round(middle + ui.text.cap_height(Font::regular, 13) / 2);
  const bool focused = state.focused_field == field.name;
  c.text({.at = {at.x, baseline}, .text = std::string(field.label), .size = 13, .color = theme.text});
  c.rect({.rect = {track_x, middle - 2, track_w, 4},
          .fill = mix(theme.panel, theme.track, range ? 0.55 : 1.0),
          .radius = 2});
  if (range) {
    const double from = x_of(range->first);
    c.rect({.rect = {from, middle - 2, x_of(range->last) - from, 4}, .fill = theme.track, .radius = 2});
  }
  const bool legal = range && value >= range->first && (value <= range->last || value > field.slider_last);
  c.rect(
      {.rect = {track_x, middle - 2, x_of(value) - track_x, 4}, .fill = legal ? theme.input : theme.bad, .radius = 2});
  if (focused) c.circle({x_of(value), middle}, 9, mix(theme.panel, theme.input, 0.45));
  c.circle({x_of(value), middle}, press.hovered || press.held ? 7.5 : 7, theme.text);
  if (on_number.hovered) c.rect({.rect = number.grown(-2), .stroke = theme.border, .stroke_width = 1, .radius = 4});
  const std::string words = value_text(layer, field, axis);
  const double size = ui.text.width(Font::mono, 13, words) <= number.w - 4 ? 13 : 11;
  c.text({.at = {number.right() - 4, baseline},
          .text = ui.text.fitted(Font::mono, size, words, number.w - 2),
          .font = Font::mono,
          .size = size,
          .color = legal ? theme.text : theme.bad_text,
          .align = Align::right});
  if (press.hovered && !press.held)
    tooltip(ui, id, slider_help(layer, field, axis), Point{at.x + width + 22, at.y - 4});
  if (on_number.hovered) tooltip(ui, "number/" + std::string(field.name), "Click to type a number.");

  if (const auto typed = inline_editor(ui, id, {number.x - 8, number.y, number.w + 8, number.h})) {
    const auto parsed = parse_number(*typed);
    if (parsed && *parsed == std::round(*parsed) && std::abs(*parsed) < 1e15) {
      const auto wanted = static_cast<int64_t>(*parsed);
      session.commit(with_value(session.document(), layer, field, axis, wanted), label_for(field, wanted));
    } else {
      session.say_error(std::string(field.label) + ": must be a whole number, found '" + *typed + "'");
    }
  }
}

}  // namespace tconv
