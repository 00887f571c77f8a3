#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "animator_test_support.h"
#include "files/child_process.h"

namespace tconv {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A program called ffmpeg, first in PATH, that does what the lines of shell say. $out is the file to be written.
class StandIn {
 public:
  explicit StandIn(const std::string& lines) {
    const fs::path script = dir_.write(
        "ffmpeg", "#!/bin/sh\nfor last in \"$@\"; do :; done\nout=\"${last#file:}\"\nargs=\"$*\"\n" + lines + "\n");
    fs::permissions(script, fs::perms::owner_all);
    const std::string path = dir_.path().string() + ":" + before_;
    ::setenv("PATH", path.c_str(), 1);
  }
  ~StandIn() { ::setenv("PATH", before_.c_str(), 1); }
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

 private:
  std::string before_ = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "";
  TempDir dir_;
};

std::string failure(const fs::path& path, const Pictures& pictures = moving_square(3)) {
  try {
    animator_of("mp4").write(source_of(pictures), {}, path, {});
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "written";
}

TEST(Mp4Animator, GivesFfmpegAllPixelsOfAllFrames) {
  const StandIn ffmpeg("cat > \"$out\"; echo noise >&2");
  const TempDir dir;
  const auto left = plain_picture(3, 1, rgb(0xff8001));
  put(*left, 2, 0, 1, 1, Color{0, 0, 0, 51});
  const auto right = plain_picture(3, 1, rgb(0x000102));
  animator_of("mp4").write(source_of({left, right}), {.frames_per_second = 4, .hold = 0.5}, dir / "a.mp4", {});
  // Sides are made even; what is transparent lies on white.
  const std::string row_1 = "\xff\x80\x01\xff\x80\x01\xcc\xcc\xcc\xcc\xcc\xcc";
  std::string row_2;
  for (int i = 0; i < 4; ++i) row_2 += std::string("\0\1\2", 3);
  std::string wanted = row_1 + row_1;
  for (int i = 0; i < 3; ++i) wanted += row_2 + row_2;
  EXPECT_EQ(file_bytes(dir / "a.mp4"), wanted);
  EXPECT_EQ(dir.entries(), 1);
}

TEST(Mp4Animator, SaysSizeAndRate) {
  const StandIn ffmpeg("cat > /dev/null; echo \"$args\" > \"$out\"");
  const auto words = [](const AnimationTiming& timing) {
    const TempDir dir;
    animator_of("mp4").write(source_of(moving_square(2, 71, 41)), timing, dir / "a.mp4", {});
    return file_bytes(dir / "a.mp4");
  };
  const std::string usual = words({.frames_per_second = 7.5});
  EXPECT_NE(usual.find("-video_size 72x42 -framerate 7500/1000 "), std::string::npos) << usual;
  // Slow ones repeat their pictures.
  EXPECT_NE(words({.frames_per_second = 0.1}).find("-framerate 4000/1000 "), std::string::npos);
}

TEST(Mp4Animator, FailuresAreOneLine) {
  const TempDir dir;
  dir.write("a.mp4", "old");
  const std::string name = (dir / "a.mp4").string();
  {
    // Reads nothing, so that the pipe breaks while pixels are written.
    const StandIn ffmpeg("echo first >&2; echo \"$out: No space left\" >&2; exit 3");
    EXPECT_EQ(failure(dir / "a.mp4"), name + ": ffmpeg could not write it: a.mp4: No space left");
    EXPECT_EQ(failure(dir / "a.mp4", moving_square(3, 700, 500)),
              name + ": ffmpeg could not write it: a.mp4: No space left");
  }
  {
    const StandIn ffmpeg("cat > /dev/null; exit 3");
    EXPECT_EQ(failure(dir / "a.mp4"), name + ": ffmpeg could not write it: it ended with 3 and said nothing");
  }
  EXPECT_EQ(file_bytes(dir / "a.mp4"), "old");
  EXPECT_EQ(dir.entries(), 1);
}

TEST(Mp4Animator, IsCancelledWhileFfmpegHangs) {
  for (const std::string hanging : {"sleep 60", "cat > /dev/null; sleep 60"}) {
    const StandIn ffmpeg(hanging);
    const TempDir dir;
    dir.write("a.mp4", "old");
    const auto start = steady_clock::now();
    const Progress progress({}, [&] { return steady_clock::now() - start > milliseconds(60); });
    EXPECT_THROW(animator_of("mp4").write(source_of(moving_square(3, 300, 300)), {}, dir / "a.mp4", progress),
                 Cancelled);
    EXPECT_LT(steady_clock::now() - start, milliseconds(60 + 200)) << "with time for a busy machine";
    EXPECT_EQ(file_bytes(dir / "a.mp4"), "old");
    EXPECT_EQ(dir.entries(), 1);
  }
}

TEST(Mp4Animator, SaysWhenThereIsNoFfmpeg) {
  const TempDir empty;
  const std::string before = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "";
  ::setenv("PATH", empty.path().c_str(), 1);
  const std::string missing = animator_of("mp4").missing();
  const std::string thrown = failure(empty / "a.mp4");
  ::setenv("PATH", before.c_str(), 1);
  EXPECT_EQ(missing, "ffmpeg is not installed; install it for MP4 files, or choose GIF or WebP");
  EXPECT_EQ(thrown, missing);
  EXPECT_EQ(empty.entries(), 0);
}

std::string output_of(const std::string& command) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  std::string text;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) text.append(buffer.data(), count);
  ::pclose(pipe);
  return text;
}

TEST(Mp4Animator, PlaysWithTheRightColorsAndTimes) {
  if (!find_program("ffmpeg") || !find_program("ffprobe")) GTEST_SKIP() << "ffmpeg and ffprobe are not installed";
  const TempDir dir;
  const auto ground = plain_picture(63, 41, rgb(0x1f2430));
  const auto square = plain_picture(63, 41, rgb(0x1f2430));
  put(*square, 16, 8, 32, 24, rgb(0xff9d45));
  animator_of("mp4").write(source_of({ground, square}), {.frames_per_second = 4, .hold = 0.5}, dir / "a.mp4", {});
  const std::string file = (dir / "a.mp4").string();
  const std::string stream = output_of(
      "ffprobe -v error -count_frames -select_streams v:0 -show_entries stream=codec_name,width,height,pix_fmt,"
      "color_range,color_space,color_transfer,color_primaries,r_frame_rate,nb_read_frames -of default=nk=1:nw=1 " +
      file);
  EXPECT_EQ(stream, "h264\n64\n42\nyuv420p\ntv\nbt709\nbt709\nbt709\n4/1\n4\n");
  const std::string pixels = output_of("ffmpeg -v error -i " + file + " -f rawvideo -pix_fmt rgb24 -");
  ASSERT_EQ(pixels.size(), 4U * 64 * 42 * 3);
  const auto expect_color = [&](std::size_t frame, std::size_t x, std::size_t y, Color wanted) {
    const auto* const p = reinterpret_cast<const std::uint8_t*>(pixels.data()) + ((frame * 42 + y) * 64 + x) * 3;
    EXPECT_NEAR(p[0], wanted.r, 4) << frame;
    EXPECT_NEAR(p[1], wanted.g, 4) << frame;
    EXPECT_NEAR(p[2], wanted.b, 4) << frame;
  };
  expect_color(0, 30, 20, rgb(0x1f2430));
  expect_color(1, 30, 20, rgb(0xff9d45));
  expect_color(3, 30, 20, rgb(0xff9d45));
  expect_color(3, 63, 41, rgb(0x1f2430));
}

}  // namespace
}  // namespace tconv
