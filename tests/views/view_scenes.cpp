#include "view_scenes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "core/pattern.h"
#include "support/random_layers.h"
#include "views/panels.h"

namespace tconv::test {
namespace {

using std::int64_t;

Document with_values(Document document, const std::vector<float>& values) {
  LayerSpec& layer = document.scenario.layer;
  const Shape shape = input_shape(layer);
  std::vector<float> all(static_cast<std::size_t>(shape.elements()));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = values[i % values.size()];
  document.scenario.input = custom_pattern(Tensor(shape, std::move(all)));
  return document;
}

Document with_layer(Document document, const std::function<void(LayerSpec&)>& change) {
  change(document.scenario.layer);
  return document;
}

Document with_hits(Document document) {
  document.presentation.show_hits = true;
  return document;
}

/// Rows × columns of numbers 0 … 1, as an image gives them.
Document image_document(int64_t channels, int64_t rows, int64_t cols) {
  Document document = layer_document({.kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1});
  LayerSpec& layer = document.scenario.layer;
  layer.in_channels = layer.out_channels = layer.groups = channels;
  layer.axes[0].input = rows;
  layer.axes[1].input = cols;
  std::vector<float> values(static_cast<std::size_t>(channels * rows * cols));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * 7919 % 256) / 255.0F;
  document.scenario.input = custom_pattern(Tensor(input_shape(layer), std::move(values)));
  document.scenario.kernel.id = "bilinear";
  return document;
}

void add_legal(std::vector<NamedDocument>& list) {
  const AxisSpec uneven{
      .input = 4, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1, .output_padding = 1};
  list.push_back({"example", {}});
  list.push_back({"example, hits", with_hits({})});
  list.push_back({"K3 S2 P1 OP1", layer_document(uneven)});
  list.push_back({"K3 S2 P1 OP1, hits", with_hits(layer_document(uneven))});
  list.push_back({"gaps K2 S3", layer_document({.input = 4, .kernel = 2, .stride = 3})});
  list.push_back(
      {"K4 S2 P1", layer_document({.input = 8, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1})});
  list.push_back({"one cell", layer_document({})});
  list.push_back({"ends of the sliders", layer_document({.input = 16,
                                                         .kernel = 9,
                                                         .stride = 6,
                                                         .padding_begin = 8,
                                                         .padding_end = 8,
                                                         .output_padding = 5,
                                                         .dilation = 4})});
  list.push_back(
      {"uneven padding",
       layer_document(
           {.input = 5, .kernel = 4, .stride = 2, .padding_begin = 2, .padding_end = 0, .output_padding = 1})});
  list.push_back(
      {"OP above S", layer_document({.input = 3, .kernel = 3, .stride = 2, .output_padding = 3, .dilation = 4})});
  list.push_back({"64 × 64 cells", layer_document({.input = 64})});
  list.push_back({"1D", layer_document({.input = 5, .kernel = 3, .stride = 2}, 1)});
  list.push_back({"1D, long", layer_document({.input = 300, .kernel = 3, .stride = 2}, 1)});
  list.push_back(
      {"1D, wide sizes",
       layer_document(
           {.input = 1000003, .kernel = 17, .stride = 3, .padding_begin = 16, .padding_end = 16, .output_padding = 2},
           1)});
  list.push_back({"3D", layer_document({.input = 3, .kernel = 2, .stride = 2, .dilation = 3}, 3)});
  list.push_back({"bias, channels, groups", with_layer(layer_document(uneven), [](LayerSpec& layer) {
                    layer.in_channels = 4;
                    layer.out_channels = 6;
                    layer.groups = 2;
                    layer.batch = 2;
                    layer.bias = true;
                  })});
  list.push_back({"axes that differ", with_layer(layer_document(uneven), [](LayerSpec& layer) {
                    layer.axes[1] = {.input = 7, .kernel = 5, .stride = 3, .padding_begin = 2, .padding_end = 1};
                  })});
  list.push_back({"tall", with_layer(layer_document({.input = 2, .kernel = 3}),
                                     [](LayerSpec& layer) { layer.axes[0].input = 300; })});
  list.push_back({"wide", with_layer(layer_document({.input = 3, .kernel = 3}),
                                     [](LayerSpec& layer) { layer.axes[1].input = 500; })});
  list.push_back({"grey image", image_document(1, 200, 300)});
  list.push_back({"colour image", image_document(3, 200, 300)});
}

void add_odd_numbers(std::vector<NamedDocument>& list) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const AxisSpec axis{.input = 3, .kernel = 3, .stride = 2};
  const auto add = [&](const std::string& name, const std::vector<float>& values) {
    list.push_back({name, with_values(layer_document(axis), values)});
  };
  add("values 1234567", {1234567, -1234567, 0.5F});
  add("values −0.001", {-0.001F, 0.0001234F, 17});
  add("values NaN and ±∞", {std::nanf(""), inf, -inf, 1, -2, 3});
  add("values ±∞", {inf, -inf});
  add("values near the ends of float32", {3.4e38F, -3.4e38F, 1.2e-38F, 1e-42F});
  add("values −12.34567", {-12.34567F, 98.76543F});
  Document two = with_values(layer_document(axis), {123.456F, -0.75F});
  two.scenario.layer.bias = true;
  two.scenario.bias = custom_pattern(Tensor(Shape{1, 1, 1}, {-1234.5F}));
  list.push_back({"values with a bias", two});
  Document image = with_values(layer_document({.input = 80, .kernel = 2}), {std::nanf(""), inf, 1234567, -0.001F});
  list.push_back({"odd values as an image", image});
}

