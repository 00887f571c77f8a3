// The polyphase form: S small kernels per axis, each a plain convolution at stride 1, whose outputs interleave into y.

#include <algorithm>
#include <cmath>
#include <map>

#include "core/coverage.h"
#include "views/large_map.h"
#include "views/phase_cards.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr double largest_output_cell = 60;

int64_t phase_count(const Scenario& scenario) { return PlanePhases::count(scenario.layer); }

int64_t done_of(const ViewInput& in) {
  return std::clamp<int64_t>(in.interaction.own_step, 0, phase_count(in.results.scenario));
}

class PhasesPage {
 public:
  PhasesPage(const ViewInput& in, Figure& figure)
      : in_(in),
        figure_(figure),
        layer_(in.results.scenario.layer),
        axes_(layer_.as_3d()),
        phases_(layer_, in.interaction.out_slice),
        count_(PlanePhases::count(layer_)),
        output_(plane_of(in.results.ways->output, in.interaction.batch, in.interaction.out_channel,
                         in.interaction.out_slice)),
        margin_(page_margin(in.size.w)),
        done_(done_of(in)) {}

  double draw() {
    const double width = in_.size.w - 2 * margin_;
    const double maps_bottom = draw_maps(draw_heading(width) + 34, width);
    PhaseCards cards(in_, figure_, phases_, output_, done_);
    return cards.draw({margin_, maps_bottom + 24, width, 0}) + 20;
  }

 private:
  const Theme& theme() const { return in_.theme; }

  double draw_heading(double width) {
    const int64_t all = count_ * axes_[0].stride;
    const std::string title = all == 1
                                  ? "Stride 1: one phase, and its sub-kernel is the whole kernel"
                                  : "y = " + std::to_string(all) + " small convolutions of x at stride 1, interleaved";
    double y = add_paragraph(figure_, in_.text, {margin_, 34}, width,
                             {.font = Font::semibold, .size = 14, .color = theme().text}, title);
    const auto line = [&](const std::string& words, Color color) {
      if (!words.empty()) {
        y = add_paragraph(figure_, in_.text, {margin_, y}, width, {.size = 13, .color = color}, words);
      }
    };
    line(count_text(), theme().text);
    line("Phase φ of an axis has the taps k with k·D ≡ φ (mod S); its cell m is the sum of w[k] · x[m − (k·D − φ)/S].",
         theme().muted);
    line(uneven_text(), theme().muted);
    line(crop_text(), theme().muted);
    line(part_of_the_layer_text(), theme().muted);
    return y;
  }

  std::string count_text() const {
    const auto all = static_cast<double>(window_multiplications(layer_));
    const auto real = static_cast<double>(layer_.batch) * static_cast<double>(matrix_nonzeros(layer_));
    return number_text(real, 9) + " products, none with an inserted zero, instead of the " + number_text(all, 9) +
           " of sliding over inserted zeros.";
  }

  std::string uneven_text() const {
    if (is_even(layer_)) return {};
    return "The phases have unequal numbers of taps: this is where a checkerboard comes from.";
  }

  /// The phase counts from the uncropped output; said only where that moves it.
  std::string crop_text() const {
    const bool moved = std::ranges::any_of(layer_.spatial(),
                                           [](const AxisSpec& axis) { return axis.padding_begin % axis.stride != 0; });
    if (!moved) return {};
    std::array<int64_t, 3> first{};
    for (std::size_t a = 0; a < 3; ++a) first[a] = phase_of(axes_[a], 0);
    return "Phases are counted before the crop, which here makes y begin with phase " + place_text(layer_, first) + ".";
  }

