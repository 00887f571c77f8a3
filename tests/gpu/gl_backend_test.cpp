// The GPU as a backend, and what happens when it fails.

#include "gpu/gl_backend.h"

#include <thread>

#include "core/scatter_add.h"
#include "files/embedded.h"
#include "gpu/conv_layer.h"
#include "gpu_support.h"

namespace tconv {
namespace {

using test::Guarded;
using test::RandomLayers;
using test::relative_error;

LayerSpec small_layer() {
  LayerSpec layer;
  layer.axes[0] = layer.axes[1] = {.input = 6, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
  layer.in_channels = 2;
  layer.out_channels = 3;
  layer.bias = true;
  return layer;
}

/// The one line that opening a device with these options ends in; "" when it opens.
std::string device_refusal(GlDeviceOptions options) {
  try {
    gl_backend(std::move(options));
  } catch (const BackendError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  return "";
}

TEST(GlBackend, ComputesAndRepeats) {
  const auto backend = gl_backend();
  EXPECT_EQ(backend->id(), "gpu");
  EXPECT_NE(backend->description().find("OpenGL 4."), std::string::npos) << backend->description();
  const LayerSpec layer = small_layer();
  RandomLayers random;
  const Tensor input = random.integers(input_shape(layer));
  const Tensor weight = random.integers(weight_shape(layer));
  const Tensor bias = random.integers({layer.out_channels});
  const auto on_device = backend->prepare(layer, weight, bias);
  EXPECT_GE(on_device->explanation().size(), 2U);
  Guarded output(output_shape(layer).elements());
  for (int times = 0; times < 2; ++times) {
    std::fill_n(output.data(), output.values().size(), std::nanf(""));
    ASSERT_TRUE(on_device->run(input.data(), output.data()));
    EXPECT_EQ(relative_error(scatter_add(layer, input, weight, bias).values(), output.values()), 0);
    EXPECT_TRUE(on_device->repeat());
  }
  EXPECT_TRUE(output.intact());
  EXPECT_FALSE(on_device->run(input.data(), output.data(), [] { return false; }));
  EXPECT_FALSE(on_device->repeat([] { return false; }));
}

TEST(GlBackend, BelongsToOneThread) {
  const auto backend = gl_backend();
  const LayerSpec layer = small_layer();
  const Tensor weight = Tensor::filled(weight_shape(layer), 1);
  std::thread([&] { EXPECT_THROW(backend->prepare(layer, weight, {}), BackendError); }).join();
  // One that is destroyed elsewhere must not harm.
  auto on_device = backend->prepare(layer, weight, {});
  std::thread([&] { on_device.reset(); }).join();
}

TEST(GlBackend, TwoAtATimeAndInAnyOrder) {
  auto first = gl_backend();
  std::thread([&] {
    const auto second = gl_backend();
    EXPECT_EQ(second->id(), "gpu");
  }).join();
  const LayerSpec layer = small_layer();
  EXPECT_NE(first->prepare(layer, Tensor::filled(weight_shape(layer), 1), {}), nullptr);
}

TEST(GlBackend, RefusesAShaderThatDoesNotCompile) {
  const std::string line =
      device_refusal({.shader_files = [](std::string_view name) -> std::optional<std::string_view> {
        if (name == "shaders/conv_direct.comp") return "#version 430\nvoid main() { nonsense; }\n";
        return embedded_file(name);
      }});
  EXPECT_TRUE(line.starts_with("the shader conv_direct does not compile: conv_direct.comp:2: ")) << line;
}

TEST(GlBackend, RefusesADeviceThatComputesWrongly) {
  std::string wrong(embedded_file("shaders/conv_tiled.comp").value_or(""));
  const std::string_view right = "sum[i * OWN_CELLS + j][c] + start";
  ASSERT_NE(wrong.find(right), std::string::npos);
  wrong.replace(wrong.find(right), right.size(), "sum[i * OWN_CELLS + j][c] + 1.001 * start");
  const std::string line =
      device_refusal({.shader_files = [&](std::string_view name) -> std::optional<std::string_view> {
        if (name == "shaders/conv_tiled.comp") return wrong;
        return embedded_file(name);
      }});
  EXPECT_EQ(line, "the GPU computes wrongly (path tiled): it is not used");
}

TEST(GlMemory, WhatDoesNotFitIsRefused) {
  test::TestDevice of({.memory_bytes = 1 << 20});
  LayerSpec layer = small_layer();
  layer.axes[0].input = layer.axes[1].input = 300;
  try {
    const ConvLayer on_device(of.device, layer, Tensor::filled(weight_shape(layer), 1), {});
    FAIL() << "no refusal";
  } catch (const BackendError& error) {
    EXPECT_NE(std::string(error.what()).find("memory left"), std::string::npos) << error.what();
  }
  EXPECT_EQ(of.device.bytes_in_use(), 0);
}

TEST(GlMemory, ARowThatNoShaderMaySeeIsRefused) {
  test::TestDevice of({.block_bytes = 4096});
  LayerSpec layer = small_layer();
  layer.in_channels = 3000;
  try {
    const ConvLayer on_device(of.device, layer, Tensor::filled(weight_shape(layer), 1), {});
    FAIL() << "no refusal";
  } catch (const BackendError& error) {
    EXPECT_NE(std::string(error.what()).find("may see"), std::string::npos) << error.what();
  }
}

TEST(GlMemory, IsGivenBack) {
  test::TestDevice of;
  const LayerSpec layer = small_layer();
  const Tensor weight = Tensor::filled(weight_shape(layer), 1);
  {
    const ConvLayer on_device(of.device, layer, weight, Tensor::filled({3}, 0));
    EXPECT_GE(of.device.bytes_in_use(), 4 * (weight.size() + output_shape(layer).elements()));
  }
  EXPECT_EQ(of.device.bytes_in_use(), 0);
}

TEST(GlMemory, CopyBandwidthIsANumber) {
  test::TestDevice of;
  const double bytes_per_second = of.device.copy_bandwidth(1 << 20);
  EXPECT_GT(bytes_per_second, 1e6);
  EXPECT_TRUE(std::isfinite(bytes_per_second));
}

}  // namespace
}  // namespace tconv
