#pragma once
// A view's figure made ready for paper: words above and below it, a ground to be put on, no empty margins.

#include <string>

#include "figure/figure.h"
#include "figure/theme.h"

namespace tconv {

struct Page {
  bool title = false;        ///< the figure's own title above it
  std::string caption{};     ///< words below it, in lines; empty for none
  bool transparent = false;  ///< no ground of its own
  bool crop = false;         ///< as small as what is drawn, and a margin

  bool operator==(const Page&) const = default;
};

/// The part of a figure where something is drawn, with a margin, in whole points; the whole figure when nothing is.
Rect drawn_part(const Figure& figure, const TextMetrics& text);

/// The figure with what the page asks for; places, tags and highlights move along.
Figure on_page(Figure figure, const Theme& theme, const TextMetrics& text, const Page& page);
/// Likewise of several figures that are to have one size: `part` of each is kept, whatever `page.crop` says.
Figure on_page(Figure figure, const Theme& theme, const TextMetrics& text, const Page& page, const Rect& part);

}  // namespace tconv
