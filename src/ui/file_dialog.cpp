#include "ui/file_dialog.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "document/document_file.h"
#include "files/extension.h"
#include "ui/documents.h"
#include "ui/imgui_compat.h"
#include "ui/widgets.h"

namespace tconv {

namespace fs = std::filesystem;

void FileDialog::open(Purpose purpose) {
  purpose_ = purpose;
  open_ = fresh_ = true;
  then_quit_ = false;
  typed_.clear();
  suggested_.clear();
  confirmed_.clear();
  recent_.clear();
  std::error_code error;
  if (folder_.empty()) folder_ = fs::current_path(error);
  list();
}

void FileDialog::open_to_save(const fs::path& suggested, std::string trouble, bool then_quit) {
  if (suggested.has_parent_path()) folder_ = suggested.parent_path();
  open(Purpose::save);
  then_quit_ = then_quit;
  typed_ = suggested_ = suggested.filename().string();
  if (!trouble.empty()) trouble_ = std::move(trouble);
}

const char* FileDialog::title() const {
  switch (purpose_) {
    case Purpose::anything:
      return "Open a scenario (.tconv.json), or a PNG, JPEG or .npy as the input";
    case Purpose::input:
      return "Open as the input: PNG, JPEG or .npy";
    case Purpose::kernel:
      return "Open as the kernel: .npy";
    case Purpose::save:
      break;
  }
  return "Save the scenario as";
}

bool FileDialog::wanted(const fs::path& path) const {
  if (is_scenario_name(path)) return purpose_ == Purpose::anything || purpose_ == Purpose::save;
  const std::string extension = lower_extension(path);
  if (purpose_ == Purpose::save) return false;
  if (extension == ".npy") return true;
  return purpose_ != Purpose::kernel && (extension == ".png" || extension == ".jpg" || extension == ".jpeg");
}

fs::path FileDialog::typed_path() const { return folder_ / typed_; }

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
    typed_ = suggested_;
    list();
    fresh_ = true;
    return;
  }
  if (purpose_ == Purpose::save) return save(ui, path);
  const bool done = purpose_ == Purpose::input    ? ui.session.open_input(path)
                    : purpose_ == Purpose::kernel ? ui.session.open_kernel(path)
                                                  : ui.session.open(path);
  if (!done) return try_again(ui.session.message().text);
  open_ = false;
}

void FileDialog::save(Ui& ui, fs::path path) {
  if (!is_scenario_name(path)) path += ".tconv.json";
  switch (ui.session.save_as(path, path == confirmed_)) {
    case Saved::done:
      open_ = false;
      if (then_quit_) ask_to_quit(ui.session, ui.state);
      break;
    case Saved::exists:
      confirmed_ = path;
      typed_ = path.parent_path() == folder_ ? path.filename().string() : path.string();
      try_again(path.filename().string() + " is there already: Enter again replaces it");
      break;
    case Saved::needs_name:
    case Saved::failed:
      try_again(ui.session.message().text);
      break;
  }
}

void FileDialog::try_again(std::string trouble) {
  trouble_ = std::move(trouble);
  fresh_ = true;  // the field takes the keyboard again, its text selected
}

