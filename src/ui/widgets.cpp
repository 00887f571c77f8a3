#include "ui/widgets.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include <charconv>
#include <cmath>

#include "ui/imgui_compat.h"

namespace tconv {
namespace {

ImVec4 rgba(Color c) {
  return {static_cast<float>(c.r) / 255, static_cast<float>(c.g) / 255, static_cast<float>(c.b) / 255,
          static_cast<float>(c.a) / 255};
}

RectShape button_shape(const Theme& theme, const Rect& place, ButtonLook look, bool hovered) {
  RectShape shape{.rect = place, .fill = theme.surface, .stroke = theme.border, .stroke_width = 1, .radius = 6};
  if (theme.id == "light") shape.fill = theme.panel;
  if (look == ButtonLook::chip || look == ButtonLook::chip_chosen) shape.radius = place.h / 2;
  if (look == ButtonLook::chip) shape.fill = theme.panel;
  if (look == ButtonLook::chip_chosen) {
    shape.fill = mix(theme.panel, theme.kernel, 0.10);
    shape.stroke = theme.kernel;
  }
  if (look == ButtonLook::quiet) {
    shape.fill = theme.panel;
    shape.stroke_width = 0;
  }
  if (look == ButtonLook::primary) {
    shape.fill = theme.button;
    shape.stroke_width = 0;
  }
  if (hovered) shape.fill = mix(shape.fill, theme.text, 0.08);
  return shape;
}

Color button_words(const Theme& theme, ButtonLook look) {
  if (look == ButtonLook::primary) return theme.button_text;
  if (look == ButtonLook::chip_chosen) return theme.kernel_text;
  return look == ButtonLook::quiet ? theme.muted : theme.text;
}

}  // namespace

ImVec2 vec(double x, double y) { return {static_cast<float>(x), static_cast<float>(y)}; }

void push_font(Ui& ui, Font font, double size) {
  const auto [imgui_font, imgui_size] = ui.fonts.at(font, size);
  compat::push_font(imgui_font, imgui_size);
}

Canvas canvas(Ui& ui) { return {*ImGui::GetWindowDrawList(), ui.fonts, ui.text, ui.textures}; }

Point begin_panel(Ui& ui, const char* id, const Rect& place, Color ground) {
  ImGui::SetCursorScreenPos(vec(place.x, place.y));
  ImGui::PushStyleColor(ImGuiCol_ChildBg, rgba(ground));
  ImGui::BeginChild(id, vec(place.w, place.h), false, ImGuiWindowFlags_NoNavInputs);
  ImGui::PopStyleColor();
  ui.places[std::string("panel/") + id] = place;
  return {place.x, place.y - static_cast<double>(ImGui::GetScrollY())};
}

void end_panel(double content_height) {
  ImGui::SetCursorPos(vec(0, 0));
  ImGui::Dummy(vec(1, content_height));
  ImGui::EndChild();
}

Press press_area(Ui& ui, const std::string& id, const Rect& place) {
  ui.places[id] = place;
  ImGui::SetCursorScreenPos(vec(place.x, place.y));
  Press press;
  press.clicked = ImGui::InvisibleButton(id.c_str(), vec(std::max(1.0, place.w), std::max(1.0, place.h)));
  press.hovered = ImGui::IsItemHovered();
  press.held = ImGui::IsItemActive();
  press.double_clicked = press.hovered && ImGui::IsMouseDoubleClicked(0);
  return press;
}

bool button(Ui& ui, const std::string& id, const Rect& place, const std::string& label, ButtonLook look,
            const std::string& words) {
  const Press press = press_area(ui, id, place);
  Canvas c = canvas(ui);
  c.rect(button_shape(ui.theme, place, look, press.hovered));
  const double size = look == ButtonLook::chip || look == ButtonLook::chip_chosen ? 12 : 13;
  c.text({.at = {place.centre().x, std::round(place.centre().y + ui.text.cap_height(Font::regular, size) / 2)},
          .text = label,
          .size = size,
          .color = button_words(ui.theme, look),
          .align = Align::centre});
  if (press.hovered && !words.empty()) tooltip(ui, id, words);
  return press.clicked;
}

bool icon_button(Ui& ui, const std::string& id, const Rect& place, Icon icon, const std::string& label, ButtonLook look,
                 const std::string& words) {
  const Press press = press_area(ui, id, place);
  Canvas c = canvas(ui);
  c.rect(button_shape(ui.theme, place, look, press.hovered));
  const Color color = button_words(ui.theme, look);
  const double label_width = label.empty() ? 0 : ui.text.width(Font::regular, 13, label) + 7;
  const Point m{std::round(place.centre().x - label_width / 2), std::round(place.centre().y)};
  const double r = 5;
  const auto right = [&](double x) { c.triangle({x - r + 1, m.y - r}, {x + r, m.y}, {x - r + 1, m.y + r}, color); };
  const auto left = [&](double x) { c.triangle({x + r - 1, m.y - r}, {x - r, m.y}, {x + r - 1, m.y + r}, color); };
  const auto bar = [&](double x) { c.rect({.rect = {x - 1, m.y - r, 2.5, 2 * r}, .fill = color}); };
  switch (icon) {
    case Icon::first:
      bar(m.x - 6);
      left(m.x + 1);
      break;
    case Icon::previous:
      left(m.x);
      break;
    case Icon::play:
      right(m.x);
      break;
    case Icon::pause:
      bar(m.x - 3);
      bar(m.x + 2);
      break;
    case Icon::next:
      right(m.x);
      break;
    case Icon::last:
      right(m.x - 1);
      bar(m.x + 5);
      break;
  }
  if (!label.empty()) {
    c.text({.at = {m.x + 12, std::round(m.y + ui.text.cap_height(Font::regular, 13) / 2)},
            .text = label,
            .size = 13,
            .color = color});
  }
  if (press.hovered && !words.empty()) tooltip(ui, id, words);
  return press.clicked;
}

int chips(Ui& ui, Point& at, double width, const std::vector<Chip>& list) {
  constexpr double height = 24;
  const double left = at.x;
  int clicked = -1;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const double w = std::min(width, std::round(ui.text.width(Font::regular, 12, list[i].label)) + 22);
    if (at.x > left && at.x + w > left + width + 0.5) at = {left, at.y + height + 6};
    if (button(ui, list[i].id, {at.x, at.y, w, height}, list[i].label,
               list[i].chosen ? ButtonLook::chip_chosen : ButtonLook::chip, list[i].tooltip)) {
      clicked = static_cast<int>(i);
    }
    at.x += w + 7;
  }
  at = {left, at.y + height};
  return clicked;
}

