#pragma once
// How many stamps reach each output cell, as a heat map: geometry alone, no weights.

#include <string>

#include "views/view.h"

namespace tconv {

/// The counts of the shown output slice in the document's colour map, as large as fits at the top left of `room`;
/// returns where it is. Cells carry the tag OutputCell.
Rect add_count_map(Figure& figure, const ViewInput& in, const Rect& room);

/// "1× 2× 4×": the counts that occur; "1× to 25×" when there are many.
std::string painted_text(const LayerSpec& layer);

/// The heat map with its title, the phases' counts and their variance: a card of the Linked view.
void add_counts_panel(Figure& figure, const ViewInput& in, const Rect& room);

}  // namespace tconv
