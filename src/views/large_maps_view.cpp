// The layer at the size of real maps: the whole as means of cells, any part of it down to single cells, computed while
// somebody looks.

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "figure/device_picture.h"
#include "figure/layout.h"
#include "views/color_bar.h"
#include "views/color_scales.h"
#include "views/large_map.h"
#include "views/large_maps_panel.h"
#include "views/large_maps_scene.h"
#include "views/value_map.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

std::string side_label(int64_t side) {
  if (side == 0) return "As it is";
  return std::to_string(side / 1024) + "k";
}

/// What a pixel shows, `cells` of them on a side.
std::string pixel_words(double cells) {
  const int64_t side = std::llround(cells);
  const std::string number = std::to_string(side);
  return side <= 1 ? "single cells" : number + " × " + number + " cells a pixel";
}

/// How far the processor's map is; empty when it is all there.
std::string progress_words(const LargeMapsScene& scene, bool all) {
  const LargeMapState& state = scene.state;
  if (state.awaits_device) {
    return state.done > 0 ? "the GPU is computing the map" : "coarse: the GPU is computing the map";
  }
  if (state.complete()) return all ? "" : "finer ones are being computed";
  return state.done > 0 ? std::to_string(std::lround(state.done * 100)) + " % of the map computed"
                        : "coarse: from a few cells of the input";
}

/// Of a map that both have computed.
std::string difference_words(const LargeMapsScene& scene) {
  const auto& difference = scene.state.difference;
  if (scene.state.awaits_device) return "They are compared as soon as both are there.";
  if (!difference || difference->cells == 0) return "Comparing cell by cell…";
  const std::string of = difference->cells == scene.rows * scene.cols
                             ? "all " + grouped_text(difference->cells) + " cells"
                             : "the first " + grouped_text(difference->cells) + " cells";
  if (difference->largest == 0) return "No difference: " + of + " are the same in both.";
  const double most = std::max(std::abs(scene.state.statistics->least()), std::abs(scene.state.statistics->most()));
  std::string words = "Largest difference of " + of + ": " + number_text(difference->largest, 3) + " at y[" +
                      std::to_string(difference->row) + ", " + std::to_string(difference->col) + "]";
  if (most > 0 && std::isfinite(difference->largest)) {
    words += ", " + number_text(difference->largest / most, 2) + " of the largest value; float32 rounds at " +
             number_text(std::numeric_limits<float>::epsilon() / 2, 2);
  }
  return words + ".";
}

class LargeMapsPage {
 public:
  LargeMapsPage(const ViewInput& in, Figure& figure) : in_(in), figure_(figure), margin_(page_margin(in.size.w)) {}

  void draw() {
    double y = draw_sides();
    const LargeMapState* state = in_.results.large_map.get();
    if (state == nullptr) {
      y = draw_ways(LargeMapWay::automatic, y + 8);
      figure_.add(TextShape{.at = {margin_, y + 30}, .text = "Computing…", .size = 17, .color = in_.theme.muted});
      return;
    }
    if (!state->refused.empty()) {
      y = add_paragraph(figure_, in_.text, {margin_, y + 32}, width(),
                        {.font = Font::semibold, .size = 14, .color = in_.theme.text}, "There is no such map");
      add_paragraph(figure_, in_.text, {margin_, y + 2}, width(), {.size = 13, .color = in_.theme.muted},
                    state->refused);
      return;
    }
    draw_map(LargeMapsScene(in_, *state), draw_ways(state->way, y + 8));
  }

 private:
  double width() const { return in_.size.w - 2 * margin_; }

  double draw_sides() {
    if (!in_.interactive) return 18;
    const int64_t now = large_map_choice(in_.interaction).side;
    std::vector<ViewChip> chips;
    for (const int64_t side : large_map_sides()) {
      chips.push_back({side_label(side), side == now, ViewChoice{"large/side", std::to_string(side)}});
    }
    return draw_chips(18, "Output:", chips);
  }

  double draw_ways(LargeMapWay usual, double y) {
    if (!in_.interactive) return y - 8;
    LargeMapWay now = large_map_choice(in_.interaction).way;
    if (now == LargeMapWay::automatic) now = usual;
    std::vector<ViewChip> chips;
    for (const auto& [way, label] :
         {std::pair(LargeMapWay::cpu, "CPU"), {LargeMapWay::gpu, "GPU"}, {LargeMapWay::both, "Both"}}) {
      chips.push_back({label, way == now, ViewChoice{"large/way", std::string(way_id(way))}});
    }
    return draw_chips(y, "By:", chips);
  }

