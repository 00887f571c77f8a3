#include "views/shuffle_cards.h"

#include <algorithm>
#include <cmath>

#include "core/coverage.h"
#include "core/equal_layers.h"
#include "core/evenness.h"
#include "core/sub_pixel_start.h"
#include "document/answers.h"
#include "document/verdict.h"
#include "views/cell_map.h"
#include "views/shuffle_maps.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t taps_along = 3;  // of the filters, along each axis

std::string powered(const std::string& what, int dims) {
  static constexpr std::array<const char*, 3> powers{"", "²", "³"};
  return what + powers[static_cast<std::size_t>(dims - 1)];
}

/// "3 × 3" for two axes.
std::string filter_taps_text(int dims) {
  std::string text = std::to_string(taps_along);
  for (int axis = 1; axis < dims; ++axis) text += " × " + std::to_string(taps_along);
  return text;
}

Evenness evenness_of_flat(const ShuffleSpec& spec, FilterStart start, Tensor& flat) {
  flat = sub_pixel_flat_response(spec, sub_pixel_filters(spec, 1, taps_along, start), 2);
  return evenness_of(std::vector<double>(flat.values().begin(), flat.values().end()));
}

struct Way {
  std::string name;
  Cost cost;
  std::string remark;
};

std::vector<Way> three_ways(const LayerSpec& layer) {
  LayerSpec small = layer;
  for (AxisSpec& axis : small.spatial()) {
    axis.kernel = taps_along;
    axis.dilation = 1;
  }
  const Cost resize = cost_of_resize_then_conv(small);
  const Cost shuffle = cost_of_conv_then_shuffle(small);
  const std::string kernel = std::to_string(taps_along);
  return {{"Transposed conv " + short_name(layer), cost_of(layer),
           is_even(layer) ? "Even counts; the weights may still ripple." : "Uneven counts: expect a checkerboard."},
          {"Nearest + conv K" + kernel, resize, "Few weights, smooth, but every multiplication at full resolution."},
          {"Conv K" + kernel + " + shuffle", shuffle,
           resize.multiplications == shuffle.multiplications
               ? "As many multiplications, each weight used less often; start it with ICNR."
               : "All multiplications at low resolution; start it with ICNR."}};
}

}  // namespace

double add_filter_start(Figure& figure, const ViewInput& in, const ShuffleScene& scene, Point at, double width) {
  const Theme& theme = in.theme;
  const bool icnr = in.interaction.choice(shuffle_start_choice, "random") == "icnr";
  figure.add(TextShape{.at = {at.x, at.y + 12},
                       .text = "Start of the filters",
                       .font = Font::semibold,
                       .size = 14,
                       .color = theme.text});
  at.y = add_chips(figure, in, {at.x, at.y + 24}, width,
                   {{"Random", !icnr, ViewChoice{std::string(shuffle_start_choice), "random"}},
                    {"ICNR: equal", icnr, ViewChoice{std::string(shuffle_start_choice), "icnr"}}}) +
         14;
  // One output channel shows it; the layer's own may be many.
  ShuffleSpec spec = scene.spec();
  spec.out_channels = 1;
  const std::string phases = powered("r", spec.dims) + " = " + std::to_string(spec.group());
  if (spec.group() > largest_filter_group) {
    return add_paragraph(figure, in.text, {at.x, at.y + 12}, width, {.size = 13, .color = theme.muted},
                         phases + " filters per output channel are too many to be shown here.");
  }
  Tensor random_flat;
  Tensor icnr_flat;
  const Evenness random = evenness_of_flat(spec, FilterStart::random, random_flat);
  const Evenness even = evenness_of_flat(spec, FilterStart::icnr, icnr_flat);
  const PlaneView plane = plane_of(icnr ? icnr_flat : random_flat, 0, 0, 0);
  const CellCount group = scene.group();
  const double side = std::min(width, plane.cols > 4 ? 190.0 : 150.0);
  const GridLayout grid =
      fit_grid({at.x, at.y, plane.rows == 1 ? std::min(width, 260.0) : side, side}, plane.rows, plane.cols, 48);
  // All numbers or none.
  const bool numbers = std::ranges::all_of(plane.values, [&](float value) {
    return in.text.width(Font::mono, 9, number_text(static_cast<double>(value), 2)) <= grid.cell - 4;
  });
  const double span = random.most - random.least;
  add_cells(figure, in.text, grid, [&](int64_t row, int64_t col) {
    const auto value = static_cast<double>(plane.values[static_cast<std::size_t>(row * plane.cols + col)]);
    const double part = span > 0 ? std::clamp((value - random.least) / span, 0.0, 1.0) : 0.5;
    return CellLook{.fill = mix(theme.surface, theme.output, 0.05 + 0.4 * part),
                    .stroke = sub_pixel_color(theme, group, row % group.rows, col % group.cols),
                    .stroke_width = 1,
                    .number = numbers ? number_text(value, 2) : "",
                    .number_color = theme.text,
                    .badge = {},
                    .badge_color = {},
                    .tag = {}};
  });
  const bool beside = width - grid.width() >= 200;
  const Point words = beside ? Point{at.x + grid.width() + 20, at.y + 12} : Point{at.x, grid.rect().bottom() + 22};
  const double room = beside ? width - grid.width() - 20 : width;
  const Evenness& now = icnr ? even : random;
  double y = add_paragraph(figure, in.text, words, room,
                           {.font = Font::semibold, .size = 13, .color = now.even ? theme.good_text : theme.bad_text},
                           now.even ? "✓ A flat input stays flat" : "✗ A flat input comes out with a pattern");
  y = add_paragraph(figure, in.text, {words.x, y}, room, {.size = 13, .color = theme.text},
                    icnr ? "The " + phases +
                               " filters of an output channel start equal, so the layer begins as a "
                               "convolution and nearest-neighbour resizing. Training may part them."
                         : "The " + phases +
                               " filters of an output channel are drawn apart, so every place of the super-pixel "
                               "starts with a sum of its own: " +
                               percent_text(now.off_dc) + " of the energy is a pattern that repeats every " +
                               std::to_string(spec.factor) + " cells.");
  y = add_paragraph(figure, in.text, {words.x, y + 4}, room, {.size = 12, .color = theme.muted},
                    "The output's inside for an input of ones; each filter has " + filter_taps_text(spec.dims) +
                        " taps, normal numbers.");
  return std::max(y, grid.rect().bottom());
}

