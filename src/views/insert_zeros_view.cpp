// Zero insertion in four stages: the input, zeros between its cells, a border, and the turned kernel sliding at
// stride 1.

#include <algorithm>
#include <cmath>
#include <ranges>

#include "core/zero_insertion.h"
#include "views/insert_zeros_map.h"
#include "views/linking.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t stages_before_sliding = 2;  // steps 0, 1, 2 are the first three stages

struct Position {
  InsertionStage stage = InsertionStage::input;
  int64_t window = 0;  ///< of the fourth stage, from 1
  int64_t windows = 0;
};

int64_t windows_of(const LayerSpec& layer) {
  const auto axes = layer.as_3d();
  return output_size(axes[1]) * output_size(axes[2]);
}

int64_t own_steps(const Scenario& scenario) { return stages_before_sliding + windows_of(scenario.layer); }

Position position_of(const ViewInput& in) {
  const int64_t windows = windows_of(in.results.scenario.layer);
  const int64_t step = std::clamp<int64_t>(in.interaction.own_step, 0, stages_before_sliding + windows);
  if (step <= stages_before_sliding) return {static_cast<InsertionStage>(step), 0, windows};
  return {InsertionStage::slide, step - stages_before_sliding, windows};
}

bool names_an_output(const Tag& tag) {
  return std::holds_alternative<OutputCell>(tag) || std::holds_alternative<Multiplication>(tag) ||
         std::holds_alternative<GradOutputCell>(tag);
}

/// The output cell whose window is shown: the one under the cursor, else the timeline's.
std::optional<CellIndex> window_of(const ViewInput& in, const Position& position) {
  if (names_an_output(in.interaction.hover)) return focused_output(in);
  if (position.stage != InsertionStage::slide) return {};
  const int64_t cols = output_size(in.results.scenario.layer.as_3d()[2]);
  const int64_t index = position.window - 1;
  return CellIndex{
      in.interaction.batch, in.interaction.out_channel, {in.interaction.out_slice, index / cols, index % cols}};
}

std::string size_text(const LayerSpec& layer, int64_t (*extent)(const AxisSpec&)) {
  std::string text;
  for (const AxisSpec& axis : layer.spatial()) text += (text.empty() ? "" : " × ") + std::to_string(extent(axis));
  return text;
}

std::string spread_text(const LayerSpec& layer) {
  return size_text(layer, [](const AxisSpec& axis) { return insertion_of(axis).spread; });
}
std::string padded_text(const LayerSpec& layer) {
  return size_text(layer, [](const AxisSpec& axis) { return insertion_of(axis).padded; });
}

/// "2" or, when axes or ends differ, the number for each: "1, 2".
std::string border_numbers(const LayerSpec& layer) {
  std::vector<int64_t> all;
  for (const AxisSpec& axis : layer.spatial()) {
    all.push_back(insertion_of(axis).border_begin);
    all.push_back(insertion_of(axis).border_end);
  }
  if (std::ranges::count(all, all[0]) == static_cast<std::ptrdiff_t>(all.size())) return std::to_string(all[0]);
  std::string text;
  for (const int64_t each : all) text += (text.empty() ? "" : ", ") + std::to_string(each);
  return text;
}

bool crops(const LayerSpec& layer) {
  return std::ranges::any_of(layer.spatial(), [](const AxisSpec& axis) {
    return insertion_of(axis).border_begin < 0 || insertion_of(axis).border_end < 0;
  });
}

std::string stride_numbers(const LayerSpec& layer) {
  const auto axes = layer.spatial();
  const bool same = std::ranges::all_of(axes, [&](const AxisSpec& axis) { return axis.stride == axes[0].stride; });
  if (same) return std::to_string(axes[0].stride - 1);
  std::string text;
  for (const AxisSpec& axis : axes) text += (text.empty() ? "" : ", ") + std::to_string(axis.stride - 1);
  return text;
}

