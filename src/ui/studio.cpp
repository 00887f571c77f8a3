#include "ui/studio.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "document/document_file.h"
#include "ui/actions.h"
#include "ui/documents.h"
#include "ui/imgui_compat.h"
#include "ui/widgets.h"

namespace tconv {
namespace {

/// Where the panels stand in a window of a size.
struct WindowLayout {
  Rect top_bar, rail, parameters, view, inspector, timeline, status;
};

WindowLayout lay_out(Size size, bool has_inspector, bool has_timeline) {
  const bool narrow = size.w < 1200;
  const double top = 44;
  const double bottom = 24;
  const double rail = narrow ? 126 : 148;
  const double parameters = narrow ? 230 : 262;
  const double inspector = !has_inspector ? 0 : narrow ? 236 : 300;
  const double height = size.h - top - bottom;
  const double left = rail + parameters;
  const double middle = std::max(100.0, size.w - left - inspector);
  const double timeline = has_timeline ? timeline_height(middle) : 0;
  return {{0, 0, size.w, top},
          {0, top, rail, height},
          {rail, top, parameters, height},
          {left, top, middle, height - timeline},
          {left + middle, top, inspector, height},
          {left, top + height - timeline, middle, timeline},
          {0, size.h - bottom, size.w, bottom}};
}

void draw_borders(Ui& ui, const WindowLayout& at) {
  Canvas c = canvas(ui);
  const auto line = [&](Point a, Point b) { c.line({{a, b}, ui.theme.border, 1}); };
  line({0, at.top_bar.bottom() - 0.5}, {at.top_bar.w, at.top_bar.bottom() - 0.5});
  line({at.rail.right() - 0.5, at.rail.y}, {at.rail.right() - 0.5, at.rail.bottom()});
  line({at.parameters.right() - 0.5, at.rail.y}, {at.parameters.right() - 0.5, at.rail.bottom()});
  if (at.inspector.w > 0) line({at.inspector.x + 0.5, at.rail.y}, {at.inspector.x + 0.5, at.rail.bottom()});
  if (at.timeline.h > 0) line({at.timeline.x, at.timeline.y + 0.5}, {at.timeline.right(), at.timeline.y + 0.5});
  line({0, at.status.y + 0.5}, {at.status.w, at.status.y + 0.5});
}

}  // namespace

Studio::Studio(TextureStore& textures, Platform platform, std::function<void()> wake,
               const std::filesystem::path& state_folder)
    : textures_(textures),
      platform_(std::move(platform)),
      session_(wake, state_folder, platform_.device),
      autosave_(state_folder),
      state_folder_(state_folder),
      state_(std::move(wake)) {
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.LogFilename = nullptr;
  compat::set_up_keys(io);
}

void Studio::set_scale(double scale) {
  fonts_.build(scale, text_);
  compat::set_scale(ImGui::GetIO(), static_cast<float>(scale));
}

void Studio::frame(Size size, double seconds) {
  const Theme* theme = find_theme(state_.theme);
  Ui ui{session_, state_, theme != nullptr ? *theme : dark_theme(), fonts_, text_, textures_, platform_, places_};
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = {static_cast<float>(size.w), static_cast<float>(size.h)};
  io.DeltaTime = static_cast<float>(std::max(1e-4, seconds));
  const bool modal = state_.dialog.is_open() || state_.palette.is_open() || state_.export_dialog.is_open();
  input_.feed(modal || !state_.editor.id.empty());
  for (const KeyPress& press : input_.take_presses()) {
    if (state_.sheet.is_open()) {
      state_.sheet.key(ui, press);
    } else if (!modal) {
      run_shortcut(ui, press);
    }
  }
  keep_safe(seconds);
  session_.tick(seconds);
  for (const Jobs::Ended& ended : state_.jobs.take_ended()) {
    if (ended.is_error) {
      session_.say_error(ended.words);
    } else {
      session_.say(ended.words);
    }
  }
  if (state_.quit_after_jobs && !state_.jobs.status()) state_.quit = true;
  state_.rest.seconds += seconds;

  places_.clear();
  session_.interaction().active_field.clear();
  apply_style(ui.theme);
  ImGui::NewFrame();
  if (ImGui::IsMouseClicked(0)) state_.ignore_release = false;
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(io.DisplaySize);
  ImGui::Begin("##studio", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoScrollWithMouse);
  const View& view = session_.view();
  const WindowLayout at = lay_out(size, view.has_inspector, view.timeline != Timeline::none);
  draw_top_bar(ui, at.top_bar);
  draw_rail(ui, at.rail);
  draw_parameters(ui, at.parameters);
  state_.view_size = {at.view.w, at.view.h};
  draw_view(ui, at.view);
  if (view.has_inspector) draw_inspector_panel(ui, at.inspector);
  if (view.timeline != Timeline::none) draw_timeline(ui, at.timeline);
  draw_status_bar(ui, at.status);
  draw_borders(ui, at);
  ImGui::End();
  const Rect window{0, 0, size.w, size.h};
  if (state_.sheet.is_open()) {
    state_.sheet.draw(ui, window);
  } else {
    state_.export_dialog.draw(ui, window, seconds);
    state_.dialog.draw(ui, window);
    state_.palette.draw(ui, window);
    if (state_.help) draw_help(ui, window);
  }
  if (!state_.rest.seen) state_.rest = {};
  state_.rest.seen = false;
  ImGui::Render();
  // The next state of the map comes from the processor.
  if (std::string trouble = textures_.trouble(); !trouble.empty()) session_.give_up_device(std::move(trouble));
}

void Studio::keep_safe(double seconds) {
  if (!looked_for_leftovers_) {
    looked_for_leftovers_ = true;
    std::vector<std::string> messages;
    state_.sheet.offer(autosave_.leftovers(messages));
    if (!messages.empty()) session_.say_error(messages.front());
  }
  const Document& document = session_.history().committed();
  const std::string trouble_left = keep_left_safe();  // first: what was left is at no time without a copy
  std::string trouble;
  if (std::optional<Leftover> recovered = state_.sheet.take_recovered()) {
    trouble = autosave_.write(document, session_.file());
    if (trouble.empty()) recovered->remove();  // otherwise the next start offers it again
  } else {
    trouble = autosave_.tick(document, session_.file(), session_.modified(), seconds);
  }
  if (trouble.empty()) trouble = trouble_left;
  if (!trouble.empty()) session_.say_error(trouble);
}

std::string Studio::keep_left_safe() {
  const auto& left = session_.left_unsaved();
  while (left_autosaves_.size() > left.size()) {
    left_autosaves_.back().clear();
    left_autosaves_.pop_back();
  }
  std::string trouble;
  // From the oldest on, so that one more takes nothing from the others.
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (i == left_autosaves_.size()) left_autosaves_.emplace_back(state_folder_);
    const Session::LeftUnsaved& each = left[left.size() - 1 - i];
    const std::string found = left_autosaves_[i].keep(each.document, each.file);
    if (!found.empty()) trouble = found;
  }
  return trouble;
}

