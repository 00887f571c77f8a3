// Pixel shuffle: r × r channels become one map that is r times larger; nothing is computed, only moved.

#include <algorithm>
#include <cmath>

#include "document/fields.h"
#include "views/shuffle_cards.h"
#include "views/shuffle_formula.h"
#include "views/shuffle_maps.h"
#include "views/value_map.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

/// The layer with this stride on every axis, mended where that makes it illegal.
std::optional<LayerSpec> with_stride(LayerSpec layer, int64_t stride) {
  for (AxisSpec& axis : layer.spatial()) axis.stride = stride;
  constexpr int most_mends = 8;
  for (int mends = 0; mends < most_mends; ++mends) {
    const auto problems = validate(layer);
    if (problems.empty()) return layer;
    const auto next = mended(layer, problems.front());
    if (!next) return std::nullopt;
    layer = *next;
  }
  return std::nullopt;
}

std::string power_text(int dims) {
  static constexpr std::array<const char*, 3> powers{"r", "r²", "r³"};
  return powers[static_cast<std::size_t>(dims - 1)];
}

std::string channels_and_size(int64_t channels, const std::array<int64_t, 3>& size, int dims) {
  std::string text = std::to_string(channels);
  for (auto a = static_cast<std::size_t>(3 - dims); a < 3; ++a) text += " × " + std::to_string(size[a]);
  return text;
}

class ShufflePage {
 public:
  ShufflePage(const ViewInput& in, Figure& figure)
      : in_(in),
        figure_(figure),
        layer_(in.results.scenario.layer),
        scene_(in),
        margin_(page_margin(in.size.w)),
        width_(in.size.w - 2 * margin_) {}

  void draw() {
    double y = draw_chips(20) + 24;
    y = add_paragraph(figure_, in_.text, {margin_, y}, width_, {.size = 13, .color = theme().muted}, order_words());
    y = draw_sides(y + 32) + 30;
    y = add_formula(figure_, in_, {margin_, y}, width_, shuffle_formula(theme(), scene_)) + 14;
    const bool beside = width_ >= 900;
    if (beside) {
      const double left = std::round(width_ * 0.4);
      const double start = add_filter_start(figure_, in_, scene_, {margin_, y}, left);
      const double ways = add_three_ways(figure_, in_, {margin_ + left + 40, y}, width_ - left - 40);
      y = std::max(start, ways);
    } else {
      y = add_three_ways(figure_, in_, {margin_, y}, width_) + 28;
      y = add_filter_start(figure_, in_, scene_, {margin_, y}, width_);
    }
    figure_.size.h = std::max(in_.size.h, y + 24);
  }

 private:
  const Theme& theme() const { return in_.theme; }

  /// A name and its chips, moved to a new line as a whole.
  struct ChipGroup {
    std::string name;
    std::vector<ViewChip> chips;
  };

  double draw_chips(double y) {
    std::vector<ChipGroup> groups;
    ChipGroup factors{"Factor r", {}};
    for (const int64_t stride : {2, 3, 4}) {
      const auto layer = with_stride(layer_, stride);
      if (!layer) continue;
      const std::string words = std::to_string(stride);
      const bool on = *layer == layer_;
      factors.chips.push_back({words, on, on ? Tag{} : ChooseLayer{*layer, "Stride " + words}});
    }
    if (!factors.chips.empty()) groups.push_back(std::move(factors));
    const auto choice = [](std::string_view name, const char* value) { return ViewChoice{std::string(name), value}; };
    const bool crd = scene_.spec().order == ChannelOrder::crd;
    groups.push_back({"Direction",
                      {{"Shuffle", !scene_.unshuffle(), choice(shuffle_direction_choice, "shuffle")},
                       {"Unshuffle", scene_.unshuffle(), choice(shuffle_direction_choice, "unshuffle")}}});
    groups.push_back({"Channel order",
                      {{"CRD (PyTorch)", crd, choice(shuffle_order_choice, "crd")},
                       {"DCR (ONNX, TensorFlow)", !crd, choice(shuffle_order_choice, "dcr")}}});
    double x = margin_;
    for (const ChipGroup& group : groups) {
      const double name = in_.text.width(Font::regular, 13, group.name) + 10;
      double wide = name;
      for (const ViewChip& chip : group.chips) wide += in_.text.width(Font::regular, 13, chip.label) + 24 + 8;
      if (x > margin_ && x + wide > margin_ + width_) {
        x = margin_;
        y += chip_height + 8;
      }
      figure_.add(TextShape{.at = {x, y + 18}, .text = group.name, .size = 13, .color = theme().muted});
      x += name;
      for (const ViewChip& chip : group.chips) {
        // One group alone may be wider than the page.
        if (x + in_.text.width(Font::regular, 13, chip.label) + 24 > margin_ + width_) {
          x = margin_;
          y += chip_height + 8;
        }
        x = add_chip(figure_, in_, {x, y}, width_, chip.label, chip.on, chip.tag) + 8;
      }
      x += 18;
    }
    return y + chip_height;
  }