void add_illegal(std::vector<NamedDocument>& list) {
  const auto add = [&](const std::string& name, const AxisSpec& axis) {
    list.push_back({"illegal: " + name, layer_document(axis)});
  };
  add("stride 0", {.input = 2, .kernel = 3, .stride = 0});
  add("kernel 0", {.input = 2, .kernel = 0});
  add("input 0", {.input = 0, .kernel = 2});
  add("input −5", {.input = -5, .kernel = 2});
  add("OP too large", {.input = 2, .kernel = 3, .stride = 2, .output_padding = 5});
  add("OP below 0", {.input = 2, .kernel = 3, .stride = 2, .output_padding = -1});
  add("no output left", {.input = 2, .kernel = 3, .padding_begin = 8, .padding_end = 8});
  add("everything", {.input = 0,
                     .kernel = 0,
                     .stride = 0,
                     .padding_begin = -1,
                     .padding_end = -2,
                     .output_padding = -3,
                     .dilation = 0});
  add("too many elements", {.input = 1 << 20, .kernel = 3, .stride = 2});
  add("numbers that leave int64", {.input = INT64_MAX, .kernel = INT64_MAX, .stride = INT64_MAX});
  list.push_back({"illegal: one axis of three", with_layer(layer_document({.input = 3, .kernel = 3}, 3),
                                                           [](LayerSpec& layer) { layer.axes[1].stride = -7; })});
  list.push_back({"illegal: groups", with_layer({}, [](LayerSpec& layer) {
                    layer.in_channels = 3;
                    layer.groups = 2;
                  })});
  Document unknown;
  unknown.scenario.kernel.id = "nobody knows this one";
  list.push_back({"illegal: a pattern that nobody knows", unknown});
  Document rank;
  rank.scenario.input = custom_pattern(Tensor(Shape{1, 1, 4}, {1, 2, 3, 4}));
  list.push_back({"illegal: custom values of another rank", rank});
}

}  // namespace

Document layer_document(const AxisSpec& axis, int dims) {
  Document document;
  document.scenario.layer.dims = dims;
  for (AxisSpec& each : document.scenario.layer.axes) each = axis;
  document.scenario.input.id = "counting";
  document.scenario.kernel.id = "ones";
  return document;
}

std::vector<NamedDocument> documents() {
  std::vector<NamedDocument> list;
  add_legal(list);
  add_odd_numbers(list);
  add_illegal(list);
  return list;
}

