#include "ui/palette.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "core/names.h"
#include "ui/documents.h"
#include "ui/imgui_compat.h"
#include "ui/widgets.h"

namespace tconv {
namespace {

constexpr std::size_t short_list = 10;  // before anything is typed
constexpr double row = 30;
constexpr double palette_top = 70;

/// How many rows fit: a list that was asked for is shown as far as it can be.
std::size_t rows_for(const Rect& window, bool typed) {
  const auto fit = static_cast<std::size_t>(std::max(1.0, (window.h - palette_top - 90) / row));
  return typed ? fit : std::min(short_list, fit);
}

/// How well a label answers what was typed: 2 holds it as it stands, 1 has its letters in that order, 0 neither.
int rank(const std::string& label, const std::string& typed) {
  if (label.find(typed) != std::string::npos) return 2;
  auto at = label.begin();
  for (const char wanted : typed) {
    at = std::find(at, label.end(), wanted);
    if (at == label.end()) return 0;
    ++at;
  }
  return 1;
}

std::vector<const Action*> matching(const std::vector<Action>& more, const std::string& typed, std::size_t rows) {
  std::vector<const Action*> found;
  for (const int wanted : {2, 1}) {
    for (const auto* list : {&actions(), &more}) {
      for (const Action& action : *list) {
        const bool fits = action.id != "palette" && rank(lower_case(action.label), lower_case(typed)) == wanted;
        if (fits && found.size() < rows) found.push_back(&action);
      }
    }
  }
  return found;
}

}  // namespace

void Palette::open(std::string typed) {
  open_ = fresh_ = true;
  typed_ = std::move(typed);
  chosen_ = 0;
}

void Palette::draw(Ui& ui, const Rect& window) {
  if (!open_) return;
  if (fresh_) recent_ = recent_actions(ui.session);
  const std::vector<const Action*> found = matching(recent_, typed_, rows_for(window, !typed_.empty()));
  const double width = std::min(520.0, window.w - 40);
  const Rect box{window.centre().x - width / 2, palette_top, width, 52 + row * static_cast<double>(found.size()) + 8};

  ImGui::SetNextWindowPos({static_cast<float>(box.x), static_cast<float>(box.y)});
  ImGui::SetNextWindowSize({static_cast<float>(box.w), static_cast<float>(box.h)});
  if (fresh_) ImGui::SetNextWindowFocus();
  ImGui::Begin("##palette", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoNav);
  Canvas c = canvas(ui);
  c.rect({.rect = box, .fill = ui.theme.surface, .stroke = ui.theme.input, .stroke_width = 1, .radius = 8});
  ui.places["palette"] = box;

  ImGui::SetCursorScreenPos({static_cast<float>(box.x + 12), static_cast<float>(box.y + 10)});
  ImGui::SetNextItemWidth(static_cast<float>(box.w - 24));
  push_font(ui, Font::regular, 15);
  if (fresh_) ImGui::SetKeyboardFocusHere();
  field_.push(fresh_);
  const bool entered = ImGui::InputTextWithHint("##typed", "Find a view, an example, a command…", &typed_,
                                                ImGuiInputTextFlags_EnterReturnsTrue);
  ImGui::PopID();
  ImGui::PopFont();
  const int last = static_cast<int>(found.size()) - 1;
  if (compat::pressed(ImGuiKey_DownArrow)) ++chosen_;
  if (compat::pressed(ImGuiKey_UpArrow)) --chosen_;
  chosen_ = std::clamp(chosen_, 0, std::max(0, last));

  const Action* run = entered && last >= 0 ? found[static_cast<std::size_t>(chosen_)] : nullptr;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Rect place{box.x + 8, box.y + 50 + row * static_cast<double>(i), box.w - 16, row};
    const Press press = press_area(ui, "palette/" + found[i]->id, place);
    if (press.clicked) run = found[i];
    const bool chosen = static_cast<int>(i) == chosen_;
    if (chosen || press.hovered) c.rect({.rect = place, .fill = ui.theme.selected, .radius = 5});
    c.text({.at = {place.x + 10, place.y + 20},
            .text = ui.text.fitted(Font::regular, 13, found[i]->label, place.w - 100),
            .size = 13,
            .color = ui.theme.text});
    c.text({.at = {place.right() - 10, place.y + 20},
            .text = shortcut_text(found[i]->shortcut),
            .font = Font::mono,
            .size = 12,
            .color = ui.theme.muted,
            .align = Align::right});
  }
  const bool elsewhere =
      !fresh_ && ImGui::IsMouseClicked(0) &&
      !box.contains({static_cast<double>(ImGui::GetIO().MousePos.x), static_cast<double>(ImGui::GetIO().MousePos.y)});
  if (compat::pressed(ImGuiKey_Escape) || elsewhere) open_ = false;
  fresh_ = false;
  ImGui::End();
  if (run != nullptr) {
    open_ = false;
    const Action chosen = *run;  // it may live in `recent_`
    chosen.run(ui, chosen);
  }
}

}  // namespace tconv
