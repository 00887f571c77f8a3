// The polyphase form: S small kernels per axis, each a plain convolution at stride 1, whose outputs interleave into y.

#include <algorithm>
#include <cmath>

#include "core/phases.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr std::size_t most_cards = 36;  // more phases than that are named, not drawn

/// A phase of the whole output plane: one of each of its two axes.
struct PlanePhase {
  const AxisPhase* y;
  const AxisPhase* x;
  std::string letter;  ///< marks its cells in the interleaved output
};

/// "a" … "z", "aa" …
std::string letter_of(std::size_t index) {
  std::string text;
  for (std::size_t rest = index + 1; rest > 0; rest = (rest - 1) / 26) {
    text.insert(text.begin(), static_cast<char>('a' + (rest - 1) % 26));
  }
  return text;
}

int64_t own_steps(const Scenario& scenario) {
  const auto axes = scenario.layer.as_3d();
  return axes[1].stride * axes[2].stride;
}

std::string tap_count(std::size_t count) { return std::to_string(count) + (count == 1 ? " tap" : " taps"); }

class PhasesPage {
 public:
  PhasesPage(const ViewInput& in, Figure& figure)
      : in_(in),
        figure_(figure),
        layer_(in.results.scenario.layer),
        axes_(layer_.as_3d()),
        along_y_(axis_phases(axes_[1])),
        along_x_(axis_phases(axes_[2])),
        output_(plane_of(in.results.ways->output, in.interaction.batch, in.interaction.out_channel,
                         in.interaction.out_slice)),
        margin_(page_margin(in.size.w)),
        done_(std::clamp<int64_t>(in.interaction.own_step, 0, own_steps(in.results.scenario))) {
    for (const AxisPhase& y : along_y_) {
      for (const AxisPhase& x : along_x_) phases_.push_back({&y, &x, letter_of(phases_.size())});
    }
  }

  double draw() {
    const double width = in_.size.w - 2 * margin_;
    const double top = 58;
    const bool stacked = width < 560;
    const double left = stacked ? width : std::round(width * 0.36);
    const double gap = std::clamp(width * 0.05, 20.0, 48.0);
    double y = draw_maps({margin_, top, left, std::max(260.0, in_.size.h - top - 40)});
    const double cards_x = stacked ? margin_ : margin_ + left + gap;
    const double cards_top = stacked ? y + 30 : top - 20;
    return std::max(y, draw_cards({cards_x, cards_top, in_.size.w - margin_ - cards_x, 0})) + 20;
  }

  /// What the timeline says.
  std::string words() const {
    const std::string all = std::to_string(phases_.size());
    if (done_ == 0) return "No phase yet — " + all + " small convolutions make y";
    const PlanePhase& phase = phases_[static_cast<std::size_t>(done_ - 1)];
    const std::size_t taps = taps_of(phase);
    return "Phase " + std::to_string(done_) + " of " + all + ", " + name(phase) + " — " +
           (taps == 0 ? "no tap: its cells stay " + std::string(layer_.bias ? "at the bias" : "0")
                      : tap_count(taps) + (taps == 1 ? " makes " : " make ") +
                            std::to_string(phase.y->count * phase.x->count) + " cells of y: " +
                            (layer_.dims == 1 ? "" : "rows " + places(*phase.y, axes_[1].stride) + "; ") + "columns " +
                            places(*phase.x, axes_[2].stride));
  }

 private:
  /// "1, 3, 5, …": the cells of a phase along one axis.
  static std::string places(const AxisPhase& phase, int64_t stride) {
    constexpr int64_t most = 4;
    std::string text;
    for (int64_t i = 0; i < std::min(phase.count, most); ++i) {
      text += (i > 0 ? ", " : "") + std::to_string(phase.first + i * stride);
    }
    return phase.count > most ? text + ", …" : phase.count == 0 ? "none" : text;
  }

  const Theme& theme() const { return in_.theme; }

  std::string name(const PlanePhase& phase) const {
    return layer_.dims == 1 ? std::to_string(phase.x->phase)
                            : "(" + std::to_string(phase.y->phase) + ", " + std::to_string(phase.x->phase) + ")";
  }

  /// Taps in the slice of the kernel that the shown output slice takes: all of them for 1D and 2D.
  static std::size_t taps_of(const PlanePhase& phase) { return phase.y->taps.size() * phase.x->taps.size(); }

  std::size_t phase_at(int64_t row, int64_t col) const {
    return static_cast<std::size_t>(phase_of(axes_[1], row) * axes_[2].stride + phase_of(axes_[2], col));
  }

