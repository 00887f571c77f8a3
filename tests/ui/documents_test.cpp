// Documents in the window: saving, closing, recent files.

#include <gtest/gtest.h>

#include "document/document_file.h"
#include "document/scenario_source.h"
#include "documents_fixture.h"
#include "files/npy.h"

namespace tconv::test {
namespace {

using Documents = DocumentsFixture;

TEST_F(Documents, AreSavedUnderANameAndThenWithoutAsking) {
  EXPECT_FALSE(session().modified());
  hands().drag_slider("stride", 2);
  EXPECT_TRUE(session().modified());
  EXPECT_EQ(hands().studio().title(), "untitled • — Tconv Studio");
  hands().key('S', true);
  ASSERT_TRUE(hands().state().dialog.is_open()) << "no name yet";
  hands().type(path("first").string());
  hands().key(key_enter);
  EXPECT_FALSE(hands().state().dialog.is_open()) << message();
  EXPECT_EQ(session().file().path, path("first.tconv.json"));
  EXPECT_FALSE(session().modified());
  EXPECT_EQ(hands().studio().title(), "first.tconv.json — Tconv Studio");
  EXPECT_EQ(read_document(path("first.tconv.json")), hands().document());

  hands().drag_slider("kernel", 4);
  EXPECT_EQ(hands().studio().title(), "first.tconv.json • — Tconv Studio");
  hands().click("top/save");
  EXPECT_FALSE(hands().state().dialog.is_open());
  EXPECT_FALSE(session().modified());
  EXPECT_EQ(read_document(path("first.tconv.json")), hands().document());
  EXPECT_EQ(hands().undo_steps(), 2) << "saving is no step";
}

TEST_F(Documents, UndoBackToWhatWasSavedIsUnmodified) {
  save_as("a");
  hands().drag_slider("stride", 3);
  EXPECT_TRUE(session().modified());
  hands().key('Z', true);
  EXPECT_FALSE(session().modified());
  hands().key('Z', true, true);
  EXPECT_TRUE(session().modified());
  hands().key('S', true);
  EXPECT_FALSE(session().modified());
  hands().key('Z', true);
  EXPECT_TRUE(session().modified());
}

TEST_F(Documents, UndoLeadsBackToTheFileBefore) {
  save_as("a");
  hands().drag_slider("stride", 3);
  const Document edited = hands().document();
  write_document(load_document("unet-up"), path("b.tconv.json"));
  open("b.tconv.json");
  EXPECT_EQ(session().file().path, path("b.tconv.json"));
  EXPECT_FALSE(session().modified());
  hands().key('Z', true);
  EXPECT_EQ(hands().document(), edited);
  EXPECT_EQ(session().file_name(), "a.tconv.json");
  EXPECT_TRUE(session().modified());
  hands().key('S', true);
  EXPECT_EQ(read_document(path("a.tconv.json")), edited);
  EXPECT_EQ(read_document(path("b.tconv.json")), load_document("unet-up"));
  hands().key('Y', true);
  EXPECT_EQ(session().file_name(), "b.tconv.json");
  EXPECT_FALSE(session().modified());
  // A file that holds what is on the screen already is another file all the same.
  write_document(load_document("unet-up"), path("c.tconv.json"));
  open("c.tconv.json");
  EXPECT_EQ(session().file_name(), "c.tconv.json");
  EXPECT_FALSE(session().modified());
}

TEST_F(Documents, NewIsAStepToo) {
  hands().drag_slider("stride", 3);
  save_as("a");
  const Document saved = hands().document();
  hands().key('N', true);
  EXPECT_EQ(hands().document(), Document{});
  EXPECT_EQ(session().file_name(), "");
  EXPECT_FALSE(session().modified());
  hands().key('S', true);
  EXPECT_TRUE(hands().state().dialog.is_open()) << "a new scenario does not go over the old one";
  hands().key(key_escape);
  hands().key('Z', true);
  EXPECT_EQ(hands().document(), saved);
  EXPECT_FALSE(session().modified());
}

TEST_F(Documents, AnExampleIsSavedUnderANameOfItsOwn) {
  ASSERT_TRUE(session().open("unet-up"));
  EXPECT_FALSE(session().modified());
  EXPECT_EQ(session().file_name(), "unet-up");
  EXPECT_EQ(session().file().path, "");
  EXPECT_EQ(session().suggested_path(), "unet-up.tconv.json");
  EXPECT_EQ(session().save(), Saved::needs_name);
}

TEST_F(Documents, AnotherScenarioIsReplacedOnlyWhenSaidTwice) {
  const Document other = load_document("unet-up");
  write_document(other, path("b.tconv.json"));
  hands().drag_slider("stride", 3);
  save_as("b");
  EXPECT_TRUE(hands().state().dialog.is_open());
  EXPECT_EQ(read_document(path("b.tconv.json")), other);
  hands().key(key_escape);
  EXPECT_EQ(read_document(path("b.tconv.json")), other);
  save_as("b.tconv.json");
  hands().key(key_enter);
  EXPECT_FALSE(hands().state().dialog.is_open()) << message();
  EXPECT_EQ(read_document(path("b.tconv.json")), hands().document());

  write_document(other, path("c.tconv.json"));
  save_as("c");
  hands().key('A', true);
  hands().type(path("b").string());
  hands().key(key_enter);
  EXPECT_TRUE(hands().state().dialog.is_open()) << "yes to one name is not yes to another";
  hands().click("files/save");
  EXPECT_FALSE(hands().state().dialog.is_open());
  EXPECT_EQ(read_document(path("c.tconv.json")), other);
}

TEST_F(Documents, TheDialogProposesAndLists) {
  write_document(Document{}, path("b.tconv.json"));
  dir_.write("x.npy", "");
  save_as("a");
  hands().drag_slider("stride", 3);
  hands().key('S', true, true);
  EXPECT_TRUE(hands().has("file/b.tconv.json"));
  EXPECT_FALSE(hands().has("file/x.npy"));
  hands().click("file/b.tconv.json");
  EXPECT_TRUE(hands().state().dialog.is_open()) << "a click proposes the name";
  EXPECT_EQ(read_document(path("b.tconv.json")), Document{});
  hands().key(key_enter);
  hands().key(key_enter);
  EXPECT_EQ(read_document(path("b.tconv.json")), hands().document());
  fs::create_directory(path("sub"));
  hands().key('S', true, true);
  hands().click("file/sub");
  hands().key(key_enter);
  EXPECT_TRUE(fs::exists(path("sub/b.tconv.json"))) << "the name stays while folders are walked";
}

TEST_F(Documents, WhatIsNoScenarioOfThisVersionIsNeverOverwritten) {
  const std::vector<std::pair<std::string, std::string>> others{
      {"package.json", R"({"name": "not ours", "version": "1.0.0"})"},
      {"newer.tconv.json", R"({"format": "tconv-scenario", "version": 2, "novelty": true})"},
      {"cut.tconv.json", R"({"format": "tconv-scenario", "vers)"},
      {"empty.tconv.json", ""},
      {"lost.tconv.json",
       R"({"format": "tconv-scenario", "version": 1, "kernel": {"pattern": "custom", "file": "gone.npy"}})"},
      {"picture.json", "\x89PNG\r\n\x1a\n"}};
  hands().drag_slider("stride", 3);
  const Document before = hands().document();
  for (const auto& [name, text] : others) {
    SCOPED_TRACE(name);
    dir_.write(name, text);
    save_as(name);
    for (int i = 0; i < 3; ++i) hands().key(key_enter);
    EXPECT_TRUE(session().message().is_error);
    EXPECT_NE(message().find(name), std::string::npos) << message();
    EXPECT_NE(message().find("Not overwritten"), std::string::npos) << message();
    EXPECT_EQ(message().find('\n'), std::string::npos);
    EXPECT_EQ(file_bytes(path(name)), text);
    hands().key(key_escape);
    open(name);
    EXPECT_TRUE(session().message().is_error);
    EXPECT_EQ(hands().document(), before);
    EXPECT_EQ(session().file_name(), "");
    EXPECT_EQ(file_bytes(path(name)), text);
    hands().key(key_escape);
  }
  EXPECT_TRUE(session().modified());
  save_as("none/x");
  EXPECT_TRUE(session().message().is_error);
  EXPECT_TRUE(session().modified());
}

TEST_F(Documents, AFileThatChangedOnTheDiskIsSomebodysWork) {
  save_as("a");
  hands().drag_slider("stride", 3);
  write_document(load_document("unet-up"), path("a.tconv.json"));
  hands().key('S', true);
  EXPECT_TRUE(hands().state().dialog.is_open());
  EXPECT_NE(message().find("has changed on the disk"), std::string::npos) << message();
  EXPECT_EQ(read_document(path("a.tconv.json")), load_document("unet-up"));
  hands().key(key_enter);
  EXPECT_EQ(read_document(path("a.tconv.json")), load_document("unet-up")) << "the usual question";
  hands().key(key_enter);
  EXPECT_EQ(read_document(path("a.tconv.json")), hands().document());
  EXPECT_FALSE(session().modified());
  hands().drag_slider("stride", 4);
  fs::remove(path("a.tconv.json"));
  hands().key('S', true);
  EXPECT_EQ(read_document(path("a.tconv.json")), hands().document()) << "one that has gone is made anew";
  hands().drag_slider("stride", 5);
  dir_.write("a.tconv.json", "{");
  hands().key('S', true);
  for (int i = 0; i < 3; ++i) hands().key(key_enter);
  EXPECT_EQ(file_bytes(path("a.tconv.json")), "{");
  EXPECT_TRUE(session().modified());
}

TEST_F(Documents, OwnArraysAreSavedBeside) {
  std::vector<float> values(40 * 40);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 3;
  write_npy(path("x.npy"), Tensor(Shape{40, 40}, values));
  open("x.npy");
  EXPECT_EQ(hands().axis().input, 40) << message();
  EXPECT_TRUE(session().modified());
  save_as("a");
  EXPECT_FALSE(session().modified());
  EXPECT_EQ(read_document(path("a.tconv.json")), hands().document());
  EXPECT_LT(fs::file_size(path("a.tconv.json")), 1500U);
}

TEST_F(Documents, ClosingAsksAboutUnsavedChanges) {
  hands().studio().ask_to_quit();
  EXPECT_TRUE(hands().state().quit) << "nothing to ask about";
  hands().state().quit = false;
  hands().drag_slider("stride", 3);
  const Document edited = hands().document();

  hands().studio().ask_to_quit();
  hands().settle();
  ASSERT_TRUE(hands().has("sheet"));
  EXPECT_FALSE(hands().state().quit);
  hands().key('Z', true);
  hands().drag(hands().on_slider("stride", 3), hands().on_slider("stride", 1));
  EXPECT_EQ(hands().document(), edited) << "nothing else goes on";
  hands().key(key_escape);
  EXPECT_FALSE(hands().has("sheet"));
  EXPECT_FALSE(hands().state().quit);

  hands().key('Q', true);
  hands().click("sheet/cancel");
  EXPECT_FALSE(hands().state().quit);

  hands().key('Q', true);
  hands().key(key_enter);
  ASSERT_TRUE(hands().state().dialog.is_open()) << "a name is missing";
  hands().key(key_escape);
  EXPECT_FALSE(hands().state().quit) << "no name: it stays open";
  hands().key('Q', true);
  hands().key(key_enter);
  hands().type(path("a").string());
  hands().key(key_enter);
  EXPECT_TRUE(hands().state().quit) << message();
  EXPECT_EQ(read_document(path("a.tconv.json")), edited);

  hands().state().quit = false;
  hands().drag_slider("stride", 4);
  hands().key('Q', true);
  hands().key(key_enter);
  EXPECT_TRUE(hands().state().quit) << "the name is known";
  EXPECT_EQ(read_document(path("a.tconv.json")), hands().document());
}

TEST_F(Documents, ClosingWithoutSavingChangesNothingOnTheDisk) {
  save_as("a");
  const std::string saved = file_bytes(path("a.tconv.json"));
  hands().drag_slider("stride", 3);
  hands().wait(3);
  EXPECT_EQ(kept(), 1);
  hands().key('Q', true);
  hands().key(key_right);
  hands().key(key_enter);
  EXPECT_TRUE(hands().state().quit);
  EXPECT_EQ(file_bytes(path("a.tconv.json")), saved);
  end();
  EXPECT_EQ(kept(), 0);
  start();
  EXPECT_FALSE(hands().has("sheet"));
}

TEST_F(Documents, ClosingAsksAboutWhatWasLeftForAnotherDocument) {
  save_as("a");
  hands().drag_slider("stride", 3);
  const Document edited = hands().document();
  ASSERT_TRUE(session().open("unet-up"));
  hands().drag_slider("stride", 4);
  ASSERT_TRUE(session().open("dcgan-k4-s2"));
  EXPECT_FALSE(session().modified());
  EXPECT_EQ(session().left_unsaved().size(), 2U);

  hands().key('Q', true);
  ASSERT_TRUE(hands().has("sheet"));
  EXPECT_FALSE(hands().state().quit);
  hands().key(key_escape);
  EXPECT_EQ(session().file_name(), "dcgan-k4-s2");
  hands().key('Q', true);
  hands().click("sheet/back");
  EXPECT_EQ(session().file_name(), "unet-up");
  EXPECT_EQ(hands().axis().stride, 4);
  EXPECT_FALSE(hands().state().quit);

  hands().key('Q', true);
  hands().key(key_enter);
  hands().type(path("b").string());
  hands().key(key_enter);
  EXPECT_FALSE(hands().state().quit) << "a is not saved yet";
  ASSERT_TRUE(hands().has("sheet"));
  hands().key(key_enter);
  EXPECT_EQ(hands().document(), edited);
  EXPECT_EQ(session().file_name(), "a.tconv.json");
  hands().key('Q', true);
  hands().key(key_enter);
  EXPECT_TRUE(hands().state().quit) << message();
  EXPECT_EQ(read_document(path("a.tconv.json")), edited);
}

TEST_F(Documents, WhatWasLeftCanBeDiscarded) {
  hands().drag_slider("stride", 3);
  hands().key('N', true);
  hands().key('Q', true);
  hands().click("sheet/discard");
  EXPECT_TRUE(hands().state().quit);
  end();
  EXPECT_EQ(kept(), 0);
}

TEST_F(Documents, ASaveThatFailsKeepsTheWindowOpen) {
  fs::create_directory(path("sub"));
  save_as("sub/a");
  hands().drag_slider("stride", 3);
  fs::remove_all(path("sub"));
  hands().key('Q', true);
  hands().key(key_enter);
  EXPECT_FALSE(hands().state().quit);
  EXPECT_TRUE(session().message().is_error);
  EXPECT_TRUE(session().modified());
}

TEST_F(Documents, WhatTheCommandLineOpenedNeedsNoSaving) {
  write_npy(path("x.npy"), Tensor::filled(Shape{3, 3}, 2));
  ASSERT_TRUE(session().open(path("x.npy")));
  EXPECT_TRUE(session().modified());
  session().start_here();
  EXPECT_FALSE(session().modified());
  hands().key('S', true);
  EXPECT_TRUE(hands().state().dialog.is_open()) << "and yet it has no file";
}

TEST_F(Documents, RecentFilesAreInThePaletteAndTheDialogNextTime) {
  hands().drag_slider("stride", 3);
  save_as("a");
  const Document a = hands().document();
  write_document(load_document("unet-up"), path("b.tconv.json"));
  hands().studio().drop(path("b.tconv.json"), {700, 400});
  hands().settle();
  end();
  start();
  ASSERT_EQ(session().recent().list(), (std::vector<fs::path>{path("b.tconv.json"), path("a.tconv.json")}));
  hands().key('K', true);
  hands().type("recent a.tconv");
  const std::string entry = "palette/recent/" + path("a.tconv.json").string();
  ASSERT_TRUE(hands().has(entry));
  hands().click(entry);
  EXPECT_EQ(hands().document(), a);
  EXPECT_EQ(session().file().path, path("a.tconv.json"));
  hands().key('O', true);
  hands().click("recent/1");
  EXPECT_EQ(session().file().path, path("b.tconv.json"));
  fs::remove(path("a.tconv.json"));
  hands().key('O', true);
  EXPECT_TRUE(hands().has("recent/0"));
  EXPECT_FALSE(hands().has("recent/1")) << "missing files are left out";
}

TEST(RecentFiles, KeepsTenNewestFirstAndToleratesAnything) {
  const TempDir dir;
  RecentFiles recent(dir / "state");
  for (int i = 0; i < 12; ++i) recent.add(dir.write(std::to_string(i), "x"));
  recent.add(dir / "5");
  RecentFiles again(dir / "state");
  ASSERT_EQ(again.list().size(), RecentFiles::most);
  EXPECT_EQ(again.list()[0], dir / "5");
  EXPECT_EQ(again.list()[1], dir / "11");
  RecentFiles other(dir / "state");
  other.add(dir / "7");
  again.add(dir / "8");
  EXPECT_EQ(again.list()[1], dir / "7") << "another window's entry";
  for (const char* text : {"", "\n\n\n", "relative\n", "no end", "\x01\xff\n/\n"}) {
    dir.write("state/recent", text);
    EXPECT_TRUE(RecentFiles(dir / "state").list().empty());
  }
  fs::remove(dir / "state/recent");
  fs::create_directory(dir / "state/recent");
  RecentFiles blocked(dir / "state");
  blocked.add(dir / "1");
  EXPECT_EQ(blocked.list().size(), 1U);
}

TEST(Undo, TheSameRecipeAgainIsNoStep) {
  Driver hands;
  hands.click("kernel/ones");
  hands.click("kernel/ones");
  EXPECT_EQ(hands.undo_steps(), 1);
  hands.click("kernel/random");
  hands.click("kernel/random");
  EXPECT_EQ(hands.undo_steps(), 3) << "other numbers each time";
}

}  // namespace
}  // namespace tconv::test
