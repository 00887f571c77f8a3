#include "document/history.h"

#include <gtest/gtest.h>

#include "document/fields.h"

namespace tconv {
namespace {

Document with_stride(std::int64_t stride) {
  Document document;
  document.scenario.layer = with_field(document.scenario.layer, *find_field("stride"), all_axes, stride);
  return document;
}

TEST(History, StartsWithOneDocumentAndNothingToUndo) {
  History history;
  EXPECT_EQ(history.current(), Document{});
  EXPECT_FALSE(history.can_undo());
  EXPECT_FALSE(history.can_redo());
  EXPECT_EQ(history.undo_label(), "");
  EXPECT_EQ(history.redo_label(), "");
  history.undo();
  history.redo();
  EXPECT_EQ(history.current(), Document{});
}

TEST(History, UndoAndRedoWalkTheCommits) {
  History history(with_stride(1));
  history.commit(with_stride(2), "Stride 2");
  history.commit(with_stride(3), "Stride 3");
  EXPECT_EQ(history.current(), with_stride(3));
  EXPECT_EQ(history.undo_label(), "Stride 3");
  history.undo();
  EXPECT_EQ(history.current(), with_stride(2));
  EXPECT_EQ(history.undo_label(), "Stride 2");
  EXPECT_EQ(history.redo_label(), "Stride 3");
  history.undo();
  EXPECT_EQ(history.current(), with_stride(1));
  EXPECT_FALSE(history.can_undo());
  history.redo();
  history.redo();
  EXPECT_EQ(history.current(), with_stride(3));
  EXPECT_FALSE(history.can_redo());
}

TEST(History, OneDragIsOneEntry) {
  History history(with_stride(1));
  for (std::int64_t stride = 2; stride <= 5; ++stride) {
    history.preview(with_stride(stride));
    EXPECT_EQ(history.current(), with_stride(stride));
    EXPECT_EQ(history.committed(), with_stride(1));
    EXPECT_FALSE(history.can_undo()) << "a preview is in no history";
  }
  history.commit(with_stride(5), "Stride 5");
  EXPECT_EQ(history.current(), with_stride(5));
  EXPECT_EQ(history.committed(), with_stride(5));
  history.undo();
  EXPECT_EQ(history.current(), with_stride(1));
  EXPECT_FALSE(history.can_undo());
}

TEST(History, ACancelledPreviewLeavesNothing) {
  History history(with_stride(1));
  history.preview(with_stride(4));
  history.cancel_preview();
  EXPECT_EQ(history.current(), with_stride(1));
  EXPECT_FALSE(history.can_undo());
}

TEST(History, ADragBackToItsStartAddsNoEntry) {
  History history(with_stride(2));
  history.preview(with_stride(3));
  history.commit(with_stride(2), "Stride 2");
  EXPECT_FALSE(history.can_undo());
  EXPECT_EQ(history.current(), with_stride(2));
}

TEST(History, ACommitAfterUndoCutsWhatWasUndone) {
  History history(with_stride(1));
  history.commit(with_stride(2), "Stride 2");
  history.commit(with_stride(3), "Stride 3");
  history.undo();
  history.undo();
  history.commit(with_stride(5), "Stride 5");
  EXPECT_FALSE(history.can_redo());
  EXPECT_EQ(history.undo_label(), "Stride 5");
  history.undo();
  EXPECT_EQ(history.current(), with_stride(1));
  history.redo();
  EXPECT_EQ(history.current(), with_stride(5));
}

TEST(History, AnUnchangedCommitOrAPreviewKeepsRedo) {
  History history(with_stride(1));
  history.commit(with_stride(2), "Stride 2");
  history.undo();
  history.commit(with_stride(1), "Stride 1");
  EXPECT_TRUE(history.can_redo());
  history.preview(with_stride(4));
  history.cancel_preview();
  EXPECT_TRUE(history.can_redo());
}

TEST(History, UndoAndRedoEndAPreview) {
  History history(with_stride(1));
  history.commit(with_stride(2), "Stride 2");
  history.preview(with_stride(5));
  history.undo();
  EXPECT_EQ(history.current(), history.committed());
  history.preview(with_stride(5));
  history.redo();
  EXPECT_EQ(history.current(), history.committed());
}

TEST(History, EntriesShareTheirArrays) {
  Document large;
  large.scenario.input = custom_pattern(Tensor::filled(Shape{1, 1, 64, 64}, 1));
  History history(large);
  large.presentation.show_hits = true;
  history.commit(large, "Show hits");
  const float* shown = history.current().scenario.input.values.data();
  history.undo();
  EXPECT_EQ(history.current().scenario.input.values.data(), shown);
}

}  // namespace
}  // namespace tconv