  CellIndex output_origin() const {
    return {in_.interaction.batch, in_.interaction.out_channel, {in_.interaction.out_slice, 0, 0}};
  }

  double draw_maps(const Rect& room) {
    const Interaction& state = in_.interaction;
    const Tensor& input = in_.results.input;
    add_map_title(figure_, in_, room, theme().input_text, "Input",
                  spatial_text(input.shape()) +
                      part_text(layer_, state.in_channel, layer_.in_channels, state.in_slice, axes_[0].input));
    const Rect x_map = add_value_map(figure_, in_, {room.x, room.y, room.w, room.h * 0.34},
                                     {.plane = plane_of(input, state.batch, state.in_channel, state.in_slice),
                                      .first = InputCell{{state.batch, state.in_channel, {state.in_slice, 0, 0}}},
                                      .role = input_role(theme()),
                                      .largest_cell = 44});
    const Rect y_room{room.x, x_map.bottom() + 58, room.w, std::max(140.0, room.bottom() - x_map.bottom() - 130)};
    add_map_title(figure_, in_, y_room, theme().output_text, "Output", "interleaved");
    const Rect y_map = add_value_map(figure_, in_, y_room,
                                     {.plane = output_,
                                      .first = OutputCell{output_origin()},
                                      .role = output_role(theme()),
                                      .largest_cell = 60,
                                      .adjust = [&](int64_t row, int64_t col, CellLook& look) {
                                        const std::size_t phase = phase_at(row, col);
                                        look.badge = phases_[phase].letter;
                                        look.badge_color = theme().text;
                                        if (static_cast<int64_t>(phase) >= done_) {
                                          look.number.clear();
                                          look.fill = theme().background;
                                        } else if (static_cast<int64_t>(phase) == done_ - 1) {
                                          look.stroke = theme().output;
                                        }
                                      }});
    return add_paragraph(figure_, in_.text, {room.x, y_map.bottom() + 28}, room.w, {.size = 13, .color = theme().muted},
                         counts_text());
  }

  std::string counts_text() const {
    const LayerSpec& layer = layer_;
    const auto windows = static_cast<double>(window_multiplications(layer));
    const auto real = static_cast<double>(layer.batch) * static_cast<double>(matrix_nonzeros(layer));
    return number_text(real, 6) + " multiplications, none with an inserted zero. Sliding over inserted zeros takes " +
           number_text(windows, 6) + ".";
  }

  double draw_cards(const Rect& room) {
    const std::size_t shown = std::min(phases_.size(), most_cards);
    const double columns = std::max(1.0, std::min(std::floor(room.w / 150), static_cast<double>(axes_[2].stride)));
    const double gap = 12;
    const double width = (room.w - (columns - 1) * gap) / columns;
    const double rows = std::ceil(static_cast<double>(shown) / columns);
    const double height = std::clamp((in_.size.h - room.y - 30 - (rows - 1) * gap) / rows, 190.0, 330.0);
    double bottom = room.y;
    for (std::size_t i = 0; i < shown; ++i) {
      const double col = std::fmod(static_cast<double>(i), columns);
      const double row = std::floor(static_cast<double>(i) / columns);
      const Rect card{room.x + col * (width + gap), room.y + row * (height + gap), width, height};
      draw_card(card, i);
      bottom = card.bottom();
    }
    if (shown == phases_.size()) return bottom;
    return add_paragraph(figure_, in_.text, {room.x, bottom + 28}, room.w, {.size = 13, .color = theme().muted},
                         "… and " + std::to_string(phases_.size() - shown) + " more phases");
  }