  double draw_chips(double y, const std::string& label, const std::vector<ViewChip>& chips) {
    const double label_width = in_.text.width(Font::regular, 13, "Output:") + 10;  // the longest
    figure_.add(TextShape{.at = {margin_, y + 18}, .text = label, .size = 13, .color = in_.theme.muted});
    return add_chips(figure_, in_, {margin_ + label_width, y}, width() - label_width, chips);
  }

  void draw_map(const LargeMapsScene& scene, double y) {
    const Rect page{margin_, y + 34, width(), std::max(160.0, in_.size.h - y - 34 - 24)};
    std::string name = grouped_text(scene.rows) + " × " + grouped_text(scene.cols);
    const LayerSpec& layer = in_.results.scenario.layer;
    if (layer.out_channels > 1) name += ", channel " + std::to_string(in_.interaction.out_channel);
    const bool two = is_both(scene);
    const auto placed = [&](const Rect& room) {
      return two ? places_of_two(scene, room) : std::pair(fitted(scene, room), Rect{});
    };
    auto [rect, second] = placed(room_beside_bar(in_, page));
    const auto last = [&] { return two ? second : rect; };
    const bool beside = fits_beside(in_, last(), page, scene.scale);
    if (!beside) std::tie(rect, second) = placed(page);
    double bottom = last().bottom();
    if (two) {
      draw_one(scene, rect, "CPU", false);
      if (scene.on_device()) {
        draw_one(scene, last(), "GPU", true);
      } else {
        draw_awaited(last());
      }
      bottom = add_paragraph(figure_, in_.text, {margin_, bottom + 24}, width(), {.size = 13, .color = in_.theme.text},
                             difference_words(scene));
    } else {
      draw_one(scene, rect, name, scene.on_device());
    }
    if (beside) add_bar_beside(figure_, in_, last(), page, scene.scale);
    figure_.size.h = std::max(in_.size.h, bottom + 24);
  }

  static Rect fitted(const LargeMapsScene& scene, const Rect& room) {
    return fitted_rect(room, scene.rows, scene.cols);
  }

  /// Side by side, or above each other where that makes them much larger, with room for a line below.
  static std::pair<Rect, Rect> places_of_two(const LargeMapsScene& scene, const Rect& room) {
    constexpr double gap = 24;
    constexpr double title = 34;
    constexpr double line = 56;
    const Rect beside = fitted(scene, {room.x, room.y, (room.w - gap) / 2, room.h - line});
    const Rect above = fitted(scene, {room.x, room.y, room.w, (room.h - line - title) / 2});
    if (above.w > 1.2 * beside.w) return {above, {above.x, above.bottom() + title, above.w, above.h}};
    return {beside, {beside.right() + gap, beside.y, beside.w, beside.h}};
  }

  /// The processor's map beside the device's, which may be about to come.
  bool is_both(const LargeMapsScene& scene) const { return in_.interactive && scene.state.way == LargeMapWay::both; }

  /// The place of a map that the device is computing.
  void draw_awaited(const Rect& rect) {
    add_map_title(figure_, in_, rect, in_.theme.output_text, "GPU", "· computing…");
    figure_.add(RectShape{.rect = rect, .fill = in_.theme.panel, .stroke = in_.theme.border, .stroke_width = 1});
  }

