#include "views/phase_cards.h"

#include <algorithm>
#include <cmath>

#include "views/large_map.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t most_cards = 36;  // on a page
constexpr double card_gap = 12;
constexpr double padding = 12;
constexpr double header_height = 36;
constexpr double largest_cell = 34;

/// As many columns as fit; of those that make whole rows of the S_x phases the most.
int64_t columns_of(double width, int64_t stride) {
  const auto fit = std::clamp<int64_t>(static_cast<int64_t>((width + card_gap) / (148 + card_gap)), 1, 12);
  if (stride <= fit) return stride;
  for (int64_t columns = fit; columns >= 2; --columns) {
    if (stride % columns == 0) return columns;
  }
  return fit;
}

bool is_image(int64_t rows, int64_t cols) { return rows > largest_cell_grid || cols > largest_cell_grid; }

/// Largest sub-kernel or largest small output of a page: all are drawn with cells of that size.
struct MapRoom {
  Size size;
  double cell = largest_cell;
};
MapRoom map_room(const Size& room, int64_t rows, int64_t cols) {
  if (rows == 0 || cols == 0) return {};
  if (is_image(rows, cols)) {
    const Rect rect = fitted_rect({0, 0, room.w - 2, room.h}, rows, cols);
    return {{rect.w + 2, rect.h}};
  }
  const GridLayout grid = fit_grid({0, 0, room.w, room.h}, rows, cols, largest_cell);
  return {{grid.width(), grid.height()}, grid.cell};
}

/// The first of the texts that fits, else as much of the last as does.
std::string first_fitting(const TextMetrics& text, const std::vector<std::string>& words, double width) {
  for (const std::string& one : words) {
    if (text.width(Font::regular, 12, one) <= width) return one;
  }
  return text.fitted(Font::regular, 12, words.back(), width);
}

}  // namespace

Color phase_fill(const Theme& theme, int64_t index, int64_t count) {
  const double part = count > 1 ? static_cast<double>(index) / static_cast<double>(count - 1) : 0.4;
  return mix(theme.surface, theme.output, 0.1 + 0.28 * part);
}

/// Of all cards of a page: they share the room that the largest sub-kernel and the most cells need.
struct PhaseCards::Sizes {
  bool beside;           ///< the cells stand to the right of the sub-kernel, else below it
  double arrow;          ///< room of "× input, stride 1 →", along the way it points
  Size kernel{};         ///< room of the sub-kernel
  Size cells{};          ///< room of the cells
  double tap_side = 0;   ///< of one tap, if drawn as cells
  double cell_side = 0;  ///< of one cell
  double height() const {
    const double body = beside ? std::max({kernel.h, cells.h, 36.0}) : kernel.h + arrow + cells.h;
    return padding + header_height + 8 + body + 34;
  }
};

PhaseCards::PhaseCards(const ViewInput& in, Figure& figure, const PlanePhases& phases, const PlaneView& output,
                       int64_t done)
    : in_(in),
      figure_(figure),
      layer_(in.results.scenario.layer),
      phases_(phases),
      output_(output),
      count_(PlanePhases::count(layer_)),
      done_(done) {}

double PhaseCards::draw(const Rect& room) {
  const int64_t first = done_ == 0 ? 0 : (done_ - 1) / most_cards * most_cards;
  const int64_t end = std::min(count_, first + most_cards);
  std::vector<PlanePhase> shown;
  for (int64_t index = first; index < end; ++index) shown.push_back(phases_.phase(index));
  const int64_t columns = columns_of(room.w, layer_.as_3d()[2].stride);
  const double gaps = static_cast<double>(columns - 1) * card_gap;
  const double width = std::min((room.w - gaps) / static_cast<double>(columns), 420.0);
  const Sizes sizes = sizes_of(shown, width - 2 * padding);
  double bottom = room.y;
  for (const PlanePhase& phase : shown) {
    const auto col = static_cast<double>((phase.index - first) % columns);
    const auto row = static_cast<double>((phase.index - first) / columns);
    const double height = sizes.height();
    const Rect card{room.x + col * (width + card_gap), room.y + row * (height + card_gap), width, height};
    draw_card(card, sizes, phase);
    bottom = card.bottom();
  }
  return shown.size() == static_cast<std::size_t>(count_) ? bottom : draw_pages({room.x, bottom + 28}, first, end);
}

