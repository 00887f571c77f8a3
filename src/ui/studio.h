#pragma once
// The whole window as one object: panels around a session. It knows ImGui but no platform and no GL; the real window,
// the off-screen screenshot and the tests run the same frames.

#include <deque>
#include <filesystem>

#include "ui/autosave.h"
#include "ui/input.h"
#include "ui/ui.h"

namespace tconv {

class Studio {
 public:
  /// An ImGui context must be current and stay so. `wake` is called from a worker thread when a frame should be drawn.
  /// `state_folder`: where unsaved work and the recent files are kept; empty: nowhere.
  Studio(TextureStore& textures, Platform platform, std::function<void()> wake,
         const std::filesystem::path& state_folder = {});

  /// Sets fonts and style for `scale` pixels a point; the caller then renews the renderer's font texture.
  void set_scale(double scale);
  double scale() const { return fonts_.scale(); }

  /// One frame from NewFrame to Render for a window of `size` points, `seconds` after the one before. The renderer's
  /// own new-frame call comes before, drawing ImGui's draw data after.
  void frame(Size size, double seconds);

  /// Whether something moves by itself, so that frames should follow without input.
  bool animating() const {
    return session_.player().playing() || input_.pending() || state_.rest.waiting() || state_.export_dialog.animating();
  }

  /// Keeps unsaved work on the disk; `frame` does it, too, and a window that draws nothing for now calls it instead.
  void keep_safe(double seconds);
  /// Seconds until `keep_safe` has something to write; empty: nothing waits.
  std::optional<double> safe_in() const { return autosave_.due(); }
  /// The window's cross: quits, or asks about unsaved changes first.
  void ask_to_quit();
  /// A clean end: nothing is left to be recovered. Without it the next start offers what was not saved.
  void end();
  /// "name • — Tconv Studio".
  std::string title() const;

  /// A file dropped at a place: arrays go to the kernel when dropped on it, else to the input.
  void drop(const std::filesystem::path& path, Point place);

  Session& session() { return session_; }
  UiState& state() { return state_; }
  Input& input() { return input_; }
  const Places& places() const { return places_; }

 private:
  TextMetrics text_;
  FontSet fonts_;
  TextureStore& textures_;
  Platform platform_;
  Session session_;
  Autosave autosave_;
  std::deque<Autosave> left_autosaves_;  // of Session::left_unsaved, one each
  bool looked_for_leftovers_ = false;
  std::filesystem::path state_folder_;
  UiState state_;
  Input input_;
  Places places_;

  std::string keep_left_safe();
};

/// ImGui's colours and sizes in the theme's roles.
void apply_style(const Theme& theme);

}  // namespace tconv
