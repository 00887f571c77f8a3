// The strips along the window's edges: title and main buttons on top, the rail of views, the status line.

#include <cmath>

#include "figure/layout.h"
#include "ui/actions.h"
#include "ui/documents.h"
#include "ui/widgets.h"

namespace tconv {

void draw_top_bar(Ui& ui, const Rect& place) {
  const Theme& theme = ui.theme;
  Canvas c = canvas(ui);
  c.rect({.rect = place, .fill = theme.panel});
  const double baseline = 27;
  c.text({.at = {14, baseline}, .text = "Tconv Studio", .font = Font::semibold, .size = 15, .color = theme.text});

  double x = place.right() - 14;
  const auto add = [&](const char* action, const std::string& label, const std::string& tip, bool right_now = true) {
    const double width = std::round(ui.text.width(Font::regular, 13, label)) + 24;
    x -= width;
    const ButtonLook look = right_now ? ButtonLook::plain : ButtonLook::quiet;
    if (button(ui, std::string("top/") + action, {x, 9, width, 27}, label, look, tip)) run_action(ui, action);
    x -= 8;
  };
  add("save", "Save", "Save, Ctrl+S; under another name, Ctrl+Shift+S", ui.session.modified());
  add("export", "Export…", "A picture, an animation or the numbers, Ctrl+E");
  add("open", "Open…",
      "A scenario; or an image (PNG, JPEG) or .npy array as the input, Ctrl+O; or drop it on the window");
  add("theme", theme.id == "dark" ? "Light" : "Dark", "Light or dark theme, T");
  const History& history = ui.session.history();
  add("redo", "Redo", history.can_redo() ? "Do again: " + history.redo_label() : "Nothing to do again",
      history.can_redo());
  add("undo", "Undo", history.can_undo() ? "Undo: " + history.undo_label() : "Nothing to undo", history.can_undo());
  add("help", "Keys", "All keys, F1", false);
  add("palette", "Ctrl+K  Find anything", "", false);
  const double name_x = 14 + ui.text.width(Font::semibold, 15, "Tconv Studio") + 16;
  const Press name = press_area(ui, "top/name", {name_x, 9, std::max(1.0, x - name_x - 10), 27});
  const std::string path = ui.session.file().path.string();
  if (name.hovered && !path.empty()) tooltip(ui, "top/name", path);
  c.text({.at = {name_x, baseline},
          .text = ui.text.fitted(Font::regular, 14, document_title(ui.session), x - name_x - 10),
          .size = 14,
          .color = theme.muted});
}

void draw_rail(Ui& ui, const Rect& place) {
  const Theme& theme = ui.theme;
  Point at = begin_panel(ui, "rail", place, theme.panel);
  const double top = at.y;
  Canvas c = canvas(ui);
  int group = -1;
  at.y += 12;
  for (const View& view : all_views()) {
    if (view.group != group) {
      group = view.group;
      at.y += 22;
      const std::string name(view_groups()[static_cast<std::size_t>(group)]);
      c.text({.at = {at.x + 16, at.y}, .text = name, .font = Font::semibold, .size = 11, .color = theme.muted});
      at.y += 10;
    }
    const Rect row{at.x + 8, at.y, place.w - 16, 27};
    const std::string action = "view/" + std::string(view.id);
    const Press press = press_area(ui, action, row);
    if (press.clicked) run_action(ui, action);
    const bool chosen = ui.session.view().id == view.id;
    if (chosen) c.rect({.rect = row, .fill = theme.selected, .radius = 5});
    if (!chosen && press.hovered) c.rect({.rect = row, .fill = mix(theme.panel, theme.text, 0.06), .radius = 5});
    const Font font = chosen ? Font::semibold : Font::regular;
    c.text({.at = {row.x + 10, row.y + 18},
            .text = std::string(view.label),
            .font = font,
            .size = 13,
            .color = theme.text});
    for (const Action& each : actions()) {
      if (each.id != action) continue;
      const std::string keys = shortcut_text(each.shortcut);
      const double words = ui.text.width(Font::semibold, 13, view.label) + ui.text.width(Font::mono, 11, keys);
      if (words + 19 + 6 > row.w) continue;  // in a narrow rail the name is what counts
      c.text({.at = {row.right() - 9, row.y + 18},
              .text = keys,
              .font = Font::mono,
              .size = 11,
              .color = theme.muted,
              .align = Align::right});
    }
    at.y += 28;
  }
  end_panel(at.y - top);
}

namespace {

/// Whether all ways of computing came to the same numbers.
std::string agreement_words(const Results& results) {
  if (!results.ready() || results.pending) return "";
  if (!results.ways) return "Comparing the four ways…";
  if (results.ways->differences.empty()) return "Too large to compare the four ways here";
  const double largest = results.ways->largest_difference();
  return "Four ways, one result: painting, inserting zeros, matrix and phases differ by at most " +
         (largest == 0 ? "0" : number_text(largest, 2));
}

/// What is being written, how far it is, and a way to stop it.
void draw_job(Ui& ui, const Rect& place, const Jobs::Status& job) {
  const Theme& theme = ui.theme;
  Canvas c = canvas(ui);
  ui.places["status"] = place;
  const Rect cancel{place.right() - 14 - 64, place.y + 2, 64, place.h - 4};
  const bool stopped = button(ui, "job/cancel", cancel, "Cancel", ButtonLook::chip, "Stop; no file is written");
  const Rect bar{cancel.x - 14 - 160, place.centre().y - 3, 160, 6};
  c.rect({.rect = bar, .fill = theme.track, .radius = 3});
  if (job.part > 0) c.rect({.rect = {bar.x, bar.y, bar.w * job.part, bar.h}, .fill = theme.kernel, .radius = 3});
  std::string words = (ui.state.quit_after_jobs ? "Closing when it is written: " : "Exporting ") + job.label;
  words += ", " + std::to_string(static_cast<int>(job.part * 100)) + " %";
  if (job.seconds_left) {
    const double left = *job.seconds_left;
    words += left < 1.5  ? ", a second left"
             : left < 90 ? ", " + std::to_string(std::llround(left)) + " seconds left"
                         : ", " + std::to_string(std::llround(left / 60)) + " minutes left";
  }
  if (job.waiting > 0) words += "; " + std::to_string(job.waiting) + " more waiting";
  c.text({.at = {place.x + 14, place.y + 16.5},
          .text = ui.text.fitted(Font::regular, 12, words, bar.x - place.x - 30),
          .size = 12,
          .color = theme.text});
  if (stopped) ui.state.jobs.cancel();
}

}  // namespace

void draw_status_bar(Ui& ui, const Rect& place) {
  const Theme& theme = ui.theme;
  Canvas c = canvas(ui);
  c.rect({.rect = place, .fill = theme.panel});
  const double baseline = place.y + 16.5;
  if (const auto job = ui.state.jobs.status()) return draw_job(ui, place, *job);
  const double right_width = ui.text.width(Font::regular, 12, ui.state.renderer);
  c.text({.at = {place.right() - 14, baseline},
          .text = ui.state.renderer,
          .size = 12,
          .color = theme.muted,
          .align = Align::right});
  const Message& message = ui.session.message();
  std::string words = message.text;
  Color color = message.is_error ? theme.bad_text : theme.text;
  if (words.empty() && ui.session.results().pending) {
    words = "Computing…";
    color = theme.muted;
  }
  if (words.empty()) {
    const auto& map = ui.session.results().large_map;
    if (map && !map->trouble.empty()) {
      words = "✗ The CPU computes this map: " + map->trouble;
      color = theme.bad_text;
    }
  }
  if (words.empty()) {
    words = agreement_words(ui.session.results());
    color = theme.muted;
  }
  if (message.is_error) words = "✗ " + words;
  ui.places["status"] = place;
  c.text({.at = {place.x + 14, baseline},
          .text = ui.text.fitted(Font::regular, 12, words, place.w - right_width - 50),
          .size = 12,
          .color = color});
}

}  // namespace tconv