std::vector<NamedDocument> random_documents(int count) {
  RandomLayers random;
  std::vector<NamedDocument> list;
  const auto any = [&](std::span<const PatternInfo> patterns) {
    return std::string(
        patterns[static_cast<std::size_t>(random.between(0, static_cast<int64_t>(patterns.size()) - 1))].id);
  };
  for (int i = 0; i < count; ++i) {
    Document document;
    Scenario& scenario = document.scenario;
    scenario.layer = random.layer(5000);
    scenario.input = Pattern{any(input_patterns()), 7, {}};
    scenario.kernel = Pattern{any(kernel_patterns()), 9, {}};
    scenario.bias = Pattern{"random", 3, {}};
    document.presentation.show_hits = random.between(0, 3) == 0;
    list.push_back({"input " + scenario.input.id + ", kernel " + scenario.kernel.id + ", " +
                        (document.presentation.show_hits ? "hits, " : "") + random.trace(scenario.layer),
                    document});
  }
  return list;
}

std::vector<NamedInteraction> interactions(const Scenario& scenario) {
  Interaction none;
  none.step = step_count(scenario);
  std::vector<NamedInteraction> list{{"at the end", none}};
  const auto add = [&](const std::string& name, int64_t step, const Tag& hover, const std::string& field) {
    Interaction one = none;
    one.step = step;
    one.hover = hover;
    one.active_field = field;
    list.push_back({name, one});
  };
  add("slider of the stride", none.step, {}, "stride");
  add("hovering a term", none.step, FormulaTerm{"kernel"}, "");
  add("slider of the padding", none.step, {}, "padding");
  Interaction find = none;
  find.find_from = 1;
  find.find_to = 16384;
  list.push_back({"finding from 1 to 16384", find});
  find.find_from = 1048576;
  find.find_to = 3;
  list.push_back({"finding what cannot be", find});
  if (!validate(scenario).empty()) return list;

  const auto axes = scenario.layer.as_3d();
  CellIndex last_out{.batch = 0, .channel = scenario.layer.out_channels - 1, .at = {}};
  CellIndex middle_in;
  for (std::size_t a = 0; a < 3; ++a) {
    last_out.at[a] = output_size(axes[a]) - 1;
    middle_in.at[a] = axes[a].input / 2;
  }
  Interaction last = none;
  last.hover = OutputCell{last_out};
  last.out_channel = last_out.channel;
  last.out_slice = last_out.at[0];
  last.axis = scenario.layer.dims - 1;
  list.push_back({"hovering the last output", last});
  add("nothing painted", 0, {}, "");
  add("first stamp, hovering an output", 1, OutputCell{}, "");
  add("half way, hovering an input", none.step / 2, InputCell{middle_in}, "");
  add("half way, hovering a tap", none.step / 2, KernelTap{}, "dilation");
  Interaction channels = none;
  channels.step = std::max<int64_t>(1, none.step - 1);
  channels.in_channel = scenario.layer.in_channels - 1;
  channels.in_slice = axes[0].input - 1;
  channels.tap_slice = axes[0].kernel - 1;
  channels.batch = scenario.layer.batch - 1;
  list.push_back({"last channel, slice and sample", channels});
  Interaction zoomed = none;
  zoomed.viewport = {25, {0.3, 0.9}};
  list.push_back({"zoomed in", zoomed});
  return list;
}

std::vector<Drawer> drawers() {
#ifdef __SANITIZE_ADDRESS__  // a picture takes ten times as long
  const std::vector<Size> rooms{{430, 530}, {730, 745}};
#else
  const std::vector<Size> rooms{{430, 530}, {614, 560}, {730, 745}, {650, 640}, {1030, 830}};
#endif
  std::vector<Drawer> list;
  for (const View& view : all_views()) list.push_back({std::string(view.id), view.draw, rooms});
  list.push_back({"inspector", draw_inspector, {{202, 500}, {230, 600}, {270, 700}}});
  list.push_back({"verdict", draw_verdict, {{200, 120}, {218, 120}, {236, 120}}});
  return list;
}

const TextMetrics& metrics() {
  static const TextMetrics text;
  return text;
}

