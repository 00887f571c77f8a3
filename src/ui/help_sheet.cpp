// All keys on one sheet, made from the table of actions.

#include <imgui.h>

#include <map>

#include "ui/actions.h"
#include "ui/widgets.h"

namespace tconv {

void draw_help(Ui& ui, const Rect& window) {
  std::map<std::string, std::vector<const Action*>> groups;
  std::size_t rows = 2;
  for (const Action& action : actions()) {
    if (action.shortcut.key == 0 || action.id == "redo_y") continue;
    auto& group = groups[action.group];
    if (group.empty()) rows += 2;
    group.push_back(&action);
    ++rows;
  }
  constexpr double row = 22;
  const Rect box{window.centre().x - 230, 56, 460, std::min(window.h - 90, row * static_cast<double>(rows) + 40)};
  ImGui::SetNextWindowPos({static_cast<float>(box.x), static_cast<float>(box.y)});
  ImGui::SetNextWindowSize({static_cast<float>(box.w), static_cast<float>(box.h)});
  ImGui::SetNextWindowFocus();
  ImGui::Begin("##help", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoNav);
  canvas(ui).rect({.rect = box, .fill = ui.theme.surface, .stroke = ui.theme.input, .stroke_width = 1, .radius = 8});
  ui.places["help"] = box;
  Point at = begin_panel(ui, "help-list", box.grown(-8), ui.theme.surface);
  const double top = at.y;
  Canvas c = canvas(ui);
  at.y += 20;
  for (const auto& [name, list] : groups) {
    c.text({.at = {at.x + 12, at.y}, .text = name, .font = Font::semibold, .size = 12, .color = ui.theme.muted});
    at.y += row;
    for (const Action* action : list) {
      c.text({.at = {at.x + 12, at.y}, .text = action->label, .size = 13, .color = ui.theme.text});
      c.text({.at = {at.x + box.w - 34, at.y},
              .text = shortcut_text(action->shortcut),
              .font = Font::mono,
              .size = 13,
              .color = ui.theme.kernel_text,
              .align = Align::right});
      at.y += row;
    }
    at.y += row / 2;
  }
  end_panel(at.y - top);
  if (ImGui::IsMouseClicked(0) &&
      !box.contains({static_cast<double>(ImGui::GetIO().MousePos.x), static_cast<double>(ImGui::GetIO().MousePos.y)}))
    ui.state.help = false;
  ImGui::End();
}

}  // namespace tconv
