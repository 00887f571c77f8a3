// The export dialog, the command that it shows, and long work beside the window.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "export/choice_flag.h"
#include "support/own_places.h"
#include "support/temp_dir.h"
#include "ui/driver.h"
#include "ui/export_actions.h"

namespace tconv {
namespace {

using test::Driver;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Frames until nothing is being written any more.
void finish_jobs(Driver& driver) {
  for (int i = 0; i < 3000 && driver.state().jobs.status(); ++i) {
    std::this_thread::sleep_for(5ms);
    driver.frame();
  }
  driver.settle();
  ASSERT_FALSE(driver.state().jobs.status());
}

/// Runs a command that the dialog shows, with the program that was built beside these tests.
int run_shown(std::vector<std::string> words) {
  words.front() = test::program("tconv");
  return std::system(shell_line(words).c_str());
}

class ExportDialogTest : public ::testing::Test {
 protected:
  TempDir dir;
  Driver driver;

  ExportForm& form() { return driver.state().export_dialog.form(); }
  bool is_open() { return driver.state().export_dialog.is_open(); }

  void open(const std::string& file) {
    driver.key('E', true);
    driver.settle();
    ASSERT_TRUE(is_open());
    // As typing over the whole name would: the name in the field is the program's own.
    form().path = with_extension(form(), (dir / file).string());
  }
  void export_now() {
    driver.click("export/export");
    driver.settle();
  }
};

TEST_F(ExportDialogTest, WritesWhatTheCommandWrites) {
  struct Case {
    const char* view;
    const char* kind;
    const char* format;
    std::vector<std::string> clicks;
  };
  const std::vector<Case> cases{
      {"paint", "Picture", "png", {"export/theme/Light", "export/crop"}},
      {"paint", "Picture", "svg", {"export/title", "export/paper/85 mm"}},
      {"overlap", "Picture", "pdf", {"export/transparent", "export/size/720"}},
      {"paint", "Animation", "gif", {"export/fps/8", "export/hold/3 s", "export/repeat/Ping-pong"}},
      {"insert-zeros", "Animation", "webp", {"export/size/720"}},
      {"paint", "Numbers", "csv", {"export/array/hits"}},
      {"overlap", "Numbers", "npz", {}},
      {"paint", "Numbers", "png16", {}},
  };
  int number = 0;
  for (const Case& each : cases) {
    SCOPED_TRACE(std::string(each.view) + " " + each.format);
    driver.session().show(each.view);
    driver.session().seek(number % 2 == 0 ? 2 : 1000);
    driver.settle();
    driver.session().wait_for_results();
    open("a" + std::to_string(number++) + ".x");
    driver.click(std::string("export/kind/") + each.kind);
    driver.settle();
    driver.click(std::string("export/format/") + each.format);
    driver.settle();
    for (const std::string& click : each.clicks) {
      driver.click(click);
      driver.settle();
    }
    const fs::path file = form().path;
    EXPECT_EQ(file.extension(), each.format == std::string("png16") ? ".png" : std::string(".") + each.format);
    std::vector<std::string> words = command_words(form(), "");
    export_now();
    EXPECT_FALSE(is_open());
    finish_jobs(driver);
    ASSERT_TRUE(fs::exists(file)) << driver.session().message().text;
    const std::string made = bytes_of(file);
    fs::remove(file);
    ASSERT_EQ(run_shown(words), 0) << shell_line(words);
    EXPECT_TRUE(bytes_of(file) == made) << shell_line(words);
    EXPECT_GT(made.size(), 100U);
  }
}

TEST_F(ExportDialogTest, KeepsWhatWasChosenForTheNextTime) {
  open("a.png");
  driver.click("export/format/svg");
  driver.click("export/title");
  EXPECT_TRUE(form().path.ends_with(".svg"));
  driver.key(key_escape);
  driver.settle();
  EXPECT_FALSE(is_open());
  driver.session().show("matrix");
  driver.settle();
  open("b.svg");
  EXPECT_EQ(form().picture_format, "svg");
  EXPECT_TRUE(form().choices.picture.page.title);
  EXPECT_EQ(form().choices.picture.view, "matrix");
}

TEST_F(ExportDialogTest, AsksBeforeItReplacesAFile) {
  dir.write("a.png", "precious");
  open("a.png");
  export_now();
  EXPECT_TRUE(is_open());
  EXPECT_EQ(bytes_of(dir / "a.png"), "precious");
  export_now();
  EXPECT_FALSE(is_open());
  finish_jobs(driver);
  EXPECT_EQ(bytes_of(dir / "a.png").substr(1, 3), "PNG");
}

TEST_F(ExportDialogTest, SaysWhatIsWrongAndStaysOpen) {
  open("a.png");
  form().path = (dir / "no such folder" / "a.png").string();
  export_now();
  EXPECT_TRUE(is_open());
  EXPECT_EQ(dir.entries(), 0);
  form().path = dir.path().string();
  export_now();
  EXPECT_TRUE(is_open());
}

TEST_F(ExportDialogTest, AFolderThatGoesMeanwhileIsOneLine) {
  fs::create_directory(dir / "gone");
  open("gone/a.png");
  std::atomic<bool> go = false;
  driver.state().jobs.start("first", [&](const Progress&) {
    while (!go) std::this_thread::sleep_for(1ms);
    return std::string();
  });
  export_now();
  fs::remove(dir / "gone");
  go = true;
  finish_jobs(driver);
  EXPECT_TRUE(driver.session().message().is_error);
  EXPECT_NE(driver.session().message().text.find("a.png"), std::string::npos) << driver.session().message().text;
}

TEST_F(ExportDialogTest, TheNameSaysTheFormat) {
  open("a.png");
  form().path = (dir / "b.SVG").string();
  export_now();
  finish_jobs(driver);
  EXPECT_TRUE(bytes_of(dir / "b.SVG").starts_with("<?xml"));
  open("a.png");
  EXPECT_EQ(form().picture_format, "svg");
  form().path = (dir / "no.extension").string();
  export_now();
  finish_jobs(driver);
  EXPECT_TRUE(bytes_of(dir / "no.extension.svg").starts_with("<?xml"));
  EXPECT_EQ(dir.entries(), 2);
}

TEST_F(ExportDialogTest, NumberedFilesAreAskedAboutToo) {
  dir.write("a_000.png", "precious");
  open("a.png");
  driver.click("export/kind/Animation");
  driver.settle();
  driver.click("export/format/png");
  driver.settle();
  export_now();
  EXPECT_TRUE(is_open());
  EXPECT_EQ(bytes_of(dir / "a_000.png"), "precious");
}

TEST_F(ExportDialogTest, AnExportedPictureReopensAsItWas) {
  driver.session().show("insert-zeros");
  driver.session().seek(3);
  driver.settle();
  open("a.png");
  export_now();
  finish_jobs(driver);
  Session other({});
  ASSERT_TRUE(other.open(dir / "a.png")) << other.message().text;
  EXPECT_EQ(other.view().id, "insert-zeros");
  EXPECT_EQ(other.step(), 3);
}

TEST_F(ExportDialogTest, OnlyTimelinesAreAnimated) {
  driver.session().show("size");
  driver.settle();
  open("a.png");
  EXPECT_FALSE(driver.has("export/kind/Animation"));
  EXPECT_TRUE(driver.has("export/kind/Numbers"));
}

TEST_F(ExportDialogTest, TheCommandIsCopied) {
  open("a.png");
  driver.click("export/copy-command");
  ASSERT_EQ(driver.copied().size(), 1U);
  EXPECT_TRUE(driver.copied()[0].starts_with("tconv render --view paint ")) << driver.copied()[0];
}

TEST_F(ExportDialogTest, NumbersAreCopiedForASpreadsheet) {
  driver.key('N', true, true);
  driver.settle();
  ASSERT_EQ(driver.copied().size(), 1U);
  EXPECT_EQ(driver.copied()[0], "1\t2\t1\t2\n3\t5\t5\t4\n1\t5\t5\t2\n3\t4\t3\t4\n");
}

TEST_F(ExportDialogTest, EveryViewOpensIt) {
  for (const View& view : all_views()) {
    driver.session().show(view.id);
    driver.session().wait_for_results();
    driver.settle();
    open("x.png");
    EXPECT_TRUE(is_open()) << view.id;
    for (const std::string& kind : driver.names("export/kind/")) {
      driver.click(kind);
      driver.settle();
      driver.wait(0.3);
      EXPECT_EQ(trouble_with(form(), driver.scenario()), "") << view.id << " " << kind;
    }
    driver.key(key_escape);
    driver.settle();
  }
}

TEST(ScenarioWord, NamesWhatIsSaved) {
  const Document example;
  EXPECT_EQ(scenario_word({}, example, false), "");
  Document other;
  other.scenario.layer.axes[0].stride = 2;
  EXPECT_EQ(scenario_word({.path = "/x/a.tconv.json", .name = "a.tconv.json", .saved = other}, other, false),
            "/x/a.tconv.json");
  EXPECT_EQ(scenario_word({.path = "/x/a.tconv.json", .name = "a.tconv.json", .saved = {}}, other, true), std::nullopt);
  EXPECT_EQ(scenario_word({.path = {}, .name = "ones-3x3", .saved = other}, other, false), "ones-3x3");
  EXPECT_EQ(scenario_word({.path = {}, .name = "picture", .saved = other}, other, false), std::nullopt);
}

// Jobs.

struct Awake {
  std::atomic<int> calls = 0;
  Jobs jobs{[this] { ++calls; }};