std::string step_words(const ViewInput& in) {
  const LayerSpec& layer = in.results.scenario.layer;
  const Position position = position_of(in);
  switch (position.stage) {
    case InsertionStage::input:
      return "Stage 1 of 4 — the input, " + spatial_text(in.results.input.shape());
    case InsertionStage::zeros_between:
      return "Stage 2 of 4 — S−1 = " + stride_numbers(layer) + " zeros between neighbours: " + spread_text(layer);
    case InsertionStage::border:
      return "Stage 3 of 4 — " + std::string(crops(layer) ? "a crop" : "a border of zeros") +
             ", D(K−1)−P = " + border_numbers(layer) + ": " + padded_text(layer);
    case InsertionStage::slide:
      break;
  }
  const CellIndex window = *window_of(in, position);
  const auto axes = layer.as_3d();
  return "Stage 4 of 4, window " + std::to_string(position.window) + " of " + std::to_string(position.windows) + " — " +
         sum_text(in, window) + " — " + std::to_string(real_products(layer, window.at)) + " of " +
         std::to_string(axes[0].kernel * axes[1].kernel * axes[2].kernel) + " products meet a real cell";
}

class InsertZerosPage {
 public:
  InsertZerosPage(const ViewInput& in, Figure& figure)
      : in_(in),
        figure_(figure),
        layer_(in.results.scenario.layer),
        position_(position_of(in)),
        window_(window_of(in, position_)),
        maps_(in, figure, window_),
        margin_(page_margin(in.size.w)) {}

  double draw() {
    const double top = draw_stage_cards();
    const double width = in_.size.w - 2 * margin_;
    const bool stacked = width < 520;
    const double left = stacked ? width : std::round(width * 0.56);
    // A window that is shown because of the cursor needs the map that it slides over.
    const InsertionStage stage = window_ ? InsertionStage::slide : position_.stage;
    const double room_height = std::max(200.0, in_.size.h - top - 40 - 56);
    const Rect map_room{margin_, top + 40, left, stacked ? std::min(room_height, width) : room_height};
    map_title(map_room, stage);
    const Rect map = maps_.draw_map(map_room, stage);
    const double below = map_legend(map, left);
    const double x = stacked ? margin_ : margin_ + left + std::clamp(width * 0.07, 24.0, 60.0);
    return std::max(below, draw_right({x, stacked ? below + 30 : top + 40, in_.size.w - margin_ - x, 0})) + 20;
  }

 private:
  const Theme& theme() const { return in_.theme; }