PhaseCards::Sizes PhaseCards::sizes_of(const std::vector<PlanePhase>& shown, double width) const {
  std::array<int64_t, 2> taps{};
  std::array<int64_t, 2> cells{};
  for (const PlanePhase& phase : shown) {
    taps[0] = std::max(taps[0], static_cast<int64_t>(phase.y.taps.size()));
    taps[1] = std::max(taps[1], static_cast<int64_t>(phase.x.taps.size()));
    cells[0] = std::max(cells[0], phase.y.count);
    cells[1] = std::max(cells[1], phase.x.count);
  }
  // One row of cells has more room below.
  const bool beside = width >= 230 && layer_.dims > 1;
  Sizes sizes{.beside = beside, .arrow = beside ? 92.0 : 30.0};
  const double most_height = shown.size() > 9 ? 90 : 150;
  const MapRoom kernel = map_room({beside ? (width - sizes.arrow) * 0.42 : width, most_height * 0.8}, taps[0], taps[1]);
  sizes.kernel = kernel.size;
  sizes.tap_side = kernel.cell;
  const double left = beside ? width - sizes.arrow - sizes.kernel.w : width;
  const MapRoom small = map_room({left, most_height}, cells[0], cells[1]);
  sizes.cells = small.size;
  sizes.cell_side = small.cell;
  // Words that stand instead of a map.
  const auto make_room = [&](const std::string& words, double room_width, Size& size) {
    const auto lines = in_.text.wrap(Font::regular, 12, words, room_width);
    size.h = std::max(size.h, static_cast<double>(lines.size()) * 18);
  };
  for (const PlanePhase& phase : shown) {
    make_room(no_kernel(phase), sizes.beside ? sizes.kernel.w + sizes.arrow - 10 : width, sizes.kernel);
    if (no_cells(phase).empty()) continue;
    if (sizes.beside) sizes.cells.w = std::max(sizes.cells.w, std::min(110.0, width - sizes.arrow - sizes.kernel.w));
    make_room(no_cells(phase), sizes.beside ? sizes.cells.w : width, sizes.cells);
  }
  return sizes;
}

void PhaseCards::draw_card(const Rect& card, const Sizes& sizes, const PlanePhase& phase) {
  const Theme& theme = in_.theme;
  const bool current = phase.index == done_ - 1;
  figure_.add(RectShape{.rect = card,
                        .fill = theme.panel,
                        .stroke = current ? theme.output : theme.border,
                        .stroke_width = current ? 2.0 : 1.0,
                        .radius = 6});
  draw_header(card, phase);
  const Rect inner{card.x + padding, card.y + padding + header_height + 8, card.w - 2 * padding, 0};
  const Rect kernel{inner.x, inner.y, sizes.beside ? sizes.kernel.w : inner.w, sizes.kernel.h};
  const Rect cells = sizes.beside ? Rect{inner.x + sizes.kernel.w + sizes.arrow, inner.y,
                                         inner.w - sizes.kernel.w - sizes.arrow, sizes.cells.h}
                                  : Rect{inner.x, kernel.bottom() + sizes.arrow, inner.w, sizes.cells.h};
  const std::string missing = no_kernel(phase);
  if (missing.empty()) {
    draw_sub_kernel(kernel, sizes.tap_side, phase);
  } else {
    add_words({kernel.x, kernel.y, sizes.beside ? sizes.kernel.w + sizes.arrow - 10 : inner.w, kernel.h}, missing);
  }
  const auto arrow = [&](Point at, const std::string& words, Align align) {
    figure_.add(TextShape{.at = at, .text = words, .size = 12, .color = theme.muted, .align = align});
  };
  if (missing.empty() && sizes.beside) {
    const double middle = kernel.x + sizes.kernel.w + sizes.arrow / 2;
    const double y = inner.y + std::max(14.0, std::min(sizes.kernel.h, sizes.cells.h) / 2 - 4);
    arrow({middle, y}, "× input,", Align::centre);
    arrow({middle, y + 17}, "stride 1 →", Align::centre);
  } else if (missing.empty()) {
    arrow({inner.x, kernel.bottom() + 20}, in_.text.fitted(Font::regular, 12, "× input, stride 1 ↓", inner.w),
          Align::left);
  }
  if (no_cells(phase).empty()) {
    draw_cells(cells, sizes.cell_side, phase);
  } else {
    add_words(cells, no_cells(phase));
  }
  const std::string places = phases_.cell_places(phase);
  if (!places.empty()) {
    figure_.add(
        TextShape{.at = {inner.x, card.bottom() - 13},
                  .text = first_fitting(in_.text, {"→ " + places, "→ " + phases_.cell_places(phase, true)}, inner.w),
                  .size = 12,
                  .color = theme.output_text});
  }
}