  std::string order_words() const {
    const ShuffleSpec& spec = scene_.spec();
    if (spec.factor == 1) return "With stride 1 there is nothing to shuffle: r = 1 moves no cell. Choose r above.";
    std::string words;
    const auto axes = layer_.spatial();
    if (std::ranges::any_of(axes, [&](const AxisSpec& axis) { return axis.stride != axes.back().stride; })) {
      words = "The layer's strides differ; a shuffle has one factor, here that of the last axis. ";
    }
    if (scene_.factor_cut()) {
      words += "The stride is too large to be drawn: this is r = " + std::to_string(spec.factor) + ". ";
    }
    const std::string power = power_text(spec.dims);
    const std::string where = spec.dims == 2 ? "." : " in 2D.";
    words += spec.order == ChannelOrder::crd
                 ? "CRD: the " + power + " channels of an output channel lie side by side, as in PyTorch's PixelShuffle"
                 : "DCR: the " + power +
                       " channels of an output channel lie C apart: the default of ONNX's "
                       "DepthToSpace, and TensorFlow's";
    words += where;
    if (spec.out_channels == 1) words += " With one output channel, both orders are the same.";
    return words;
  }

  std::string small_title() const {
    const ShuffleSpec& spec = scene_.spec();
    const int64_t all = spec.out_channels * spec.group();
    std::string title = channels_and_size(all, scene_.small_size(), spec.dims);
    if (spec.dims == 3) title += " · slice " + std::to_string(scene_.small_slice());
    const std::string power = power_text(spec.dims) + " = " + std::to_string(spec.group());
    if (spec.out_channels > 1)
      return title + " — " + power + " channels for channel " + std::to_string(scene_.channel());
    return title + " — " + power + (spec.group() == 1 ? " channel" : " low-resolution channels");
  }

  std::string large_title() const {
    const ShuffleSpec& spec = scene_.spec();
    std::string title = channels_and_size(spec.out_channels, scene_.large_size(), spec.dims);
    if (spec.out_channels > 1) title += " · channel " + std::to_string(scene_.channel());
    if (spec.dims == 3) title += " · slice " + std::to_string(scene_.slice());
    return title + " — no arithmetic, only places";
  }

  double draw_small(const Rect& room) {
    add_map_title(figure_, in_, room, scene_.unshuffle() ? theme().output_text : theme().input_text,
                  scene_.unshuffle() ? "Output" : "Input", small_title());
    const double bottom = add_small_maps(figure_, in_, scene_, room);
    std::string words;
    const CellCount shown = scene_.shown_channels();
    if (shown != scene_.group()) {
      words = "The first " + std::to_string(shown.rows) + " × " + std::to_string(shown.cols) + " of " +
              std::to_string(scene_.group().rows) + " × " + std::to_string(scene_.group().cols) + " channels. ";
    }
    if (scene_.spec().dims == 3 && scene_.spec().factor > 1)
      words += "In depth, too, every r-th slice comes from other channels.";
    return add_note({room.x, bottom + 22}, room.w, words);
  }

  double draw_large(const Rect& room) {
    add_map_title(figure_, in_, room, scene_.unshuffle() ? theme().input_text : theme().output_text,
                  scene_.unshuffle() ? "Input" : "Output", large_title());
    const double bottom = add_large_side(figure_, in_, scene_, room);
    const std::string small = scene_.spec().dims == 1 ? "r" : "r²";
    std::string words =
        "Dashed: one super-pixel = the same place in " + small + " channels. Every cell is written once.";
    if (scene_.cropped()) {
      const CellCount shown = scene_.large_cells();
      words =
          "The first " + std::to_string(shown.rows) + " × " + std::to_string(shown.cols) + " cells are drawn. " + words;
    }
    if (scene_.is_image()) words += " Numbers: the layer's input, enlarged by linear interpolation.";
    return add_note({room.x, bottom + 22}, room.w, words);
  }

  double add_note(Point at, double width, const std::string& words) {
    if (words.empty()) return at.y - 10;
    return add_paragraph(figure_, in_.text, at, width, {.size = 12, .color = theme().muted}, words) - 12;
  }

  double draw_sides(double y) {
    const bool row = scene_.spec().dims == 1;
    const bool beside = width_ >= 500 && !row;
    const double gap = width_ >= 640 ? 40 : 28;
    const double each = beside ? (width_ - gap) / 2 : width_;
    const double height = row ? 40.0 * static_cast<double>(scene_.shown_channels().cols) + 60
                              : std::clamp(in_.size.h * 0.44, 220.0, beside ? 460.0 : each * 0.8);
    const Rect first{margin_, y, each, height};
    const auto side = [&](bool large, const Rect& room) {
      return large ? draw_large({room.x, room.y, room.w, row ? std::min(room.h, 60.0) : room.h}) : draw_small(room);
    };
    const double first_bottom = side(scene_.unshuffle(), first);
    const Rect second =
        beside ? Rect{margin_ + each + gap, y, each, height} : Rect{margin_, first_bottom + 44, each, height};
    const double second_bottom = side(!scene_.unshuffle(), second);
    add_shuffle_frames(figure_, in_, scene_);
    return std::max(first_bottom, second_bottom);
  }

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const ShuffleScene scene_;
  const double margin_;
  const double width_;
};

Figure draw_pixel_shuffle(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Pixel shuffle"};
  if (!add_no_result_page(figure, in)) ShufflePage(in, figure).draw();
  return figure;
}

std::vector<OptionRule> pixel_shuffle_options() {
  return {{std::string(shuffle_direction_choice), {"shuffle", "unshuffle"}},
          {std::string(shuffle_order_choice), {"crd", "dcr"}},
          {std::string(shuffle_start_choice), {"random", "icnr"}}};
}

}  // namespace

View pixel_shuffle_view() {
  return {.id = "pixel-shuffle",
          .label = "Pixel shuffle",
          .group = 3,
          .order = 0,
          .timeline = Timeline::none,
          .has_inspector = false,
          .draw = draw_pixel_shuffle,
          .arrays = pixel_shuffle_arrays,
          .options = pixel_shuffle_options};
}

}  // namespace tconv
