#pragma once

#include "views/view.h"

namespace tconv {

/// What stands beside a large map: the cell under the cursor, the map's numbers, how fast it was computed.
Figure draw_large_maps_panel(const ViewInput& in);

}  // namespace tconv
