#include "ui/sheet.h"

#include <imgui.h>

#include <cmath>

#include "ui/documents.h"
#include "ui/widgets.h"

namespace tconv {
namespace {

std::string name_of(const OpenFile& file) { return file.name.empty() ? "untitled" : file.name; }

/// "Left with unsaved changes, too: “a” and 2 more", from the one at `first` on, and what the answers mean.
std::vector<std::string> lines_of(const std::vector<Session::LeftUnsaved>& left, std::size_t first,
                                  std::string answers) {
  std::vector<std::string> lines;
  if (left.size() > first) {
    const std::size_t more = left.size() - first - 1;
    lines.push_back("Left with unsaved changes, too: “" + name_of(left[first].file) + "”" +
                    (more > 0 ? " and " + std::to_string(more) + " more" : ""));
  }
  lines.push_back(std::move(answers));
  return lines;
}

}  // namespace

void Sheet::ask_to_close() {
  closing_ = true;
  chosen_ = 0;
}

std::optional<Leftover> Sheet::take_recovered() {
  std::optional<Leftover> taken;
  taken.swap(recovered_);
  return taken;
}

Sheet::Question Sheet::question(const Ui& ui) const {
  const auto& left = ui.session.left_unsaved();
  if (closing_ && !ui.session.modified() && !left.empty()) {
    return {"“" + name_of(left[0].file) + "” was left with unsaved changes",
            lines_of(left, 1, "What is discarded is lost. Enter shows it again, Esc goes back to work."),
            {{"back", "Show it", "Undo what was opened since, Enter", &Sheet::go_back},
             {"discard", "Discard", "Close without saving", &Sheet::close},
             {"cancel", "Cancel", "Go on working, Esc", &Sheet::cancel}}};
  }
  if (closing_) {
    return {"Save the changes to “" + name_of(ui.session.file()) + "”?",
            lines_of(left, 0, "What is discarded is lost. Enter saves, Esc goes back to work."),
            {{"save", "Save", "Enter", &Sheet::save_and_close},
             {"discard", "Discard", "Close without saving", &Sheet::close},
             {"cancel", "Cancel", "Go on working, Esc", &Sheet::cancel}}};
  }
  const Leftover& leftover = leftovers_.front();
  std::vector<std::string> lines{"Unsaved work from " + leftover.time + ": “" + name_of(leftover.file) + "”"};
  if (!leftover.file.path.empty()) lines.push_back(leftover.file.path.parent_path().string());
  if (leftovers_.size() > 1) lines.push_back("and " + std::to_string(leftovers_.size() - 1) + " more");
  return {"Tconv Studio did not close properly",
          std::move(lines),
          {{"recover", "Recover", "Open it, Enter", &Sheet::recover},
           {"discard", "Discard", "Forget it for good", &Sheet::discard},
           {"later", "Later", "Ask again at the next start, Esc", &Sheet::later}}};
}

void Sheet::choose(Ui& ui, const Choice& choice) {
  chosen_ = 0;
  (this->*choice.run)(ui);
}

void Sheet::save_and_close(Ui& ui) {
  closing_ = false;
  save(ui, true);
}

void Sheet::close(Ui& ui) {
  closing_ = false;
  ui.state.quit = true;
}

void Sheet::go_back(Ui& ui) {
  closing_ = false;
  ui.session.back_to_unsaved();
  ui.session.say("Back to: " + name_of(ui.session.file()) + ", not saved yet");
}

void Sheet::cancel(Ui&) { closing_ = false; }

void Sheet::recover(Ui& ui) {
  Leftover leftover = std::move(leftovers_.front());
  const std::size_t others = leftovers_.size() - 1;
  leftovers_.clear();  // they stay on the disk: recovering another one would push this one out of sight
  ui.session.recover(leftover.document, leftover.file);
  if (others > 0) ui.session.say(ui.session.message().text + "; the rest is offered at the next start");
  recovered_ = std::move(leftover);
}

void Sheet::discard(Ui&) {
  leftovers_.front().remove();
  leftovers_.erase(leftovers_.begin());
}

void Sheet::later(Ui&) { leftovers_.clear(); }

void Sheet::key(Ui& ui, const KeyPress& press) {
  const Question asked = question(ui);
  const std::size_t count = asked.choices.size();
  if (press.key == key_escape) return choose(ui, asked.choices.back());
  if (press.key == key_enter) return choose(ui, asked.choices[chosen_]);
  const bool back = press.key == key_left || (press.key == key_tab && press.shift);
  if (back) chosen_ = (chosen_ + count - 1) % count;
  if (!back && (press.key == key_right || press.key == key_tab)) chosen_ = (chosen_ + 1) % count;
}

void Sheet::draw(Ui& ui, const Rect& window) {
  if (!is_open()) return;
  const Question asked = question(ui);
  const Theme& theme = ui.theme;
  // As large as the window, so that nothing under it lights up or takes clicks.
  ImGui::SetNextWindowPos(vec(window.x, window.y));
  ImGui::SetNextWindowSize(vec(window.w, window.h));
  ImGui::SetNextWindowFocus();
  ImGui::Begin(
      "##sheet", nullptr,
      ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoBackground);
  Canvas c = canvas(ui);
  c.rect({.rect = window, .fill = with_alpha(theme.background, 0.6)});
  const double width = std::min(460.0, window.w - 40);
  constexpr double row = 20;
  const double height = 108 + row * static_cast<double>(asked.lines.size());
  const Rect box{std::round(window.centre().x - width / 2), std::round(window.h / 3 - height / 2), width, height};
  c.rect({.rect = box, .fill = theme.surface, .stroke = theme.input, .stroke_width = 1, .radius = 8});
  ui.places["sheet"] = box;
  double y = box.y + 34;
  c.text({.at = {box.x + 22, y},
          .text = ui.text.fitted(Font::semibold, 15, asked.title, box.w - 44),
          .font = Font::semibold,
          .size = 15,
          .color = theme.text});
  y += 8;
  for (const std::string& line : asked.lines) {
    y += row;
    c.text({.at = {box.x + 22, y},
            .text = ui.text.fitted(Font::regular, 13, line, box.w - 44),
            .size = 13,
            .color = theme.muted});
  }
  constexpr double button_width = 96;
  double x = box.right() - 22 - button_width;
  const Choice* run = nullptr;
  for (std::size_t i = asked.choices.size(); i-- > 0;) {
    const Choice& choice = asked.choices[i];
    const Rect place{x, box.bottom() - 48, button_width, 28};
    if (i == chosen_)
      c.rect(
          {.rect = place.grown(2.5), .fill = theme.surface, .stroke = theme.input, .stroke_width = 1.5, .radius = 8});
    const ButtonLook look = i == 0 ? ButtonLook::primary : ButtonLook::plain;
    if (button(ui, std::string("sheet/") + choice.id, place, choice.label, look, choice.words)) run = &choice;
    x -= button_width + 10;
  }
  ImGui::End();
  if (run != nullptr) choose(ui, *run);
}

}  // namespace tconv