  void draw_card(const Rect& card, std::size_t index) {
    const PlanePhase& phase = phases_[index];
    const bool current = static_cast<int64_t>(index) == done_ - 1;
    figure_.add(RectShape{.rect = card,
                          .fill = theme().panel,
                          .stroke = current ? theme().kernel : theme().border,
                          .stroke_width = current ? 2.0 : 1.0,
                          .radius = 6});
    figure_.add(RectShape{.rect = {card.x + 4, card.y + 4, card.w - 8, 42}}, GoToStep{static_cast<int64_t>(index) + 1});
    const Rect inner{card.x + 12, card.y + 22, card.w - 24, card.h - 34};
    add_spans(figure_, in_.text, {inner.x, inner.y}, 13,
              {{in_.text.fitted(Font::semibold, 13, phase.letter + "  phase " + name(phase), inner.w), theme().text,
                Font::semibold}});
    const std::size_t taps = taps_of(phase);
    add_spans(figure_, in_.text, {inner.x, inner.y + 19}, 12,
              {{in_.text.fitted(Font::regular, 12, tap_count(taps) + ", stride 1", inner.w), theme().muted}});
    const Rect kernel_room{inner.x, inner.y + 32, inner.w, (card.bottom() - inner.y - 70) * 0.42};
    double y = kernel_room.y;
    if (taps == 0) {
      y = add_paragraph(figure_, in_.text, {inner.x, y + 12}, inner.w, {.size = 12, .color = theme().text},
                        layer_.bias ? "No tap: only the bias." : "No tap: these cells stay 0.");
    } else if (!joined(layer_, in_.interaction.in_channel, in_.interaction.out_channel)) {
      y = add_paragraph(figure_, in_.text, {inner.x, y + 12}, inner.w, {.size = 12, .color = theme().muted},
                        "No weight joins these channels.");
    } else {
      y = draw_sub_kernel(kernel_room, phase);
    }
    add_spans(figure_, in_.text, {inner.x, y + 20}, 12,
              {{in_.text.fitted(Font::regular, 12, "its cells of y", inner.w), theme().muted}});
    draw_small_output({inner.x, y + 28, inner.w, card.bottom() - 10 - y - 28}, phase);
  }

  double draw_sub_kernel(const Rect& room, const PlanePhase& phase) {
    const auto rows = static_cast<int64_t>(phase.y->taps.size());
    const auto cols = static_cast<int64_t>(phase.x->taps.size());
    const GridLayout grid = fit_grid(room, rows, cols, 40);
    const Tensor& weight = in_.results.weight;
    const double largest = largest_magnitude(weight.values());
    add_cells(figure_, in_.text, grid, [&](int64_t row, int64_t col) {
      const KernelTap tap{in_.interaction.in_channel,
                          in_.interaction.out_channel,
                          {in_.interaction.tap_slice, phase.y->taps[static_cast<std::size_t>(row)],
                           phase.x->taps[static_cast<std::size_t>(col)]}};
      const float value = weight[flat_weight(layer_, tap.in_channel, tap.out_channel, tap.tap)];
      return CellLook{.fill = mix(theme().surface, theme().kernel, 0.1 + 0.26 * strength(value, largest)),
                      .stroke = theme().kernel,
                      .stroke_width = 1,
                      .number = number_text(static_cast<double>(value), 3),
                      .number_color = theme().text,
                      .badge = {},
                      .badge_color = {},
                      .tag = tap};
    });
    return grid.rect().bottom();
  }

  void draw_small_output(const Rect& room, const PlanePhase& phase) {
    if (phase.y->count == 0 || phase.x->count == 0 || room.h < 8) return;
    if (phase.y->count > 24 || phase.x->count > 24) return;  // the interleaved map shows them
    const GridLayout grid = fit_grid(room, phase.y->count, phase.x->count, 36);
    const double largest = largest_magnitude(output_.values);
    add_cells(figure_, in_.text, grid, [&](int64_t row, int64_t col) {
      CellIndex cell = output_origin();
      cell.at[1] = phase.y->first + row * axes_[1].stride;
      cell.at[2] = phase.x->first + col * axes_[2].stride;
      const float value = output_.values[static_cast<std::size_t>(cell.at[1] * output_.cols + cell.at[2])];
      return CellLook{.fill = mix(theme().surface, theme().output, 0.08 + 0.2 * strength(value, largest)),
                      .stroke = theme().border,
                      .stroke_width = 1,
                      .number = number_text(static_cast<double>(value), 3),
                      .number_color = theme().text,
                      .badge = {},
                      .badge_color = {},
                      .tag = OutputCell{cell}};
    });
  }

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const std::array<AxisSpec, 3> axes_;
  const std::vector<AxisPhase> along_y_;
  const std::vector<AxisPhase> along_x_;
  const PlaneView output_;
  const double margin_;
  const int64_t done_;
  std::vector<PlanePhase> phases_;
};

Figure draw(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Phases"};
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

std::string step_words(const ViewInput& in) {
  if (!in.results.ways || in.results.ways->output.empty()) return "";
  Figure unused{.size = in.size, .background = in.theme.background, .title = ""};
  return PhasesPage(in, unused).words();
}

}  // namespace

View phases_view() {
  return {.id = "phases",
          .label = "Phases",
          .group = 0,
          .order = 3,
          .timeline = Timeline::own,
          .has_inspector = true,
          .draw = draw,
          .needs_ways = true,
          .own_steps = own_steps,
          .step_words = step_words};
}

}  // namespace tconv
