// Unsaved work on the disk: when it is written, whose it is, and what the next program makes of it.

#include "ui/autosave.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "document/document_file.h"
#include "document/fields.h"
#include "driver.h"
#include "files/npy.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

namespace fs = std::filesystem;

Document with_stride(std::int64_t stride) {
  Document document;
  document.scenario.layer = with_field(document.scenario.layer, *find_field("stride"), all_axes, stride);
  return document;
}

class AutosaveTest : public testing::Test {
 protected:
  fs::path root() const { return dir_ / "autosave"; }
  std::ptrdiff_t folders() const {
    std::error_code none;
    const fs::directory_iterator items(root(), none);
    return none ? 0 : std::distance(items, fs::directory_iterator());
  }
  /// The folder that a program which crashed with `document` left.
  fs::path leave(const Document& document, const OpenFile& file = {}) const {
    const auto before = list();
    {
      Autosave autosave(dir_.path());
      EXPECT_EQ(autosave.write(document, file), "");
    }
    for (const fs::path& folder : list()) {
      if (std::ranges::find(before, folder) == before.end()) return folder;
    }
    ADD_FAILURE() << "nothing was left";
    return {};
  }
  std::vector<fs::path> list() const {
    std::vector<fs::path> found;
    std::error_code none;
    for (fs::directory_iterator item(root(), none), end; !none && item != end; ++item) found.push_back(item->path());
    return found;
  }
  std::vector<Leftover> leftovers() {
    messages_.clear();
    return Autosave(dir_.path()).leftovers(messages_);
  }

  const TempDir dir_;
  std::vector<std::string> messages_;
};

TEST_F(AutosaveTest, WritesWhenTheHandsRest) {
  Autosave autosave(dir_.path());
  EXPECT_EQ(autosave.tick(with_stride(2), {}, false, 1), "");
  EXPECT_FALSE(autosave.due());
  autosave.tick(with_stride(2), {}, true, 1);
  EXPECT_EQ(autosave.due(), Autosave::quiet);
  autosave.tick(with_stride(2), {}, true, 1.5);
  EXPECT_EQ(autosave.due(), 0.5);
  EXPECT_EQ(folders(), 0);
  autosave.tick(with_stride(3), {}, true, 0.1);
  EXPECT_EQ(autosave.due(), Autosave::quiet) << "a change starts the rest anew";
  autosave.tick(with_stride(3), {}, true, 2);
  EXPECT_FALSE(autosave.due()) << "nothing waits: the window can sleep";
  EXPECT_EQ(folders(), 1);
  autosave.tick(with_stride(3), {}, true, 100);
  EXPECT_FALSE(autosave.due());
  autosave.tick(with_stride(3), {}, false, 1);
  EXPECT_EQ(folders(), 0) << "saved or undone: nothing to keep";
}

TEST_F(AutosaveTest, WritesInTheMiddleOfLongWork) {
  Autosave autosave(dir_.path());
  double passed = 0;
  for (std::int64_t stride = 2; folders() == 0 && passed < 100; ++stride, passed += 1) {
    autosave.tick(with_stride(stride), {}, true, 1);
  }
  EXPECT_NEAR(passed, Autosave::longest, 1.01);
}

TEST_F(AutosaveTest, KeepsNothingWithoutAFolder) {
  Autosave autosave({});
  EXPECT_EQ(autosave.tick(with_stride(2), {}, true, 100), "");
  EXPECT_FALSE(autosave.due());
  EXPECT_EQ(autosave.write(with_stride(2), {}), "");
  EXPECT_TRUE(autosave.leftovers(messages_).empty());
}

TEST_F(AutosaveTest, WhatWasLeftComesBackWhole) {
  Document document = with_stride(2);
  std::vector<float> values(40 * 40, 0.25F);
  document.scenario.kernel = custom_pattern(Tensor(Shape{1, 1, 40, 40}, values));
  leave(document, {.path = "/home/x/a b.tconv.json", .name = "a b.tconv.json", .saved = Document{}, .fingerprint = 77});
  std::vector<Leftover> found = leftovers();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].document, document);
  EXPECT_EQ(found[0].file.path, "/home/x/a b.tconv.json");
  EXPECT_EQ(found[0].file.name, "a b.tconv.json");
  EXPECT_EQ(found[0].file.fingerprint, 77U);
  EXPECT_FALSE(found[0].file.saved);
  EXPECT_EQ(found[0].time.size(), std::string("2025-01-31 14:05").size());
  EXPECT_TRUE(leftovers().empty()) << "somebody is asking about it already";
  found.clear();
  found = leftovers();
  ASSERT_EQ(found.size(), 1U) << "asked again at the next start";
  found[0].remove();
  EXPECT_EQ(folders(), 0);
  EXPECT_TRUE(messages_.empty());
}

