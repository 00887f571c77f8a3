#include "ui/actions.h"

#include <algorithm>
#include <random>

#include "document/fields.h"
#include "document/pytorch_code.h"
#include "document/scenario_source.h"
#include "document/verdict.h"
#include "ui/documents.h"
#include "ui/export_actions.h"
#include "ui/ui.h"

namespace tconv {
namespace {

void seek_by(Ui& ui, std::int64_t steps) {
  ui.session.player().set_playing(false);
  ui.session.seek(ui.session.step() + steps);
}

/// Arrow keys: the slider that was used last, else the timeline.
void arrow(Ui& ui, std::int64_t by) {
  const Field* field = find_field(ui.state.focused_field);
  if (field == nullptr) return seek_by(ui, by);
  const LayerSpec& layer = ui.session.scenario().layer;
  const int axis = field->scope == FieldScope::layer ? all_axes : ui.state.edited_axis;
  const std::int64_t value = value_of(layer, *field, axis) + by;
  if ((by < 0 && value < field->slider_first) || (by > 0 && value > field->slider_last)) return;
  ui.session.set_layer(with_field(layer, *field, axis, value), std::string(field->label) + " " + std::to_string(value));
}

void escape(Ui& ui) {
  if (ui.state.drag.start) {
    ui.session.cancel_preview();
    ui.state.drag.start.reset();
    ui.state.drag.over = true;
  } else if (ui.state.help) {
    ui.state.help = false;
  } else if (has_tag(ui.state.pinned)) {
    ui.state.pinned = {};
  } else {
    ui.state.focused_field.clear();
  }
}

void zoom_to_fit(Ui& ui) { ui.session.interaction().viewport = {}; }

void cure(Ui& ui) {
  const Verdict verdict = verdict_of(ui.session.scenario(), ui.session.results().problems_now());
  if (verdict.cure) {
    ui.session.set_layer(*verdict.cure, verdict.cure_label);
  } else {
    ui.session.say("Nothing to mend: " + verdict.title);
  }
}

void change_traversal(Ui& ui) {
  Document changed = ui.session.document();
  Traversal& traversal = changed.scenario.traversal;
  traversal = traversal == Traversal::row_major ? Traversal::column_major : Traversal::row_major;
  ui.session.commit(std::move(changed), "Order of the stamps");
}

std::vector<Action> make_actions() {
  std::vector<Action> list{
      {"play", "Play or pause", "Timeline", {key_space}, [](Ui& ui, const Action&) { ui.session.toggle_play(); }},
      {"next", "Next step", "Timeline", {key_right}, [](Ui& ui, const Action&) { arrow(ui, 1); }},
      {"previous", "Previous step", "Timeline", {key_left}, [](Ui& ui, const Action&) { arrow(ui, -1); }},
      {"first", "To the start", "Timeline", {key_home}, [](Ui& ui, const Action&) { seek_by(ui, -INT64_MAX / 2); }},
      {"last", "To the end", "Timeline", {key_end}, [](Ui& ui, const Action&) { seek_by(ui, INT64_MAX / 2); }},
      {"faster",
       "Play faster",
       "Timeline",
       {'+'},
       [](Ui& ui, const Action&) { ui.session.player().change_speed(true); }},
      {"slower",
       "Play slower",
       "Timeline",
       {'-'},
       [](Ui& ui, const Action&) { ui.session.player().change_speed(false); }},
      {"traversal",
       "Stamp row by row or column by column",
       "Timeline",
       {},
       [](Ui& ui, const Action&) { change_traversal(ui); }},
      {"undo", "Undo", "Edit", {'Z', true}, [](Ui& ui, const Action&) { ui.session.undo(); }},
      {"redo", "Redo", "Edit", {'Z', true, true}, [](Ui& ui, const Action&) { ui.session.redo(); }},
      {"redo_y", "Redo", "Edit", {'Y', true}, [](Ui& ui, const Action&) { ui.session.redo(); }},
      {"cure", "Make the coverage even", "Edit", {}, [](Ui& ui, const Action&) { cure(ui); }},
      {"copy_code",
       "Copy the layer as PyTorch code",
       "Edit",
       {'C', true, true},
       [](Ui& ui, const Action&) { activate(ui, CopyText{pytorch_code(ui.session.scenario().layer)}); }},
      {"new", "New scenario", "File", {'N', true}, [](Ui& ui, const Action&) { ui.session.new_document(); }},
      {"open",
       "Open a scenario, image or array…",
       "File",
       {'O', true},
       [](Ui& ui, const Action&) { ui.state.dialog.open(FileDialog::Purpose::anything); }},
      {"save", "Save", "File", {'S', true}, [](Ui& ui, const Action&) { save(ui); }},
      {"save_as", "Save as…", "File", {'S', true, true}, [](Ui& ui, const Action&) { save_as(ui); }},
      {"export",
       "Export a picture, animation or numbers…",
       "File",
       {'E', true},
       [](Ui& ui, const Action&) { ui.state.export_dialog.open(ui, ui.state.view_size); }},
      {"copy_picture",
       "Copy the picture",
       "Edit",
       {'P', true, true},
       [](Ui& ui, const Action&) { copy_picture(ui, shown_picture(ui, ui.state.view_size)); }},
      {"copy_numbers",
       "Copy the numbers",
       "Edit",
       {'N', true, true},
       [](Ui& ui, const Action&) { copy_numbers(ui, shown_picture(ui, ui.state.view_size), ""); }},
      {"open_input",
       "Open an image or array as the input…",
       "File",
       {'I', true, true},
       [](Ui& ui, const Action&) { ui.state.dialog.open(FileDialog::Purpose::input); }},
      {"open_kernel",
       "Open a .npy array as the kernel…",
       "File",
       {'K', true, true},
       [](Ui& ui, const Action&) { ui.state.dialog.open(FileDialog::Purpose::kernel); }},
      {"hits",
       "Cells show hit counts or sums",
       "View",
       {'H'},
       [](Ui& ui, const Action&) {
         Document changed = ui.session.document();
         changed.presentation.show_hits = !changed.presentation.show_hits;
         ui.session.commit(std::move(changed), "Hit counts");
       }},
      {"fit", "Show the whole map", "View", {'F'}, [](Ui& ui, const Action&) { zoom_to_fit(ui); }},
      {"theme",
       "Light or dark",
       "View",
       {'T'},
       [](Ui& ui, const Action&) { ui.state.theme = ui.state.theme == "dark" ? "light" : "dark"; }},
      {"full_screen",
       "Full screen",
       "View",
       {key_f11},
       [](Ui& ui, const Action&) { ui.platform.toggle_full_screen(); }},
      {"palette", "Find anything", "View", {'K', true}, [](Ui& ui, const Action&) { ui.state.palette.open(); }},
      {"help", "Keys", "View", {key_f1}, [](Ui& ui, const Action&) { ui.state.help = !ui.state.help; }},
      {"escape", "Unpin, close, leave the slider", "View", {key_escape}, [](Ui& ui, const Action&) { escape(ui); }},
      {"quit", "Quit", "File", {'Q', true}, [](Ui& ui, const Action&) { ask_to_quit(ui.session, ui.state); }},
  };
  int number = 1;
  for (const View& view : all_views()) {
    const KeyPress key{number <= 10 ? '0' + number % 10 : 0};
    ++number;
    list.push_back({"view/" + std::string(view.id), std::string(view.label), "Views", key,
                    [](Ui& ui, const Action& action) { ui.session.show(action.id.substr(5)); }});
  }
  for (const BuiltInScenario& scenario : built_in_scenarios()) {
    list.push_back({"scenario/" + scenario.id,
                    "Open example: " + scenario.title,
                    "Examples",
                    {},
                    [](Ui& ui, const Action& action) { ui.session.open_scenario(action.id.substr(9)); }});
  }
  for (const PatternInfo& info : kernel_patterns()) {
    list.push_back({"kernel/" + std::string(info.id),
                    "Kernel: " + std::string(info.label),
                    "Patterns",
                    {},
                    [](Ui& ui, const Action& action) { set_pattern(ui, false, action.id.substr(7)); }});
  }
  for (const PatternInfo& info : input_patterns()) {
    list.push_back({"input/" + std::string(info.id),
                    "Input: " + std::string(info.label),
                    "Patterns",
                    {},
                    [](Ui& ui, const Action& action) { set_pattern(ui, true, action.id.substr(6)); }});
  }
  return list;
}

}  // namespace

const std::vector<Action>& actions() {
  static const std::vector<Action> list = make_actions();
  return list;
}

std::string shortcut_text(const KeyPress& press) {
  if (press.key == 0) return "";
  std::string text = press.ctrl ? "Ctrl+" : "";
  if (press.shift) text += "Shift+";
  switch (press.key) {
    case key_space:
      return text + "Space";
    case key_escape:
      return text + "Esc";
    case key_left:
      return text + "←";
    case key_right:
      return text + "→";
    case key_home:
      return text + "Home";
    case key_end:
      return text + "End";
    case key_f1:
      return text + "F1";
    case key_f11:
      return text + "F11";
    default:
      return text + static_cast<char>(press.key);
  }
}

bool run_shortcut(Ui& ui, const KeyPress& press) {
  const auto found = std::ranges::find(actions(), press, &Action::shortcut);
  if (found == actions().end() || press.key == 0) return false;
  found->run(ui, *found);
  return true;
}

bool run_action(Ui& ui, std::string_view id) {
  const auto found = std::ranges::find(actions(), id, &Action::id);
  if (found == actions().end()) return false;
  found->run(ui, *found);
  return true;
}

void set_pattern(Ui& ui, bool input, std::string_view id) {
  Document changed = ui.session.document();
  Pattern& pattern = input ? changed.scenario.input : changed.scenario.kernel;
  const bool again = id == "random" && pattern.id == id;
  const std::uint32_t seed = again ? pattern.seed + 1 : 1;  // "Random" again: other numbers
  pattern = {.id = std::string(id), .seed = seed, .values = {}};
  ui.session.commit(std::move(changed), (input ? "Input: " : "Kernel: ") + std::string(id));
}

}  // namespace tconv
