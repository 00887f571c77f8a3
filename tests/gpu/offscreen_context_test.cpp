// OpenGL without a window or a display.

#include "gpu/offscreen_context.h"

#include <epoxy/gl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "gpu/egl_display.h"

namespace tconv {
namespace {

class OffscreenContextTest : public testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("DISPLAY");
    ::unsetenv("WAYLAND_DISPLAY");
  }
};

/// What a cleared texture reads back as: the context draws, it does not only exist.
std::uint32_t cleared_pixel() {
  GLuint texture = 0;
  glGenTextures(1, &texture);
  glBindTexture(GL_TEXTURE_2D, texture);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, 4, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
  GLuint framebuffer = 0;
  glGenFramebuffers(1, &framebuffer);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
  EXPECT_EQ(glCheckFramebufferStatus(GL_FRAMEBUFFER), static_cast<GLenum>(GL_FRAMEBUFFER_COMPLETE));
  glClearColor(1, 0, 0.2F, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  std::uint8_t pixel[4] = {};
  glReadPixels(3, 3, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
  glDeleteFramebuffers(1, &framebuffer);
  glDeleteTextures(1, &texture);
  EXPECT_EQ(glGetError(), static_cast<GLenum>(GL_NO_ERROR));
  return static_cast<std::uint32_t>(pixel[0] << 24 | pixel[1] << 16 | pixel[2] << 8 | pixel[3]);
}

TEST_F(OffscreenContextTest, NeedsNoDisplayAndDraws) {
  const OffscreenContext context;
  EXPECT_GE(gl_version(), 33);
  EXPECT_EQ(cleared_pixel(), 0xFF0033FFU);
}

TEST_F(OffscreenContextTest, OneAfterTheOther) {
  for (int i = 0; i < 3; ++i) {
    SCOPED_TRACE(i);
    const OffscreenContext context;
    EXPECT_GE(gl_version(), 33);
    EXPECT_EQ(cleared_pixel(), 0xFF0033FFU);
  }
}

TEST_F(OffscreenContextTest, DescribesItself) {
  const OffscreenContext context;
  const std::string words = gl_description();
  const int version = gl_version();
  EXPECT_TRUE(words.starts_with("OpenGL " + std::to_string(version / 10) + "." + std::to_string(version % 10) + ", "))
      << words;
  EXPECT_EQ(words.find('\n'), std::string::npos);
  EXPECT_EQ(words.find("CPU") != std::string::npos, version < 43) << words;
}

TEST_F(OffscreenContextTest, OneLeavesAnotherAlone) {
  // Both may be on one display, which must outlive the first of them that goes.
  auto first = std::make_unique<OffscreenContext>();
  first->release();
  OffscreenContext second;
  first.reset();
  EXPECT_TRUE(second.make_current());
  EXPECT_EQ(cleared_pixel(), 0xFF0033FFU);
}

TEST_F(OffscreenContextTest, MovesToAThreadThatAsksWhenItIsReleased) {
  OffscreenContext context;
  std::thread([&] { EXPECT_FALSE(context.make_current()); }).join();
  context.release();
  std::thread([&] {
    ASSERT_TRUE(context.make_current());
    EXPECT_EQ(cleared_pixel(), 0xFF0033FFU);
    context.release();
  }).join();
  EXPECT_TRUE(context.make_current());
}

TEST_F(OffscreenContextTest, TriesGraphicsCardsFirst) {
  const std::vector<EglCandidate> candidates = egl_candidates();
  ASSERT_FALSE(candidates.empty());
  EXPECT_TRUE(std::ranges::is_partitioned(candidates, [](const EglCandidate& c) { return c.hardware; }));
  EXPECT_EQ(candidates.back().name, "default display");
}

TEST_F(OffscreenContextTest, TakesTheDeviceThatIsPicked) {
  ::setenv("TCONV_GPU", "software", 1);
  for (const EglCandidate& candidate : egl_candidates()) EXPECT_FALSE(candidate.hardware) << candidate.name;
  ::setenv("TCONV_GPU", "99", 1);
  try {
    const OffscreenContext context;
    ADD_FAILURE() << "opened device 99";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("TCONV_GPU=99 names no device"), std::string::npos) << error.what();
  }
  ::unsetenv("TCONV_GPU");
}

TEST_F(OffscreenContextTest, SaysWhatIsMissing) {
  // Mesa then offers nothing that a core context of 3.3 could be made of; other drivers do not know the variable.
  ::setenv("MESA_GL_VERSION_OVERRIDE", "2.1", 1);
  try {
    const OffscreenContext context;
    GTEST_SKIP() << "this driver is not Mesa: " << gl_description();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("OpenGL 3.3 is missing"), std::string::npos) << error.what();
  }
  ::unsetenv("MESA_GL_VERSION_OVERRIDE");
}

}  // namespace
}  // namespace tconv
