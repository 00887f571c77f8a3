#pragma once
// What every panel gets: the session, the looks, and where its controls leave their places.

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "ui/canvas.h"
#include "ui/export_dialog.h"
#include "ui/file_dialog.h"
#include "ui/jobs.h"
#include "ui/palette.h"
#include "ui/session.h"
#include "ui/sheet.h"
#include "ui/text_field_id.h"

namespace tconv {

/// Where controls were drawn in the last frame, by name ("slider/stride", "button/play", "input/0,1"): scripted hands
/// and lessons find them here.
using Places = std::map<std::string, Rect>;

/// The number or text that is being typed over a control; one at a time.
struct InlineEditor {
  std::string id;  ///< of the control; empty: nothing is being typed
  std::string text;
  bool fresh = false;  ///< opened in this frame: takes the keyboard
};

/// Words of help appear when the cursor rests on a control, not while it passes over.
struct Rest {
  static constexpr double pause = 0.45;  ///< seconds

  std::string control;  ///< under the cursor now
  double seconds = 0;   ///< for so long
  bool seen = false;    ///< in this frame
  bool waiting() const { return !control.empty() && seconds < pause; }
};

/// A slider in the hand.
struct SliderDrag {
  std::string_view field;          ///< whose slider it is
  std::uint64_t revision = 0;      ///< of the history when it was taken: another document is not this drag's
  std::optional<LayerSpec> start;  ///< the layer before it was taken; empty: none is held
  bool over = false;  ///< Escape or a double-click ended it: the button that is still down moves nothing any more
};

/// What the window remembers beside the session.
struct UiState {
  /// `wake`: see Jobs.
  explicit UiState(std::function<void()> wake) : jobs(std::move(wake)) {}

  std::string theme = "dark";
  std::string focused_field;  ///< whose slider got the last click: arrow keys go there
  int edited_axis = -1;       ///< the axis that sliders change; -1: all
  InlineEditor editor;
  TextFieldId editor_field;
  Rest rest;
  Tag edited_cell;
  Point edited_at;  ///< in its figure: a cell may be drawn more than once
  Tag pinned;
  bool ignore_release = false;  ///< the mouse button that is down has done its work: its release is no click
  SliderDrag drag;
  FileDialog dialog;
  Palette palette;
  Sheet sheet;
  std::optional<ValueRange> color_range;  ///< the ends of the shown heat map's colours, in the last frame
  ExportDialog export_dialog;
  Jobs jobs;
  Size view_size;                ///< of the view's panel, in the last frame
  double parameters_height = 0;  ///< of the parameter panel's scrolling part, in the last frame
  std::string renderer;          ///< for the status bar
  bool help = false;
  bool quit = false;
  bool quit_after_jobs = false;  ///< the window was told to close while something was still being written
};

/// Services of the platform that panels ask for.
struct Platform {
  std::function<void(const std::string&)> copy = [](const std::string&) {};
  std::function<void()> toggle_full_screen = [] {};
  LargeMapDeviceSource device{};  ///< that computes large maps, and whose maps the window's TextureStore draws
};

struct Ui {
  Session& session;
  UiState& state;
  const Theme& theme;
  const FontSet& fonts;
  const TextMetrics& text;
  TextureStore& textures;
  const Platform& platform;
  Places& places;
};

// Panels, each in a file of its own. A rectangle is the panel's place in the window, in points.
void draw_top_bar(Ui& ui, const Rect& place);
void draw_rail(Ui& ui, const Rect& place);
void draw_parameters(Ui& ui, const Rect& place);
/// Which sample, channels and slices are shown, of a layer that has several; returns the y below.
double draw_shown_part(Ui& ui, Point at, double width);
void draw_view(Ui& ui, const Rect& place);
void draw_inspector_panel(Ui& ui, const Rect& place);
void draw_timeline(Ui& ui, const Rect& place);
/// What the timeline needs: in a narrow window its words have a line of their own.
double timeline_height(double width);
void draw_status_bar(Ui& ui, const Rect& place);
void draw_help(Ui& ui, const Rect& window);

/// What a click on a tag of any figure does.
void activate(Ui& ui, const Tag& tag);
/// Paints a figure into `place` (its origin there, cut off at `clip`) and lets the mouse at its tags; returns the tag
/// under the cursor.
Tag show_figure(Ui& ui, const std::string& id, const Figure& figure, const Rect& place, const Rect& clip);
/// The view input for the current state.
ViewInput view_input(Ui& ui, Size size);

}  // namespace tconv
