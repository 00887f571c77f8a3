#pragma once
// One colour per role, everywhere: the views and the window take every colour from here.

#include <string_view>

#include "figure/geometry.h"

namespace tconv {

struct Theme {
  std::string_view id;  ///< "dark" or "light"

  Color background;  ///< behind the figure
  Color panel;       ///< rail, parameters, inspector, bars
  Color surface;     ///< cells without a value's colour, cards, buttons
  Color border;
  Color track;  ///< of a slider

  Color text;
  Color muted;  ///< secondary words; at least 4.5:1 on background and panel
  Color faint;  ///< marks that carry no words

  // Roles: the line and fill colour, and the same hue where it colours words (at least 4.5:1 on background and panel).
  Color input, input_text;
  Color kernel, kernel_text;
  Color output, output_text;
  Color good, good_text;
  Color bad, bad_text;

  Color selected;     ///< ground of the chosen entry of a list
  Color button;       ///< ground of the one main button
  Color button_text;  ///< on `button`
  Color cursor;       ///< frame of the hovered cell
};

const Theme& dark_theme();
const Theme& light_theme();
/// Null when there is no theme of that name.
const Theme* find_theme(std::string_view id);

}  // namespace tconv
