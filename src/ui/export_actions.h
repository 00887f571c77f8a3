#pragma once
// Taking the view on show along, without a dialog.

#include <string>

#include "export/picture.h"

namespace tconv {

struct Ui;

/// The view as it is on the screen in `size` points.
PictureChoices shown_picture(Ui& ui, const Size& size);

/// Puts the picture onto the clipboard, as soon as it is drawn.
void copy_picture(Ui& ui, const PictureChoices& choices);
/// The view's numbers, rows of them with tabs between; `array` names one of the view's, empty the first.
void copy_numbers(Ui& ui, const PictureChoices& choices, const std::string& array);

}  // namespace tconv
