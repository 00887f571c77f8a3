// Zero insertion in four stages: the input, zeros between its cells, a border, and the turned kernel sliding at
// stride 1.

#include <algorithm>
#include <cmath>

#include "views/insert_zeros_map.h"
#include "views/insert_zeros_output.h"
#include "views/value_map.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

int64_t insertion_timeline(const Scenario& scenario) { return insertion_steps(scenario.layer); }

/// "output (1, 2) = 1·6 + 2·4 = 14", or what the unturned kernel makes of it.
std::string window_words(const ViewInput& in, const CellIndex& window) {
  const auto unturned = in.interaction.options.contains(unturned_option) ? unturned_output(in) : std::nullopt;
  const Tensor& right = in.results.ways->output;
  if (!unturned || window.batch != in.interaction.batch || window.channel != in.interaction.out_channel) {
    return sum_text(in, window);
  }
  LayerSpec one = in.results.scenario.layer;
  one.batch = one.in_channels = one.out_channels = one.groups = 1;
  const float value = (*unturned)[flat_output(one, {0, 0, window.at})];
  const float wanted = right[flat_output(in.results.scenario.layer, window)];
  const PlaneView plane = plane_of(right, window.batch, window.channel, window.at[0]);
  const std::string text = "with the kernel unturned, output " + place_text(one, window.at) + " = " +
                           number_text(static_cast<double>(value));
  if (!is_wrong(value, wanted, largest_magnitude(plane.values))) return text + " ✓";
  return text + ", not " + number_text(static_cast<double>(wanted)) + " ✗";
}

std::string insertion_words(const ViewInput& in) {
  const LayerSpec& layer = in.results.scenario.layer;
  const InsertionPosition position = insertion_position(in);
  switch (position.stage) {
    case InsertionStage::input:
      return "Stage 1 of 4 — the input, " + spatial_text(in.results.input.shape());
    case InsertionStage::zeros_between:
      return "Stage 2 of 4 — " + zeros_between_text(layer) + " between neighbours: " + spread_text(layer);
    case InsertionStage::border:
      return "Stage 3 of 4 — " + long_border_text(layer) + ": " + padded_text(layer);
    case InsertionStage::slide:
      break;
  }
  const CellIndex window = *insertion_window(in);
  std::string words =
      "Stage 4 of 4, window " + std::to_string(position.window) + " of " + std::to_string(position.windows) + " — ";
  if (in.results.ways && !too_large_for_insertion(in)) words += window_words(in, window) + " — ";
  return words + met_text(in, window);
}

class InsertZerosPage {
 public:
  InsertZerosPage(const ViewInput& in, Figure& figure)
      : in_(in),
        figure_(figure),
        layer_(in.results.scenario.layer),
        position_(insertion_position(in)),
        window_(insertion_window(in)),
        turned_(!in.interaction.options.contains(unturned_option)),
        maps_(in, figure, window_, turned_),
        margin_(page_margin(in.size.w)) {}

  double draw() {
    const double top = draw_stage_cards() + 48;
    const double width = in_.size.w - 2 * margin_;
    const bool stacked = width < 520 || layer_.dims == 1;  // a row takes the whole width
    const double left = stacked ? width : std::round(width * 0.56);
    const double x = stacked ? margin_ : margin_ + left + std::clamp(width * 0.07, 24.0, 60.0);
    // A window that is shown because of the cursor needs the map that it slides over.
    const InsertionStage stage = window_ ? InsertionStage::slide : position_.stage;
    const double height = std::max(200.0, in_.size.h - top - 90);
    const Rect room{margin_, top, left, stacked ? std::min(height, width) : height};
    draw_map_title(room, stage);
    const Rect map = maps_.draw_map(room, stage);
    const double right = in_.size.w - margin_ - x;
    const bool why_beside = stacked || right >= 300;  // the kernel, else it stands below the map
    // In every stage at the same place, lest what is under the cursor jumps.
    const bool reserve = stacked || !why_beside;
    const double map_bottom = std::max(map.bottom(), reserve ? room.y + maps_.largest_height(room) : 0.0);
    double below = draw_legend({margin_, map_bottom + 28}, left, stage);
    if (!why_beside && is_joined()) below = draw_why({margin_, below + 10}, left);
    return std::max(below, draw_right({x, stacked ? below + 34 : top, right, 0}, why_beside)) + 20;
  }

