// One cursor: what lies under it lights up in the other maps, and only that.
#include "views/linking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "support/pace.h"
#include "support/random_layers.h"
#include "view_scenes.h"
#include "views/cell_map.h"
#include "views/panels.h"

namespace tconv::test {
namespace {

using std::int64_t;

/// A scenario with its results, and pictures of it.
class LinkingScene {
 public:
  LinkingScene(Document document, int64_t step)
      : document_(std::move(document)), results_(compute_results(document_.scenario, step)) {
    interaction_.step = step;
  }

  const Scenario& scenario() const { return document_.scenario; }
  const LayerSpec& layer() const { return document_.scenario.layer; }
  const Results& results() const { return results_; }
  Interaction& interaction() { return interaction_; }

  Figure picture_of(const View& view) const {
    return picture(view, {document_, results_, interaction_, large_room, dark_theme(), metrics()});
  }
  Figure paint(const Tag& hover = {}) const {
    Interaction interaction = interaction_;
    interaction.hover = hover;
    return find_view("paint")->draw({document_, results_, interaction, large_room, dark_theme(), metrics()});
  }

  /// The cells of the shown slice of the input and of the output, and the shown taps.
  std::vector<Tag> input_cells() const {
    const Shape shape = input_shape(layer());
    return cells(shape, [&](int64_t y, int64_t x) {
      return Tag{InputCell{{interaction_.batch, interaction_.in_channel, {interaction_.in_slice, y, x}}}};
    });
  }
  std::vector<Tag> output_cells() const {
    const Shape shape = output_shape(layer());
    return cells(shape, [&](int64_t y, int64_t x) {
      return Tag{OutputCell{{interaction_.batch, interaction_.out_channel, {interaction_.out_slice, y, x}}}};
    });
  }
  std::vector<Tag> taps() const {
    const auto& stamp = results_.frame.stamp;
    const int64_t in_channel = stamp ? stamp->input.channel : interaction_.in_channel;
    if (!joined(layer(), in_channel, interaction_.out_channel)) return {};
    return cells(weight_shape(layer()), [&](int64_t y, int64_t x) {
      return Tag{KernelTap{in_channel, interaction_.out_channel, {interaction_.tap_slice, y, x}}};
    });
  }

 private:
  template <typename Make>
  static std::vector<Tag> cells(const Shape& shape, const Make& make) {
    std::vector<Tag> tags;
    const int rank = shape.rank();
    for (int64_t y = 0; y < (rank >= 4 ? shape[rank - 2] : 1); ++y) {
      for (int64_t x = 0; x < shape[rank - 1]; ++x) tags.push_back(make(y, x));
    }
    return tags;
  }

