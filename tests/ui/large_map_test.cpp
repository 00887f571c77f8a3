// Maps of more than 64 cells on a side are one picture: pan, zoom to the cursor, read-out.

#include <gtest/gtest.h>

#include "driver.h"
#include "files/npy.h"
#include "files/png_writer.h"
#include "support/pace.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

class LargeMap : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < side * side; ++i) pixels.push_back(static_cast<std::uint8_t>(i * 31));
    hands_.studio().drop(dir_.write("large.png", png_bytes(side, side, pixels, {.channels = 1, .dpi = {}})),
                         hands_.place("status").centre());
    hands_.session().wait_for_results();
    hands_.settle();
    ASSERT_EQ(hands_.axis().input, side);
    // Where the input is drawn: no cell has a place of its own, so the mouse looks for it.
    const Rect view = hands_.place("panel/view");
    double left = 0;
    for (double x = view.x; x < view.right(); x += 4) {
      hands_.move(Point{x, view.y + 90});
      if (std::holds_alternative<InputCell>(hands_.interaction().hover)) {
        if (left == 0) left = x;
        at_ = {(left + x) / 2, view.y + 90};
      } else if (left != 0) {
        break;
      }
    }
    ASSERT_NE(left, 0) << "no input map in the view";
    hands_.move(at_);
  }

  const Viewport& viewport() { return hands_.interaction().viewport; }
  std::array<std::int64_t, 3> cell() {
    const auto* input = std::get_if<InputCell>(&hands_.interaction().hover);
    EXPECT_NE(input, nullptr) << "the mouse is not over the input";
    return input != nullptr ? input->cell.at : std::array<std::int64_t, 3>{-1, -1, -1};
  }

  static constexpr int side = 100;
  const TempDir dir_;
  Driver hands_;
  Point at_;
};

TEST_F(LargeMap, HasNoCellsOfItsOwn) {
  EXPECT_EQ(hands_.names("cell/input/"), std::vector<std::string>{});
  EXPECT_EQ(hands_.names("cell/output/"), std::vector<std::string>{});
  EXPECT_FALSE(hands_.names("cell/kernel/").empty());
}

TEST_F(LargeMap, HoverNamesTheCell) {
  const auto first = cell();
  hands_.move(Point{at_.x + 60, at_.y + 40});
  const auto second = cell();
  EXPECT_GT(second[2], first[2]);
  EXPECT_GT(second[1], first[1]);
  EXPECT_LT(second[2], side);
}

TEST_F(LargeMap, TheWheelZoomsToTheCursor) {
  const auto before = cell();
  for (int i = 0; i < 8; ++i) hands_.wheel(1);
  EXPECT_GT(viewport().zoom, 4);
  EXPECT_EQ(cell(), before);
  for (int i = 0; i < 4; ++i) hands_.wheel(1);
  EXPECT_EQ(cell(), before);
  for (int i = 0; i < 40; ++i) hands_.wheel(-1);
  EXPECT_EQ(viewport(), Viewport{}) << "the whole map is the end";
}

TEST_F(LargeMap, TheWheelStopsWhereCellsAreLarge) {
  for (int i = 0; i < 60; ++i) hands_.wheel(1);
  EXPECT_LE(viewport().zoom, side / 4.0);
  EXPECT_EQ(hands_.document().scenario.input.id, "custom");
}

TEST_F(LargeMap, DragPansAndEditsNothing) {
  for (int i = 0; i < 8; ++i) hands_.wheel(1);
  const auto before = cell();
  const Document document = hands_.document();
  const Point to{at_.x + 40, at_.y + 24};
  hands_.drag(at_, to);
  EXPECT_EQ(cell(), before) << "the cell comes along under the mouse";
  EXPECT_EQ(hands_.document(), document);
  EXPECT_FALSE(hands_.has("editor"));
  hands_.drag(to, Point{to.x + 3000, to.y + 3000}, 30);
  EXPECT_GE(viewport().centre.x, 0.5 / viewport().zoom - 1e-9) << "the map's edge is the end";
  EXPECT_GE(viewport().centre.y, 0.5 / viewport().zoom - 1e-9);
}

TEST_F(LargeMap, DoubleClickFits) {
  for (int i = 0; i < 8; ++i) hands_.wheel(1);
  ASSERT_NE(viewport(), Viewport{});
  const Document document = hands_.document();
  hands_.double_click(at_);
  EXPECT_EQ(viewport(), Viewport{});
  EXPECT_EQ(hands_.document(), document);
  EXPECT_FALSE(hands_.has("editor")) << "fitting does not begin to type";
  EXPECT_FALSE(has_tag(hands_.state().pinned));
}

TEST_F(LargeMap, FFits) {
  for (int i = 0; i < 8; ++i) hands_.wheel(1);
  hands_.key('F');
  EXPECT_EQ(viewport(), Viewport{});
}

TEST_F(LargeMap, ACellTakesATypedNumber) {
  for (int i = 0; i < 14; ++i) hands_.wheel(1);
  const auto wanted = cell();
  hands_.click(at_);
  ASSERT_TRUE(hands_.has("editor"));
  const Rect editor = hands_.place("editor");
  hands_.move(Point{at_.x + 50, at_.y + 50});
  EXPECT_EQ(hands_.place("editor"), editor) << "it stays where it was opened";
  hands_.type("-3");
  hands_.key(key_enter);
  const Results& results = hands_.session().wait_for_results();
  EXPECT_EQ(results.input[wanted[1] * side + wanted[2]], -3.0F);
}

TEST(LargeFirst, AnArrayThatTakesLongCanBeTheFirstThingShown) {
  // As when the program is started with it: the first frames have no result of any layer yet.
  const TempDir dir;
  write_npy(dir / "large.npy", Tensor::filled(Shape{1200, 1200}, 0.5F));
  int turn = 0;
  for (const View& view : all_views()) {
    if (++turn % every_nth != 0) continue;
    SCOPED_TRACE(view.id);
    Driver hands({1440, 900}, false);
    hands.session().show(view.id);
    ASSERT_TRUE(hands.session().open(dir / "large.npy"));
    hands.frame(3);
    EXPECT_TRUE(hands.has("figure/view"));
    EXPECT_EQ(hands.output().shape(), (Shape{1, 1, 1202, 1202}));
    hands.frame(3);
  }
}

}  // namespace
}  // namespace tconv::test