namespace {

/// The switches that a picture offers.
std::set<std::string> options_in(const Figure& figure) {
  std::set<std::string> options;
  for (const Shape2D& shape : figure.shapes) {
    if (const auto* option = std::get_if<ViewOption>(&shape.tag)) options.insert(option->id);
  }
  return options;
}

/// The view that a drawer draws; null for panels.
const View* view_of(Figure (*drawer)(const ViewInput&)) {
  const auto found = std::ranges::find(all_views(), drawer, &View::draw);
  return found == all_views().end() ? nullptr : &*found;
}

Needs needs_of(Figure (*drawer)(const ViewInput&), const Interaction& interaction) {
  const View* view = view_of(drawer);
  return view != nullptr ? view->needs(interaction) : Needs{};
}

/// Times differ from run to run.
void fix_times(Results& results) {
  if (!results.comparison) return;
  Comparison fixed = *results.comparison;
  for (Upsampler& one : fixed.upsamplers) one.milliseconds = 12.345;
  results.comparison = std::make_shared<const Comparison>(std::move(fixed));
}

Figure draw_results(Figure (*drawer)(const ViewInput&), const Document& document, const Results& results,
                    Interaction interaction, Size size, const Theme& theme) {
  const View* view = view_of(drawer);
  if (view != nullptr && view->timeline == Timeline::own && results.legal()) {
    // As far along its own timeline as the stamps are along theirs.
    const auto part = static_cast<double>(interaction.step) / static_cast<double>(step_count(document.scenario));
    interaction.own_step = std::llround(part * static_cast<double>(step_count(*view, document.scenario)));
  }
  return drawer({document, results, clamped(interaction, document.scenario), size, theme, metrics()});
}

}  // namespace

Figure draw(Figure (*drawer)(const ViewInput&), const Document& document, const Interaction& interaction, Size size,
            const Theme& theme) {
  Results results = compute_results(document.scenario, interaction.step, needs_of(drawer, interaction));
  fix_times(results);
  return draw_results(drawer, document, results, interaction, size, theme);
}

void for_each_picture(const Drawer& drawer, const std::vector<NamedDocument>& documents, bool all,
                      const std::function<void(const std::string& name, const Figure&)>& use) {
  const std::array themes{&dark_theme(), &light_theme()};
  std::size_t turn = 0;
  for (const auto& [name, document] : documents) {
    auto doings = interactions(document.scenario);
    std::map<int64_t, Results> results;  // by step: the slow part of a picture
    const auto figure = [&](const NamedInteraction& doing, Size size, const Theme& theme) {
      const int64_t step = doing.interaction.step;
      Needs needs = needs_of(drawer.draw, doing.interaction);
      needs.ways = needs.ways && results.empty();
      if (!results.contains(step)) {
        Results next = compute_results(document.scenario, step, Needs{.ways = needs.ways});
        if (!results.empty()) next.ways = results.begin()->second.ways;
        results.emplace(step, std::move(next));
      }
      Results& now = results.at(step);
      if (needs.comparison && now.ready()) {
        const ComparisonKey key = comparison_key(document.scenario, *needs.comparison);
        const auto known = std::ranges::find_if(
            results, [&](const auto& one) { return one.second.comparison && one.second.comparison->key == key; });
        if (known != results.end()) {
          now.comparison = known->second.comparison;
        } else {
          now.comparison = std::make_shared<const Comparison>(*compare(key));
          fix_times(now);
        }
      }
      return draw_results(drawer.draw, document, now, doing.interaction, size, theme);
    };
    for (const std::string& option : options_in(figure(doings.front(), drawer.sizes.front(), *themes[0]))) {
      doings.push_back({option + " switched on", doings.front().interaction});
      doings.back().interaction.options.insert(option);
    }
    const auto picture = [&](const NamedInteraction& doing, Size size, const Theme& theme) {
      use(drawer.id + " of " + name + ", " + doing.name + ", " + std::to_string(std::lround(size.w)) + "×" +
              std::to_string(std::lround(size.h)) + ", " + std::string(theme.id),
          figure(doing, size, theme));
    };
    for (const Size size : drawer.sizes) {
      if (!all) {
        // Neighbouring numbers of turns share no divisor with the count of doings, so that every pair is met.
        for (const std::size_t next : {turn, turn + 5}) {
          picture(doings[next % doings.size()], size, *themes[turn % 2]);
        }
        ++turn;
        continue;
      }
      for (const NamedInteraction& doing : doings) {
        for (const Theme* theme : themes) picture(doing, size, *theme);
      }
    }
  }
}

}  // namespace tconv::test
