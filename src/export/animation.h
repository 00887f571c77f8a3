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
  std::string embedded{};  ///< letters that the file keeps, see document/embedded_document.h
};

/// One picture on the screen for a while.
struct ShownFrame {
  std::int64_t index = 0;  ///< which picture
  double seconds = 0;
};

/// What is shown one after the other in one round: each picture for a moment, the last one `hold` longer. With
/// ping_pong the pictures come back, 0 1 2 3 2 1, so that each end is there once in a round: the last with the hold,
/// the first for its moment. A timing beyond its ranges is moved to their ends. Nothing for no pictures.
std::vector<ShownFrame> shown_frames(std::int64_t count, const AnimationTiming& timing);

/// For formats that count time in ticks of `unit` seconds: how many each frame lasts, at least `least`. It is the end
/// of each frame since the start that is rounded, so that nothing adds up: 8 frames a second last 13, 12, 13, 12 …
/// hundredths. A frame that had to be longer than wanted is made up for by the next ones.
std::vector<int> frame_ticks(const std::vector<ShownFrame>& frames, double unit, int least);

struct Animator {
  std::string_view id;         ///< "gif"
  std::string_view extension;  ///< ".gif", by which the command line chooses
  std::string_view label;      ///< in menus, a word or two
  std::string_view help;       ///< what it is good for, a line
  bool transparent;            ///< whether its pictures may have no ground
  /// What this machine lacks for it, as one line; empty when all is there.
  std::string (*missing)();
  /// Writes the file (or the numbered files, see frame_files.h) as a whole or not at all: a failure or a cancel leaves
  /// what was there. The same pictures and timing give the same bytes. Throws FileError or std::runtime_error with one
  /// line, and Cancelled. `progress` is used on the calling thread only; a cancel waits for the pictures that are just
  /// being drawn. Where a format knows no transparency at all (MP4), the pictures lie on white; where it knows no
  /// part of it (GIF), what covers half of a pixel or more covers it.
  void (*write)(const FrameSource& frames, const AnimationTiming& timing, const std::filesystem::path& path,
                const Progress& progress);
};

/// Every animator, in their names' order.
std::vector<Animator> listed_animators();

}  // namespace tconv
