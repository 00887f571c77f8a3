// Large maps on the device: computed on a thread of their own, drawn in the window's context, held against the
// processor's.

#include "gpu/gl_large_map.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <thread>

#include "compute/large_map_worker.h"
#include "gpu/gl_map_pictures.h"
#include "gpu_support.h"

namespace tconv {
namespace {

Scenario scenario_of(std::int64_t kernel, std::int64_t stride, std::uint32_t seed = 5) {
  Scenario scenario = example_scenario();
  for (AxisSpec& each : scenario.layer.spatial()) {
    each = {.input = 5, .kernel = kernel, .stride = stride, .padding_begin = 1, .padding_end = 1};
  }
  scenario.layer.in_channels = 2;
  scenario.layer.out_channels = 4;
  scenario.layer.groups = 2;
  scenario.layer.bias = true;
  scenario.input = {.id = "random", .seed = 3, .values = {}};
  scenario.kernel = {.id = "random", .seed = seed, .values = {}};
  return scenario;
}

LargeMapDeviceSource source_of(const OffscreenContext& context, const GlDeviceOptions& options = {}) {
  return {.usual = true, .open = [&context, options] { return gl_large_maps(context.shared(), options); }};
}

std::shared_ptr<const LargeMapState> made(LargeMapWorker& worker, const LargeMapKey& key, LargeMapWay way) {
  worker.ask_for(key, way, {});
  worker.wait();
  return worker.state();
}

/// Pixels that differ from the processor's picture by more than a few entries of the colour map.
std::ptrdiff_t differing(const DevicePicture& picture, unsigned texture, const LargeMapState& truth) {
  EXPECT_TRUE(glIsTexture(texture));
  std::vector<std::uint8_t> found(static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) *
                                  4);
  glBindTexture(GL_TEXTURE_2D, texture);
  glGetTexImage(GL_TEXTURE_2D, 0, GL_RGBA, GL_UNSIGNED_BYTE, found.data());
  const std::int64_t rows = truth.blocks->rows();
  const std::int64_t cols = truth.blocks->cols();
  std::vector<float> cells(static_cast<std::size_t>(rows * cols));
  for (const auto& [number, tile] : truth.tiles) {
    const std::int64_t top = number / truth.blocks->grid_cols() * truth.blocks->block_rows();
    const std::int64_t left = number % truth.blocks->grid_cols() * truth.blocks->block_cols();
    for (std::int64_t row = 0; row < tile->rows; ++row) {
      std::copy_n(tile->values.data() + row * tile->cols, tile->cols, cells.data() + (top + row) * cols + left);
    }
  }
  const auto wanted = rasterize({cells, rows, cols}, picture.window, picture.width, picture.height, picture.scale);
  std::ptrdiff_t count = 0;
  for (std::size_t i = 0; i < found.size(); ++i) count += std::abs(found[i] - wanted->rgba[i]) > 12 ? 1 : 0;
  return count;
}

struct GlLargeMapTest : testing::Test {
  OffscreenContext context;
  GlMapPictures pictures;
};

TEST_F(GlLargeMapTest, IsTheMapOfTheProcessorAndItsPicturesAre) {
  // Whole, and in pieces that no shader sees more of than 3 MiB.
  for (const std::int64_t block_bytes : {0, 3 << 20}) {
    LargeMapWorker worker([] {}, source_of(context, {.block_bytes = block_bytes}));
    const LargeMapKey key = large_map_key(scenario_of(3, 2), {.side = 1501, .out_channel = 3});
    SCOPED_TRACE(block_bytes);
    const auto state = made(worker, key, LargeMapWay::both);
    ASSERT_EQ(state->trouble, "");
    ASSERT_TRUE(state->difference);
    EXPECT_EQ(state->difference->cells, state->blocks->rows() * state->blocks->cols());
    EXPECT_LT(state->difference->largest, 1e-5);
    const auto& made_there = *state->device;
    EXPECT_NEAR(made_there.statistics.least(), state->statistics->least(), 1e-5);
    EXPECT_NEAR(made_there.statistics.most(), state->statistics->most(), 1e-5);
    EXPECT_EQ(made_there.statistics.cells(), state->statistics->cells());
    ASSERT_EQ(made_there.overview.values.size(), state->overview->values.size());
    for (std::size_t i = 0; i < state->overview->values.size(); ++i) {
      ASSERT_NEAR(made_there.overview.values[i], state->overview->values[i], 1e-5) << i;
    }
    const auto whole = large_map(key, {.window = {0, 0, state->blocks->rows(), state->blocks->cols()}, .step = 1}, {});
    const ColorScale scale(color_maps().front(), {}, {.parts = {state->overview->values}});
    const auto extent = static_cast<double>(state->blocks->cols());
    for (const Rect& window : {Rect{0, 0, extent, extent}, Rect{100, 50, 400, 400}, Rect{700.5, 600.25, 20, 20}}) {
      const DevicePicture picture{made_there.map, window, 200, 200, scale};
      EXPECT_EQ(differing(picture, pictures.texture(picture), *whole), 0) << window.w;
    }
  }
}

TEST_F(GlLargeMapTest, PicturesStayWhileTheyAreAskedFor) {
  LargeMapWorker worker([] {}, source_of(context));
  const auto state = made(worker, large_map_key(scenario_of(4, 2), {.side = 700}), LargeMapWay::gpu);
  const ColorScale scale(color_maps().front(), {}, {.parts = {state->overview->values}});
  const DevicePicture one{state->device->map, {0, 0, 600, 600}, 100, 100, scale};
  DevicePicture two = one;
  two.window.x = 50;
  const unsigned first = pictures.texture(one);
  const unsigned second = pictures.texture(two);
  EXPECT_NE(first, second);
  pictures.end_frame();
  EXPECT_EQ(pictures.texture(two), second);
  EXPECT_EQ(pictures.texture(two), second);
  pictures.end_frame();
  two.window.x = 60;  // another part of the map goes into the same texture
  EXPECT_EQ(pictures.texture(two), second);
  pictures.end_frame();
  pictures.end_frame();
  EXPECT_FALSE(glIsTexture(second));
}

TEST_F(GlLargeMapTest, WhatTheDeviceKeepsIsNeverAnOldSlidersArray) {
  LargeMapWorker worker([] {}, source_of(context));
  const auto layer = [](std::int64_t kernel, std::uint32_t seed) {
    return large_map_key(scenario_of(kernel, 2, seed), {.side = 900, .out_channel = 1});
  };
  for (const auto& [kernel, seed] : {std::pair<std::int64_t, std::uint32_t>(4, 5), {4, 6}, {2, 6}, {4, 5}}) {
    const auto state = made(worker, layer(kernel, seed), LargeMapWay::both);
    ASSERT_EQ(state->trouble, "");
    EXPECT_LT(state->difference->largest, 1e-5) << kernel << " " << seed;
  }
}

TEST_F(GlLargeMapTest, WhatDoesNotFitIsLeftToTheProcessor) {
  LargeMapWorker worker([] {}, source_of(context, {.memory_bytes = 8 << 20}));
  const auto large = made(worker, large_map_key(scenario_of(4, 2), {.side = 2048}), LargeMapWay::automatic);
  EXPECT_EQ(large->way, LargeMapWay::cpu);
  EXPECT_NE(large->trouble.find("memory"), std::string::npos) << large->trouble;
  EXPECT_TRUE(large->complete());
  const auto small = made(worker, large_map_key(scenario_of(4, 2), {.side = 500}), LargeMapWay::automatic);
  EXPECT_EQ(small->trouble, "");
  EXPECT_EQ(small->way, LargeMapWay::gpu);
}

TEST_F(GlLargeMapTest, AShaderThatDoesNotCompileIsOneLine) {
  GlDeviceOptions options;
  options.shader_files = [](std::string_view) { return std::string_view("#version 430\nbroken"); };
  LargeMapWorker worker([] {}, source_of(context, options));
  const auto state = made(worker, large_map_key(scenario_of(4, 2), {.side = 300}), LargeMapWay::gpu);
  EXPECT_EQ(state->way, LargeMapWay::cpu);
  EXPECT_NE(state->trouble.find("compile"), std::string::npos) << state->trouble;
  EXPECT_EQ(state->trouble.find('\n'), std::string::npos);
  EXPECT_TRUE(state->complete());
}

TEST_F(GlLargeMapTest, MapsMayOutliveTheirDeviceAndGoOnAnyThread) {
  std::shared_ptr<const LargeMapState> kept;
  std::shared_ptr<const LargeMapState> other;
  {
    LargeMapWorker worker([] {}, source_of(context));
    kept = made(worker, large_map_key(scenario_of(4, 2), {.side = 300}), LargeMapWay::gpu);
    other = made(worker, large_map_key(scenario_of(4, 2), {.side = 400}), LargeMapWay::gpu);
    std::thread([&] { other = nullptr; }).join();
  }
  const ColorScale scale(color_maps().front(), {}, {.parts = {kept->overview->values}});
  const DevicePicture picture{kept->device->map, {0, 0, 200, 200}, 50, 50, scale};
  EXPECT_NO_THROW(pictures.texture(picture));
  std::thread([&] { kept = nullptr; }).join();
  pictures.end_frame();
  pictures.end_frame();
}

TEST_F(GlLargeMapTest, MapsOfOtherDevicesAreRefused) {
  struct Other : DeviceMap {};
  const ColorScale scale(color_maps().front(), {}, {});
  EXPECT_THROW(pictures.texture({std::make_shared<Other>(), {0, 0, 1, 1}, 1, 1, scale}), BackendError);
}

}  // namespace
}  // namespace tconv
