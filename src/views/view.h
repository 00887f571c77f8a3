#pragma once
// A view is one file, <id>_view.cpp, that defines `View <id>_view()`: results in, a Figure out. The rail, `tconv
// render`, every export format and the golden pictures come from that one function.

#include <optional>
#include <string_view>
#include <vector>

#include "compute/result_store.h"
#include "document/document.h"
#include "figure/figure.h"
#include "figure/theme.h"

namespace tconv {

/// Which part of a large map is shown, the same part of input and output.
struct Viewport {
  double zoom = 1;         ///< 1 shows the whole map
  Point centre{0.5, 0.5};  ///< as parts of the map's width and height

  bool operator==(const Viewport&) const = default;
};

/// What a person is doing at the moment: never in the history, never in a file.
struct Interaction {
  std::int64_t step = 0;
  Tag hover;                 ///< what lies under the cursor, or is pinned
  std::string active_field;  ///< the field whose slider is held or hovered; empty if none
  std::int64_t batch = 0;
  std::int64_t in_channel = 0;
  std::int64_t out_channel = 0;
  std::int64_t in_slice = 0;  ///< depth that is shown of a 3D map
  std::int64_t out_slice = 0;
  std::int64_t tap_slice = 0;
  int axis = 0;                 ///< which axis the size view is about
  std::int64_t find_from = 14;  ///< "find a layer from … to …"
  std::int64_t find_to = 28;
  Viewport viewport;
};

/// All that a picture depends on.
struct ViewInput {
  const Document& document;
  const Results& results;   ///< may lag behind the document (`pending`); views show the results' scenario
  Interaction interaction;  ///< `clamped` to the results' scenario
  Size size;  ///< room in points; the figure has this size, or is higher where it must be (the window then scrolls)
  const Theme& theme;
  const TextMetrics& text;
  double pixels_per_point = 1;  ///< of the device, for the parts that are images
  bool interactive = true;      ///< somebody sits before it: hints on keys and the cursor are drawn
};

struct View {
  std::string_view id;     ///< `tconv render --view <id>`
  std::string_view label;  ///< in the rail
  int group;               ///< index into `view_groups`
  int order;               ///< within the group
  bool has_timeline;
  bool has_inspector;
  Figure (*draw)(const ViewInput&);
};

/// The questions by which the rail groups the views, from top to bottom.
std::span<const std::string_view> view_groups();

/// Every view, in the files' order.
std::vector<View> listed_views();
/// Every view, in the rail's order.
const std::vector<View>& all_views();
/// Null when there is none of that name.
const View* find_view(std::string_view id);

/// Whether the cell that a tag stands for exists in the layer; true for tags that are no cells.
bool exists(const LayerSpec& layer, const Tag& tag);

/// The same interaction with steps, channels and slices moved to the nearest that exist in the layer, and without a
/// hovered cell that does not.
Interaction clamped(Interaction interaction, const Scenario& scenario);

}  // namespace tconv