  std::string part_of_the_layer_text() const {
    std::string text;
    if (layer_.dims == 3 && axes_[0].stride > 1) {
      text = "Slice " + std::to_string(in_.interaction.out_slice) + " of y has phase " +
             std::to_string(phase_of(axes_[0], in_.interaction.out_slice)) +
             " along the depth: " + std::to_string(count_) + " of the small convolutions make it. ";
    }
    if (phases_.phase(0).z.taps.size() > 1) text += "Of the sub-kernels one slice is shown. ";
    const int64_t per_group = layer_.in_channels / layer_.groups;
    if (per_group > 1) {
      text += "Each sums over the " + std::to_string(per_group) +
              " input channels of the group; the taps shown are w[" + std::to_string(in_.interaction.in_channel) +
              " → " + std::to_string(in_.interaction.out_channel) + "].";
    }
    return text;
  }

  /// Input and output beside each other, where there is no room for that one above the other.
  double draw_maps(double top, double width) {
    const double height = std::max(std::clamp(in_.size.h * 0.4, 170.0, 460.0), letters_height());
    if (layer_.dims == 1 || width < 340) {
      const double bottom = draw_input({margin_, top, width, std::min(height, 160.0)});
      return draw_output({margin_, bottom + 40, width, height});
    }
    const double left = std::round(width * 0.3);
    const double gap = std::clamp(width * 0.05, 20.0, 48.0);
    const double input_bottom = draw_input({margin_, top, left, height});
    const double x = margin_ + left + gap;
    return std::max(input_bottom, draw_output({x, top, in_.size.w - margin_ - x, height}));
  }

  /// What it takes that the cells of the output have room for their letters.
  double letters_height() const {
    return too_many_cells(output_) ? 0 : std::min(560.0, 16 * static_cast<double>(output_.rows));
  }

  double draw_input(const Rect& room) {
    const Interaction& state = in_.interaction;
    const Tensor& input = in_.results.input;
    add_map_title(figure_, in_, room, theme().input_text, "Input",
                  spatial_text(input.shape()) +
                      part_text(layer_, state.in_channel, layer_.in_channels, state.in_slice, axes_[0].input));
    return add_value_map(figure_, in_, room,
                         {.plane = plane_of(input, state.batch, state.in_channel, state.in_slice),
                          .first = InputCell{{state.batch, state.in_channel, {state.in_slice, 0, 0}}},
                          .role = input_role(theme()),
                          .largest_cell = 52})
        .bottom();
  }

