// The current view's figure and the mouse on it: hovering, pinning, typing into cells, panning and zooming.

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "ui/widgets.h"
#include "views/linking.h"
#include "views/panels.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

std::string cell_name(const Tag& tag) {
  const auto numbers = [](const std::array<int64_t, 3>& at) {
    return std::to_string(at[0]) + "," + std::to_string(at[1]) + "," + std::to_string(at[2]);
  };
  if (const auto* input = std::get_if<InputCell>(&tag)) return "cell/input/" + numbers(input->cell.at);
  if (const auto* tap = std::get_if<KernelTap>(&tag)) return "cell/kernel/" + numbers(tap->tap);
  if (const auto* output = std::get_if<OutputCell>(&tag)) return "cell/output/" + numbers(output->cell.at);
  if (const auto* term = std::get_if<FormulaTerm>(&tag)) return "term/" + term->field;
  if (const auto* choice = std::get_if<ChooseLayer>(&tag)) return "choose/" + choice->label;
  if (const auto* size = std::get_if<FindSize>(&tag)) return size->from ? "find/from" : "find/to";
  if (std::holds_alternative<CopyText>(tag)) return "copy";
  if (const auto* product = std::get_if<Multiplication>(&tag)) {
    return "cell/product/" + numbers(product->input.at) + "/" + numbers(product->tap);
  }
  if (const auto* grad = std::get_if<GradInputCell>(&tag)) return "cell/grad_input/" + numbers(grad->cell.at);
  if (const auto* grad = std::get_if<GradKernelTap>(&tag)) return "cell/grad_kernel/" + numbers(grad->tap);
  if (const auto* grad = std::get_if<GradOutputCell>(&tag)) return "cell/grad_output/" + numbers(grad->cell.at);
  if (const auto* cell = std::get_if<ShuffleCell>(&tag)) {
    return std::string(cell->large ? "cell/large/" : "cell/small/") + std::to_string(cell->place.channel) + "/" +
           numbers(cell->place.at);
  }
  if (const auto* cell = std::get_if<ComparedCell>(&tag)) return "cell/compared/" + numbers(cell->at);
  if (const auto* option = std::get_if<ViewOption>(&tag)) return "option/" + option->id;
  if (const auto* choice = std::get_if<ViewChoice>(&tag)) return "choice/" + choice->name + "/" + choice->value;
  if (const auto* choice = std::get_if<ChooseScenario>(&tag)) return "choose/" + choice->label;
  if (const auto* step = std::get_if<GoToStep>(&tag)) return "step/" + std::to_string(step->step);
  if (const auto* point = std::get_if<FrequencyPoint>(&tag)) return "frequency/" + std::to_string(point->sample);
  return "";
}

/// Cells whose number can be typed over.
bool is_editable(const Tag& tag) {
  return std::holds_alternative<InputCell>(tag) || std::holds_alternative<KernelTap>(tag) ||
         std::holds_alternative<GradOutputCell>(tag);
}

Point mouse() {
  const ImVec2 p = ImGui::GetIO().MousePos;
  return {static_cast<double>(p.x), static_cast<double>(p.y)};
}

/// Cells that the cursor is about, and that can be pinned.
bool is_cell(const Tag& tag) {
  return multiplications_of(tag) || std::holds_alternative<ShuffleCell>(tag) ||
         std::holds_alternative<ComparedCell>(tag);
}

bool clickable(const Tag& tag) {
  return has_tag(tag) && !std::holds_alternative<FormulaTerm>(tag) && !std::holds_alternative<FrequencyPoint>(tag);
}

const CellGrid* grid_at(const Figure& figure, Point place) {
  const auto found =
      std::ranges::find_if(figure.grids, [&](const CellGrid& grid) { return grid.rect.contains(place); });
  return found == figure.grids.end() ? nullptr : &*found;
}

