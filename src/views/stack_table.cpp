#include "views/stack_table.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "document/stack_text.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr double row_height = 30;
constexpr double row_step = 34;
constexpr double pad = 12;
constexpr std::size_t columns = 8;

struct StackCell {
  std::string text;
  Color color;
  Font font = Font::mono;
};
using StackRow = std::array<StackCell, columns>;

class StackTable {
 public:
  StackTable(const ViewInput& in, Figure& figure, const StackScene& scene, Point at, double width)
      : in_(in), figure_(figure), scene_(scene), left_(at.x), y_(at.y), width_(width) {}

  double draw() {
    std::vector<StackRow> rows;
    for (std::size_t i = 0; i < scene_.report.depths.size(); ++i) rows.push_back(row_of(i));
    const StackRow head = head_row();
    std::array<double, columns> widths{};
    for (std::size_t c = 0; c < columns; ++c) {
      widths[c] = width_of(head[c]);
      for (const StackRow& row : rows) widths[c] = std::max(widths[c], width_of(row[c]));
    }
    double needed = 2 * pad;
    for (const double one : widths) needed += one + least_gap;
    if (needed - least_gap <= width_) {
      draw_table(head, rows, widths);
    } else {
      draw_cards(rows);
    }
    draw_total();
    return y_;
  }

 private:
  static constexpr double least_gap = 10;

  const Theme& theme() const { return in_.theme; }
  double width_of(const StackCell& cell) const { return in_.text.width(cell.font, 12, cell.text); }

  StackRow head_row() const {
    StackRow row;
    const std::string dims = std::to_string(scene_.report.depths[0].layer.spec.dims) + "D";
    const std::array<std::string, columns> names{
        "Layer", "Size", "Channels", "Parameters", "MACs", "Paths per axis", "Most : least in " + dims, "Drift"};
    for (std::size_t i = 0; i < columns; ++i) row[i] = {names[i], theme().muted, Font::regular};
    return row;
  }

  StackRow row_of(std::size_t index) const {
    const StackDepth& depth = scene_.report.depths[index];
    const bool even = depth.even();
    const bool bad = depth.known() && !even;
    const std::string mark = !depth.known() ? "" : even ? "✓ " : "✗ ";
    std::string drift = drift_text(depth);
    for (std::size_t at = drift.find('-'); at != std::string::npos; at = drift.find('-', at)) drift.replace(at, 1, "−");
    const std::string name = in_.text.fitted(Font::regular, 12, scene_.name_of(index), 120);
    return {StackCell{name + "  " + layer_name(depth.layer), theme().text, Font::regular},
            StackCell{sizes_text(depth), theme().text},
            StackCell{channels_text(depth.layer), theme().muted},
            StackCell{short_count(depth.parameters), theme().muted},
            StackCell{short_count(depth.macs), theme().muted},
            StackCell{counts_text(depth), theme().text},
            StackCell{mark + ratio_text(depth), bad    ? theme().bad_text
                                                : even ? theme().good_text
                                                       : theme().muted},
            StackCell{drift, theme().text}};
  }

  /// The ground of a layer's row or card; a click chooses the layer.
  void add_ground(const Rect& rect, std::size_t index) {
    Tag tag;
    const auto layer = layer_to_show(scene_.report.depths[index].layer);
    if (layer && *layer != in_.document.scenario.layer) {
      tag = ChooseLayer{*layer, "Layer " + layer_name(scene_.report.depths[index].layer)};
      chosen_one_ = true;
    }
    figure_.add(
        RectShape{.rect = rect, .fill = theme().surface, .stroke = theme().border, .stroke_width = 1, .radius = 6},
        tag);
  }

  void draw_table(const StackRow& head, const std::vector<StackRow>& rows, const std::array<double, columns>& widths) {
    double used = 2 * pad;
    for (const double one : widths) used += one;
    const double gap = std::min(34.0, (width_ - used) / static_cast<double>(columns - 1));
    const double whole = used + gap * static_cast<double>(columns - 1);
    const auto draw_row = [&](const StackRow& row, double baseline) {
      double x = left_ + pad;
      for (std::size_t c = 0; c < columns; ++c) {
        const bool number = c > 0;
        figure_.add(TextShape{.at = {number ? x + widths[c] : x, baseline},
                              .text = row[c].text,
                              .font = row[c].font,
                              .size = 12,
                              .color = row[c].color,
                              .align = number ? Align::right : Align::left});
        x += widths[c] + gap;
      }
    };
    draw_row(head, y_ + 12);
    y_ += 22;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      add_ground({left_, y_, whole, row_height}, i);
      draw_row(rows[i], y_ + 19);
      y_ += row_step;
    }
  }

  void draw_cards(const std::vector<StackRow>& rows) {
    constexpr double height = 88;
    constexpr double gap = 8;
    const std::size_t across = width_ >= 520 ? 2 : 1;
    const double width = across == 2 ? std::floor((width_ - gap) / 2) : width_;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Rect card{left_ + static_cast<double>(i % across) * (width + gap), y_, width, height};
      add_ground(card, i);
      add_card_words(rows[i], card);
      if (i % across + 1 == across || i + 1 == rows.size()) y_ += height + gap;
    }
    y_ += 4;
  }

  void add_card_words(const StackRow& row, const Rect& card) {
    const double room = card.w - 2 * pad;
    const auto line = [&](double baseline, const std::string& words, Color color, Font font = Font::regular) {
      // Words have no glyphs below 11.
      const double size = std::max(11.0, fit_text(in_.text, font, 13, words, room).size);
      figure_.add(TextShape{.at = {card.x + pad, card.y + baseline},
                            .text = in_.text.fitted(font, size, words, room),
                            .font = font,
                            .size = size,
                            .color = color});
    };
    line(21, row[0].text, theme().text, Font::semibold);
    line(41, row[1].text + " cells, " + row[2].text + " channels", theme().muted);
    line(60, row[3].text + " parameters, " + row[4].text + " MACs", theme().muted);
    line(79, row[6].text + ", paths " + row[5].text + ", drift " + row[7].text, row[6].color);
  }

  void draw_total() {
    std::string words = "In all " + grouped(scene_.report.parameters) + " parameters and " +
                        grouped(scene_.report.macs) + " multiply-adds for one sample.";
    if (in_.interactive && chosen_one_) {
      words += " Click a transposed convolution to see it in every view, with one channel and at most 32 cells a side.";
    }
    y_ = add_paragraph(figure_, in_.text, {left_, y_ + 14}, width_, {.size = 12, .color = theme().muted}, words) - 12;
  }

  const ViewInput& in_;
  Figure& figure_;
  const StackScene& scene_;
  const double left_;
  double y_;
  const double width_;
  bool chosen_one_ = false;
};

}  // namespace

std::optional<LayerSpec> layer_to_show(const StackLayer& layer) {
  if (layer.kind != StackKind::transposed) return std::nullopt;
  LayerSpec spec = layer.spec;
  spec.batch = spec.in_channels = spec.out_channels = spec.groups = 1;
  const int64_t most_input = spec.dims == 3 ? 8 : 32;
  for (AxisSpec& axis : spec.spatial()) axis.input = std::min(axis.input, most_input);
  constexpr int64_t most_output = 1 << 16;
  if (!validate(spec, {.elements = most_output}).empty()) return std::nullopt;
  return spec;
}

double add_stack_table(Figure& figure, const ViewInput& in, const StackScene& scene, Point at, double width) {
  return StackTable(in, figure, scene, at, width).draw();
}

}  // namespace tconv