 private:
  const Theme& theme() const { return in_.theme; }

  bool is_joined() const { return joined(layer_, in_.interaction.in_channel, in_.interaction.out_channel); }

  double draw_stage_cards() {
    const double gap = 12;
    const double width = in_.size.w - 2 * margin_;
    const double columns = width >= 560 ? 4 : 2;
    const double card = (width - (columns - 1) * gap) / columns;
    const std::array<std::array<std::string, 2>, 4> words{{
        {"1  Input", spatial_text(in_.results.input.shape())},
        {"2  Zeros between", zeros_between_text(layer_) + " → " + spread_text(layer_)},
        {insertion_crops(layer_) ? "3  Crop" : "3  Border", border_text(layer_) + " → " + padded_text(layer_)},
        {"4  Slide, stride 1",
         std::string(turned_ ? "turned" : "unturned") + " kernel → " + spatial_text(in_.results.ways->output.shape())},
    }};
    double bottom = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const double col = static_cast<double>(i % static_cast<std::size_t>(columns));
      const double row = static_cast<double>(i / static_cast<std::size_t>(columns));
      const Rect place{margin_ + col * (card + gap), 20 + row * 64, card, 54};
      const bool current = static_cast<std::size_t>(position_.stage) == i;
      figure_.add(RectShape{.rect = place,
                            .fill = theme().surface,
                            .stroke = current ? theme().kernel : theme().border,
                            .stroke_width = current ? 2.0 : 1.0,
                            .radius = 6},
                  GoToStep{i < 3 ? static_cast<int64_t>(i) : insertion_steps(layer_)});
      add_line({place.x + 12, place.y + 22}, words[i][0], Font::semibold, 14, theme().text, card - 22);
      const std::string& small = words[i][1];
      const auto arrow = small.find("→");
      const bool whole = arrow == std::string::npos || in_.text.width(Font::regular, 11, small) <= card - 22;
      add_line({place.x + 12, place.y + 42}, whole ? small : small.substr(arrow), Font::regular, 12, theme().muted,
               card - 22);
      bottom = place.bottom();
    }
    return bottom;
  }

  /// One line, in a smaller type where it must be.
  void add_line(Point at, const std::string& words, Font font, double size, Color color, double room) {
    while (size > 11 && in_.text.width(font, size, words) > room) --size;
    figure_.add(TextShape{
        .at = at, .text = in_.text.fitted(font, size, words, room), .font = font, .size = size, .color = color});
  }

  void draw_map_title(const Rect& room, InsertionStage stage) {
    const bool crop = insertion_crops(layer_);
    const std::array<std::string, 4> names{"Input", "Zeros between the cells",
                                           crop ? "What is cropped" : "A border of zeros",
                                           "Padded, zero-inserted input"};
    add_map_title(figure_, in_, room, theme().text, names[static_cast<std::size_t>(stage)], maps_.plane_text(stage));
  }

  /// What hatches and dashes mean, and how many cells have them; returns the y below.
  double draw_legend(Point at, double width, InsertionStage stage) {
    const auto count = maps_.count(stage);
    if (count.image) {
      add_line(at, std::to_string(count.zeros) + " of " + std::to_string(count.cells) + " cells are zeros",
               Font::regular, 13, theme().muted, width);
      at.y += 21;
    } else {
      at.y = draw_swatches(at, width, stage);
    }
    const int64_t per_group = layer_.in_channels / layer_.groups;
    if (per_group == 1) return at.y;
    return add_paragraph(figure_, in_.text, at, width, {.size = 13, .color = theme().muted},
                         "The sum goes over " +
                             (layer_.groups > 1 ? "the " + std::to_string(per_group) + " input channels of the group"
                                                : "all " + std::to_string(per_group) + " input channels") +
                             "; one of them is shown.");
  }

  double draw_swatches(Point at, double width, InsertionStage stage) {
    const auto count = maps_.count(stage);
    const auto entry = [&](RectShape swatch, const std::string& words) {
      swatch.rect = {at.x, at.y - 11, 12, 12};
      swatch.stroke_width = 1;
      swatch.radius = 2;
      figure_.add(swatch);
      add_line({at.x + 20, at.y}, words, Font::regular, 13, theme().muted, width - (at.x - margin_) - 20);
      return at.x + 20 + in_.text.width(Font::regular, 13, words) + 24;
    };
    const Color real = mix(theme().surface, theme().input, 0.4);
    const double x = entry({.rect = {}, .fill = real, .stroke = theme().input}, "real cells");
    const std::string zeros = "zeros: " + std::to_string(count.zeros) + " of " + std::to_string(count.cells) + " cells";
    const bool one_line = width >= 340;
    at = one_line ? Point{x, at.y} : Point{margin_, at.y + 21};
    entry({.rect = {}, .fill = theme().background, .stroke = theme().faint, .hatched = true}, zeros);
    at = {margin_, at.y + 21};
    if (!insertion_crops(layer_)) return at.y;
    const bool shown = stage == InsertionStage::zeros_between || stage == InsertionStage::border;
    entry({.rect = {}, .fill = theme().background, .stroke = theme().input, .dashed = true},
          shown ? "cropped, " + std::to_string(count.cropped) + " of them real" : "cropped before the kernel slides");
    return at.y + 21;
  }

  /// Kernel, switch and output, one under the other; returns where they end.
  double draw_right(const Rect& room, bool why_beside) {
    const bool wide = room.w >= 300;
    const double side = std::clamp(room.w * (wide ? 0.45 : 0.58), 80.0, 170.0);
    add_map_title(figure_, in_, room, theme().kernel_text,
                  turned_ ? (layer_.dims == 2 ? "Kernel, turned by 180°" : "Kernel, reversed") : "Kernel, not turned ✗",
                  kernel_text());
    const Rect kernel = maps_.draw_kernel({room.x, room.y, side, side});
    double y = kernel.bottom();
    if (why_beside && is_joined()) {
      const bool beside = wide && room.right() - kernel.right() - 20 >= 130;
      const double x = beside ? kernel.right() + 20 : room.x;
      y = std::max(y, draw_why({x, beside ? room.y + 14 : y + 26}, room.right() - x));
    }
    add_line({room.x, y + 28},
             window_ ? met_text(in_, *window_) + slice_text()
                     : "Each window makes " + std::to_string(window_taps(layer_)) + " products" +
                           (window_taps(layer_) == 1 ? " (one tap)" : ""),
             Font::regular, 13, theme().text, room.w);
    y += 28 + 48;
    return add_insertion_output(figure_, in_, {room.x, y, room.w, std::max(180.0, in_.size.h - y - 40)});
  }

  /// Why the kernel is turned, and the switch that leaves it as it is.
  double draw_why(Point at, double width) {
    const std::string words =
        turned_
            ? "The first window that reaches a cell has it at the window’s last place, where painting uses the first "
              "tap. So the kernel must be " +
                  turned_name(layer_) + "."
            : "Every window now takes the taps in the wrong order.";
    const double y = add_paragraph(figure_, in_.text, at, width, {.size = 13, .color = theme().muted}, words);
    add_link(figure_, in_.text, {at.x, y + 4}, 13,
             in_.text.fitted(Font::regular, 13, turned_ ? "Slide it unturned" : "Turn it again", width),
             theme().input_text, ViewOption{unturned_option});
    return y + 10;
  }

  /// Of a 3D layer, whose other slices are not in sight.
  std::string slice_text() const {
    return layer_.dims == 3 ? ", " + std::to_string(maps_.met_in_slice()) + " in this slice" : "";
  }

  std::string kernel_text() const {
    const Interaction& state = in_.interaction;
    std::string text;
    if (layer_.in_channels > 1 || layer_.out_channels > 1) {
      text = "w[" + std::to_string(state.in_channel) + " → " + std::to_string(state.out_channel) + "]";
    }
    if (layer_.dims == 3) {
      text += std::string(text.empty() ? "" : " ") + "· slice " + std::to_string(state.tap_slice) + " of " +
              std::to_string(layer_.as_3d()[0].kernel);
    }
    return text;
  }

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const InsertionPosition position_;
  const std::optional<CellIndex> window_;
  const bool turned_;
  InsertZerosMaps maps_;
  const double margin_;
};

Figure draw_insert_zeros(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Inserting zeros"};
  if (add_no_result_page(figure, in, true)) return figure;
  if (too_large_for_insertion(in)) {
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
          .draw = draw_insert_zeros,
          .needs_ways = true,
          .own_steps = insertion_timeline,
          .step_words = insertion_words,
          .arrays = insert_zeros_arrays,
          .options = []() -> std::vector<OptionRule> { return {{unturned_option}}; }};
}

}  // namespace tconv
