#pragma once
// The program's own controls over ImGui's input handling. Places and sizes are in points, absolute in the window.

#include <string>

#include "document/fields.h"
#include "ui/ui.h"

struct ImVec2;

namespace tconv {

/// A place or a size as ImGui takes it.
ImVec2 vec(double x, double y);

/// The font of ImGui's own text fields, until ImGui::PopFont.
void push_font(Ui& ui, Font font, double size);

/// The canvas of the current ImGui window.
Canvas canvas(Ui& ui);

/// A scrolling, borderless part of the window; contents are placed from `content_origin()`. Always call `end_panel`
/// with the height that the content took.
Point begin_panel(Ui& ui, const char* id, const Rect& place, Color ground);
void end_panel(double content_height);

/// An invisible control; sets its place under `id`.
struct Press {
  bool hovered = false;
  bool held = false;
  bool clicked = false;
  bool double_clicked = false;
};
Press press_area(Ui& ui, const std::string& id, const Rect& place);

enum class ButtonLook { plain, primary, chip, chip_chosen, quiet };
/// A button with words; returns whether it was clicked.
bool button(Ui& ui, const std::string& id, const Rect& place, const std::string& label, ButtonLook look,
            const std::string& tooltip = "");

enum class Icon { first, previous, play, pause, next, last };
bool icon_button(Ui& ui, const std::string& id, const Rect& place, Icon icon, const std::string& label, ButtonLook look,
                 const std::string& tooltip);

/// Chips in rows no wider than `width`, from `at`; `at` moves below them. Returns the index of the clicked one or -1.
struct Chip {
  std::string id;
  std::string label;
  bool chosen = false;
  std::string tooltip = {};
};
int chips(Ui& ui, Point& at, double width, const std::vector<Chip>& list);

/// A heading inside a panel.
void heading(Ui& ui, Point at, const std::string& words);

/// Words in a box at the cursor, or with its top left corner at `place`.
void show_words(Ui& ui, const std::string& words, std::optional<Point> place = {});
/// Likewise as help for a control that is hovered, once the cursor has rested on it.
void tooltip(Ui& ui, const std::string& id, const std::string& words, std::optional<Point> place = {});

/// A text field over a control; see InlineEditor. Returns the text when Enter or a click elsewhere ends it, nothing
/// while it is open or when Escape cancels it.
void open_editor(Ui& ui, const std::string& id, const std::string& text);
std::optional<std::string> inline_editor(Ui& ui, const std::string& id, const Rect& place);

/// A number as people type it: "3", "-0.5", "1e-3", "1/4", with '−' or ',' for '-' or '.'; nothing if it is none.
std::optional<double> parse_number(std::string text);

/// The slider of a layer's field: drag, click on the number to type, arrow keys, double-click resets.
/// `width` of the whole row from `at`.
void field_slider(Ui& ui, const Field& field, Point at, double width);
/// Ends the drag of a slider that went out of sight in the hand, as its release would; after all sliders.
void end_lost_drag(Ui& ui);
inline constexpr double slider_row_height = 26;

}  // namespace tconv
