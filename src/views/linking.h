#pragma once
// One cursor: hover a cell anywhere and the same multiplications light up everywhere. A tag stands for all the
// multiplications that its cell takes part in; a shape lights up when its own tag shares one of them. No view draws
// this by itself: `picture` does, for whatever shapes carry tags.

#include "figure/figure.h"
#include "views/view.h"

namespace tconv {

/// A set of multiplications x[n, c, i] · w[c, o, k], each adding to y[n, o, j] with j = i·S + k·D − P_begin inside the
/// output, as what is known of their indices; what is empty is free.
struct Multiplications {
  using Index = std::optional<std::int64_t>;
  Index batch, in_channel, out_channel;
  std::array<Index, 3> input, tap, output;  ///< places (z, y, x)
};

/// The multiplications that the cell of a tag takes part in; empty for tags that are no cells.
std::optional<Multiplications> multiplications_of(const Tag& tag);

/// Whether there is a multiplication in both sets.
bool share_one(const LayerSpec& layer, const Multiplications& a, const Multiplications& b);

/// The output cell that a multiplication adds to.
CellIndex output_of(const LayerSpec& layer, const Multiplication& one);

/// The multiplications of a set: the first `most` of them, output cell by output cell, and how many there are.
struct ListedMultiplications {
  std::vector<Multiplication> first;
  std::int64_t count = 0;
};
ListedMultiplications list_multiplications(const LayerSpec& layer, const Multiplications& set, std::size_t most);

/// Frames every tagged shape, and the cells of every large map, that share a multiplication with the hovered cell.
void add_highlights(Figure& figure, const ViewInput& in);

}  // namespace tconv
