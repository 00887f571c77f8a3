// The layer's sliders, the presets of its arrays, which part of it is shown, and the verdict.

#include "document/scenario_source.h"
#include "ui/actions.h"
#include "ui/color_panel.h"
#include "ui/widgets.h"
#include "views/panels.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr double panel_inset = 14;

/// Lays the panel's sections one under the other.
struct Panel {
  Ui& ui;
  Point at;
  double width;

  void title(const std::string& words) {
    at.y += 26;
    heading(ui, {at.x, at.y}, words);
    at.y += 10;
  }

  void chip_rows(const std::vector<Chip>& list, const std::function<void(std::size_t)>& choose) {
    const int clicked = chips(ui, at, width, list);
    if (clicked >= 0) choose(static_cast<std::size_t>(clicked));
  }
};

void dims_and_presets(Panel& panel) {
  Ui& ui = panel.ui;
  const LayerSpec layer = ui.session.scenario().layer;
  std::vector<Chip> list;
  for (int dims = 1; dims <= 3; ++dims) {
    const std::string name = std::to_string(dims) + "D";
    list.push_back(
        {"dims/" + std::to_string(dims), name, layer.dims == dims, "nn.ConvTranspose" + std::to_string(dims) + "d"});
  }
  panel.chip_rows(list, [&](std::size_t i) {
    Document changed = ui.session.document();
    changed.scenario.layer.dims = static_cast<int>(i) + 1;
    changed.scenario = with_fitting_ranks(std::move(changed.scenario));
    ui.session.commit(std::move(changed), std::to_string(i + 1) + "D");
  });
  if (layer.dims > 1) {
    panel.at.y += 8;
    std::vector<Chip> axes{
        {"axis/all", layer.dims == 2 ? "Both" : "All", ui.state.edited_axis < 0, "The sliders change every axis"}};
    for (int a = 0; a < layer.dims; ++a) {
      const std::string name(axis_name(layer, a));
      axes.push_back(
          {"axis/" + std::to_string(a), name, ui.state.edited_axis == a, "The sliders change the " + name + " only"});
    }
    panel.chip_rows(axes, [&](std::size_t i) {
      ui.state.edited_axis = static_cast<int>(i) - 1;
      ui.session.interaction().axis = std::max(0, ui.state.edited_axis);
    });
  }
  if (ui.state.edited_axis >= layer.dims || layer.dims == 1) ui.state.edited_axis = -1;
}

void sliders(Panel& panel) {
  const LayerSpec& layer = panel.ui.session.scenario().layer;
  const bool many_channels = layer.in_channels > 1 || layer.out_channels > 1;
  panel.at.y += 8;
  for (const Field& field : fields()) {
    if (!field.on_panel && !(field.name == "groups" && many_channels)) continue;
    field_slider(panel.ui, field, panel.at, panel.width);
    panel.at.y += slider_row_height;
  }
  end_lost_drag(panel.ui);
}

/// What the backward pass starts from: only where it is shown.
void grad_output(Panel& panel) {
  Ui& ui = panel.ui;
  if (ui.session.view().id != "gradients") return;
  const Pattern& pattern = ui.session.scenario().grad_output;
  panel.title("Gradient of the output, g");
  std::vector<Chip> list;
  for (const PatternInfo& info : input_patterns()) {
    list.push_back({"grad_output/" + std::string(info.id), std::string(info.label), pattern.id == info.id,
                    std::string(info.help)});
  }
  panel.chip_rows(list, [&](std::size_t i) {
    Document changed = ui.session.document();
    Pattern& g = changed.scenario.grad_output;
    const std::string id(input_patterns()[i].id);
    g = {.id = id, .seed = g.id == id ? g.seed + 1 : 1, .values = {}};
    ui.session.commit(std::move(changed), "Gradient of the output: " + id);
  });
}

