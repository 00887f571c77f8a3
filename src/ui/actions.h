#pragma once
// Every command of the window, described once: shortcuts, the palette (Ctrl+K), the help sheet and buttons read this.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ui/input.h"

namespace tconv {

struct Ui;

struct Action {
  std::string id;
  std::string label;
  std::string group;  ///< heading in the help sheet
  KeyPress shortcut;  ///< key 0: none
  void (*run)(Ui&, const Action&);
};

/// All actions: the fixed ones, one per view (keys 1 … 0), one per built-in scenario and kernel and input pattern.
const std::vector<Action>& actions();

/// "Ctrl+Z", "Space", "←"; empty for none.
std::string shortcut_text(const KeyPress& press);

/// Runs the action of a shortcut; false if there is none.
bool run_shortcut(Ui& ui, const KeyPress& press);
/// Runs an action by its id; false if there is none.
bool run_action(Ui& ui, std::string_view id);

/// A built-in pattern as the input (else the kernel).
void set_pattern(Ui& ui, bool input, std::string_view id);

}  // namespace tconv
