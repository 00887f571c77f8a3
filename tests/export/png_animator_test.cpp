#include "animator_test_support.h"
#include "export/frame_files.h"
#include "files/image.h"
#include "files/png_writer.h"

namespace tconv {
namespace {

TEST(FrameFiles, AreNumbered) {
  EXPECT_EQ(frame_file("p.png", 0, 1), "p_000.png");
  EXPECT_EQ(frame_file("out/p.png", 7, 60), "out/p_007.png");
  EXPECT_EQ(frame_file("p_{frame}.png", 7, 1000), "p_007.png");
  EXPECT_EQ(frame_file("p_{frame}.png", 7, 1001), "p_0007.png");
  EXPECT_EQ(frame_file("{frame}/{frame}-{frame}.png", 12, 60), "{frame}/012-012.png");
  EXPECT_EQ(frame_file("a.b.png", 3, 60), "a.b_003.png");
  EXPECT_EQ(frame_file("p", 3, 60), "p_003");
}

std::string frame_png(const Raster& raster) {
  std::vector<std::uint8_t> rgb_bytes;
  for (std::size_t i = 0; i < raster.rgba.size(); ++i) {
    if (i % 4 != 3) rgb_bytes.push_back(raster.rgba[i]);
  }
  return png_bytes(raster.width, raster.height, rgb_bytes, {.channels = 3, .dpi = {}});
}

TEST(PngAnimator, WritesAFileForEachPictureShown) {
  const Pictures pictures = moving_square(4);
  const TempDir dir;
  animator_of("png").write(source_of(pictures), {.hold = 9, .repeat = Repeat::once}, dir / "p.png", {});
  auto files = files_in(dir);
  ASSERT_EQ(files.size(), 4U);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(files["p_00" + std::to_string(i) + ".png"], frame_png(*pictures[static_cast<std::size_t>(i)])) << i;
  }
  const TempDir back;
  animator_of("png").write(source_of(pictures), {.repeat = Repeat::ping_pong}, back / "{frame}.png", {});
  files = files_in(back);
  ASSERT_EQ(files.size(), 6U);
  EXPECT_EQ(files["003.png"], frame_png(*pictures[3]));
  EXPECT_EQ(files["004.png"], frame_png(*pictures[2]));
  EXPECT_EQ(files["005.png"], frame_png(*pictures[1]));
}

TEST(PngAnimator, KeepsTransparency) {
  const auto raster = plain_picture(3, 2, Color{10, 20, 30, 40});
  const TempDir dir;
  animator_of("png").write(source_of({raster}), {}, dir / "p.png", {});
  EXPECT_EQ(file_bytes(dir / "p_000.png"), png_bytes(3, 2, raster->rgba));
}

TEST(PngAnimator, AFolderInTheWayLeavesNoFile) {
  const TempDir dir;
  dir.write("p_000.png", "old");
  std::filesystem::create_directory(dir / "p_002.png");
  EXPECT_THROW(animator_of("png").write(source_of(moving_square(3)), {}, dir / "p.png", {}), std::runtime_error);
  EXPECT_EQ(file_bytes(dir / "p_000.png"), "old");
  EXPECT_EQ(dir.entries(), 2);
}

}  // namespace
}  // namespace tconv
