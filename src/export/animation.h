#pragma once
// A timeline as a moving picture. One file per format: <id>_animator.cpp defines `Animator <id>_animator()`, and is
// found by listing.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "figure/color_map.h"
#include "files/progress.h"

namespace tconv {

enum class Repeat {
  once,
  loop,
  ping_pong  ///< forwards, then backwards, and again
};

struct AnimationTiming {
  double frames_per_second = 4;  ///< 0.1 … 50
  double hold = 1.5;             ///< seconds that the last frame stays beyond its own time, 0 … 60
  Repeat repeat = Repeat::loop;

  bool operator==(const AnimationTiming&) const = default;
};

/// The different pictures of an animation, all of one size.
struct FrameSource {
  std::int64_t count = 0;
  /// Picture `index`, opaque unless the ground is transparent; the same each time, and callable from several threads at
  /// once. `index` is 0 … count − 1.
  std::function<std::shared_ptr<const Raster>(std::int64_t index)> draw;
};

/// One picture on the screen for a while.
struct ShownFrame {
  std::int64_t index = 0;  ///< which picture
  double seconds = 0;
};

/// What is shown one after the other in one round: with ping_pong the pictures come back, the ends once each.
std::vector<ShownFrame> shown_frames(std::int64_t count, const AnimationTiming& timing);

/// The ends of all rounded moments: frame i lasts whole `unit`s (at least `least` of them), and no rounding adds up
/// over the whole animation. For formats that count in ticks; `unit` in seconds.
std::vector<int> frame_ticks(const std::vector<ShownFrame>& frames, double unit, int least);

struct Animator {
  std::string_view id;         ///< "gif"
  std::string_view extension;  ///< ".gif", by which the command line chooses
  std::string_view label;      ///< in menus
  /// What this machine lacks for it, as one line; empty when all is there.
  std::string (*missing)();
  /// Writes the file (or the numbered files) as a whole or not at all: a failure or a cancel leaves what was there.
  /// The same pictures and timing give the same bytes. Throws FileError or std::runtime_error with one line, and
  /// Cancelled.
  void (*write)(const FrameSource& frames, const AnimationTiming& timing, const std::filesystem::path& path,
                const Progress& progress);
};

/// Every animator, in their names' order.
std::vector<Animator> listed_animators();

}  // namespace tconv
