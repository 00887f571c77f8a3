#pragma once
// Pictures to judge upsampling by, drawn here: functions of a place, so that the same picture exists at every size and
// a large one is the truth for what is made from a small one.

#include <array>
#include <optional>
#include <string_view>

#include "core/tensor.h"

namespace tconv {

enum class TestPicture {
  card,      ///< a ground that rises, rings, a cross, a chirp, a checker patch, bars, a dark square
  landscape  ///< soft and hard edges and fine texture: sky, sun, hills, a house, trees, a fence
};

/// The picture that the pattern "test-card" or "landscape" stands for.
std::optional<TestPicture> test_picture_of(std::string_view pattern_id);

/// The colour (red, green, blue), each 0 … 1, at the place `right`, `down` of the picture, 0 … 1 from its top left
/// corner; `depth`, 0 … 1, moves rings and sun slowly.
std::array<double, 3> test_picture_color(TestPicture picture, double right, double down, double depth);

/// (N, C, spatial…), rank 3 to 5: the picture from edge to edge. Every cell is the mean of places spread over it, so
/// that edges are smooth and the mean of 2 × 2 cells is nearly the cell of the picture at half the size. Three channels
/// are its colours, any other number all its luma (ITU-R BT.601). In one dimension a line across the picture: diagonal
/// through the card, level with the house through the landscape; in three, each slice is a picture at its depth.
Tensor make_test_picture(TestPicture picture, const Shape& shape);

}  // namespace tconv