  double draw_stage_cards() {
    const double gap = 12;
    const double width = in_.size.w - 2 * margin_;
    const bool wide = width >= 560;
    const double columns = wide ? 4 : 2;
    const double card = (width - (columns - 1) * gap) / columns;
    const std::string between = stride_numbers(layer_);
    const std::array<std::array<std::string, 2>, 4> words{{
        {"1  Input", spatial_text(in_.results.input.shape())},
        {"2  Zeros between", "S−1 = " + between + " → " + spread_text(layer_)},
        {crops(layer_) ? "3  Crop" : "3  Border", "D(K−1)−P = " + border_numbers(layer_) + " → " + padded_text(layer_)},
        {"4  Slide, stride 1", "turned kernel → " + spatial_text(in_.results.frame.output.shape())},
    }};
    double bottom = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const double col = static_cast<double>(i % static_cast<std::size_t>(columns));
      const double row = static_cast<double>(i / static_cast<std::size_t>(columns));
      const Rect place{margin_ + col * (card + gap), 20 + row * 64, card, 54};
      const bool current = static_cast<std::size_t>(position_.stage) == i;
      const auto step = static_cast<int64_t>(i) < 3 ? static_cast<int64_t>(i) : own_steps(in_.results.scenario);
      figure_.add(RectShape{.rect = place,
                            .fill = theme().surface,
                            .stroke = current ? theme().kernel : theme().border,
                            .stroke_width = current ? 2.0 : 1.0,
                            .radius = 6},
                  GoToStep{step});
      figure_.add(TextShape{.at = {place.x + 12, place.y + 22},
                            .text = in_.text.fitted(Font::semibold, 14, words[i][0], card - 20),
                            .font = Font::semibold,
                            .size = 14,
                            .color = theme().text});
      figure_.add(TextShape{.at = {place.x + 12, place.y + 42},
                            .text = in_.text.fitted(Font::regular, 12, words[i][1], card - 20),
                            .size = 12,
                            .color = theme().muted});
      bottom = place.bottom();
    }
    return bottom;
  }

  void map_title(const Rect& room, InsertionStage stage) {
    const std::array<std::string, 4> names{"Input", "Input with zeros between", "Padded, zero-inserted input",
                                           "Padded, zero-inserted input"};
    add_map_title(
        figure_, in_, room, theme().text, names[static_cast<std::size_t>(stage)],
        part_text(layer_, in_.interaction.in_channel, layer_.in_channels, maps_.slice(stage), maps_.slices(stage)));
  }

  double map_legend(const Rect& map, double width) {
    double y = map.bottom() + 28;
    const auto line = [&](const std::string& words) {
      y = add_paragraph(figure_, in_.text, {margin_, y}, width, {.size = 13, .color = theme().muted}, words);
    };
    line(std::to_string(maps_.zero_cells()) + " of " + std::to_string(maps_.padded_cells()) +
         " cells of the padded map are zeros (hatched)");
    if (crops(layer_) && position_.stage == InsertionStage::zeros_between) line("Dashed cells are cropped next");
    const int64_t per_group = layer_.in_channels / layer_.groups;
    if (per_group > 1) line("The sum goes over the " + std::to_string(per_group) + " input channels of the group");
    return y;
  }

  /// Kernel, switch and output, one under the other; returns where they end.
  double draw_right(const Rect& room) {
    const bool turned = maps_.turned();
    const double kernel_side = std::clamp(room.w * 0.45, 80.0, 170.0);
    const Rect kernel_room{room.x, room.y, kernel_side, kernel_side};
    add_map_title(figure_, in_, {room.x, room.y, room.w, 0}, theme().kernel_text,
                  turned ? "Kernel, turned by 180°" : "Kernel, not turned ✗", kernel_text());
    const Rect kernel = maps_.draw_kernel(kernel_room);
    double y = kernel.bottom() + 26;
    const double beside = kernel.right() + 20;
    const double words_x = room.right() - beside >= 130 ? beside : room.x;
    double words_y = words_x == beside ? room.y + 14 : y;
    words_y = add_paragraph(figure_, in_.text, {words_x, words_y}, room.right() - words_x,
                            {.size = 13, .color = theme().muted},
                            turned ? "Painting stamps the kernel as it is. Sliding must use it turned around."
                                   : "Not turned, every window reads the wrong taps, unless the kernel looks the same "
                                     "both ways.");
    add_link(figure_, in_.text, {words_x, words_y + 4}, 13,
             in_.text.fitted(Font::regular, 13, turned ? "Slide it unturned" : "Turn it again", room.right() - words_x),
             theme().input_text, ViewOption{InsertZerosMaps::unturned_option});
    y = std::max(y, words_y + 34);
    if (window_) {
      y = add_paragraph(figure_, in_.text, {room.x, y + 4}, room.w, {.size = 13, .color = theme().text},
                        std::to_string(maps_.met()) + " of " + std::to_string(maps_.products()) +
                            " products of this window meet a real cell") +
          6;
    }
    return draw_output({room.x, y + 34, room.w, std::max(180.0, in_.size.h - y - 60)});
  }

  std::string kernel_text() const {
    std::string text;
    if (layer_.in_channels > 1 || layer_.out_channels > 1) {
      text =
          "w[" + std::to_string(in_.interaction.in_channel) + " → " + std::to_string(in_.interaction.out_channel) + "]";
    }
    if (layer_.dims == 3) {
      text +=
          " · slice " + std::to_string(in_.interaction.tap_slice) + " of " + std::to_string(layer_.as_3d()[0].kernel);
    }
    return text;
  }

  /// The result with the kernel slid as it is; empty when that takes too long for a picture.
  std::optional<Tensor> unturned_output() const {
    if (window_multiplications(layer_) > 1'000'000) return {};
    return insert_zeros(layer_, in_.results.input, flipped(in_.results.weight), in_.results.bias, {});
  }

  double draw_output(const Rect& room) {
    const auto axes = layer_.as_3d();
    const Interaction& state = in_.interaction;
    const Tensor& right = in_.results.ways->output;
    const bool turned = maps_.turned();
    const auto wrong = turned ? std::nullopt : unturned_output();
    const Tensor& shown = wrong ? *wrong : right;
    const PlaneView plane = plane_of(shown, state.batch, state.out_channel, state.out_slice);
    const PlaneView truth = plane_of(right, state.batch, state.out_channel, state.out_slice);
    add_map_title(figure_, in_, room, theme().output_text, "Output",
                  spatial_text(right.shape()) +
                      part_text(layer_, state.out_channel, layer_.out_channels, state.out_slice, output_size(axes[0])));
    const bool sliding = position_.stage == InsertionStage::slide;
    const int64_t done = sliding ? position_.window : 0;
    const bool table = !too_many_cells(plane) && plane.rows <= 12 && plane.cols <= 12 && room.w >= 260 && turned;
    const double table_width = table ? 24 + static_cast<double>(plane.cols) * 17 : 0;
    const Rect map_room{room.x, room.y, room.w - std::min(table_width, room.w * 0.45), room.h};
    const Rect map = add_value_map(figure_, in_, map_room,
                                   {.plane = plane,
                                    .first = OutputCell{{state.batch, state.out_channel, {state.out_slice, 0, 0}}},
                                    .role = output_role(theme()),
                                    .largest_cell = 56,
                                    .adjust = [&](int64_t row, int64_t col, CellLook& look) {
                                      const int64_t index = row * plane.cols + col;
                                      if (index >= done) {
                                        look.number.clear();
                                        look.fill = theme().background;
                                      } else if (!(plane.values[static_cast<std::size_t>(index)] ==
                                                   truth.values[static_cast<std::size_t>(index)])) {
                                        look.badge = "✗";
                                        look.badge_color = theme().bad_text;
                                        look.stroke = theme().bad;
                                      }
                                    }});
    if (window_ && !too_many_cells(plane)) {
      const Rect cell = place_of(figure_, OutputCell{*window_});
      if (cell.w > 0) {
        figure_.add(RectShape{
            .rect = cell.grown(2), .stroke = theme().cursor, .stroke_width = 2, .radius = cell.w >= 24 ? 6.0 : 2.0});
      }
    }
    double y = map.bottom() + 26;
    if (table && room.w * 0.45 >= table_width) y = std::max(y, draw_met_table(map, plane.rows, plane.cols) + 8);
    if (!turned) {
      const auto count = wrong
                             ? std::ranges::count_if(std::views::iota(std::size_t{0}, plane.values.size()),
                                                     [&](std::size_t i) { return plane.values[i] != truth.values[i]; })
                             : 0;
      y = add_paragraph(figure_, in_.text, {room.x, y}, room.w, {.size = 13, .color = theme().text},
                        !wrong       ? "Too large to slide it unturned here."
                        : count == 0 ? "No cell is wrong: this kernel looks the same both ways."
                                     : "✗ " + std::to_string(static_cast<int64_t>(count)) + " of " +
                                           std::to_string(plane.values.size()) + " cells are wrong.");
    }
    return y;
  }

  /// How many input cells each window meets, in the output's order; returns where it ends.
  double draw_met_table(const Rect& map, int64_t rows, int64_t cols) {
    const double x = map.right() + 24;
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t col = 0; col < cols; ++col) {
        const std::array<int64_t, 3> at{in_.interaction.out_slice, row, col};
        const bool here = window_ && window_->at == at;
        figure_.add(TextShape{.at = {x + 6 + static_cast<double>(col) * 17, map.y + 12 + static_cast<double>(row) * 18},
                              .text = std::to_string(real_products(layer_, at)),
                              .font = here ? Font::mono_medium : Font::mono,
                              .size = 12,
                              .color = here ? theme().kernel_text : theme().muted,
                              .align = Align::centre});
      }
    }
    const double y = map.y + 16 + static_cast<double>(rows) * 18;
    const std::string words = "real cells met";
    const bool fits = in_.text.width(Font::regular, 12, words) <= in_.size.w - margin_ - x;
    if (fits) figure_.add(TextShape{.at = {x, y}, .text = words, .size = 12, .color = theme().muted});
    return y;
  }

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const Position position_;
  const std::optional<CellIndex> window_;
  InsertZerosMaps maps_;
  const double margin_;
};

Figure draw(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Inserting zeros"};
  if (add_no_result_page(figure, in, true)) return figure;
  if (in.results.ways->padded.empty()) {
    const double margin = page_margin(in.size.w);
    add_paragraph(figure, in.text, {margin, 60}, in.size.w - 2 * margin, {.size = 14, .color = in.theme.text},
                  "This layer is too large to be computed this way here: Paint and Size still show it.");
    return figure;
  }
  figure.size.h = std::max(in.size.h, InsertZerosPage(in, figure).draw());
  return figure;
}

}  // namespace

View insert_zeros_view() {
  return {.id = "insert-zeros",
          .label = "Insert zeros",
          .group = 0,
          .order = 1,
          .timeline = Timeline::own,
          .has_inspector = false,
          .draw = draw,
          .needs_ways = true,
          .own_steps = own_steps,
          .step_words = step_words};
}

}  // namespace tconv