void patterns(Panel& panel, bool input) {
  Ui& ui = panel.ui;
  const Scenario& scenario = ui.session.scenario();
  const Pattern& pattern = input ? scenario.input : scenario.kernel;
  panel.title(input ? "Input" : "Kernel");
  std::vector<Chip> list;
  const auto infos = input ? input_patterns() : kernel_patterns();
  const std::string prefix = input ? "input/" : "kernel/";
  for (const PatternInfo& info : infos) {
    list.push_back(
        {prefix + std::string(info.id), std::string(info.label), pattern.id == info.id, std::string(info.help)});
  }
  const bool own = pattern.id == "custom";
  list.push_back(
      {prefix + "file", input ? "Image…" : "From file…", own,
       std::string(own ? "Own values now. " : "") +
           (input ? "Open a PNG, JPEG or .npy; or drop it on the window" : "Open a .npy; or drop it on the kernel")});
  panel.chip_rows(list, [&](std::size_t i) {
    if (i < infos.size()) {
      set_pattern(ui, input, infos[i].id);
    } else {
      run_action(ui, input ? "open_input" : "open_kernel");
    }
  });
}

void options(Panel& panel) {
  Ui& ui = panel.ui;
  const LayerSpec layer = ui.session.scenario().layer;
  panel.at.y += 8;
  panel.chip_rows({{"bias", layer.bias ? "Bias: on" : "Bias: off", layer.bias,
                    "One number per output channel, added to every cell"},
                   {"presets", "Examples ▾", false, "Layers from textbooks and networks"}},
                  [&](std::size_t i) {
                    if (i == 1) {
                      ui.state.palette.open("Open example: ");
                      return;
                    }
                    Document changed = ui.session.document();
                    changed.scenario.layer.bias = !layer.bias;
                    ui.session.commit(std::move(changed), layer.bias ? "Bias off" : "Bias on");
                  });
}

}  // namespace

void draw_parameters(Ui& ui, const Rect& place) {
  // The verdict follows the layer's controls; where the window is too low for both it stays in view and the controls
  // scroll. The colours change no number and come last.
  const double width = place.w - 2 * panel_inset - 4;
  const Figure verdict = draw_verdict(view_input(ui, {width, 0}));
  const double footer = verdict.size.h + 2 * panel_inset;
  const bool pinned = ui.state.parameters_height + footer > place.h;
  canvas(ui).rect({.rect = place, .fill = ui.theme.panel});

  const Rect controls{place.x, place.y, place.w, pinned ? place.h - footer : place.h};
  const Point origin = begin_panel(ui, "parameters", controls, ui.theme.panel);
  Panel panel{ui, {origin.x + panel_inset, origin.y - 4}, width};
  panel.title("Layer");
  dims_and_presets(panel);
  sliders(panel);
  options(panel);
  panel.at.y = draw_shown_part(ui, panel.at, width);
  patterns(panel, false);
  patterns(panel, true);
  grad_output(panel);
  ui.state.parameters_height = panel.at.y - origin.y;
  Rect box{place.x + panel_inset, panel.at.y + panel_inset, verdict.size.w, verdict.size.h};
  if (!pinned) {
    show_figure(ui, "verdict", verdict, box, place);
    panel.at.y = box.bottom();
  }
  panel.title("Colours");
  panel.at.y = draw_color_settings(ui, panel.at, width);
  end_panel(panel.at.y + panel_inset - origin.y);

  if (pinned) {
    box.y = controls.bottom() + panel_inset;
    begin_panel(ui, "verdict-footer", {place.x, controls.bottom(), place.w, footer}, ui.theme.panel);
    show_figure(ui, "verdict", verdict, box, place);
    canvas(ui).line(
        {{{place.x, controls.bottom() + 0.5}, {place.right(), controls.bottom() + 0.5}}, ui.theme.border, 1});
    end_panel(0);
  }
  ui.places["verdict"] = box;
}

}  // namespace tconv