  std::deque<Jobs::Ended> ended(std::size_t count) {
    std::deque<Jobs::Ended> all;
    for (int i = 0; i < 2000 && all.size() < count; ++i) {
      for (Jobs::Ended& each : jobs.take_ended()) all.push_back(std::move(each));
      if (all.size() < count) std::this_thread::sleep_for(1ms);
    }
    return all;
  }
};

TEST(Jobs, RunOneAfterTheOther) {
  Awake awake;
  std::string order;
  for (const char name : {'a', 'b', 'c'}) {
    awake.jobs.start(std::string(1, name), [&order, name](const Progress& progress) {
      progress.at(0.5);
      order += name;
      return std::string(1, name) + " done";
    });
  }
  const auto ended = awake.ended(3);
  ASSERT_EQ(ended.size(), 3U);
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(ended[1].words, "b done");
  EXPECT_FALSE(awake.jobs.status());
  EXPECT_GT(awake.calls, 0);
}

TEST(Jobs, TellHowFarTheyAre) {
  Awake awake;
  std::atomic<bool> go = false;
  awake.jobs.start("half", [&](const Progress& progress) {
    progress.share(0.5, 1).at(0);
    while (!go) std::this_thread::sleep_for(1ms);
    return std::string();
  });
  awake.jobs.start("next", [](const Progress&) { return std::string(); });
  std::optional<Jobs::Status> status;
  for (int i = 0; i < 2000 && (!status || status->part == 0); ++i) {
    status = awake.jobs.status();
    std::this_thread::sleep_for(1ms);
  }
  ASSERT_TRUE(status);
  EXPECT_EQ(status->label, "half");
  EXPECT_EQ(status->part, 0.5);
  EXPECT_EQ(status->waiting, 1U);
  go = true;
  EXPECT_EQ(awake.ended(2).size(), 2U);
}

TEST(Jobs, FailuresAreOneLine) {
  Awake awake;
  awake.jobs.start("x", [](const Progress&) -> std::string { throw std::runtime_error("the disk is full"); });
  const auto ended = awake.ended(1);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_TRUE(ended[0].is_error);
  EXPECT_EQ(ended[0].words, "the disk is full");
}

TEST(Jobs, ACancelledOneIsGoneAtOnce) {
  Awake awake;
  std::atomic<bool> stopped = false;
  std::atomic<bool> running = false;
  awake.jobs.start("long", [&](const Progress& progress) {
    try {
      for (int i = 0;; ++i) {
        running = true;
        progress.at(0.1);
        std::this_thread::sleep_for(1ms);
      }
    } catch (const Cancelled&) {
      stopped = true;
      throw;
    }
    return std::string();
  });
  while (!running) std::this_thread::sleep_for(1ms);
  awake.jobs.cancel();
  EXPECT_FALSE(awake.jobs.status());
  for (int i = 0; i < 2000 && !stopped; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_TRUE(stopped);
  const auto ended = awake.ended(1);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_FALSE(ended[0].is_error);
  awake.jobs.start("next", [](const Progress&) { return std::string("done"); });
  EXPECT_EQ(awake.ended(1).at(0).words, "done");
}

TEST(Jobs, TheLastWindowDoesNotWaitForThem) {
  std::atomic<bool> stopped = false;
  {
    Jobs jobs({});
    jobs.start("long", [&](const Progress& progress) {
      try {
        for (;;) {
          progress.at(0);
          std::this_thread::sleep_for(1ms);
        }
      } catch (const Cancelled&) {
        stopped = true;
        throw;
      }
      return std::string();
    });
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_TRUE(stopped);
}

TEST(Jobs, AWindowThatClosesFinishesWhatIsBeingWritten) {
  Driver driver;
  std::atomic<bool> go = false;
  driver.state().jobs.start("a.gif", [&](const Progress&) {
    while (!go) std::this_thread::sleep_for(1ms);
    return std::string();
  });
  driver.studio().ask_to_quit();
  driver.frame();
  EXPECT_FALSE(driver.state().quit);
  go = true;
  finish_jobs(driver);
  EXPECT_TRUE(driver.state().quit);
}

TEST(Jobs, CancelOfAnExportLeavesNoFile) {
  TempDir dir;
  dir.write("a.gif", "precious");
  Driver driver;
  Document large;
  large.scenario.layer.axes[0].input = large.scenario.layer.axes[1].input = 40;
  ExportForm& form = driver.state().export_dialog.form();
  form.kind = ExportKind::animation;
  form.path = (dir / "a.gif").string();
  form.choices.every = 1;
  driver.state().jobs.start("a.gif", export_work(form, large));
  for (int i = 0; i < 5000 && driver.state().jobs.status().value_or(Jobs::Status{}).part < 0.2; ++i)
    std::this_thread::sleep_for(1ms);
  driver.frame();
  ASSERT_TRUE(driver.has("job/cancel"));
  driver.click("job/cancel");
  driver.frame();
  EXPECT_FALSE(driver.state().jobs.status());
  driver.state().jobs.start("after", [](const Progress&) { return std::string(); });  // when that one is truly gone
  finish_jobs(driver);
  EXPECT_EQ(dir.entries(), 1);
  EXPECT_EQ(bytes_of(dir / "a.gif"), "precious");
}

}  // namespace
}  // namespace tconv