TEST_F(AutosaveTest, ARunningProgramsWorkIsItsOwn) {
  Autosave running(dir_.path());
  running.write(with_stride(2), {});
  EXPECT_TRUE(leftovers().empty());
  EXPECT_EQ(folders(), 1);
  running.clear();
  EXPECT_EQ(folders(), 0);
  leave(with_stride(3));
  leave(with_stride(4));
  running.write(with_stride(5), {});
  EXPECT_EQ(leftovers().size(), 2U);
  EXPECT_EQ(folders(), 3);
}

TEST_F(AutosaveTest, TheDocumentNeverStandsBesideAnothersName) {
  const OpenFile a{.path = "/a.tconv.json", .name = "a.tconv.json", .saved = {}, .fingerprint = 1};
  const OpenFile b{.path = "/b.tconv.json", .name = "b.tconv.json", .saved = {}, .fingerprint = 2};
  {
    Autosave autosave(dir_.path());
    autosave.write(with_stride(2), a);
    autosave.write(with_stride(3), b);
  }
  EXPECT_EQ(leftovers()[0].file.path, b.path);
  fs::remove(list().front() / "origin");
  EXPECT_EQ(leftovers()[0].file.path, "") << "recovered without a name: a save asks for one";
  const OpenFile odd{.path = "/two\nlines", .name = "two\nlines", .saved = {}, .fingerprint = 3};
  fs::remove_all(list().front());
  leave(with_stride(2), odd);
  EXPECT_EQ(leftovers()[0].file.path, "");
  EXPECT_EQ(leftovers()[0].document, with_stride(2));
}

TEST_F(AutosaveTest, BrokenWorkIsPutAsideOnce) {
  const fs::path folder = leave(with_stride(2));
  const std::string whole = file_bytes(folder / "scenario.tconv.json");
  dir_.write("autosave/" + folder.filename().string() + "/scenario.tconv.json", whole.substr(0, whole.size() / 2));
  leave(with_stride(3));
  EXPECT_EQ(leftovers().size(), 1U) << "the other one is offered";
  ASSERT_EQ(messages_.size(), 1U);
  EXPECT_NE(messages_[0].find("cannot be recovered"), std::string::npos) << messages_[0];
  EXPECT_NE(messages_[0].find(folder.string() + ".broken"), std::string::npos) << messages_[0];
  EXPECT_EQ(messages_[0].find('\n'), std::string::npos);
  EXPECT_EQ(file_bytes(folder.string() + ".broken/scenario.tconv.json"), whole.substr(0, whole.size() / 2));
  leftovers();
  EXPECT_TRUE(messages_.empty()) << "said once";
}

TEST_F(AutosaveTest, ANewerProgramsWorkIsLeftAlone) {
  const fs::path folder = leave(with_stride(2));
  const std::string newer = R"({"format": "tconv-scenario", "version": 2})";
  dir_.write("autosave/" + folder.filename().string() + "/scenario.tconv.json", newer);
  EXPECT_TRUE(leftovers().empty());
  ASSERT_EQ(messages_.size(), 1U);
  EXPECT_NE(messages_[0].find("newer"), std::string::npos) << messages_[0];
  EXPECT_EQ(file_bytes(folder / "scenario.tconv.json"), newer);
}

TEST_F(AutosaveTest, RubbishInTheFolderDoesNoHarm) {
  fs::create_directories(root() / "empty");
  fs::create_directories(root() / ".new-1-abc");
  dir_.write("autosave/a file", "x");
  fs::create_directories(root() / "1-x/scenario.tconv.json");
  fs::create_symlink("/", root() / "link");
  EXPECT_TRUE(leftovers().empty());
  EXPECT_FALSE(fs::exists(root() / "empty")) << "a program that died with nothing unsaved";
  EXPECT_TRUE(fs::exists(root() / "a file"));
  EXPECT_TRUE(fs::exists(root() / "1-x.broken"));
}

TEST_F(AutosaveTest, AFolderThatCannotBeWrittenIsSaidOnce) {
  dir_.write("autosave", "a file where the folder should be");
  Autosave autosave(dir_.path());
  autosave.tick(with_stride(2), {}, true, 0);
  const std::string trouble = autosave.tick(with_stride(2), {}, true, 5);
  EXPECT_NE(trouble.find((dir_ / "autosave").string()), std::string::npos) << trouble;
  EXPECT_EQ(autosave.tick(with_stride(2), {}, true, 100), "");
  EXPECT_FALSE(autosave.due());
}

}  // namespace
}  // namespace tconv::test