  /// One of the maps with its title.
  void draw_one(const LargeMapsScene& scene, const Rect& rect, const std::string& name, bool by_device) {
    const auto pixels = [&](double points) { return std::max(1, static_cast<int>(points * in_.pixels_per_point)); };
    const int width = pixels(rect.w);
    const int height = pixels(rect.h);
    const double cells = scene.window.w / width;
    const auto number_of = [](double cell) { return std::to_string(static_cast<int64_t>(cell)); };
    ImageShape image{.rect = rect, .raster = nullptr};
    // They are the definition's; beside the processor's map they could be taken for the device's.
    bool numbers = by_device && !scene.on_processor();
    std::string words = pixel_words(cells);
    if (by_device) {
      image.device = std::make_shared<const DevicePicture>(
          DevicePicture{scene.state.device->map, scene.window, width, height, scene.scale});
    } else {
      const LargeMapsScene::Shown shown = scene.shown();
      image.raster =
          rasterize(PlaneView{shown.values, shown.rows, shown.cols}, shown.window, width, height, scene.scale);
      numbers = shown.step == 1;
      words = pixel_words(std::max(static_cast<double>(shown.step), cells));
      if (const std::string progress = progress_words(scene, shown.all); !progress.empty()) words = progress;
    }
    if (scene.window.h < static_cast<double>(scene.rows) || scene.window.w < static_cast<double>(scene.cols)) {
      const std::string place = "y[" + number_of(scene.window.y) + "–" + number_of(scene.window.bottom()) + ", " +
                                number_of(scene.window.x) + "–" + number_of(scene.window.right()) + "]";
      words = words == pixel_words(1) ? place : words + ", " + place;
    }
    if (in_.interactive && !scene.state.trouble.empty()) words += ", by the CPU";
    if (in_.interactive && in_.results.large_map_is_old) words = "the map before: yours is being computed";
    // A map that is alone leaves its title the whole width.
    const bool alone = !is_both(scene);
    add_map_title(figure_, in_, {rect.x, rect.y, alone ? this->width() : rect.w, rect.h}, in_.theme.output_text, name,
                  "· " + words);
    figure_.add(std::move(image));
    figure_.add(RectShape{.rect = rect.grown(1), .stroke = in_.theme.border, .stroke_width = 1});
    figure_.color_range = scene.scale.range();
    figure_.grids.push_back({.rect = rect,
                             .window = scene.window,
                             .rows = scene.rows,
                             .cols = scene.cols,
                             .first = {},
                             .tag_of = [](int64_t row, int64_t col) {
                               return Tag{ComparedCell{{0, row, col}}};
                             }});
    if (const auto focus = scene.focus(); focus && in_.interactive) mark(scene, rect, (*focus)[0], (*focus)[1]);
    if (numbers) {
      add_cell_numbers(figure_, in_, figure_.grids.back(), scene.scale, [&](int64_t row, int64_t col) {
        return static_cast<double>(scene.state.blocks->cell(row, col));
      });
    }
  }

  /// The cell under the cursor, on every map that is on show.
  void mark(const LargeMapsScene& scene, const Rect& rect, int64_t row, int64_t col) {
    constexpr double least = 7;
    const double side = rect.w / scene.window.w;
    const Rect cell{rect.x + (static_cast<double>(col) - scene.window.x) * side,
                    rect.y + (static_cast<double>(row) - scene.window.y) * side, side, side};
    if (cell.x < rect.x - 1 || cell.y < rect.y - 1 || cell.right() > rect.right() + 1 ||
        cell.bottom() > rect.bottom() + 1) {
      return;
    }
    const Rect seen = cell.grown(std::max(1.0, (least - side) / 2));
    figure_.add(RectShape{.rect = seen.grown(1.5), .stroke = in_.theme.background, .stroke_width = 1.5});
    figure_.add(RectShape{.rect = seen, .stroke = in_.theme.text, .stroke_width = 1.5});
  }

  const ViewInput& in_;
  Figure& figure_;
  const double margin_;
};

Figure draw_large_maps(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "The layer on a large map"};
  if (add_no_result_page(figure, in)) return figure;
  LargeMapsPage(in, figure).draw();
  return figure;
}

std::vector<OptionRule> large_maps_options() {
  OptionRule side{"large/side"};
  for (const std::int64_t each : large_map_sides()) side.values.push_back(std::to_string(each));
  return {side, {"large/way", {"cpu", "gpu", "both"}}};
}

}  // namespace

View large_maps_view() {
  return {.id = "large-maps",
          .label = "Large maps",
          .group = 5,
          .order = 0,
          .timeline = Timeline::none,
          .has_inspector = true,
          .draw = draw_large_maps,
          .needs_ways = false,
          .own_steps = nullptr,
          .step_words = nullptr,
          .inspector = draw_large_maps_panel,
          .arrays = large_maps_arrays,
          .large_map = large_map_choice,
          .options = large_maps_options};
}

}  // namespace tconv
