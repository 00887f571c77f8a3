#pragma once
// The two sides of a pixel shuffle: r × r small maps, and the large one that they interleave into. What goes to the
// same place of every super-pixel has one colour.

#include "views/shuffle_scene.h"

namespace tconv {

/// The colour of what goes to place (row, col) of a super-pixel, for lines and fills, and for words.
Color sub_pixel_color(const Theme& theme, const CellCount& group, std::int64_t row, std::int64_t col);
Color sub_pixel_text(const Theme& theme, const CellCount& group, std::int64_t row, std::int64_t col);

/// The small maps at the top left of `room`, each under its channel's name; returns where they end.
double add_small_maps(Figure& figure, const ViewInput& in, const ShuffleScene& scene, const Rect& room);
/// The large map likewise.
double add_large_side(Figure& figure, const ViewInput& in, const ShuffleScene& scene, const Rect& room);

/// Frames around the focused cell on both sides, around its super-pixel, and around the super-pixel's other cells among
/// the small maps; of what is drawn already.
void add_shuffle_frames(Figure& figure, const ViewInput& in, const ShuffleScene& scene);

}  // namespace tconv