/// Wheel: zoom so that the cell under the cursor stays there. Drag: pan. Double-click: the whole map.
void move_viewport(Ui& ui, const Figure& figure, Point origin, bool hovered, bool held) {
  const Point at{mouse().x - origin.x, mouse().y - origin.y};
  const CellGrid* grid = grid_at(figure, at);
  if (grid == nullptr) return;
  Viewport& viewport = ui.session.interaction().viewport;
  // The first of two clicks may have opened an editor that lies over the map.
  const bool over_editor = !ui.state.editor.id.empty() && ui.state.editor.id == cell_name(ui.state.edited_cell);
  if (ImGui::IsMouseDoubleClicked(0) && (hovered || over_editor)) {
    viewport = {};
    ui.state.editor = {};
    ui.state.pinned = {};
    ui.state.ignore_release = true;
  }
  if (!hovered) return;
  const ImGuiIO& io = ImGui::GetIO();
  const double part = 1 / viewport.zoom;
  const double fx = (at.x - grid->rect.x) / grid->rect.w;
  const double fy = (at.y - grid->rect.y) / grid->rect.h;
  if (io.MouseWheel != 0) {
    const auto larger = static_cast<double>(std::max(grid->rows, grid->cols));
    const double zoom =
        std::clamp(viewport.zoom * std::pow(1.2, static_cast<double>(io.MouseWheel)), 1.0, std::max(1.0, larger / 4));
    const double px = grid->window.x / static_cast<double>(grid->cols) + fx * part;
    const double py = grid->window.y / static_cast<double>(grid->rows) + fy * part;
    viewport.zoom = zoom;
    viewport.centre = {px + (0.5 - fx) / zoom, py + (0.5 - fy) / zoom};
  }
  if (held && ImGui::IsMouseDragging(0, 3)) {
    viewport.centre.x -= static_cast<double>(io.MouseDelta.x) / grid->rect.w * part;
    viewport.centre.y -= static_cast<double>(io.MouseDelta.y) / grid->rect.h * part;
  }
  const double half = 0.5 / viewport.zoom;
  viewport.centre.x = std::clamp(viewport.centre.x, half, 1 - half);
  viewport.centre.y = std::clamp(viewport.centre.y, half, 1 - half);
}

/// What a large map has under the cursor, in the status line's place beside it.
void show_read_out(Ui& ui, const Figure& figure, Point origin, const Tag& tag) {
  if (figure.grids.empty() || grid_at(figure, {mouse().x - origin.x, mouse().y - origin.y}) == nullptr) return;
  const Results& results = ui.session.results();
  const LayerSpec& layer = results.scenario.layer;
  if (!results.ready()) return;
  std::string words;
  if (const auto* input = std::get_if<InputCell>(&tag)) {
    words = "input " + place_text(layer, input->cell.at) + " = " +
            number_text(static_cast<double>(results.input[flat_input(layer, input->cell)]), 6);
  } else if (const auto* output = std::get_if<OutputCell>(&tag)) {
    words = "output " + place_text(layer, output->cell.at) + " = " +
            number_text(static_cast<double>(results.frame.output[flat_output(layer, output->cell)]), 6);
  }
  if (words.empty()) return;
  words += "   zoom " + number_text(ui.session.interaction().viewport.zoom, 3) + "×";
  show_words(ui, words);
}

/// The editor over a cell or a number of a figure, and what becomes of the text.
void edit_number(Ui& ui, const Figure& figure, Point origin) {
  const Tag tag = ui.state.edited_cell;
  const std::string id = cell_name(tag);
  if (id.empty() || ui.state.editor.id != id) return;
  Rect place = place_of(figure, tag, ui.state.edited_at);
  if (place.w < 60) place = {place.centre().x - 30, place.y, 60, std::max(24.0, place.h)};
  const auto typed = inline_editor(ui, id, {place.x + origin.x, place.y + origin.y, place.w, place.h});
  if (!typed) return;
  const auto number = parse_number(*typed);
  if (!number) {
    ui.session.say_error("must be a number such as 3, -0.5 or 1/4, found '" + *typed + "'");
  } else if (const auto* size = std::get_if<FindSize>(&tag)) {
    const auto cells = static_cast<int64_t>(std::clamp(std::round(*number), 1.0, 65536.0));
    (size->from ? ui.session.interaction().find_from : ui.session.interaction().find_to) = cells;
  } else {
    ui.session.set_cell(tag, static_cast<float>(*number));
  }
}

}  // namespace

ViewInput view_input(Ui& ui, Size size) {
  const Results& results = ui.session.results();
  return {.document = ui.session.document(),
          .results = results,
          .interaction = clamped(ui.session.interaction(), results.scenario),
          .size = size,
          .theme = ui.theme,
          .text = ui.text,
          .pixels_per_point = ui.fonts.scale(),
          .interactive = true};
}

void activate(Ui& ui, const Tag& tag) {
  if (const auto* choice = std::get_if<ChooseLayer>(&tag)) {
    ui.session.set_layer(choice->layer, choice->label);
  } else if (const auto* copy = std::get_if<CopyText>(&tag)) {
    ui.platform.copy(copy->text);
    ui.session.say("Copied: " + copy->text);
  } else if (const auto* size = std::get_if<FindSize>(&tag)) {
    const Interaction& now = ui.session.interaction();
    ui.state.edited_cell = tag;
    open_editor(ui, cell_name(tag), std::to_string(size->from ? now.find_from : now.find_to));
  } else if (const auto* option = std::get_if<ViewOption>(&tag)) {
    auto& options = ui.session.interaction().options;
    if (options.erase(option->id) == 0) options.insert(option->id);
  } else if (const auto* chosen = std::get_if<ViewChoice>(&tag)) {
    ui.session.interaction().choices.insert_or_assign(chosen->name, chosen->value);
  } else if (const auto* cure = std::get_if<ChooseScenario>(&tag)) {
    ui.session.set_scenario(*cure->scenario, cure->label);
  } else if (const auto* step = std::get_if<GoToStep>(&tag)) {
    ui.session.player().set_playing(false);
    ui.session.seek(step->step);
  } else if (is_editable(tag)) {
    ui.state.edited_cell = tag;
    open_editor(ui, cell_name(tag), number_text(static_cast<double>(ui.session.cell_value(tag)), 9));
  } else if (is_cell(tag)) {
    ui.state.pinned = ui.state.pinned == tag ? Tag{} : tag;
  }
}

