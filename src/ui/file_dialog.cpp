#include "ui/file_dialog.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "ui/imgui_compat.h"
#include "ui/widgets.h"

namespace tconv {

namespace fs = std::filesystem;

void FileDialog::open(Purpose purpose) {
  purpose_ = purpose;
  open_ = fresh_ = true;
  typed_.clear();
  std::error_code error;
  if (folder_.empty()) folder_ = fs::current_path(error);
  list();
}

bool FileDialog::wanted(const fs::path& path) const {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
  if (purpose_ == Purpose::scenario) return extension == ".json";
  if (extension == ".npy") return true;
  return purpose_ == Purpose::input && (extension == ".png" || extension == ".jpg" || extension == ".jpeg");
}

void FileDialog::list() {
  entries_.clear();
  trouble_.clear();
  std::error_code error;
  for (fs::directory_iterator item(folder_, fs::directory_options::skip_permission_denied, error), end;
       !error && item != end; item.increment(error)) {
    const std::string name = item->path().filename().string();
    if (name.starts_with('.')) continue;
    std::error_code ignored;
    const bool folder = item->is_directory(ignored);
    if (folder || wanted(item->path())) entries_.push_back({name, folder});
  }
  if (error) trouble_ = folder_.string() + ": " + error.message();
  std::ranges::sort(entries_,
                    [](const Entry& a, const Entry& b) { return a.folder != b.folder ? a.folder : a.name < b.name; });
}

void FileDialog::choose(Ui& ui, const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    folder_ = path.lexically_normal();
    typed_.clear();
    list();
    return;
  }
  const bool done = purpose_ == Purpose::input    ? ui.session.open_input(path)
                    : purpose_ == Purpose::kernel ? ui.session.open_kernel(path)
                                                  : ui.session.open_scenario(path.string());
  if (done) {
    open_ = false;
  } else {
    trouble_ = ui.session.message().text;
    fresh_ = true;  // the field takes the keyboard again, its text selected
  }
}

void FileDialog::draw(Ui& ui, const Rect& window) {
  if (!open_) return;
  const Theme& theme = ui.theme;
  const double width = std::min(620.0, window.w - 40);
  const double height = std::min(480.0, window.h - 60);
  const Rect box{window.centre().x - width / 2, window.centre().y - height / 2, width, height};
  ImGui::SetNextWindowPos({static_cast<float>(box.x), static_cast<float>(box.y)});
  ImGui::SetNextWindowSize({static_cast<float>(box.w), static_cast<float>(box.h)});
  if (fresh_) ImGui::SetNextWindowFocus();
  ImGui::Begin("##files", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoNav);
  Canvas c = canvas(ui);
  c.rect({.rect = box, .fill = theme.panel, .stroke = theme.input, .stroke_width = 1, .radius = 8});
  const char* what = purpose_ == Purpose::input    ? "Open as the input: PNG, JPEG or .npy"
                     : purpose_ == Purpose::kernel ? "Open as the kernel: .npy"
                                                   : "Open a scenario: .tconv.json";
  c.text({.at = {box.x + 18, box.y + 28}, .text = what, .font = Font::semibold, .size = 14, .color = theme.text});
  c.text({.at = {box.x + 18, box.y + 52},
          .text = ui.text.fitted(Font::mono, 12, folder_.string(), box.w - 36),
          .font = Font::mono,
          .size = 12,
          .color = theme.muted});

  const Rect area{box.x + 12, box.y + 66, box.w - 24, box.h - 66 - 84};
  Point at = begin_panel(ui, "file-list", area, theme.background);
  const double top = at.y;
  const double row = 26;
  fs::path chosen;
  const auto line = [&](const std::string& name, bool folder, const fs::path& path) {
    const Rect place{at.x, at.y, area.w, row};
    const Press press = press_area(ui, "file/" + name, place);
    Canvas list = canvas(ui);
    if (press.hovered) list.rect({.rect = place, .fill = theme.selected, .radius = 4});
    list.text({.at = {at.x + 12, at.y + 18},
               .text = name + (folder ? "/" : ""),
               .size = 13,
               .color = folder ? theme.input_text : theme.text});
    if (press.clicked) chosen = path;
    at.y += row;
  };
  if (folder_.has_parent_path() && folder_ != folder_.root_path()) line("..", true, folder_ / "..");
  for (const Entry& entry : entries_) line(entry.name, entry.folder, folder_ / entry.name);
  if (entries_.empty()) {
    canvas(ui).text({.at = {at.x + 12, at.y + 18}, .text = "No such files here.", .size = 13, .color = theme.muted});
    at.y += row;
  }
  end_panel(at.y - top);

  ImGui::SetCursorScreenPos({static_cast<float>(box.x + 12), static_cast<float>(box.bottom() - 74)});
  ImGui::SetNextItemWidth(static_cast<float>(box.w - 24));
  push_font(ui, Font::mono, 13);
  if (fresh_) ImGui::SetKeyboardFocusHere();
  ui.places["files/path"] = {box.x + 12, box.bottom() - 74, box.w - 24, 24};
  const bool entered =
      ImGui::InputTextWithHint("##path", "or type a path and press Enter", &typed_,
                               ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  ImGui::PopFont();
  if (!trouble_.empty()) {
    c.text({.at = {box.x + 18, box.bottom() - 17},
            .text = ui.text.fitted(Font::regular, 12, trouble_, box.w - 130),
            .size = 12,
            .color = theme.bad_text});
  }
  const bool cancelled =
      button(ui, "files/cancel", {box.right() - 92, box.bottom() - 36, 80, 26}, "Cancel", ButtonLook::plain);
  if (cancelled || compat::pressed(ImGuiKey_Escape)) open_ = false;
  fresh_ = false;
  ImGui::End();
  if (entered && !typed_.empty()) chosen = fs::path(typed_).is_absolute() ? fs::path(typed_) : folder_ / typed_;
  if (!chosen.empty()) choose(ui, chosen);
}

}  // namespace tconv
