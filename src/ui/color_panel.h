#pragma once
// How numbers become colours: a section of the parameter panel.

#include "ui/ui.h"

namespace tconv {

/// From `at` down; returns the y below.
double draw_color_settings(Ui& ui, Point at, double width);

}  // namespace tconv