  double draw_output(const Rect& room) {
    const Interaction& state = in_.interaction;
    const bool image = too_many_cells(output_);
    add_map_title(
        figure_, in_, room, theme().output_text, "Output",
        spatial_text(in_.results.ways->output.shape()) +
            part_text(layer_, state.out_channel, layer_.out_channels, state.out_slice, output_size(axes_[0])) +
            (image ? " — interleaved" : " — interleaved, each cell with its phase's letter"));
    const OutputCell first{{state.batch, state.out_channel, {state.out_slice, 0, 0}}};
    if (image) {
      if (done_ == count_) return add_map_image(figure_, in_, room, {output_}, first, BarPlace::beside_or_below).bottom;
      // What is not interleaved yet is 0, as in a running sum.
      std::vector<float> values(output_.values.begin(), output_.values.end());
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto at = static_cast<int64_t>(i);
        if (phases_.index_at(at / output_.cols, at % output_.cols) >= done_) values[i] = 0;
      }
      return add_map_image(figure_, in_, room, {{values, output_.rows, output_.cols}}, first, BarPlace::beside_or_below)
          .bottom;
    }
    draw_cells(fit_grid(room, output_.rows, output_.cols, largest_output_cell), first);
    return fit_grid(room, output_.rows, output_.cols, largest_output_cell).rect().bottom();
  }

  void draw_cells(const GridLayout& grid, const OutputCell& first) {
    const bool numbers = grid.cell >= 28;  // below it a cell has room for its letter alone
    add_cells(figure_, in_.text, grid, [&](int64_t row, int64_t col) {
      OutputCell tag = first;
      tag.cell.at[1] = row;
      tag.cell.at[2] = col;
      const int64_t index = phases_.index_at(row, col);
      const bool there = index < done_;
      const float value = output_.values[static_cast<std::size_t>(row * grid.cols + col)];
      return CellLook{.fill = there ? phase_fill(theme(), index, count_) : theme().background,
                      .stroke = index == done_ - 1 ? theme().output : theme().border,
                      .stroke_width = index == done_ - 1 ? 2.0 : 1.0,
                      .number = there && numbers ? number_text(static_cast<double>(value), 4) : "",
                      .number_color = theme().text,
                      .badge = {},
                      .badge_color = {},
                      .tag = tag};
    });
    if (grid.cell < 11) return;
    const double size = snapped_type_size(std::clamp(grid.cell * 0.22, 9.0, 12.0));
    const double cap = in_.text.cap_height(Font::mono, size);
    for (int64_t row = 0; row < grid.rows; ++row) {
      for (int64_t col = 0; col < grid.cols; ++col) {
        const int64_t index = phases_.index_at(row, col);
        const std::string& letter = letters(index);
        const Rect cell = grid.cell_rect(row, col);
        if (in_.text.width(Font::mono, size, letter) > cell.w - 4) continue;
        const Color color = index < done_ ? theme().text : theme().muted;
        if (numbers) {
          const double in = grid.cell >= 44 ? 5 : grid.cell >= 34 ? 4 : 2.5;
          figure_.add(TextShape{.at = {cell.x + in + 0.5, cell.y + in + cap},
                                .text = letter,
                                .font = Font::mono,
                                .size = size,
                                .color = color});
        } else {
          add_number(figure_, in_.text, cell, letter, size, color);
        }
      }
    }
  }

  /// The letter of a phase; a phase is looked up once, however many cells it has.
  const std::string& letters(int64_t index) {
    auto known = letters_.find(index);
    if (known == letters_.end()) known = letters_.emplace(index, phases_.phase(index).letter).first;
    return known->second;
  }

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const std::array<AxisSpec, 3> axes_;
  const PlanePhases phases_;
  const int64_t count_;
  const PlaneView output_;
  const double margin_;
  const int64_t done_;
  std::map<int64_t, std::string> letters_;
};

Figure draw_phases(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Phases that interleave"};
  if (add_no_result_page(figure, in, true)) return figure;
  if (in.results.ways->output.empty()) {
    const double margin = page_margin(in.size.w);
    add_paragraph(figure, in.text, {margin, 60}, in.size.w - 2 * margin, {.size = 14, .color = in.theme.text},
                  "This layer is too large to be computed this way here: Paint and Size still show it.");
    return figure;
  }
  figure.size.h = std::max(in.size.h, PhasesPage(in, figure).draw());
  return figure;
}

std::string phase_words(const ViewInput& in) {
  const LayerSpec& layer = in.results.scenario.layer;
  const int64_t done = done_of(in);
  const std::string step = "Step " + std::to_string(done) + " of " + std::to_string(PlanePhases::count(layer)) + " — ";
  if (done == 0) return step + "no phase is interleaved yet";
  const PlanePhases phases(layer, in.interaction.out_slice);
  const PlanePhase phase = phases.phase(done - 1);
  const std::string start = step + phases.name(phase) + ": ";
  if (phase.cells() == 0) return start + "the output has no such cell";
  const std::string cells =
      std::to_string(phase.cells()) + (phase.cells() == 1 ? " cell" : " cells") + " of y: " + phases.cell_places(phase);
  if (phase.taps() == 0)
    return start + "no tap, so that nothing" + (layer.bias ? " but the bias" : "") + " reaches " + cells;
  return start + taps_text(phase.taps()) + (phase.taps() == 1 ? " makes " : " make ") + cells;
}

}  // namespace

View phases_view() {
  return {.id = "phases",
          .label = "Phases",
          .group = 0,
          .order = 3,
          .timeline = Timeline::own,
          .has_inspector = true,
          .draw = draw_phases,
          .needs_ways = true,
          .own_steps = phase_count,
          .step_words = phase_words,
          .arrays = phases_arrays};
}

}  // namespace tconv
