#include "views/insert_zeros_output.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/zero_insertion.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {

using std::int64_t;

namespace {

constexpr int64_t longest_picture = 2'000'000;  // multiplications: some milliseconds
constexpr int64_t largest_table = 12;           // rows and columns of the table of counts

class InsertionOutput {
 public:
  InsertionOutput(const ViewInput& in, Figure& figure)
      : in_(in),
        figure_(figure),
        layer_(in.results.scenario.layer),
        window_(insertion_window(in)),
        done_(insertion_position(in).window),
        right_(plane_of(in.results.ways->output, in.interaction.batch, in.interaction.out_channel,
                        in.interaction.out_slice)),
        largest_(largest_magnitude(right_.values)) {
    if (in.interaction.options.contains(unturned_option)) unturned_ = unturned_output(in);
  }

  double draw(const Rect& room) {
    const PlaneView plane = shown();
    const double table = table_width(room.w);
    const Rect map_room{room.x, room.y, room.w - table, room.h};
    draw_title(room);
    const std::size_t before = figure_.shapes.size();
    const Rect map = add_value_map(figure_, in_, map_room, value_map(plane));
    if (too_many_cells(plane)) hide_what_follows(before);
    frame_window();
    double y = map.bottom();
    if (table > 0) y = std::max(y, draw_table(map));
    return in_.interaction.options.contains(unturned_option) ? draw_verdict({room.x, y + 26}, room.w) : y;
  }

 private:
  const Theme& theme() const { return in_.theme; }
  PlaneView shown() const { return unturned_ ? plane_of(*unturned_, 0, 0, in_.interaction.out_slice) : right_; }

  std::string title() const {
    return spatial_text(in_.results.ways->output.shape()) + part_text(layer_, in_.interaction.out_channel,
                                                                      layer_.out_channels, in_.interaction.out_slice,
                                                                      output_size(layer_.as_3d()[0]));
  }

  void draw_title(const Rect& room) { add_map_title(figure_, in_, room, theme().output_text, "Output", title()); }

  ValueMap value_map(const PlaneView& plane) const {
    const Interaction& state = in_.interaction;
    return {.plane = plane,
            .first = OutputCell{{state.batch, state.out_channel, {state.out_slice, 0, 0}}},
            .role = output_role(theme()),
            .largest_cell = 56,
            .adjust = [this, plane](int64_t row, int64_t col, CellLook& look) {
              const int64_t index = row * plane.cols + col;
              const auto at = static_cast<std::size_t>(index);
              if (index >= done_) {
                look.number.clear();
                look.fill = theme().background;
              } else if (is_wrong(plane.values[at], right_.values[at], largest_)) {
                look.badge = "✗";
                look.badge_color = theme().bad_text;
                look.fill = theme().surface;
                look.stroke = theme().bad;
                look.dashed = true;
              }
            }};
  }

  /// Covers the cells of an image that no window has reached yet. `before`: the first of the image's shapes.
  void hide_what_follows(std::size_t before) {
    const CellGrid& grid = figure_.grids.back();
    const int64_t row = done_ / grid.cols;
    const int64_t col = done_ % grid.cols;
    std::vector<Rect> hidden;
    if (col > 0) hidden.push_back(grid.place(row, col, row, grid.cols - 1));
    const int64_t next = col > 0 ? row + 1 : row;
    if (next < grid.rows) hidden.push_back(grid.place(next, 0, grid.rows - 1, grid.cols - 1));
    for (const Rect& rect : hidden) {
      if (rect.w <= 0 || rect.h <= 0) continue;
      for (std::size_t i = figure_.shapes.size(); i > before; --i) {
        const auto* words = std::get_if<TextShape>(&figure_.shapes[i - 1].what);
        if (words == nullptr || !rect.contains(words->at)) continue;
        figure_.shapes.erase(figure_.shapes.begin() + static_cast<std::ptrdiff_t>(i - 1));
      }
      figure_.add(RectShape{.rect = rect, .fill = theme().background});
    }
  }

  void frame_window() {
    if (!window_) return;
    Rect cell = place_of(figure_, OutputCell{*window_});
    if (cell.w <= 0 || cell.h <= 0) return;
    const double side = std::min(cell.w, cell.h);
    cell = cell.grown(side >= 12 ? 2 : std::max(1.0, (7 - side) / 2));
    figure_.add(RectShape{.rect = cell, .stroke = theme().cursor, .stroke_width = 2, .radius = side >= 24 ? 6.0 : 0.0});
  }

  /// How many real cells the window of an output cell of this slice meets.
  std::string met(int64_t row, int64_t col) const {
    return std::to_string(real_products(layer_, {in_.interaction.out_slice, row, col}));
  }

  double column_width() const {
    std::size_t digits = 1;
    for (int64_t row = 0; row < right_.rows; ++row) {
      for (int64_t col = 0; col < right_.cols; ++col) digits = std::max(digits, met(row, col).size());
    }
    return in_.text.width(Font::mono, 12, std::string(digits, '0')) + 10;
  }

