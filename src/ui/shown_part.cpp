// Which part of a layer with many channels, samples or slices is shown, and which weights join what.

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "ui/widgets.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t largest_picker = 12;  // channels on a side whose pairs are drawn one by one

class ShownPart {
 public:
  ShownPart(Ui& ui, Point at, double width)
      : ui_(ui), at_(at), width_(width), layer_(ui.session.scenario().layer), now_(ui.session.interaction()) {}

  double draw() {
    at_.y += 26;
    heading(ui_, at_, "Shown");
    at_.y += 10;
    slider("shown/batch", "Sample", now_.batch, layer_.batch);
    if (layer_.in_channels > 1 || layer_.out_channels > 1) channels();
    if (layer_.dims == 3) {
      const auto axes = layer_.as_3d();
      slider("shown/in_slice", "Input slice", now_.in_slice, axes[0].input);
      slider("shown/tap_slice", "Kernel slice", now_.tap_slice, axes[0].kernel);
      slider("shown/out_slice", "Output slice", now_.out_slice, output_size(axes[0]));
    }
    return at_.y;
  }

 private:
  /// A slider over 0 … count − 1, with buttons for one up and one down.
  void slider(const std::string& id, const std::string& label, int64_t& value, int64_t count) {
    if (count <= 1) return;
    const Theme& theme = ui_.theme;
    Canvas c = canvas(ui_);
    const double right = at_.x + width_;
    c.text({.at = {at_.x, at_.y + 17}, .text = label, .size = 13, .color = theme.text});
    if (icon_button(ui_, id + "/down", {right - 84, at_.y, 22, 24}, Icon::previous, "", ButtonLook::plain, "")) --value;
    if (icon_button(ui_, id + "/up", {right - 22, at_.y, 22, 24}, Icon::next, "", ButtonLook::plain, "")) ++value;
    const Rect track{at_.x + 96, at_.y + 4, std::max(10.0, right - 92 - at_.x - 96), 16};
    const Press press = press_area(ui_, id, track);
    if (press.held) {
      const double part = (static_cast<double>(ImGui::GetIO().MousePos.x) - track.x) / track.w;
      value = std::llround(std::clamp(part, 0.0, 1.0) * static_cast<double>(count - 1));
    }
    value = (value + count) % count;
    const double x = track.x + track.w * static_cast<double>(value) / static_cast<double>(count - 1);
    c.rect({.rect = {track.x, track.centre().y - 2, track.w, 4}, .fill = theme.track, .radius = 2});
    c.circle({x, track.centre().y}, press.hovered || press.held ? 7 : 6, theme.text);
    c.text({.at = {right - 42, at_.y + 17},
            .text = std::to_string(value),
            .font = Font::mono,
            .size = 13,
            .color = theme.text,
            .align = Align::centre});
    at_.y += 28;
  }

  void channels() {
    const bool small = layer_.in_channels <= largest_picker && layer_.out_channels <= largest_picker;
    if (small) {
      pairs();
    } else {
      slider("shown/in_channel", "Input channel", now_.in_channel, layer_.in_channels);
      slider("shown/out_channel", "Output channel", now_.out_channel, layer_.out_channels);
    }
    for (const std::string& line : ui_.text.wrap(Font::regular, 12, words(), width_)) {
      canvas(ui_).text({.at = {at_.x, at_.y + 13}, .text = line, .size = 12, .color = ui_.theme.muted});
      at_.y += 17;
    }
    at_.y += 8;
  }

  /// One square per pair of channels: filled where a weight joins them, framed where it is the one on show.
  void pairs() {
    const Theme& theme = ui_.theme;
    Canvas c = canvas(ui_);
    const double left = 58;
    const double cell = std::min(24.0, (width_ - left) / static_cast<double>(layer_.out_channels));
    c.text({.at = {at_.x + left, at_.y + 11}, .text = "output channel →", .size = 11, .color = theme.output_text});
    c.text({.at = {at_.x, at_.y + 31}, .text = "input ↓", .size = 11, .color = theme.input_text});
    const Point origin{at_.x + left, at_.y + 17};
    for (int64_t in = 0; in < layer_.in_channels; ++in) {
      for (int64_t out = 0; out < layer_.out_channels; ++out) {
        const Rect place{origin.x + static_cast<double>(out) * cell, origin.y + static_cast<double>(in) * cell,
                         cell - 2, cell - 2};
        const std::string id = "shown/pair/" + std::to_string(in) + "," + std::to_string(out);
        const Press press = press_area(ui_, id, place);
        if (press.clicked) {
          now_.in_channel = in;
          now_.out_channel = out;
        }
        const bool on_show = now_.in_channel == in && now_.out_channel == out;
        const bool has_weight = joined(layer_, in, out);
        c.rect({.rect = place,
                .fill = has_weight ? mix(theme.panel, theme.kernel, press.hovered ? 0.6 : 0.4) : theme.panel,
                .stroke = on_show ? theme.cursor : theme.border,
                .stroke_width = on_show ? 2.0 : 1.0,
                .radius = 3});
      }
    }
    at_.y += 17 + static_cast<double>(layer_.in_channels) * cell + 4;
  }

  std::string words() const {
    const int64_t in_per_group = layer_.in_channels / layer_.groups;
    const int64_t out_per_group = layer_.out_channels / layer_.groups;
    const int64_t group = now_.in_channel / in_per_group;
    const auto range = [](int64_t first, int64_t count) {
      return std::to_string(first) + (count > 1 ? "–" + std::to_string(first + count - 1) : "");
    };
    std::string text = "w[" + std::to_string(now_.in_channel) + " → " + std::to_string(now_.out_channel) + "]";
    if (!joined(layer_, now_.in_channel, now_.out_channel)) {
      text += ": no weight, they lie in different groups. ";
    } else {
      text += ". ";
    }
    if (layer_.groups == 1) return text + "Every input channel is joined to every output channel.";
    return text + "Group " + std::to_string(group) + " of " + std::to_string(layer_.groups) + " joins input " +
           range(group * in_per_group, in_per_group) + " to output " + range(group * out_per_group, out_per_group) +
           ".";
  }

  Ui& ui_;
  Point at_;
  double width_;
  const LayerSpec layer_;
  Interaction& now_;
};

}  // namespace

double draw_shown_part(Ui& ui, Point at, double width) {
  const LayerSpec& layer = ui.session.scenario().layer;
  const bool one = layer.dims < 3 && layer.batch <= 1 && layer.in_channels <= 1 && layer.out_channels <= 1;
  if (one || !ui.session.results().ready() || !validate(layer).empty()) return at.y;
  return ShownPart(ui, at, width).draw();
}

}  // namespace tconv
