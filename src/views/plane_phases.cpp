#include "views/plane_phases.h"

#include <algorithm>

#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

std::string letter_of(int64_t index) {
  std::string text;
  for (int64_t rest = index + 1; rest > 0; rest = (rest - 1) / 26) {
    text.insert(text.begin(), static_cast<char>('a' + (rest - 1) % 26));
  }
  return text;
}

/// "row 1", "rows 0, 2, …": `place(i)` is the i-th of `count` places. Without a name "{0, 2, …}".
template <typename Place>
std::string listed_places(const std::string& name, int64_t count, const Place& place) {
  const int64_t most = name.empty() ? 3 : 4;
  const int64_t shown = count > most ? most - 1 : count;
  std::string text;
  for (int64_t i = 0; i < shown; ++i) text += (i > 0 ? ", " : "") + std::to_string(place(i));
  if (shown < count) text += ", …";
  if (name.empty()) return "{" + text + "}";
  return name + (count == 1 ? " " : "s ") + text;
}

std::string listed_taps(const std::string& name, const AxisPhase& phase) {
  return listed_places(name, static_cast<int64_t>(phase.taps.size()),
                       [&](int64_t i) { return phase.taps[static_cast<std::size_t>(i)]; });
}

std::string listed_cells(const std::string& name, const AxisPhase& phase, int64_t stride) {
  return listed_places(name, phase.count, [&](int64_t i) { return phase.first + i * stride; });
}

}  // namespace

int64_t PlanePhase::taps() const {
  return static_cast<int64_t>(z.taps.size()) * static_cast<int64_t>(y.taps.size()) *
         static_cast<int64_t>(x.taps.size());
}

PlanePhases::PlanePhases(const LayerSpec& layer, int64_t slice)
    : layer_(layer), axes_(layer.as_3d()), depth_phase_(phase_of(axes_[0], slice)) {}

int64_t PlanePhases::count(const LayerSpec& layer) {
  const auto axes = layer.as_3d();
  return axes[1].stride * axes[2].stride;
}

PlanePhase PlanePhases::phase(int64_t index) const {
  return {.index = index,
          .letter = letter_of(index),
          .z = axis_phase(axes_[0], depth_phase_),
          .y = axis_phase(axes_[1], index / axes_[2].stride),
          .x = axis_phase(axes_[2], index % axes_[2].stride)};
}

int64_t PlanePhases::index_at(int64_t row, int64_t col) const {
  return phase_of(axes_[1], row) * axes_[2].stride + phase_of(axes_[2], col);
}

std::string PlanePhases::name(const PlanePhase& phase) const {
  return "phase " + place_text(layer_, {phase.z.phase, phase.y.phase, phase.x.phase});
}

std::string PlanePhases::tap_places(const PlanePhase& phase, bool brief) const {
  if (phase.taps() == 0) return {};
  const auto list = [&](const std::string& name, const AxisPhase& axis) {
    return listed_taps(brief ? "" : name, axis);
  };
  if (layer_.dims == 1) return list("tap", phase.x);
  const std::string plane = list("row", phase.y) + " × " + list("column", phase.x);
  return layer_.dims == 2 ? plane : list("slice", phase.z) + " × " + plane;
}

std::string PlanePhases::cell_places(const PlanePhase& phase, bool brief) const {
  if (phase.cells() == 0) return {};
  const auto list = [&](const std::string& name, const AxisPhase& axis, std::size_t a) {
    return listed_cells(brief ? "" : name, axis, axes_[a].stride);
  };
  if (layer_.dims == 1) return list("cell", phase.x, 2);
  return list("row", phase.y, 1) + " × " + list("column", phase.x, 2);
}

std::string taps_text(int64_t count) { return std::to_string(count) + (count == 1 ? " tap" : " taps"); }

}  // namespace tconv