void PhaseCards::draw_header(const Rect& card, const PlanePhase& phase) {
  const Theme& theme = in_.theme;
  const Rect strip{card.x + 4, card.y + 4, card.w - 8, padding + header_height - 6};
  figure_.add(RectShape{.rect = strip}, GoToStep{phase.index + 1});
  const double x = card.x + padding;
  const double mark_width = std::max(20.0, in_.text.width(Font::mono, 12, phase.letter) + 8);
  const Rect mark{x, card.y + padding - 2, mark_width, 20};
  figure_.add(RectShape{.rect = mark,
                        .fill = phase_fill(theme, phase.index, count_),
                        .stroke = theme.output,
                        .stroke_width = 1,
                        .radius = 4});
  add_number(figure_, in_.text, mark, phase.letter, 12, theme.text);
  const double baseline = card.y + padding + 12;
  const double name_x = mark.right() + 8;
  std::string name = phases_.name(phase);
  name[0] = 'P';
  name = in_.text.fitted(Font::semibold, 13, name, card.right() - padding - name_x);
  const double name_end = add_spans(figure_, in_.text, {name_x, baseline}, 13, {{name, theme.text, Font::semibold}});
  const std::string taps = phase.taps() == 0 ? "no tap" : taps_text(phase.taps());
  const double left = card.right() - padding - name_end - 10;
  const bool fits = in_.text.width(Font::regular, 12, taps) <= left;
  if (fits) {
    figure_.add(TextShape{.at = {card.right() - padding, baseline},
                          .text = taps,
                          .size = 12,
                          .color = theme.kernel_text,
                          .align = Align::right});
  }
  const std::string start = fits ? "" : phase.taps() == 0 ? taps : taps + ": ";
  const std::string places = first_fitting(
      in_.text, {start + phases_.tap_places(phase), start + phases_.tap_places(phase, true)}, card.w - 2 * padding);
  if (places.empty()) return;
  figure_.add(TextShape{.at = {x, baseline + 20}, .text = places, .size = 12, .color = theme.kernel_text});
}

std::string PhaseCards::no_kernel(const PlanePhase& phase) const {
  if (phase.taps() == 0) return layer_.bias ? "no tap: these cells stay 0 (only bias)" : "no tap: these cells stay 0";
  if (joined(layer_, in_.interaction.in_channel, in_.interaction.out_channel)) return {};
  return "no weight joins channel " + std::to_string(in_.interaction.in_channel) + " to " +
         std::to_string(in_.interaction.out_channel);
}

std::string PhaseCards::no_cells(const PlanePhase& phase) const {
  return phase.cells() == 0 ? "the output has no such cell" : "";
}

void PhaseCards::add_words(const Rect& room, const std::string& words) {
  add_paragraph(figure_, in_.text, {room.x, room.y + 13}, room.w, {.size = 12, .color = in_.theme.text}, words);
}

