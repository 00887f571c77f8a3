#pragma once
// A picture as a list of shapes, in points: what the window paints, the exporters write and the tests look at. Shapes
// carry tags, so whoever shows a figure knows what lies under the cursor without knowing the view.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/pixel_shuffle.h"
#include "core/playback.h"
#include "figure/color_map.h"
#include "figure/geometry.h"
#include "figure/text_metrics.h"

namespace tconv {

struct DevicePicture;  // figure/device_picture.h

// Tags: what a shape stands for.
struct InputCell {
  CellIndex cell;
  bool operator==(const InputCell&) const = default;
};
struct KernelTap {
  std::int64_t in_channel = 0;
  std::int64_t out_channel = 0;
  std::array<std::int64_t, 3> tap{};
  bool operator==(const KernelTap&) const = default;
};
struct OutputCell {
  CellIndex cell;
  bool operator==(const OutputCell&) const = default;
};
/// One multiplication: an input cell times a tap, in the sum of the output cell that follows from both.
struct Multiplication {
  CellIndex input;
  std::int64_t out_channel = 0;
  std::array<std::int64_t, 3> tap{};
  bool operator==(const Multiplication&) const = default;
};
// The gradients of the loss with respect to the three, each at the index of the cell that it belongs to.
struct GradInputCell {
  CellIndex cell;
  bool operator==(const GradInputCell&) const = default;
};
struct GradKernelTap {
  std::int64_t in_channel = 0;
  std::int64_t out_channel = 0;
  std::array<std::int64_t, 3> tap{};
  bool operator==(const GradKernelTap&) const = default;
};
struct GradOutputCell {
  CellIndex cell;
  bool operator==(const GradOutputCell&) const = default;
};
/// A cell of a pixel shuffle, on the side with many small channels or on the one with few large ones.
struct ShuffleCell {
  bool large = false;
  ShufflePlace place;
  bool operator==(const ShuffleCell&) const = default;
};
/// A place in maps of one size that are compared: no cell of the layer, whose output may have another size.
struct ComparedCell {
  std::array<std::int64_t, 3> at{};
  bool operator==(const ComparedCell&) const = default;
};
/// A term of the size formula, by the name of its field.
struct FormulaTerm {
  std::string field;
  bool operator==(const FormulaTerm&) const = default;
};
/// Clicking makes this the layer; `label` is the undo step.
struct ChooseLayer {
  LayerSpec layer;
  std::string label;
  bool operator==(const ChooseLayer&) const = default;
};
/// Clicking copies `text`.
struct CopyText {
  std::string text{};
  bool operator==(const CopyText&) const = default;
};
/// One of the two sizes of "find a layer from … to …"; clicking types over it.
struct FindSize {
  bool from = true;
  bool operator==(const FindSize&) const = default;
};
/// A switch of a view (see Interaction::options); clicking turns it.
struct ViewOption {
  std::string id;
  bool operator==(const ViewOption&) const = default;
};
/// One of several ways that a view can be (see Interaction::choices); clicking chooses it.
struct ViewChoice {
  std::string name;
  std::string value;
  bool operator==(const ViewChoice&) const = default;
};
/// Clicking makes this the scenario; `label` is the undo step.
struct ChooseScenario {
  std::shared_ptr<const Scenario> scenario;
  std::string label;
  bool operator==(const ChooseScenario& other) const {
    return label == other.label &&
           (scenario == other.scenario || (scenario && other.scenario && *scenario == *other.scenario));
  }
};
/// Clicking goes to this step of the view's timeline.
struct GoToStep {
  std::int64_t step = 0;
  bool operator==(const GoToStep&) const = default;
};
/// A frequency of a spectrum: sample `sample` of `points` from −π to π (see `frequency_of`).
struct FrequencyPoint {
  std::int64_t sample = 0;
  std::int64_t points = 1;
  bool operator==(const FrequencyPoint&) const = default;
};
using Tag = std::variant<std::monostate, InputCell, KernelTap, OutputCell, Multiplication, GradInputCell, GradKernelTap,
                         GradOutputCell, ShuffleCell, ComparedCell, FormulaTerm, ChooseLayer, CopyText, FindSize,
                         ViewOption, ViewChoice, ChooseScenario, GoToStep, FrequencyPoint>;

inline bool has_tag(const Tag& tag) { return !std::holds_alternative<std::monostate>(tag); }

/// How dashes and hatches are drawn, in points: the same in the window and in every file.
inline constexpr double dash_on = 4;
inline constexpr double dash_off = 3;
inline constexpr double hatch_step = 6;  ///< between two diagonals, along x
inline constexpr double hatch_width = 0.75;
inline constexpr double hatch_opacity = 0.4;

struct RectShape {
  Rect rect;
  Color fill{0, 0, 0, 0};
  Color stroke{0, 0, 0, 0};
  double stroke_width = 0;  ///< the stroke lies inside the rectangle
  double radius = 0;
  bool dashed = false;   ///< the stroke
  bool hatched = false;  ///< thin diagonals in the stroke's colour over the fill
};

struct LineShape {
  std::vector<Point> points;
  Color color{};
  double width = 1;
};

enum class Align { left, centre, right };

struct TextShape {
  Point at{};  ///< on the baseline
  std::string text{};
  Font font = Font::regular;
  double size = 13;
  Color color{};
  Align align = Align::left;
};

/// Cells shown as pixels. The raster fills `rect`, unsmoothed.
struct ImageShape {
  Rect rect;
  std::shared_ptr<const Raster> raster;
  /// What a window whose device has the map draws instead; others, null here, know the raster alone.
  std::shared_ptr<const DevicePicture> device{};
};

/// The cells of a map that is one image: how a place in `rect` becomes a tag.
struct CellGrid {
  Rect rect;    ///< where the window of cells is drawn
  Rect window;  ///< which cells that is (fractions allowed): x, w in columns; y, h in rows
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  Tag first;  ///< the tag of cell (0, 0): InputCell, OutputCell or GradOutputCell; unused with `tag_of`
  std::function<Tag(std::int64_t row, std::int64_t col)> tag_of{};  ///< the tags of cells that are no plain map