fs::path FileDialog::draw_list(Ui& ui, const Rect& area) {
  const Theme& theme = ui.theme;
  constexpr double row = 26;
  Point at = begin_panel(ui, "file-list", area, theme.background);
  const double top = at.y;
  fs::path chosen;
  const auto line = [&](const std::string& id, const std::string& name, bool folder, const fs::path& path) {
    const Rect place{at.x, at.y, area.w, row};
    const Press press = press_area(ui, id, place);
    Canvas list = canvas(ui);
    if (press.hovered) list.rect({.rect = place, .fill = theme.selected, .radius = 4});
    list.text({.at = {at.x + 12, at.y + 18},
               .text = ui.text.fitted(Font::regular, 13, name + (folder ? "/" : ""), area.w - 30),
               .size = 13,
               .color = folder ? theme.input_text : theme.text});
    if (press.clicked) chosen = path;
    at.y += row;
  };
  if (!recent_.empty()) {
    heading(ui, {at.x + 12, at.y + 16}, "Recent");
    at.y += 22;
  }
  for (std::size_t i = 0; i < recent_.size(); ++i) {
    const fs::path& path = recent_[i];
    line("recent/" + std::to_string(i), path.filename().string() + "  —  " + path.parent_path().string(), false, path);
  }
  if (!recent_.empty()) {
    canvas(ui).line({{{at.x + 12, at.y + 4.5}, {at.x + area.w - 12, at.y + 4.5}}, theme.border, 1});
    at.y += 9;
  }
  if (folder_.has_parent_path() && folder_ != folder_.root_path()) line("file/..", "..", true, folder_ / "..");
  for (const Entry& entry : entries_) line("file/" + entry.name, entry.name, entry.folder, folder_ / entry.name);
  if (entries_.empty()) {
    canvas(ui).text({.at = {at.x + 12, at.y + 18}, .text = "No such files here.", .size = 13, .color = theme.muted});
    at.y += row;
  }
  end_panel(at.y - top);
  return chosen;
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
  if (fresh_ && purpose_ == Purpose::anything) {
    constexpr std::size_t most = 4;  // more would push the folder out of sight
    recent_ = ui.session.recent().list();
    if (recent_.size() > most) recent_.resize(most);
  }
  c.text({.at = {box.x + 18, box.y + 28}, .text = title(), .font = Font::semibold, .size = 14, .color = theme.text});
  c.text({.at = {box.x + 18, box.y + 52},
          .text = ui.text.fitted(Font::mono, 12, folder_.string(), box.w - 36),
          .font = Font::mono,
          .size = 12,
          .color = theme.muted});

  const Rect area{box.x + 12, box.y + 66, box.w - 24, box.h - 66 - 84};
  fs::path chosen = draw_list(ui, area);

  ImGui::SetCursorScreenPos({static_cast<float>(box.x + 12), static_cast<float>(box.bottom() - 74)});
  ImGui::SetNextItemWidth(static_cast<float>(box.w - 24));
  push_font(ui, Font::mono, 13);
  if (fresh_) ImGui::SetKeyboardFocusHere();
  ui.places["files/path"] = {box.x + 12, box.bottom() - 74, box.w - 24, 24};
  field_.push(fresh_);
  const bool entered =
      ImGui::InputTextWithHint("##path", purpose_ == Purpose::save ? "a name" : "or type a path and press Enter",
                               &typed_, ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  ImGui::PopID();
  ImGui::PopFont();
  const double words_width = box.w - (purpose_ == Purpose::save ? 220 : 130);
  std::vector<std::string> lines = ui.text.wrap(Font::regular, 12, trouble_, words_width);
  if (lines.size() > 2) lines.resize(2);  // the status bar has it all
  for (std::size_t i = 0; i < lines.size(); ++i) {
    c.text({.at = {box.x + 18, box.bottom() - (lines.size() == 1 ? 17
                                               : i == 0          ? 27
                                                                 : 11)},
            .text = ui.text.fitted(Font::regular, 12, lines[i], words_width),
            .size = 12,
            .color = theme.bad_text});
  }
  const bool cancelled =
      button(ui, "files/cancel", {box.right() - 92, box.bottom() - 36, 80, 26}, "Cancel", ButtonLook::plain);
  bool pressed = false;
  if (purpose_ == Purpose::save) {
    const bool replaces = !confirmed_.empty() && typed_path() == confirmed_;
    pressed = button(ui, "files/save", {box.right() - 184, box.bottom() - 36, 84, 26}, replaces ? "Replace" : "Save",
                     ButtonLook::primary);
  }
  if (cancelled || compat::pressed(ImGuiKey_Escape)) open_ = false;
  fresh_ = false;
  ImGui::End();
  std::error_code ignored;
  if (purpose_ == Purpose::save && !chosen.empty() && !fs::is_directory(chosen, ignored)) {
    // A click on a file proposes its name.
    typed_ = suggested_ = chosen.filename().string();
    fresh_ = true;
    chosen.clear();
  }
  if ((entered || pressed) && !typed_.empty()) chosen = typed_path();
  if (!chosen.empty() && open_) choose(ui, chosen);
}

}  // namespace tconv