void Studio::end() {
  autosave_.clear();
  for (Autosave& left : left_autosaves_) left.clear();
}

void Studio::ask_to_quit() { tconv::ask_to_quit(session_, state_); }

std::string Studio::title() const { return document_title(session_) + " — Tconv Studio"; }

void Studio::drop(const std::filesystem::path& path, Point place) {
  if (state_.sheet.is_open() || state_.export_dialog.is_open()) return;
  const bool on_kernel = std::ranges::any_of(places_, [&](const auto& entry) {
    return entry.first.starts_with("cell/kernel") && entry.second.contains(place);
  });
  if (is_scenario_name(path)) {
    session_.open_scenario(path.string());
  } else if (on_kernel) {
    session_.open_kernel(path);
  } else {
    session_.open(path);
  }
}

void apply_style(const Theme& theme) {
  ImGuiStyle& style = ImGui::GetStyle();
  const auto rgba = [](Color c) {
    return ImVec4(static_cast<float>(c.r) / 255, static_cast<float>(c.g) / 255, static_cast<float>(c.b) / 255, 1);
  };
  style.WindowPadding = {0, 0};
  style.WindowBorderSize = 0;
  style.WindowRounding = 0;
  style.ChildBorderSize = 0;
  style.PopupBorderSize = 1;
  style.PopupRounding = 6;
  style.FrameRounding = 5;
  style.ScrollbarSize = 10;
  style.ScrollbarRounding = 5;
  style.Colors[ImGuiCol_WindowBg] = rgba(theme.background);
  style.Colors[ImGuiCol_Text] = rgba(theme.text);
  style.Colors[ImGuiCol_TextDisabled] = rgba(theme.muted);
  style.Colors[ImGuiCol_FrameBg] = rgba(theme.background);
  style.Colors[ImGuiCol_Border] = rgba(theme.border);
  style.Colors[ImGuiCol_ScrollbarBg] = ImVec4(0, 0, 0, 0);
  style.Colors[ImGuiCol_ScrollbarGrab] = rgba(theme.border);
  style.Colors[ImGuiCol_ScrollbarGrabHovered] = rgba(theme.faint);
  style.Colors[ImGuiCol_ScrollbarGrabActive] = rgba(theme.faint);
  style.Colors[ImGuiCol_TextSelectedBg] = rgba(mix(theme.background, theme.input, 0.45));
}

}  // namespace tconv