  Document document_;
  Results results_;
  Interaction interaction_;
};

template <typename Use>
void for_some_scenes(int random, const Use& use) {
  auto list = random_documents(random);
  for (auto& [name, document] : documents()) list.push_back({name, document});
  std::size_t turn = 0;
#ifdef __SANITIZE_ADDRESS__  // every third of them: a picture takes ten times as long
  for (std::size_t i = 0; 3 * i < list.size(); ++i) std::swap(list[i], list[3 * i]);
  list.resize(list.size() / 3);
#endif
  for (const auto& [name, document] : list) {
    if (!validate(document.scenario).empty()) continue;
    const Shape in = input_shape(document.scenario.layer);
    const Shape out = output_shape(document.scenario.layer);
    const auto small = [](const Shape& shape) {
      for (int axis = std::max(2, shape.rank() - 2); axis < shape.rank(); ++axis) {
        if (shape[axis] > 12) return false;  // larger maps have cells that are too small for frames
      }
      return true;
    };
    if (!small(in) || !small(out)) continue;
    const int64_t steps = step_count(document.scenario);
    const std::array choices{int64_t{0}, steps, std::min<int64_t>(1, steps), steps / 2};
    Document plain = document;
    plain.presentation.show_hits = false;
    LinkingScene scene(plain, choices[turn++ % choices.size()]);
    SCOPED_TRACE(name + ", step " + std::to_string(scene.results().frame.step));
    use(scene);
  }
}

TEST(Linking, EveryCellOfSmallMapsIsTagged) {
  for_some_scenes(150, [](const LinkingScene& scene) {
    const Figure figure = scene.paint();
    for (const auto& tags : {scene.input_cells(), scene.output_cells(), scene.taps()}) {
      for (const Tag& tag : tags) {
        const Rect place = place_of(figure, tag);
        ASSERT_GT(place.w, 0);
        EXPECT_EQ(place.w, place.h);
        EXPECT_EQ(tag_at(figure, place.centre()), tag);
      }
    }
  });
}

TEST(Linking, EveryCellOfLargeMapsIsFound) {
  for (const auto& [name, document] : documents()) {
    if (name != "grey image" && name != "colour image" && name != "tall" && name != "wide") continue;
    SCOPED_TRACE(name);
    const LinkingScene scene(document, step_count(document.scenario));
    const Figure figure = scene.paint();
    ASSERT_EQ(figure.grids.size(), 2U);
    for (const CellGrid& grid : figure.grids) {
      for (const double part : {0.0007, 0.3137, 0.5013, 0.7713, 0.9987}) {
        const Point place{grid.rect.x + part * grid.rect.w, grid.rect.y + (1 - part) * grid.rect.h * 0.999};
        Tag expected = grid.first;
        const auto col = static_cast<int64_t>(part * static_cast<double>(grid.cols));
        const auto row = static_cast<int64_t>((1 - part) * 0.999 * static_cast<double>(grid.rows));
        if (auto* input = std::get_if<InputCell>(&expected)) input->cell.at = {0, row, col};
        if (auto* output = std::get_if<OutputCell>(&expected)) output->cell.at = {0, row, col};
        EXPECT_EQ(tag_at(figure, place), expected) << row << ", " << col;
      }
    }
  }
}

/// Every multiplication of a layer, found by listing the products of each output cell.
std::vector<Multiplication> all_multiplications(const LinkingScene& scene) {
  std::vector<Multiplication> all;
  const LayerSpec& layer = scene.layer();
  const auto axes = layer.as_3d();
  CellIndex cell;
  for (cell.batch = 0; cell.batch < layer.batch; ++cell.batch) {
    for (cell.channel = 0; cell.channel < layer.out_channels; ++cell.channel) {
      for (cell.at[0] = 0; cell.at[0] < output_size(axes[0]); ++cell.at[0]) {
        for (cell.at[1] = 0; cell.at[1] < output_size(axes[1]); ++cell.at[1]) {
          for (cell.at[2] = 0; cell.at[2] < output_size(axes[2]); ++cell.at[2]) {
            for (const Product& one :
                 products_of(scene.scenario(), scene.results().input, scene.results().weight, cell)) {
              all.push_back({one.input, cell.channel, one.tap});
            }
          }
        }
      }
    }
  }
  return all;
}

bool takes_part(const LayerSpec& layer, const Tag& tag, const Multiplication& one) {
  const auto is_tap = [&](const auto& tap) {
    return tap.in_channel == one.input.channel && tap.out_channel == one.out_channel && tap.tap == one.tap;
  };
  if (const auto* input = std::get_if<InputCell>(&tag)) return input->cell == one.input;
  if (const auto* input = std::get_if<GradInputCell>(&tag)) return input->cell == one.input;
  if (const auto* tap = std::get_if<KernelTap>(&tag)) return is_tap(*tap);
  if (const auto* tap = std::get_if<GradKernelTap>(&tag)) return is_tap(*tap);
  if (const auto* output = std::get_if<OutputCell>(&tag)) return output->cell == output_of(layer, one);
  if (const auto* output = std::get_if<GradOutputCell>(&tag)) return output->cell == output_of(layer, one);
  if (const auto* product = std::get_if<Multiplication>(&tag)) return *product == one;
  return false;
}

std::vector<Tag> some_tags(const LinkingScene& scene, const std::vector<Multiplication>& all) {
  std::vector<Tag> tags;
  for (std::size_t i = 0; i < all.size(); i += all.size() / 3 + 1) {
    const Multiplication& one = all[i];
    const CellIndex output = output_of(scene.layer(), one);
    tags.insert(tags.end(), {one, InputCell{one.input}, KernelTap{one.input.channel, one.out_channel, one.tap},
                             OutputCell{output}, GradInputCell{one.input},
                             GradKernelTap{one.input.channel, one.out_channel, one.tap}, GradOutputCell{output}});
  }
  return tags;
}

TEST(Linking, WhatSharesAMultiplicationLightsUpInEveryViewAndNothingElse) {
  std::map<std::string_view, std::size_t> lit_in_view;
  for_some_scenes(40, [&](LinkingScene& scene) {
    const auto all = all_multiplications(scene);
    if (all.size() > 3000) return;
    for (const Tag& hover : some_tags(scene, all)) {
      std::vector<Multiplication> under_cursor;
      for (const Multiplication& one : all) {
        if (takes_part(scene.layer(), hover, one)) under_cursor.push_back(one);
      }
      scene.interaction().hover = hover;
      for (const View& view : all_views()) {
        const Figure figure = scene.picture_of(view);
        for (const Shape2D& shape : figure.shapes) {
          if (shape.highlight || !std::holds_alternative<RectShape>(shape.what) || !multiplications_of(shape.tag)) {
            continue;
          }
          const bool expected = std::ranges::any_of(
              under_cursor, [&](const auto& one) { return takes_part(scene.layer(), shape.tag, one); });
          const Point centre = std::get<RectShape>(shape.what).rect.centre();
          const bool lit = std::ranges::any_of(figure.shapes, [&](const Shape2D& other) {
            return other.highlight && other.tag == shape.tag && std::get<RectShape>(other.what).rect.contains(centre);
          });
          ASSERT_EQ(lit, expected) << view.id << ", hovered kind " << hover.index() << ", shape kind "
                                   << shape.tag.index();
          lit_in_view[view.id] += lit;
        }
      }
    }
  });
  for (const View& view : all_views()) {
    if (view.group == 0) {
      EXPECT_GT(lit_in_view[view.id], 0U) << view.id;
    }
  }
}

TEST(Linking, ListsTheMultiplicationsOfATag) {
  for_some_scenes(60, [](const LinkingScene& scene) {
    const auto all = all_multiplications(scene);
    if (all.size() > 3000) return;
    for (const Tag& tag : some_tags(scene, all)) {
      const auto list = list_multiplications(scene.layer(), *multiplications_of(tag), 10'000);
      std::size_t count = 0;
      for (const Multiplication& one : all) {
        if (!takes_part(scene.layer(), tag, one)) continue;
        ++count;
        EXPECT_NE(std::ranges::find(list.first, one), list.first.end());
      }
      EXPECT_EQ(list.first.size(), count);
      EXPECT_EQ(list.count, static_cast<std::int64_t>(count));
      EXPECT_EQ(list_multiplications(scene.layer(), *multiplications_of(tag), 2).count, list.count);
    }
  });
}

TEST(Linking, ALargeMapFramesTheCellsOfTheProducts) {
  for (const auto& [name, document] : documents()) {
    if (name != "grey image") continue;
    LinkingScene scene(document, step_count(document.scenario));
    scene.interaction().hover = OutputCell{{0, 0, {0, 20, 21}}};
    const Figure figure = scene.picture_of(*find_view("paint"));
    const auto products =
        products_of(scene.scenario(), scene.results().input, scene.results().weight, {0, 0, {0, 20, 21}});
    for (const Product& product : products) {
      const bool framed = std::ranges::any_of(figure.shapes, [&](const Shape2D& shape) {
        return shape.highlight && shape.tag == Tag{InputCell{product.input}};
      });
      EXPECT_TRUE(framed);
    }
    EXPECT_EQ(std::ranges::count_if(
                  figure.shapes,
                  [](const Shape2D& shape) { return shape.highlight && std::holds_alternative<InputCell>(shape.tag); }),
              static_cast<std::ptrdiff_t>(products.size()));
  }
}

TEST(Linking, TheInspectorWritesTheProductsOut) {
  for_some_scenes(60, [](LinkingScene& scene) {
    const auto outputs = scene.output_cells();
    scene.interaction().hover = outputs[outputs.size() / 2];
    const auto& cell = std::get<OutputCell>(scene.interaction().hover).cell;
    const Document document{.scenario = scene.scenario(), .presentation = {}};
    const Figure figure =
        draw_inspector({document, scene.results(), scene.interaction(), {260, 700}, dark_theme(), metrics()});
    const auto products = products_of(scene.scenario(), scene.results().input, scene.results().weight, cell);
    std::size_t taps = 0;
    for (const Shape2D& shape : figure.shapes) {
      const auto* words = std::get_if<TextShape>(&shape.what);
      taps += words != nullptr && words->text.starts_with("k(");
    }
    EXPECT_EQ(taps, std::min<std::size_t>(products.size(), 256));
  });
}

TEST(Linking, ALargeKernelIsAnImageWhoseTapsAreFound) {
  Document document;
  document.scenario.layer.axes.fill({.input = 2, .kernel = 100});
  LinkingScene scene(document, 1);
  const Figure figure = scene.paint();
  EXPECT_LT(figure.shapes.size(), 1000U) << "10,000 taps";
  const auto kernel = std::ranges::find_if(
      figure.grids, [](const CellGrid& grid) { return std::holds_alternative<KernelTap>(grid.tag(0, 0)); });
  ASSERT_NE(kernel, figure.grids.end());
  const Rect place = kernel->place(99, 3, 99, 3);
  EXPECT_EQ(tag_at(figure, place.centre()), Tag(KernelTap{0, 0, {0, 99, 3}}));
}

TEST(Linking, TheInspectorSaysWhichChannelAPinnedCellIsIn) {
  Document document;
  LayerSpec& layer = document.scenario.layer;
  layer.in_channels = 2;
  layer.out_channels = 3;
  layer.batch = 2;
  const Results results = compute_results(document.scenario, 8);
  const auto words = [&](const Tag& hover) {
    Interaction interaction;
    interaction.hover = hover;
    const Figure figure = draw_inspector({document, results, interaction, {300, 700}, dark_theme(), metrics()});
    std::string text;
    for (const Shape2D& shape : figure.shapes) {
      if (const auto* part = std::get_if<TextShape>(&shape.what)) text += part->text + " ";
    }
    return text;
  };
  const auto expect_in = [](const std::string& text, const char* part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
  };
  expect_in(words(OutputCell{{1, 2, {0, 1, 1}}}), "Why is output (1, 1) of channel 2 in sample 1");
  expect_in(words(InputCell{{0, 1, {0, 0, 0}}}), "Input (0, 0) of channel 1 in sample 0");
  expect_in(words(InputCell{{0, 1, {0, 0, 0}}}), "x[1](0, 0)=");
  expect_in(words(InputCell{{0, 1, {0, 0, 0}}}), "→ y[2](2, 2)");
  expect_in(words(KernelTap{1, 2, {0, 0, 1}}), "Tap k(0, 1) of w[1 → 2]");
}

TEST(Linking, TapsBetweenGroupsAndCroppedProductsDoNotExist) {
  LayerSpec layer = example_scenario().layer;
  layer.in_channels = layer.out_channels = 2;
  const Tag tap = GradKernelTap{1, 0, {0, 0, 0}};
  const Tag product = Multiplication{.input = {.at = {0, 0, 1}}, .out_channel = 0, .tap = {0, 0, 0}};
  EXPECT_TRUE(exists(layer, tap));
  EXPECT_TRUE(exists(layer, product));
  layer.groups = 2;
  layer.axes[0].padding_begin = 1;
  EXPECT_FALSE(exists(layer, tap));
  EXPECT_FALSE(exists(layer, product));
  layer.groups = 0;
  EXPECT_FALSE(exists(layer, tap)) << "an illegal layer joins nothing";
}

/// Numbers far beyond the layer, as when results lag behind the document or a pinned cell is gone.
TEST(Linking, AnInteractionBeyondTheLayerDoesNoHarm) {
  const CellIndex gone{.batch = 9, .channel = 9, .at = {99, 99, 99}};
  int turn = 0;
  for (const auto& [name, document] : documents()) {
    if (document.scenario.layer.axes[0].input > 1000 || ++turn % every_nth != 0) continue;
    SCOPED_TRACE(name);
    Interaction interaction;
    interaction.step = 1'000'000'000;
    interaction.batch = interaction.in_channel = interaction.out_channel = 77;
    interaction.in_slice = interaction.out_slice = interaction.tap_slice = 1'000'000;
    interaction.axis = 2;
    interaction.active_field = "no such field";
    const Results results = compute_results(document.scenario, interaction.step);
    for (const Tag& hover : {Tag{}, Tag{InputCell{gone}}, Tag{OutputCell{gone}}, Tag{KernelTap{9, 9, {99, 99, 99}}},
                             Tag{FormulaTerm{"?"}}, Tag{OutputCell{{0, 0, {-1, -1, -1}}}}}) {
      interaction.hover = hover;
      const Interaction near = clamped(interaction, document.scenario);
      EXPECT_EQ(has_tag(near.hover), std::holds_alternative<FormulaTerm>(hover));
      for (const Drawer& drawer : drawers()) {
        const Figure figure = drawer.draw({document, results, near, drawer.sizes.back(), light_theme(), metrics()});
        EXPECT_FALSE(figure.shapes.empty()) << drawer.id;
      }
    }
  }
}

/// While a slow result is computed, views get the old one: of a layer with other sizes, channels and axes.
TEST(Linking, ResultsOfAnotherLayerDoNoHarm) {
  std::vector<Results> results(1);  // the first one: there is nothing yet
  results.back().pending = true;
  const auto list = documents();
  for (const auto& [name, document] : list) {
    if (multiplications(document.scenario.layer) > 50'000) continue;
    results.push_back(compute_results(document.scenario, 2));
    results.back().pending = true;
  }
  std::size_t turn = 0;
  for (const auto& [name, document] : list) {
    SCOPED_TRACE(name);
    if (!validate(document.scenario).empty()) continue;  // known at once: never pending
    ++turn;
    const Interaction interaction = interactions(document.scenario).back().interaction;
    // Of all pairs every fifth, so that each document meets old results of each kind sooner or later.
    constexpr std::size_t between = 5 * every_nth;
    for (std::size_t i = turn % between; i < results.size(); i += between) {
      const Results& old = results[i];
      for (const Drawer& drawer : drawers()) {
        const Figure figure = drawer.draw(
            {document, old, clamped(interaction, old.scenario), drawer.sizes.back(), dark_theme(), metrics()});
        EXPECT_FALSE(figure.shapes.empty()) << drawer.id;
      }
    }
  }
}

}  // namespace
}  // namespace tconv::test
