#pragma once
// Figures of the window's side panels: like views, but beside every one of them.

#include "views/view.h"

namespace tconv {

/// Why the focused output cell has its value, product by product; the size formula; the layer as code. The figure is as
/// wide as in.size and as high as it needs.
Figure draw_inspector(const ViewInput& in);

/// Whether this layer is even, why, and what to do instead.
Figure draw_verdict(const ViewInput& in);

}  // namespace tconv