Tag show_figure(Ui& ui, const std::string& id, const Figure& figure, const Rect& place, const Rect& clip) {
  const Press press = press_area(ui, "figure/" + id, place);
  canvas(ui).figure(figure, {place.x, place.y}, clip);
  std::set<std::string> mine;
  for (const Shape2D& shape : figure.shapes) {
    const auto* box = std::get_if<RectShape>(&shape.what);
    if (box == nullptr || !has_tag(shape.tag)) continue;
    if (shape.highlight) continue;
    // A cell that is drawn more than once: "name", "name#2", …
    const std::string name = cell_name(shape.tag);
    std::string free = name;
    for (int copy = 2; mine.contains(free); ++copy) free = name + "#" + std::to_string(copy);
    mine.insert(free);
    ui.places[free] = {box->rect.x + place.x, box->rect.y + place.y, box->rect.w, box->rect.h};
  }
  Tag tag;
  if (press.hovered || press.held) tag = tag_at(figure, {mouse().x - place.x, mouse().y - place.y});
  const bool dragged = ImGui::GetIO().MouseDragMaxDistanceSqr[0] > 9;
  if (press.clicked && !dragged && !ui.state.ignore_release) {
    ui.state.focused_field.clear();
    ui.state.edited_at = {mouse().x - place.x, mouse().y - place.y};
    if (has_tag(tag)) activate(ui, tag);
  }
  if (clickable(tag) && (!is_cell(tag) || is_editable(tag))) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  return tag;
}

void draw_view(Ui& ui, const Rect& place) {
  const Point origin = begin_panel(ui, "view", place, ui.theme.background);
  // These cells are none of the layer's: they mean nothing to other views.
  const std::string_view id = ui.session.view().id;
  const bool lost = (std::holds_alternative<ShuffleCell>(ui.state.pinned) && id != "pixel-shuffle") ||
                    (std::holds_alternative<ComparedCell>(ui.state.pinned) && id != "compare" && id != "large-maps");
  if (lost) ui.state.pinned = {};
  const Figure figure = picture(ui.session.view(), view_input(ui, {place.w, place.h}));
  ui.state.color_range = figure.color_range;
  if (ui.session.view().large_map != nullptr && !figure.grids.empty()) {
    const Rect& map = figure.grids.front().rect;
    ui.session.interaction().map_pixels = std::round(std::max(map.w, map.h) * ui.fonts.scale());
  }
  const Rect area{origin.x, origin.y, place.w, std::max(place.h, figure.size.h)};
  const Tag tag = show_figure(ui, "view", figure, area, place);
  const Press map{ImGui::IsItemHovered(), ImGui::IsItemActive(), false, false};
  move_viewport(ui, figure, origin, map.hovered || map.held, map.held);
  show_read_out(ui, figure, origin, tag);
  // A pinned cell is dragged along; on a map that is zoomed in, dragging moves the map.
  const bool dragged = map.held && ImGui::IsMouseDragging(0, 3) && ui.session.interaction().viewport.zoom == 1;
  if (dragged && is_cell(tag) && !is_editable(tag)) ui.state.pinned = tag;
  edit_number(ui, figure, origin);
  // A pinned cell that the layer has no more holds nothing; it comes back with the layer.
  const bool there = exists(ui.session.results().scenario.layer, ui.state.pinned);
  const bool keeps = has_tag(ui.state.pinned) && there && !is_editable(tag);
  ui.session.interaction().hover = keeps ? ui.state.pinned : tag;
  end_panel(figure.size.h);
}

void draw_inspector_panel(Ui& ui, const Rect& place) {
  const Point origin = begin_panel(ui, "inspector", place, ui.theme.panel);
  constexpr double inset = 15;
  const auto draw = ui.session.view().inspector != nullptr ? ui.session.view().inspector : draw_inspector;
  const Figure figure = draw(view_input(ui, {place.w - 2 * inset, place.h}));
  const Rect area{origin.x + inset, origin.y + 14, figure.size.w, figure.size.h};
  const Tag tag = show_figure(ui, "inspector", figure, area, place);
  if (const auto* term = std::get_if<FormulaTerm>(&tag)) ui.session.interaction().active_field = term->field;
  end_panel(figure.size.h + 28);
}

}  // namespace tconv