double add_three_ways(Figure& figure, const ViewInput& in, Point at, double width) {
  const Theme& theme = in.theme;
  const LayerSpec& layer = in.results.scenario.layer;
  const auto axes = layer.spatial();
  std::string factor = "×" + std::to_string(axes[0].stride);
  const bool alike = std::ranges::all_of(axes, [&](const AxisSpec& axis) { return axis.stride == axes[0].stride; });
  for (std::size_t a = 1; !alike && a < axes.size(); ++a) factor += " ×" + std::to_string(axes[a].stride);
  const std::string heading = "Same job, three ways ";
  const double end = add_spans(figure, in.text, {at.x, at.y + 12}, 14, {{heading, theme.text, Font::semibold}});
  const std::string channels = "(" + std::to_string(layer.in_channels) + " → " + std::to_string(layer.out_channels) +
                               (layer.in_channels == 1 && layer.out_channels == 1 ? " channel, " : " channels, ") +
                               factor + ")";
  add_spans(figure, in.text, {end, at.y + 12}, 14,
            {{in.text.fitted(Font::regular, 14, channels, at.x + width - end), theme.muted}});
  at.y += 26;

  constexpr double gap = 14;
  constexpr double inset = 14;
  const auto ways = three_ways(layer);
  const bool columns = width >= 600;
  const double card = columns ? (width - 2 * gap) / 3 : width;
  const auto lines = [&](const std::string& words, Font font, double size) {
    return static_cast<double>(in.text.wrap(font, size, words, card - 2 * inset).size());
  };
  std::vector<std::vector<std::string>> counts;
  double height = 0;  // of the highest card
  for (const Way& way : ways) {
    const std::string weights = grouped_text(way.cost.parameters) + (layer.bias ? " weights and biases" : " weights");
    const std::string products = grouped_text(way.cost.multiplications) + " multiplications";
    counts.push_back({weights + " · " + products});
    if (in.text.width(Font::mono, 13, counts.back()[0]) > card - 2 * inset) counts.back() = {weights, products};
    height =
        std::max(height, 21 * lines(way.name, Font::semibold, 14) + 20 * static_cast<double>(counts.back().size()) +
                             17 * lines(way.remark, Font::regular, 12) + 24);
  }
  double bottom = at.y;
  for (std::size_t i = 0; i < ways.size(); ++i) {
    const auto turn = static_cast<double>(i);
    const Rect place{columns ? at.x + turn * (card + gap) : at.x, columns ? at.y : at.y + turn * (height + gap), card,
                     height};
    figure.add(RectShape{.rect = place, .fill = theme.panel, .stroke = theme.border, .stroke_width = 1, .radius = 6});
    const double x = place.x + inset;
    const double room = card - 2 * inset;
    double y = add_paragraph(figure, in.text, {x, place.y + 24}, room,
                             {.font = Font::semibold, .size = 14, .color = theme.text}, ways[i].name);
    for (const std::string& line : counts[i]) {
      figure.add(TextShape{.at = {x, y + 1},
                           .text = in.text.fitted(Font::mono, 13, line, room),
                           .font = Font::mono,
                           .size = 13,
                           .color = theme.text});
      y += 20;
    }
    add_paragraph(figure, in.text, {x, y + 1}, room, {.size = 12, .color = theme.muted}, ways[i].remark);
    bottom = place.bottom();
  }
  return bottom;
}

}  // namespace tconv
