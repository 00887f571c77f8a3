// The layer at the size of real maps: the whole as means of cells, any part of it down to single cells, computed while
// somebody looks.

#include <algorithm>
#include <cmath>

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

/// What a pixel shows, `cells` of them on a side, and how far the map is.
std::string state_words(const LargeMapsScene& scene, const LargeMapsScene::Shown& shown, double cells) {
  const int64_t side = std::max<int64_t>(shown.step, std::llround(cells));
  const std::string number = std::to_string(side);
  std::string words = side == 1 ? "single cells" : "means of about " + number + " × " + number + " cells";
  const LargeMapState& state = scene.state;
  if (!state.complete()) {
    words += state.done > 0 ? ", " + std::to_string(std::lround(state.done * 100)) + " % of the map computed"
                            : ", coarse: from means of the input";
  } else if (!shown.all) {
    words += ", finer ones are being computed";
  }
  return words;
}

class LargeMapsPage {
 public:
  LargeMapsPage(const ViewInput& in, Figure& figure) : in_(in), figure_(figure), margin_(page_margin(in.size.w)) {}

  void draw() {
    double y = draw_sides();
    const LargeMapState* state = in_.results.large_map.get();
    if (state == nullptr) {
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
    draw_map(LargeMapsScene(in_, *state), y);
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
    const std::string label = "Output: ";
    const double label_width = in_.text.width(Font::regular, 13, label) + 4;
    figure_.add(TextShape{.at = {margin_, 36}, .text = label, .size = 13, .color = in_.theme.muted});
    return add_chips(figure_, in_, {margin_ + label_width, 18}, width() - label_width, chips);
  }

  void draw_map(const LargeMapsScene& scene, double y) {
    const LargeMapsScene::Shown shown = scene.shown();
    const std::string name = grouped_text(scene.rows) + " × " + grouped_text(scene.cols);
    const Rect page{margin_, y + 34, width(), std::max(160.0, in_.size.h - y - 34 - 24)};
    const Rect narrow = fitted_rect(room_beside_bar(in_, page), scene.rows, scene.cols);
    const bool beside = fits_beside(in_, narrow, page, scene.scale);
    const Rect rect = beside ? narrow : fitted_rect(page, scene.rows, scene.cols);
    std::string rest = state_words(scene, shown, scene.window.w / (rect.w * in_.pixels_per_point));
    const LayerSpec& layer = in_.results.scenario.layer;
    if (layer.out_channels > 1) rest = "channel " + std::to_string(in_.interaction.out_channel) + ", " + rest;
    add_map_title(figure_, in_, page, in_.theme.output_text, name, rest);

    const auto pixels = [&](double points) { return std::max(1, static_cast<int>(points * in_.pixels_per_point)); };
    const PlaneView plane{shown.values, shown.rows, shown.cols};
    figure_.add(ImageShape{.rect = rect,
                           .raster = rasterize(plane, shown.window, pixels(rect.w), pixels(rect.h), scene.scale)});
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
    if (shown.step == 1) {
      add_cell_numbers(figure_, in_, figure_.grids.back(), scene.scale, [&](int64_t row, int64_t col) {
        return static_cast<double>(scene.state.blocks->cell(row, col));
      });
    }
    if (beside) add_bar_beside(figure_, in_, rect, page, scene.scale);
    figure_.size.h = std::max(in_.size.h, rect.bottom() + 24);
  }

  const ViewInput& in_;
  Figure& figure_;
  const double margin_;
};

Figure draw(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "The layer on a large map"};
  if (add_no_result_page(figure, in)) return figure;
  LargeMapsPage(in, figure).draw();
  return figure;
}

}  // namespace

View large_maps_view() {
  return {.id = "large-maps",
          .label = "Large maps",
          .group = 5,
          .order = 0,
          .timeline = Timeline::none,
          .has_inspector = true,
          .draw = draw,
          .needs_ways = false,
          .own_steps = nullptr,
          .step_words = nullptr,
          .inspector = draw_large_maps_panel,
          .arrays = large_maps_arrays,
          .large_map = large_map_choice};
}

}  // namespace tconv
