// Views, keys, the palette, the help sheet, undo: everything that runs through the table of actions.

#include <gtest/gtest.h>

#include <set>

#include "document/scenario_source.h"
#include "driver.h"
#include "support/pace.h"
#include "ui/actions.h"

namespace tconv::test {
namespace {

TEST(Views, ByTheRailAndByKeys) {
  Driver hands;
  EXPECT_EQ(hands.session().view().id, "paint");
  hands.click("view/size");
  EXPECT_EQ(hands.session().view().id, "size");
  hands.click("view/paint");
  EXPECT_EQ(hands.session().view().id, "paint");
  int number = 1;
  for (const View& view : all_views()) {
    if (number > 10) break;
    hands.key('0' + number++ % 10);
    EXPECT_EQ(hands.session().view().id, view.id);
  }
  EXPECT_EQ(hands.document(), Document{});
}

TEST(Views, EveryOneShowsEveryExampleAtEverySize) {
  int turn = 0;
  for (const Size size : {Size{1024, 700}, Size{1440, 900}, Size{1280, 720}, Size{820, 560}}) {
    Driver hands(size);
    for (const BuiltInScenario& scenario : built_in_scenarios()) {
      SCOPED_TRACE(scenario.id);
      ASSERT_TRUE(hands.session().open_scenario(scenario.id));
      for (const View& view : all_views()) {
        if (++turn % every_nth != 0) continue;
        hands.session().show(view.id);
        hands.session().wait_for_results();
        hands.frame(2);
        EXPECT_TRUE(hands.has("figure/view"));
        EXPECT_FALSE(hands.session().message().is_error) << hands.session().message().text;
      }
    }
  }
}

TEST(Views, SizesOfTheSearchTakeTypedNumbers) {
  Driver hands;
  hands.click("view/size");
  hands.type_into("find/from", "7");
  hands.type_into("find/to", "21");
  EXPECT_EQ(hands.interaction().find_from, 7);
  EXPECT_EQ(hands.interaction().find_to, 21);
  const auto offers = hands.names("choose/");
  ASSERT_FALSE(offers.empty());
  hands.click(offers.front());
  EXPECT_NE(hands.layer(), Document{}.scenario.layer);
  EXPECT_EQ(hands.undo_steps(), 1);
}

TEST(Keys, TheThemeFollowsTAndTheButton) {
  Driver hands;
  EXPECT_EQ(hands.state().theme, "dark");
  hands.key('T');
  EXPECT_EQ(hands.state().theme, "light");
  hands.click("top/theme");
  EXPECT_EQ(hands.state().theme, "dark");
}

TEST(Keys, HShowsHitCounts) {
  Driver hands;
  hands.key('H');
  EXPECT_TRUE(hands.document().presentation.show_hits);
  hands.key('H');
  EXPECT_EQ(hands.document(), Document{});
}

TEST(Keys, EveryActionIsKnownByOneKeyAndOneId) {
  std::set<std::string> ids;
  std::set<std::string> keys;
  for (const Action& action : actions()) {
    EXPECT_TRUE(ids.insert(action.id).second) << action.id;
    EXPECT_FALSE(action.label.empty()) << action.id;
    if (action.shortcut.key == 0) continue;
    EXPECT_TRUE(keys.insert(shortcut_text(action.shortcut)).second) << shortcut_text(action.shortcut);
  }
}

TEST(Keys, HelpOpensAndCloses) {
  Driver hands;
  hands.key(key_f1);
  EXPECT_TRUE(hands.has("help"));
  hands.key(key_escape);
  EXPECT_FALSE(hands.has("help"));
  hands.click("top/help");
  EXPECT_TRUE(hands.has("help"));
  hands.key(key_f1);
  EXPECT_FALSE(hands.has("help"));
}

TEST(Keys, CtrlQQuits) {
  Driver hands;
  hands.key('Q');
  EXPECT_FALSE(hands.state().quit);
  hands.key('Q', true);
  EXPECT_TRUE(hands.state().quit);
}

TEST(Undo, GoesBackAndForthThroughEverything) {
  Driver hands;
  std::vector<Document> documents{hands.document()};
  const auto note = [&] {
    ASSERT_NE(hands.document(), documents.back());
    documents.push_back(hands.document());
  };
  hands.drag_slider("stride", 2);
  note();
  hands.type_into("cell/input/0,0,0", "9");
  note();
  hands.click("kernel/ones");
  note();
  hands.click("bias");
  note();
  hands.key('H');
  note();
  for (std::size_t i = documents.size() - 1; i-- > 0;) {
    hands.key('Z', true);
    EXPECT_EQ(hands.document(), documents[i]) << i;
  }
  EXPECT_FALSE(hands.session().history().can_undo());
  hands.key('Z', true);
  EXPECT_EQ(hands.document(), documents.front());
  for (std::size_t i = 1; i < documents.size(); ++i) {
    if (i % 2 == 0) hands.key('Z', true, true);
    if (i % 2 == 1) hands.key('Y', true);
    EXPECT_EQ(hands.document(), documents[i]) << i;
  }
  hands.click("top/undo");
  EXPECT_EQ(hands.document(), documents[documents.size() - 2]);
  hands.click("top/redo");
  EXPECT_EQ(hands.document(), documents.back());
  hands.click("top/undo");
  hands.click("bias");
  EXPECT_FALSE(hands.session().history().can_redo()) << "something new ends what was undone";
}

TEST(Undo, TheResultStaysInViewWhenTheLayerGrowsAgain) {
  Driver hands;
  hands.type_into("number/input", "4");
  ASSERT_EQ(hands.interaction().step, 16);
  hands.key('Z', true);
  EXPECT_EQ(hands.interaction().step, 4);
  hands.key('Y', true);
  EXPECT_EQ(hands.interaction().step, 16);
}

TEST(Palette, RunsWhatIsTyped) {
  Driver hands;
  hands.key('K', true);
  EXPECT_TRUE(hands.has("palette"));
  hands.type("size");
  ASSERT_FALSE(hands.names("palette/").empty());
  hands.key(key_enter);
  EXPECT_FALSE(hands.has("palette"));
  EXPECT_EQ(hands.session().view().id, "size");
}

TEST(Palette, FindsByLettersInOrderAndAnyCase) {
  Driver hands;
  hands.key('K', true);
  hands.type("KERN oNeS");
  EXPECT_TRUE(hands.has("palette/kernel/ones"));
  EXPECT_FALSE(hands.has("palette/input/ones"));
  hands.type("q");
  EXPECT_FALSE(hands.has("palette/kernel/ones"));
}

TEST(Palette, AWholeNameIsChosenBeforeScatteredLetters) {
  Driver hands;
  hands.key('K', true);
  hands.type("Kernel: Ones");  // "Kernel: Corners + centre" has these letters in this order, too
  hands.key(key_enter);
  EXPECT_EQ(hands.scenario().kernel.id, "ones");
}

TEST(Palette, ArrowsChooseAndClicksRun) {
  Driver hands;
  hands.key('K', true);
  hands.type("step");
  const auto found = hands.names("palette/");
  ASSERT_TRUE(hands.has("palette/next"));
  ASSERT_TRUE(hands.has("palette/previous"));
  hands.key(key_down);
  hands.key(key_enter);
  EXPECT_EQ(hands.interaction().step, 3) << "the second of next and previous";
  hands.click("top/palette");
  hands.type("light");
  hands.click("palette/theme");
  EXPECT_EQ(hands.state().theme, "light");
  EXPECT_FALSE(hands.has("palette"));
}

TEST(Palette, EscapeAndAClickElsewhereClose) {
  Driver hands;
  hands.key('K', true);
  hands.type("t");
  hands.key(key_escape);
  EXPECT_FALSE(hands.has("palette"));
  EXPECT_EQ(hands.state().theme, "dark");
  hands.key('K', true);
  hands.click(hands.place("panel/rail").centre());
  EXPECT_FALSE(hands.has("palette"));
  hands.key('K', true);
  hands.type("qqqq");
  EXPECT_TRUE(hands.names("palette/").empty());
  hands.key(key_enter);
  EXPECT_FALSE(hands.state().quit);
}

TEST(Palette, OffersTheExamples) {
  Driver hands;
  hands.click("presets");
  ASSERT_TRUE(hands.has("palette"));
  const auto examples = hands.names("palette/scenario/");
  ASSERT_EQ(examples.size(), built_in_scenarios().size());
  hands.click(examples.front());
  EXPECT_EQ(hands.document(), load_document(built_in_scenarios().front().id));
  EXPECT_FALSE(hands.session().message().is_error);
  hands.key('Z', true);
  EXPECT_EQ(hands.document(), Document{});
}

}  // namespace
}  // namespace tconv::test
