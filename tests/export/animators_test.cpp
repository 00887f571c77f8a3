// What every format of animations promises.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "animator_test_support.h"
#include "export/animation.h"
#include "files/file_error.h"

namespace tconv {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

class Animators : public testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override {
    if (!animator_.missing().empty()) GTEST_SKIP() << animator_.missing();
  }

  void write(const FrameSource& source, const fs::path& path, const Progress& progress = {}) const {
    animator_.write(source, timing_, path, progress);
  }
  std::string name() const { return "a" + std::string(animator_.extension); }
  /// The files that this format writes into an empty folder.
  std::map<std::string, std::string> files(const FrameSource& source) const {
    const TempDir dir;
    write(source, dir / name());
    return files_in(dir);
  }
  std::string failure(const FrameSource& source, const fs::path& path) const {
    try {
      write(source, path);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "written";
  }

  const Animator animator_ = animator_of(GetParam());
  const AnimationTiming timing_{.frames_per_second = 10, .hold = 0.3, .repeat = Repeat::ping_pong};
};

TEST_P(Animators, EqualPicturesGiveEqualBytes) {
  const Pictures pictures = moving_square(6);
  const auto first = files(source_of(pictures));
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(files(source_of(pictures)), first);
  std::mutex one_at_a_time;
  EXPECT_EQ(files({6,
                   [&](std::int64_t i) {
                     const std::lock_guard lock(one_at_a_time);
                     return pictures[static_cast<std::size_t>(i)];
                   }}),
            first);
  EXPECT_EQ(files({6,
                   [&](std::int64_t i) {
                     std::this_thread::sleep_for(milliseconds((5 - i) * 2));
                     return pictures[static_cast<std::size_t>(i)];
                   }}),
            first);
}

TEST_P(Animators, EachPictureIsDrawnOnce) {
  const Pictures pictures = moving_square(5);
  std::vector<std::atomic<int>> drawn(5);
  files({5, [&](std::int64_t i) {
           ++drawn[static_cast<std::size_t>(i)];
           return pictures[static_cast<std::size_t>(i)];
         }});
  for (const auto& times : drawn) EXPECT_EQ(times, 1);
}

TEST_P(Animators, ProgressOnlyGrowsToItsEnd) {
  const TempDir dir;
  double last = 0;
  write(source_of(moving_square(4)), dir / name(),
        Progress(
            [&](double part) {
              EXPECT_GE(part, last);
              last = part;
            },
            {}));
  EXPECT_DOUBLE_EQ(last, 1);
}

TEST_P(Animators, ACancelLeavesWhatWasThere) {
  const Pictures pictures = moving_square(6);
  const FrameSource slow{6, [&](std::int64_t i) {
                           std::this_thread::sleep_for(milliseconds(3));
                           return pictures[static_cast<std::size_t>(i)];
                         }};
  for (const double when : {0.0, 0.3, 0.8, 0.999}) {
    const TempDir dir;
    dir.write(name(), "old");
    dir.write("a_002.png", "old");
    const auto before = files_in(dir);
    std::optional<steady_clock::time_point> cancelled_at;
    double now = 0;
    const Progress progress([&](double part) { now = part; },
                            [&] {
                              if (now < when) return false;
                              if (!cancelled_at) cancelled_at = steady_clock::now();
                              return true;
                            });
    EXPECT_THROW(write(slow, dir / name(), progress), Cancelled) << when;
    ASSERT_TRUE(cancelled_at.has_value());
    EXPECT_LT(steady_clock::now() - *cancelled_at, milliseconds(100)) << when;
    EXPECT_EQ(files_in(dir), before) << when;
  }
}

TEST_P(Animators, AFailureLeavesWhatWasThere) {
  const Pictures pictures = moving_square(6);
  const TempDir dir;
  dir.write(name(), "old");
  dir.write("a_002.png", "old");
  const auto before = files_in(dir);
  const FrameSource broken{6, [&](std::int64_t i) {
                             if (i == 4) throw std::runtime_error("the fifth cannot be drawn");
                             return pictures[static_cast<std::size_t>(i)];
                           }};
  EXPECT_EQ(failure(broken, dir / name()), "the fifth cannot be drawn");
  EXPECT_EQ(files_in(dir), before);
  EXPECT_EQ(failure({0, {}}, dir / name()), "there is no picture to animate; choose at least one step");
  EXPECT_EQ(files_in(dir), before);
}

TEST_P(Animators, PlacesThatCannotBeWrittenAreNamed) {
  const FrameSource source = source_of(moving_square(3));
  const TempDir dir;
  const std::string gone = failure(source, dir / "none" / name());
  EXPECT_NE(gone.find("none/a"), std::string::npos) << gone;
  EXPECT_NE(gone.find("cannot be written: No such file or directory"), std::string::npos) << gone;
  EXPECT_EQ(gone.find('\n'), std::string::npos);
  EXPECT_EQ(dir.entries(), 0);
  if (::geteuid() == 0) return;
  fs::permissions(dir.path(), fs::perms::owner_read | fs::perms::owner_exec);
  const std::string closed = failure(source, dir / name());
  fs::permissions(dir.path(), fs::perms::owner_all);
  EXPECT_NE(closed.find("Permission denied"), std::string::npos) << closed;
  EXPECT_EQ(dir.entries(), 0);
}

TEST_P(Animators, AFullDiskIsSaid) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const TempDir dir;
  // Of numbered files it is the second that meets it.
  fs::create_symlink("/dev/full", dir / (GetParam() == "png" ? "a_001.png" : name()));
  const std::string full = failure(source_of(moving_square(3)), dir / name());
  EXPECT_NE(full.find("cannot be written: No space left on device"), std::string::npos) << full;
  EXPECT_EQ(full.find('\n'), std::string::npos);
  EXPECT_EQ(dir.entries(), 1);
}

TEST_P(Animators, OnePictureAndOnePixelWillDo) {
  EXPECT_EQ(files(source_of({plain_picture(1, 1, rgb(0x123456))})).size(), 1U);
  EXPECT_FALSE(files(source_of({plain_picture(3, 1, rgb(0x123456)), plain_picture(3, 1, rgb(0x654321))})).empty());
}

INSTANTIATE_TEST_SUITE_P(All, Animators, testing::Values("gif", "mp4", "png", "webp"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace tconv