void PhaseCards::draw_sub_kernel(const Rect& room, double side, const PlanePhase& phase) {
  const auto rows = static_cast<int64_t>(phase.y.taps.size());
  const auto cols = static_cast<int64_t>(phase.x.taps.size());
  // Of a 3D kernel the slice that is shown, or the first that belongs to the phase.
  const auto& slices = phase.z.taps;
  const int64_t wanted = in_.interaction.tap_slice;
  const int64_t slice = std::ranges::find(slices, wanted) != slices.end() ? wanted : slices.front();
  const auto tap_at = [in = in_.interaction.in_channel, out = in_.interaction.out_channel, slice, ys = phase.y.taps,
                       xs = phase.x.taps](int64_t row, int64_t col) {
    return KernelTap{in, out, {slice, ys[static_cast<std::size_t>(row)], xs[static_cast<std::size_t>(col)]}};
  };
  const auto value_at = [&](int64_t row, int64_t col) {
    const KernelTap tap = tap_at(row, col);
    return in_.results.weight[flat_weight(layer_, tap.in_channel, tap.out_channel, tap.tap)];
  };
  if (is_image(rows, cols)) {
    std::vector<float> values;
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t col = 0; col < cols; ++col) values.push_back(value_at(row, col));
    }
    add_map_image(figure_, in_, {room.x + 1, room.y, room.w - 2, room.h}, {{values, rows, cols}}, {}, BarPlace::none);
    figure_.grids.back().tag_of = tap_at;
    return;
  }
  const double largest = largest_magnitude(in_.results.weight.values());
  add_cells(figure_, in_.text, fit_grid(room, rows, cols, side), [&](int64_t row, int64_t col) {
    const float value = value_at(row, col);
    return CellLook{.fill = mix(in_.theme.surface, in_.theme.kernel, 0.1 + 0.26 * strength(value, largest)),
                    .stroke = in_.theme.kernel,
                    .stroke_width = 1,
                    .number = number_text(static_cast<double>(value), 3),
                    .number_color = in_.theme.text,
                    .badge = {},
                    .badge_color = {},
                    .tag = tap_at(row, col)};
  });
}

void PhaseCards::draw_cells(const Rect& room, double side, const PlanePhase& phase) {
  const auto axes = layer_.as_3d();
  const CellIndex origin{
      in_.interaction.batch, in_.interaction.out_channel, {in_.interaction.out_slice, phase.y.first, phase.x.first}};
  const std::array<int64_t, 2> stride{axes[1].stride, axes[2].stride};
  const auto tag_at = [origin, stride](int64_t row, int64_t col) {
    CellIndex cell = origin;
    cell.at[1] += row * stride[0];
    cell.at[2] += col * stride[1];
    return OutputCell{cell};
  };
  const auto value_at = [&](int64_t row, int64_t col) {
    const auto at = tag_at(row, col).cell.at;
    return output_.values[static_cast<std::size_t>(at[1] * output_.cols + at[2])];
  };
  if (is_image(phase.y.count, phase.x.count)) {
    std::vector<float> values;
    values.reserve(static_cast<std::size_t>(phase.cells()));
    for (int64_t row = 0; row < phase.y.count; ++row) {
      const float* from = &output_.values[static_cast<std::size_t>((phase.y.first + row * stride[0]) * output_.cols)];
      for (int64_t col = 0; col < phase.x.count; ++col) values.push_back(from[phase.x.first + col * stride[1]]);
    }
    add_map_image(figure_, in_, {room.x + 1, room.y, room.w - 2, room.h}, {{values, phase.y.count, phase.x.count}}, {},
                  BarPlace::none);
    figure_.grids.back().tag_of = tag_at;
    return;
  }
  add_cells(figure_, in_.text, fit_grid(room, phase.y.count, phase.x.count, side), [&](int64_t row, int64_t col) {
    return CellLook{.fill = phase_fill(in_.theme, phase.index, count_),
                    .stroke = in_.theme.border,
                    .stroke_width = 1,
                    .number = number_text(static_cast<double>(value_at(row, col)), 3),
                    .number_color = in_.theme.text,
                    .badge = {},
                    .badge_color = {},
                    .tag = tag_at(row, col)};
  });
}

double PhaseCards::draw_pages(Point at, int64_t first, int64_t end) {
  double x =
      add_spans(figure_, in_.text, at, 13,
                {{"Phases " + std::to_string(first + 1) + "–" + std::to_string(end) + " of " + std::to_string(count_),
                  in_.theme.muted}});
  const auto link = [&](const std::string& words, int64_t step) {
    x = add_link(figure_, in_.text, {x + 16, at.y}, 13, words, in_.theme.input_text, GoToStep{step});
  };
  if (first > 0) link("before", first);
  if (end < count_) link("after", end + 1);
  return at.y + 8;
}

}  // namespace tconv