  /// The tag of one cell.
  Tag tag(std::int64_t row, std::int64_t col) const;
  /// Where the cells from (row, col) to (last_row, last_col) are drawn; cut off at `rect`, so it may be empty.
  Rect place(std::int64_t row, std::int64_t col, std::int64_t last_row, std::int64_t last_col) const;
};

struct Shape2D {
  std::variant<RectShape, LineShape, TextShape, ImageShape> what;
  Tag tag;
  bool highlight = false;  ///< drawn because the cursor is about `tag`
};

struct Figure {
  Size size;
  Color background;
  std::string title;  ///< what it is, for captions, file names and screen readers
  std::vector<Shape2D> shapes{};
  std::vector<CellGrid> grids{};
  std::optional<ValueRange> color_range{};  ///< the ends of its heat map's colours, of several the last one's

  void add(RectShape shape, Tag tag = {}) { push(std::move(shape), std::move(tag)); }
  void add(LineShape shape, Tag tag = {}) { push(std::move(shape), std::move(tag)); }
  void add(TextShape shape, Tag tag = {}) { push(std::move(shape), std::move(tag)); }
  void add(ImageShape shape, Tag tag = {}) { push(std::move(shape), std::move(tag)); }

 private:
  template <typename Kind>
  void push(Kind shape, Tag tag) {
    Shape2D& added = shapes.emplace_back();
    added.what = std::move(shape);
    added.tag = std::move(tag);
  }
};

/// The tag of the topmost tagged shape (or grid cell) at a place, highlights left out; monostate if there is none.
Tag tag_at(const Figure& figure, Point place);
/// Where the topmost shape (or grid cell) with this tag lies, of several the one at `near`; empty rectangle if nowhere.
Rect place_of(const Figure& figure, const Tag& tag, std::optional<Point> near = {});

}  // namespace tconv
