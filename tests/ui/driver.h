#pragma once
// Hands on the window without a window: a Studio in an ImGui context of its own, driven through its input queue and
// the names of its controls. No OpenGL: nothing is drawn, everything is laid out.

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "document/document_json.h"
#include "support/random_layers.h"
#include "ui/studio.h"

namespace tconv {

// What gtest prints when two of them differ.
inline void PrintTo(const Document& document, std::ostream* out) { *out << to_json(document); }
inline void PrintTo(const LayerSpec& layer, std::ostream* out) { *out << test::layer_text(layer); }

}  // namespace tconv

namespace tconv::test {

/// Hands out no textures: images take their room and stay empty.
class NoTextures : public TextureStore {
 public:
  std::uintptr_t texture(const Raster&) override { return 0; }
};

/// An ImGui context as long as this lives; one at a time.
class ImGuiHolder {
 public:
  ImGuiHolder();
  ~ImGuiHolder();
  ImGuiHolder(const ImGuiHolder&) = delete;
  ImGuiHolder& operator=(const ImGuiHolder&) = delete;
};

/// Gestures end only when the window has taken them in. A place that does not exist, or that cannot be scrolled into
/// sight, throws std::runtime_error with the names of all places: gtest reports it as a failure.
class Driver {
 public:
  /// With `first_frames` false nothing is drawn yet, as before a window's first frame. Without a state folder nothing
  /// is remembered.
  explicit Driver(Size size = {1440, 900}, bool first_frames = true, const std::filesystem::path& state_folder = {});

  Studio& studio() { return studio_; }
  Session& session() { return studio_.session(); }
  UiState& state() { return studio_.state(); }
  const Document& document() { return session().document(); }
  const Scenario& scenario() { return session().scenario(); }
  const LayerSpec& layer() { return scenario().layer; }
  /// The first axis of the layer.
  const AxisSpec& axis() { return layer().axes[0]; }
  const Interaction& interaction() { return session().interaction(); }
  /// How many times undo can go back.
  int undo_steps();
  /// The output that is shown; waits for slow results.
  Tensor output();
  /// What was copied, oldest first.
  const std::vector<std::string>& copied() const { return copied_; }

  /// From now on every gesture also waits for slow results and for jobs: what comes next then never depends on the
  /// machine's speed.
  void be_patient() { patient_ = true; }

  // Frames.
  void frame(int count = 1, double seconds = 1.0 / 60);
  /// Until the queue of events is empty and hover, press and layout have come to rest.
  void settle();
  /// Frames of 1/20 s for that long: playing goes on, double-clicks end.
  void wait(double seconds);

  // Places.
  bool has(std::string_view name) const;
  /// The names that start so, in order.
  std::vector<std::string> names(std::string_view prefix) const;
  /// Where a control is; its panel is scrolled by the wheel until the middle of it shows.
  Rect place(const std::string& name);
  /// Whether the middle of it lies inside the panel it belongs to.
  bool visible(const std::string& name) const;
  /// Where the handle of a slider stands at a value.
  Point on_slider(std::string_view field, std::int64_t value);

  // Gestures.
  void move(Point at);
  void move(const std::string& name) { move(place(name).centre()); }
  void press();
  void release();
  /// Never the second half of a double-click.
  void click(Point at);
  void click(const std::string& name) { click(place(name).centre()); }
  /// Each press is held for some frames, as a person's finger does.
  void double_click(Point at);
  void double_click(const std::string& name) { double_click(place(name).centre()); }
  void drag(Point from, Point to, int steps = 8);
  /// Drags the slider's handle from the value it has to another one.
  void drag_slider(std::string_view field, std::int64_t value, int steps = 8);
  /// At the place of the mouse; positive is up, which zooms in.
  void wheel(double notches);
  /// Key and character of every letter, as a keyboard gives them.
  void type(std::string_view text);
  void key(int key, bool ctrl = false, bool shift = false);
  /// Clicks on a control, types over what its editor holds, and presses Enter.
  void type_into(const std::string& name, std::string_view text);

 private:
  /// The panel that a place belongs to; null for dialogs, and for bars that do not scroll.
  const Rect* panel_of(const Rect& place) const;
  [[noreturn]] void no_such_place(const std::string& name, const char* trouble) const;

  ImGuiHolder imgui_;  // first: the studio lives in it
  NoTextures textures_;
  std::vector<std::string> copied_;
  Studio studio_;
  Size size_;
  Point mouse_{};
  bool patient_ = false;
};

}  // namespace tconv::test
