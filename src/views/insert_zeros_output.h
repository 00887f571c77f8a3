#pragma once
// The output that the sliding kernel fills, cell by cell, and what comes out when it is not turned.

#include "views/insert_zeros_words.h"

namespace tconv {

/// Switches off the turning of the kernel, to see what goes wrong then.
inline constexpr const char* unturned_option = "insert-zeros/unturned";

/// The plane of the output that is shown, computed with the kernel slid as it is: (1, 1, spatial…). Empty when that
/// takes too long for a picture.
std::optional<Tensor> unturned_output(const ViewInput& in);

/// Whether a value is not the right one; differences that rounding makes do not count. `largest`: magnitude in the
/// right plane.
bool is_wrong(float value, float right, double largest);

/// Draws the cells that are reached already, as large as fits into `room`, with the number of real cells that every
/// window meets beside it where there is room; returns the y below.
double add_insertion_output(Figure& figure, const ViewInput& in, const Rect& room);

}  // namespace tconv
