// One cursor: what lies under it lights up in the other maps, and only that.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/random_layers.h"
#include "view_scenes.h"
#include "views/cell_map.h"
#include "views/panels.h"

namespace tconv::test {
namespace {

using std::int64_t;

constexpr Size room{1030, 830};

/// A scenario with its results, and pictures of it.
class Scene {
 public:
  Scene(Document document, int64_t step)
      : document_(std::move(document)), results_(compute_results(document_.scenario, step)) {
    interaction_.step = step;
  }

  const Scenario& scenario() const { return document_.scenario; }
  const LayerSpec& layer() const { return document_.scenario.layer; }
  const Results& results() const { return results_; }
  Interaction& interaction() { return interaction_; }

  Figure paint(const Tag& hover = {}) const {
    Interaction interaction = interaction_;
    interaction.hover = hover;
    return find_view("paint")->draw({document_, results_, interaction, room, dark_theme(), metrics()});
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

const RectShape* shape_of(const Figure& figure, const Tag& tag) {
  for (const Shape2D& shape : figure.shapes) {
    if (shape.tag == tag) return std::get_if<RectShape>(&shape.what);
  }
  return nullptr;
}

bool looks_alike(const RectShape& a, const RectShape& b) {
  const bool same_stroke = (a.stroke_width == 0 && b.stroke_width == 0) || a.stroke == b.stroke;
  return a.rect == b.rect && a.fill == b.fill && a.stroke_width == b.stroke_width && same_stroke;
}

/// The positions in `tags` whose shapes look other than in the picture before.
std::set<std::size_t> changed(const Figure& before, const Figure& after, const std::vector<Tag>& tags) {
  std::set<std::size_t> found;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const RectShape* a = shape_of(before, tags[i]);
    const RectShape* b = shape_of(after, tags[i]);
    if (a == nullptr || b == nullptr || !looks_alike(*a, *b)) found.insert(i);
  }
  return found;
}

template <typename Use>
void for_some_scenes(int random, const Use& use) {
  auto list = random_documents(random);
  for (auto& [name, document] : documents()) list.push_back({name, document});
  std::size_t turn = 0;
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
    Scene scene(plain, choices[turn++ % choices.size()]);
    SCOPED_TRACE(name + ", step " + std::to_string(scene.results().frame.step));
    use(scene);
  }
}

TEST(Linking, EveryCellOfSmallMapsIsTagged) {
  for_some_scenes(150, [](const Scene& scene) {
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
    const Scene scene(document, step_count(document.scenario));
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

TEST(Linking, AHoveredOutputCellLightsUpItsProducts) {
  for_some_scenes(150, [](const Scene& scene) {
    const Figure before = scene.paint();
    const auto inputs = scene.input_cells();
    const auto taps = scene.taps();
    const auto& stamp = scene.results().frame.stamp;
    const auto outputs = scene.output_cells();
    for (std::size_t i = 0; i < outputs.size(); i += outputs.size() / 7 + 1) {
      const CellIndex& cell = std::get<OutputCell>(outputs[i]).cell;
      const Figure after = scene.paint(outputs[i]);
      std::set<std::size_t> expected_inputs;
      std::set<std::size_t> expected_taps;
      for (const Product& product :
           products_of(scene.scenario(), scene.results().input, scene.results().weight, cell)) {
        const auto input = std::ranges::find(inputs, Tag{InputCell{product.input}});
        if (input != inputs.end()) expected_inputs.insert(static_cast<std::size_t>(input - inputs.begin()));
        // While a stamp is shown, the kernel stands for it alone.
        if (stamp && !(product.input == stamp->input)) continue;
        for (std::size_t k = 0; k < taps.size(); ++k) {
          if (std::get<KernelTap>(taps[k]).tap == product.tap) expected_taps.insert(k);
        }
      }
      EXPECT_EQ(changed(before, after, inputs), expected_inputs) << "output " << testing::PrintToString(cell.at);
      EXPECT_EQ(changed(before, after, taps), expected_taps) << "output " << testing::PrintToString(cell.at);
    }
  });
}

/// The output cells on which shapes lie that are not in the picture before.
std::set<std::size_t> newly_marked(const Figure& before, const Figure& after, const std::vector<Tag>& outputs) {
  const auto rects = [](const Figure& figure) {
    std::vector<RectShape> list;
    for (const Shape2D& shape : figure.shapes) {
      const auto* rect = std::get_if<RectShape>(&shape.what);
      if (rect != nullptr && !has_tag(shape.tag)) list.push_back(*rect);
    }
    return list;
  };
  const auto old = rects(before);
  std::set<std::size_t> found;
  for (const RectShape& shape : rects(after)) {
    if (std::ranges::any_of(old, [&](const RectShape& other) { return looks_alike(shape, other); })) continue;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (shape.rect.contains(place_of(after, outputs[i]).centre())) found.insert(i);
    }
  }
  return found;
}

TEST(Linking, AHoveredTapMarksTheOutputCellsThatItPaints) {
  for_some_scenes(150, [](const Scene& scene) {
    const Figure before = scene.paint();
    const auto outputs = scene.output_cells();
    const auto taps = scene.taps();
    for (std::size_t k = 0; k < taps.size(); k += taps.size() / 5 + 1) {
      const auto& tap = std::get<KernelTap>(taps[k]);
      std::set<std::size_t> expected;
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto products = products_of(scene.scenario(), scene.results().input, scene.results().weight,
                                          std::get<OutputCell>(outputs[i]).cell);
        if (std::ranges::any_of(products, [&](const Product& one) { return one.tap == tap.tap; })) expected.insert(i);
      }
      EXPECT_EQ(newly_marked(before, scene.paint(tap), outputs), expected) << "tap " << testing::PrintToString(tap.tap);
    }
  });
}

TEST(Linking, AHoveredInputCellFramesItsStamp) {
  for_some_scenes(150, [](const Scene& scene) {
    const Figure before = scene.paint();
    const auto outputs = scene.output_cells();
    const auto inputs = scene.input_cells();
    for (std::size_t k = 0; k < inputs.size(); k += inputs.size() / 5 + 1) {
      const CellIndex& cell = std::get<InputCell>(inputs[k]).cell;
      if (scene.results().frame.stamp && scene.results().frame.stamp->input == cell) continue;  // framed already
      std::set<std::size_t> painted;
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto products = products_of(scene.scenario(), scene.results().input, scene.results().weight,
                                          std::get<OutputCell>(outputs[i]).cell);
        if (std::ranges::any_of(products, [&](const Product& one) { return one.input == cell; })) painted.insert(i);
      }
      // The frame also holds the cells between the taps.
      const auto framed = newly_marked(before, scene.paint(inputs[k]), outputs);
      EXPECT_TRUE(std::ranges::includes(framed, painted)) << "input " << testing::PrintToString(cell.at);
      EXPECT_EQ(framed.empty(), painted.empty()) << "input " << testing::PrintToString(cell.at);
    }
  });
}

TEST(Linking, TheInspectorWritesTheProductsOut) {
  for_some_scenes(60, [](Scene& scene) {
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
    EXPECT_EQ(taps, std::min<std::size_t>(products.size(), 14));
  });
}

/// Numbers far beyond the layer, as when results lag behind the document or a pinned cell is gone.
TEST(Linking, AnInteractionBeyondTheLayerDoesNoHarm) {
  const CellIndex gone{.batch = 9, .channel = 9, .at = {99, 99, 99}};
  for (const auto& [name, document] : documents()) {
    if (document.scenario.layer.axes[0].input > 1000) continue;
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
    if (document.scenario.layer.axes[0].input > 1000) continue;
    results.push_back(compute_results(document.scenario, 2));
    results.back().pending = true;
  }
  for (const auto& [name, document] : list) {
    SCOPED_TRACE(name);
    if (!validate(document.scenario).empty()) continue;  // known at once: never pending
    const Interaction interaction = interactions(document.scenario).back().interaction;
    for (const Results& old : results) {
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
