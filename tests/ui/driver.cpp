#include "driver.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "document/fields.h"
#include "ui/imgui_compat.h"

namespace tconv::test {

ImGuiHolder::ImGuiHolder() {
  ImGui::CreateContext();
  // As the OpenGL renderer says of itself; without it ImGui refuses large pictures.
  ImGui::GetIO().BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
  compat::pretend_to_render();
}
ImGuiHolder::~ImGuiHolder() { ImGui::DestroyContext(); }

Driver::Driver(Size size, bool first_frames, const std::filesystem::path& state_folder)
    : studio_(
          textures_,
          Platform{.copy = [this](const std::string& text) { copied_.push_back(text); }, .toggle_full_screen = [] {}},
          [] {}, state_folder),
      size_(size) {
  studio_.set_scale(1);
  if (first_frames) frame(3);
}

int Driver::undo_steps() {
  int steps = 0;
  for (History copy = session().history(); copy.can_undo(); ++steps) {
    copy.cancel_preview();  // otherwise undo takes only that back
    copy.undo();
  }
  return steps;
}

Tensor Driver::output() { return session().wait_for_results().frame.output; }

void Driver::frame(int count, double seconds) {
  for (int i = 0; i < count; ++i) {
    studio_.frame(size_, seconds);
    compat::pretend_to_render();
  }
}

void Driver::settle() {
  while (studio_.input().pending()) frame();
  frame(3);
  if (!patient_) return;
  while (state().jobs.status()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    frame(1);
  }
  if (!session().results().pending) return;
  session().wait_for_results();
  frame(3);
}

void Driver::wait(double seconds) { frame(static_cast<int>(seconds * 20 + 0.5), 0.05); }

bool Driver::has(std::string_view name) const { return studio_.places().contains(std::string(name)); }

std::vector<std::string> Driver::names(std::string_view prefix) const {
  std::vector<std::string> found;
  for (const auto& entry : studio_.places()) {
    if (entry.first.starts_with(prefix)) found.push_back(entry.first);
  }
  return found;
}

void Driver::no_such_place(const std::string& name, const char* trouble) const {
  std::string text = name + ": " + trouble + "; places:";
  for (const auto& entry : studio_.places()) text += "\n  " + entry.first;
  throw std::runtime_error(text);
}

const Rect* Driver::panel_of(const Rect& place) const {
  // Dialogs lie over the panels; what belongs to them never has to be scrolled, except the list of files.
  constexpr std::array panels{"panel/rail", "panel/parameters", "panel/view", "panel/inspector"};
  for (const char* panel : panels) {
    const auto found = studio_.places().find(panel);
    if (found == studio_.places().end()) continue;
    const Rect& area = found->second;
    if (place.centre().x >= area.x && place.centre().x < area.right()) return &area;
  }
  return nullptr;
}

namespace {
bool scrolls(std::string_view name) {
  constexpr std::array fixed{"top/",   "timeline/", "palette", "files/", "help", "panel/",
                             "status", "file/",     "recent/", "sheet",  "job/"};
  return std::ranges::none_of(fixed, [&](const char* prefix) { return name.starts_with(prefix); });
}
}  // namespace

bool Driver::visible(const std::string& name) const {
  const auto found = studio_.places().find(name);
  if (found == studio_.places().end()) return false;
  if (!scrolls(name)) return true;
  const Rect* panel = panel_of(found->second);
  return panel == nullptr || panel->contains(found->second.centre());
}

Rect Driver::place(const std::string& name) {
  if (!has(name)) no_such_place(name, "no such place");
  for (int tries = 0; !visible(name); ++tries) {
    const Rect before = studio_.places().find(name)->second;
    const Rect* panel = panel_of(before);
    if (panel == nullptr || tries > 100) no_such_place(name, "cannot be scrolled into sight");
    const bool below = before.centre().y > panel->centre().y;
    // At the left edge: maps, which take the wheel for themselves, do not reach there.
    move(Point{panel->x + 4, panel->centre().y});
    wheel(below ? -1 : 1);
  }
  return studio_.places().find(name)->second;
}

Point Driver::on_slider(std::string_view field_name, std::int64_t value) {
  const Field* field = find_field(field_name);
  if (field == nullptr) throw std::runtime_error("no field is called " + std::string(field_name));
  const Rect area = place("slider/" + std::string(field_name));
  constexpr double overhang = 7;  // half the handle reaches beyond the track at either end
  const double part =
      static_cast<double>(value - field->slider_first) / static_cast<double>(field->slider_last - field->slider_first);
  return {area.x + overhang + (area.w - 2 * overhang) * part, area.centre().y};
}

void Driver::move(Point at) {
  mouse_ = at;
  studio_.input().move(at);
  settle();
}

void Driver::press() {
  studio_.input().button(0, true);
  settle();
}

void Driver::release() {
  studio_.input().button(0, false);
  settle();
}

void Driver::click(Point at) {
  move(at);
  frame(1, 0.5);
  press();
  release();
}

void Driver::double_click(Point at) {
  click(at);
  press();
  release();
}

void Driver::drag(Point from, Point to, int steps) {
  move(from);
  frame(1, 0.5);
  press();
  for (int i = 1; i <= steps; ++i) {
    const double part = static_cast<double>(i) / steps;
    move(Point{from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part});
  }
  release();
}

void Driver::drag_slider(std::string_view field, std::int64_t value, int steps) {
  const std::int64_t now = value_of(layer(), *find_field(field), all_axes);
  const Field& known = *find_field(field);
  drag(on_slider(field, std::clamp(now, known.slider_first, known.slider_last)), on_slider(field, value), steps);
}

void Driver::wheel(double notches) {
  studio_.input().wheel(0, notches);
  settle();
}

void Driver::type(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    i += length;
    // The keys that the program knows come with their character, the others as a character alone.
    const bool known = length == 1 && (std::isalnum(lead) != 0 || lead == ' ' || lead == '+' || lead == '-');
    const KeyPress press{std::toupper(lead), false, std::isupper(lead) != 0};
    if (known) studio_.input().key(press, true);
    studio_.input().character(code);
    if (known) studio_.input().key(press, false);
    settle();
  }
}

void Driver::key(int key, bool ctrl, bool shift) {
  const KeyPress press{key, ctrl, shift};
  studio_.input().key(press, true);
  settle();
  studio_.input().key(press, false);
  settle();
}

void Driver::type_into(const std::string& name, std::string_view text) {
  click(name);
  type(text);
  key(key_enter);
}

}  // namespace tconv::test
