// What comes back after a crash.

#include <gtest/gtest.h>

#include "document/document_file.h"
#include "document/scenario_source.h"
#include "documents_fixture.h"

namespace tconv::test {
namespace {

using Recovery = DocumentsFixture;

TEST_F(Recovery, UnsavedWorkIsOfferedAfterAKill) {
  save_as("a");
  const std::string saved = file_bytes(path("a.tconv.json"));
  hands().drag_slider("stride", 3);
  const Document edited = hands().document();
  hands().wait(3);
  kill();
  ASSERT_EQ(kept(), 1);

  start();
  ASSERT_TRUE(hands().has("sheet"));
  EXPECT_EQ(hands().document(), Document{});
  hands().key(key_enter);
  EXPECT_FALSE(hands().has("sheet"));
  EXPECT_EQ(hands().document(), edited);
  EXPECT_EQ(session().file().path, path("a.tconv.json"));
  EXPECT_TRUE(session().modified());
  EXPECT_EQ(kept(), 1) << "safe under the new program's name";
  EXPECT_EQ(file_bytes(path("a.tconv.json")), saved);
  kill();
  start();
  ASSERT_TRUE(hands().has("sheet")) << "killed again, right after recovering";
  hands().key(key_enter);
  EXPECT_EQ(hands().document(), edited);
  hands().key('S', true);
  EXPECT_EQ(read_document(path("a.tconv.json")), edited) << message();
  hands().frame();
  EXPECT_EQ(kept(), 0);
  kill();
  start();
  EXPECT_FALSE(hands().has("sheet"));
}

TEST_F(Recovery, RecoveredWorkDoesNotGoOverALaterSave) {
  save_as("a");
  hands().drag_slider("stride", 3);
  hands().wait(3);
  kill();
  write_document(load_document("unet-up"), path("a.tconv.json"));
  start();
  hands().click("sheet/recover");
  hands().key('S', true);
  EXPECT_TRUE(hands().state().dialog.is_open());
  EXPECT_EQ(read_document(path("a.tconv.json")), load_document("unet-up"));
}

TEST_F(Recovery, LaterAndDiscard) {
  hands().drag_slider("stride", 3);
  hands().wait(3);
  kill();
  start();
  hands().key(key_escape);
  EXPECT_FALSE(hands().has("sheet"));
  EXPECT_EQ(hands().document(), Document{});
  end();
  EXPECT_EQ(kept(), 1);
  start();
  hands().click("sheet/discard");
  EXPECT_FALSE(hands().has("sheet"));
  EXPECT_EQ(kept(), 0);
}

TEST_F(Recovery, OneIsRecoveredAndTheOthersStay) {
  Driver* first = &hands();
  first->drag_slider("stride", 3);
  first->wait(3);
  kill();
  start();
  hands().key(key_escape);
  hands().drag_slider("stride", 4);
  hands().wait(3);
  kill();
  EXPECT_EQ(kept(), 2);
  start();
  hands().key(key_enter);
  EXPECT_FALSE(hands().has("sheet"));
  EXPECT_TRUE(session().modified());
  EXPECT_EQ(kept(), 2);
  kill();
  start();
  hands().click("sheet/discard");
  EXPECT_TRUE(hands().has("sheet")) << "the other one";
  hands().click("sheet/discard");
  EXPECT_EQ(kept(), 0);
}

TEST_F(Recovery, WorkThatWasLeftForAnotherDocumentIsOffered) {
  save_as("a");
  hands().drag_slider("stride", 3);
  const Document edited = hands().document();
  ASSERT_TRUE(session().open("unet-up"));
  hands().frame();
  EXPECT_EQ(kept(), 1) << "at once, and not only when the hands rest";
  hands().drag_slider("stride", 4);
  hands().wait(3);
  EXPECT_EQ(kept(), 2);
  hands().key('Z', true);
  EXPECT_EQ(kept(), 1);
  kill();
  start();
  ASSERT_TRUE(hands().has("sheet"));
  hands().key(key_enter);
  EXPECT_EQ(hands().document(), edited);
  EXPECT_EQ(session().file().path, path("a.tconv.json"));
  hands().key('S', true);
  hands().frame();
  EXPECT_EQ(kept(), 0);
}

TEST_F(Recovery, BrokenUnsavedWorkIsSaidAndTheWindowGoesOn) {
  hands().drag_slider("stride", 3);
  hands().wait(3);
  kill();
  const fs::path folder = *fs::directory_iterator(state() / "autosave");
  dir_.write("state/autosave/" + folder.filename().string() + "/scenario.tconv.json", "{\"format\"");
  start();
  EXPECT_FALSE(hands().has("sheet"));
  EXPECT_TRUE(session().message().is_error);
  EXPECT_NE(message().find(".broken"), std::string::npos) << message();
  hands().drag_slider("stride", 2);
  EXPECT_EQ(hands().axis().stride, 2);
}

TEST_F(Recovery, ADragIsNotKeptBeforeItEnds) {
  hands().move(hands().on_slider("stride", 1));
  hands().press();
  hands().move(hands().on_slider("stride", 4));
  hands().wait(5);
  EXPECT_FALSE(session().modified());
  EXPECT_EQ(kept(), 0);
  hands().release();
  EXPECT_TRUE(session().modified());
  hands().wait(3);
  EXPECT_EQ(kept(), 1);
  EXPECT_EQ(hands().undo_steps(), 1);
}

TEST_F(Recovery, WithoutAStateFolderNothingIsKept) {
  hands_.reset();
  hands_.emplace();
  hands().drag_slider("stride", 3);
  hands().wait(15);
  save_as("a");
  EXPECT_FALSE(fs::exists(state()));
  EXPECT_EQ(session().recent().list().size(), 1U) << "for this run";
}

}  // namespace
}  // namespace tconv::test
