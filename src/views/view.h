#pragma once
// A view is one file, <id>_view.cpp, that defines `View <id>_view()`: results in, a Figure out. The rail, `tconv
// render`, every export format and the golden pictures come from that one function.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compute/result_store.h"
#include "document/document.h"
#include "figure/figure.h"
#include "figure/theme.h"
#include "files/progress.h"
#include "views/named_array.h"
#include "views/view_options.h"

namespace tconv {

/// Which part of a large map is shown, the same part of input and output.
struct Viewport {
  double zoom = 1;         ///< 1 shows the whole map
  Point centre{0.5, 0.5};  ///< as parts of the map's width and height

  bool operator==(const Viewport&) const = default;
};

/// In parts of the map's width and height.
Rect visible_part(const Viewport& viewport);

/// What a person is doing at the moment: never in the history, never in a file.
struct Interaction {
  std::int64_t step = 0;      ///< stamps that are painted: of the timeline that most views share
  std::int64_t own_step = 0;  ///< of the view's own timeline, if it has one (View::own_steps)
  Tag hover;                  ///< what lies under the cursor, or is pinned
  std::string active_field;   ///< the field whose slider is held or hovered; empty if none
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
  double map_pixels = 1024;                                 ///< of the device, that the longer side of a large map has
  std::set<std::string, std::less<>> options;               ///< switches of views that are on, see ViewOption
  std::map<std::string, std::string, std::less<>> choices;  ///< by name, see ViewChoice; usual ones are left out

  bool operator==(const Interaction&) const = default;

  /// What is chosen, or `usual` when nothing was.
  std::string choice(std::string_view name, std::string_view usual) const;
  /// As flags give it: "view/switch" turns a switch on, "view/name=value" chooses.
  void set_option(std::string_view option);
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
  bool color_bar = true;        ///< heat maps have their colours explained
  Progress progress{};          ///< of `View::arrays`, which stops by it; pictures are quick
};

/// Which steps the timeline under a view walks through.
enum class Timeline {
  none,
  stamps,  ///< one input cell after the other paints: Interaction::step
  own      ///< the view's own: Interaction::own_step
};

struct View {
  std::string_view id;     ///< `tconv render --view <id>`
  std::string_view label;  ///< in the rail
  int group;               ///< index into `view_groups`
  int order;               ///< within the group
  Timeline timeline;
  bool has_inspector;
  Figure (*draw)(const ViewInput&);  ///< without the cursor's highlights: see `picture`
  bool needs_ways = false;           ///< draws nothing without Results::ways
  // Of a timeline of its own:
  std::int64_t (*own_steps)(const Scenario&) = nullptr;   ///< its number of steps, of a legal scenario
  std::string (*step_words)(const ViewInput&) = nullptr;  ///< what the current step does, in words
  bool uses_ways = false;  ///< draws more with Results::ways: pictures without a person wait for them
  /// What the inspector beside it says; null: why the focused cell has its value (panels.h).
  Figure (*inspector)(const ViewInput&) = nullptr;
  /// Which comparison it shows (Results::comparison); null: none.
  ComparisonChoice (*comparison)(const Interaction&) = nullptr;
  /// The numbers that it shows, whole: every sample, channel and slice. The first is what it is mainly about. None for
  /// an illegal layer, and while there are no results. Throws std::runtime_error with one line for an array that is too
  /// large for the memory that is free, and Cancelled.
  std::vector<NamedArray> (*arrays)(const ViewInput&) = nullptr;
  /// Which large map it shows (Results::large_map); null: none.
  LargeMapChoice (*large_map)(const Interaction&) = nullptr;
  /// Whether `arrays` reads the layer alone, so that there need be no results; null: never.
  bool (*arrays_of_layer)(const Interaction&) = nullptr;
  /// The switches and choices that it knows; null: none.
  std::vector<OptionRule> (*options)() = nullptr;

  /// What of the results it draws.
  Needs needs(const Interaction& interaction) const;
};

/// What a view shows, with everything lit up that the cursor is about (linking.h).
Figure picture(const View& view, const ViewInput& in);

/// Where the view's timeline stands, and what the step does, in words.
std::int64_t step_count(const View& view, const Scenario& scenario);
std::string step_words(const View& view, const ViewInput& in);

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