void heading(Ui& ui, Point at, const std::string& words) {
  canvas(ui).text({.at = at, .text = words, .font = Font::semibold, .size = 12, .color = ui.theme.muted});
}

void tooltip(Ui& ui, const std::string& id, const std::string& words, std::optional<Point> place) {
  Rest& rest = ui.state.rest;
  if (rest.control != id) rest = {id, 0, true};
  rest.seen = true;
  if (!rest.waiting()) show_words(ui, words, place);
}

void show_words(Ui& ui, const std::string& words, std::optional<Point> place) {
  const auto lines = ui.text.wrap(Font::regular, 12, words, 300);
  double width = 0;
  for (const auto& line : lines) width = std::max(width, ui.text.width(Font::regular, 12, line));
  if (place) ImGui::SetNextWindowPos(vec(place->x, place->y));
  ImGui::SetNextWindowSize(vec(std::ceil(width) + 22, static_cast<double>(lines.size()) * 18 + 14));
  ImGui::PushStyleColor(ImGuiCol_PopupBg, rgba(mix(ui.theme.surface, ui.theme.text, 0.04)));
  ImGui::PushStyleColor(ImGuiCol_Border, rgba(ui.theme.border));
  ImGui::BeginTooltip();
  const ImVec2 origin = ImGui::GetWindowPos();
  Canvas c = canvas(ui);
  double y = static_cast<double>(origin.y) + 19;
  for (const auto& line : lines) {
    c.text({.at = {static_cast<double>(origin.x) + 11, y}, .text = line, .size = 12, .color = ui.theme.text});
    y += 18;
  }
  ImGui::EndTooltip();
  ImGui::PopStyleColor(2);
}

void open_editor(Ui& ui, const std::string& id, const std::string& text) { ui.state.editor = {id, text, true}; }

std::optional<std::string> inline_editor(Ui& ui, const std::string& id, const Rect& place) {
  InlineEditor& editor = ui.state.editor;
  if (editor.id != id) return std::nullopt;
  const double size = 14;
  const double height = std::min(std::max(24.0, place.h), 30.0);
  const Rect box{place.x, place.centre().y - height / 2, std::max(place.w, 44.0), height};
  ui.places["editor"] = box;
  ImGui::SetCursorScreenPos(vec(box.x, box.y));
  ImGui::SetNextItemWidth(static_cast<float>(box.w));
  push_font(ui, Font::mono, size);
  ImGui::PushStyleColor(ImGuiCol_FrameBg, rgba(ui.theme.background));
  ImGui::PushStyleColor(ImGuiCol_Text, rgba(ui.theme.text));
  ImGui::PushStyleColor(ImGuiCol_TextSelectedBg, rgba(mix(ui.theme.background, ui.theme.input, 0.5)));
  ImGui::PushStyleColor(ImGuiCol_Border, rgba(ui.theme.kernel));
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 1.5F);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, vec(6, (height - size) / 2 - 1));
  if (editor.fresh) ImGui::SetKeyboardFocusHere();
  ui.state.editor_field.push(editor.fresh);
  const bool entered = ImGui::InputText("##editor", &editor.text,
                                        ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  ImGui::PopID();
  const bool left = ImGui::IsItemDeactivated();
  const bool escaped = compat::pressed(ImGuiKey_Escape);
  ImGui::PopStyleVar(2);
  ImGui::PopStyleColor(4);
  ImGui::PopFont();
  const bool was_fresh = editor.fresh;
  editor.fresh = false;
  if (!entered && (!left || was_fresh)) return std::nullopt;
  std::string text = std::move(editor.text);
  editor = {};
  if (escaped) return std::nullopt;
  return text;
}

std::optional<double> parse_number(std::string text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 3, "−") == 0) {
      plain += '-';
      i += 2;
    } else if (text[i] == ',') {
      plain += '.';
    } else if (text[i] != ' ' && !(text[i] == '+' && plain.empty())) {
      plain += text[i];
    }
  }
  const auto number = [](std::string_view part) -> std::optional<double> {
    double value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc{} || end != part.data() + part.size()) return std::nullopt;
    return value;
  };
  const auto slash = plain.find('/');
  if (slash == std::string::npos) return number(plain);
  const auto above = number(std::string_view(plain).substr(0, slash));
  const auto below = number(std::string_view(plain).substr(slash + 1));
  if (!above || !below || *below == 0) return std::nullopt;
  return *above / *below;
}

}  // namespace tconv