  /// What the table takes beside the map, the gap before it included; 0: there is no room for it.
  double table_width(double room) const {
    if (right_.rows > largest_table || right_.cols > largest_table) return 0;
    const double words = in_.text.width(Font::regular, 12, table_title);
    const double width = gap + std::max(words, static_cast<double>(right_.cols) * column_width());
    return width <= 0.45 * room && room - width >= 130 ? width : 0;
  }

  /// The counts in the output's order; returns where they end.
  double draw_table(const Rect& map) {
    const double x = map.right() + gap;
    const double column = column_width();
    double y = map.y + 14;
    for (int64_t row = 0; row < right_.rows; ++row, y += 19) {
      for (int64_t col = 0; col < right_.cols; ++col) {
        const bool here = window_ && window_->at == std::array<int64_t, 3>{in_.interaction.out_slice, row, col};
        const double right = x + static_cast<double>(col + 1) * column - 6;
        const std::string count = met(row, col);
        figure_.add(TextShape{.at = {right, y},
                              .text = count,
                              .font = here ? Font::mono_medium : Font::mono,
                              .size = 12,
                              .color = here ? theme().text : theme().muted,
                              .align = Align::right});
        const double width = in_.text.width(Font::mono, 12, count);
        if (here) figure_.add(LineShape{{{right - width, y + 4}, {right, y + 4}}, theme().kernel, 2});
      }
    }
    // Above the table, unless the map's own title reaches over it.
    const double title_end =
        map.x + in_.text.width(Font::semibold, 14, "Output ") + in_.text.width(Font::regular, 14, " " + title());
    const bool above = title_end + 12 < x;
    figure_.add(TextShape{.at = {x, above ? map.y - 12 : y}, .text = table_title, .size = 12, .color = theme().muted});
    return above ? y - 10 : y + 6;
  }

  /// What the unturned kernel did to the cells that it has reached.
  double draw_verdict(Point at, double width) {
    std::string words = "Too large to slide it unturned here: these are the numbers of the turned kernel.";
    Color color = theme().text;
    if (unturned_) {
      const PlaneView plane = shown();
      int64_t wrong = 0;
      for (int64_t i = 0; i < done_; ++i) {
        const auto index = static_cast<std::size_t>(i);
        wrong += is_wrong(plane.values[index], right_.values[index], largest_) ? 1 : 0;
      }
      if (wrong > 0) color = theme().bad_text;
      words = done_ == 0  ? "Slide the kernel to see which cells go wrong."
              : wrong > 0 ? "✗ " + std::to_string(wrong) + " of " + std::to_string(done_) + " cells are wrong."
                          : "✓ No cell is wrong yet.";
      if (wrong == 0 && done_ == right_.rows * right_.cols) {
        words = "✓ No cell is wrong: here it makes no difference which way round the kernel is.";
      }
    }
    return add_paragraph(figure_, in_.text, at, width, {.size = 13, .color = color}, words);
  }

  static constexpr const char* table_title = "real cells met";
  static constexpr double gap = 24;

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const std::optional<CellIndex> window_;
  const int64_t done_;  ///< output cells that are reached
  const PlaneView right_;
  const double largest_;
  std::optional<Tensor> unturned_;
};

}  // namespace

std::optional<Tensor> unturned_output(const ViewInput& in) {
  const LayerSpec& layer = in.results.scenario.layer;
  const int64_t in_channels = layer.in_channels / layer.groups;
  const int64_t out_per_group = layer.out_channels / layer.groups;
  const int64_t channel = in.interaction.out_channel;
  LayerSpec one = layer;  // the one output channel of one sample
  one.batch = one.out_channels = one.groups = 1;
  one.in_channels = in_channels;
  if (window_multiplications(one) > longest_picture) return {};

  const auto part = [](const Tensor& tensor, int64_t begin, int64_t count) {
    return tensor.values().subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count));
  };
  const int64_t first = channel / out_per_group * in_channels;
  const int64_t inputs = input_shape(one).elements();
  const int64_t input_plane = inputs / in_channels;
  const auto cells = part(in.results.input, (in.interaction.batch * layer.in_channels + first) * input_plane, inputs);
  const int64_t taps = window_taps(layer);
  std::vector<float> weights;
  for (int64_t c = first; c < first + in_channels; ++c) {
    const auto kernel = part(in.results.weight, (c * out_per_group + channel % out_per_group) * taps, taps);
    weights.insert(weights.end(), kernel.begin(), kernel.end());
  }
  const Tensor bias =
      in.results.bias.empty() ? Tensor() : Tensor(Shape{1}, std::vector<float>{in.results.bias[channel]});
  return insert_zeros(one, Tensor(input_shape(one), {cells.begin(), cells.end()}),
                      flipped(Tensor(weight_shape(one), std::move(weights))), bias, {});
}

bool is_wrong(float value, float right, double largest) {
  if (value == right || (std::isnan(value) && std::isnan(right))) return false;
  const double difference = std::abs(static_cast<double>(value) - static_cast<double>(right));
  return !(difference <= 1e-5 * largest);
}

double add_insertion_output(Figure& figure, const ViewInput& in, const Rect& room) {
  return InsertionOutput(in, figure).draw(room);
}

}  // namespace tconv
